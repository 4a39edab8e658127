"""Playbooks: the shipped ones, and every way in which a file can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate import playbook
from remediate.model import Endpoint
from remediate.playbook import InvalidPlaybook, UnknownPlaybook

HEAD = """\
id: mine
title: Mine
for: [link-missing]
scope: app
explain: Why.
impact: A little.
"""
CHECKED = """\
steps:
- {do: preflight, tell: Checking}
- {do: confirm, tell: Asking}
"""
WHOLE = f"""\
{HEAD}{CHECKED}- {{do: disconnect, tell: Going}}
- {{do: wait-link-gone, tell: Waiting, timeout: 2m, every: 2s, on-failure: continue}}
- {{do: reconnect, tell: Coming, on-failure: rollback}}
"""


def errors(text: str | bytes) -> list[tuple[int, str]]:
    """What is wrong with a file, line by line."""
    with pytest.raises(InvalidPlaybook) as caught:
        playbook.load(text, "mine.yaml")
    return [(one.line, one.message) for one in caught.value.errors]


def step(settings: str) -> str:
    """A whole file with one more step in line 12."""
    return f"{WHOLE}- {{do: verify, tell: Looking, {settings}}}\n"


def probing(settings: str) -> str:
    """The same with a probe."""
    return f"{WHOLE}- {{do: probe, tell: Trying, {settings}}}\n"


def test_a_probe_may_say_what_it_is_to_reach() -> None:
    told = playbook.load(probing("host: sql.contoso.com, port: 1433"), "mine.yaml").steps[-1]
    assert told.probe == Endpoint("sql.contoso.com", 1433)
    assert playbook.load(probing("timeout: 2m"), "mine.yaml").steps[-1].probe is None


def test_a_pause_may_stand_before_the_disconnect_and_after_everything() -> None:
    asking = "- {do: pause, tell: A}\n"
    loaded = playbook.load(replaced("- {do: disconnect", f"{asking}- {{do: disconnect") + asking, "mine.yaml")
    assert [one.do for one in loaded.steps].count("pause") == 2


def test_a_file_that_is_right_loads() -> None:
    loaded = playbook.load(WHOLE, "mine.yaml")
    assert (loaded.id, loaded.title, loaded.for_, loaded.scope) == ("mine", "Mine", ("link-missing",), "app")
    assert (loaded.explain, loaded.impact) == ("Why.", "A little.")
    assert [one.do for one in loaded.steps] == [
        "preflight",
        "confirm",
        "disconnect",
        "wait-link-gone",
        "reconnect",
    ]
    waiting = loaded.steps[3]
    assert (waiting.timeout, waiting.every, waiting.on_failure, waiting.line) == (120.0, 2.0, "continue", 11)
    assert loaded.steps[0].on_failure == "stop"


def test_bytes_load_like_text() -> None:
    assert playbook.load(WHOLE.encode(), "a") == playbook.load(WHOLE, "b")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("15m", 900.0),
        ("1h", 3600.0),
        ("0.5s", 0.5),
        ("1.5m", 90.0),
        ("24h", 86400.0),
    ],
)
def test_durations(written: str, seconds: float) -> None:
    assert playbook.load(step(f"timeout: {written}"), "mine.yaml").steps[-1].timeout == seconds


@pytest.mark.parametrize(
    "written", ["0", "-1", "25h", "1:30", "1e3", "true", "''", "soon", "10 m", "1d", "[1]", "1h30m", "٣"]
)
def test_bad_durations(written: str) -> None:
    assert errors(step(f"timeout: {written}")) == [
        (13, "'timeout' is a duration up to 24h, such as 90, 90s, 15m or 1h")
    ]


def replaced(line: str, by: str) -> str:
    assert line in WHOLE
    return WHOLE.replace(line, by, 1)


RULE = "nothing is taken away before it was checked and confirmed"
SCOPES = "; known are app, link"

WRONG: list[tuple[str, str, tuple[int, str]]] = [
    ("an unknown key", WHOLE + "colour: red\n", (13, "unknown key 'colour'")),
    (
        "a key misspelt",
        replaced("title: Mine", "titel: Mine"),
        (2, "unknown key 'titel'; did you mean 'title'?"),
    ),
    ("a key that is no text", "? [a]\n: b\n" + WHOLE, (1, "unknown key (not text)")),
    ("a key twice", WHOLE + "id: other\n", (13, "the key 'id' is here twice")),
    ("a key missing", replaced("impact: A little.\n", ""), (1, "the key 'impact' is missing")),
    ("an id with spaces", replaced("id: mine", "id: My playbook"), (1, "'id' is up to 64 small letters")),
    ("an id too long", replaced("id: mine", f"id: {'a' * 65}"), (1, "'id' is up to 64 small letters")),
    ("a title that is a number", replaced("title: Mine", "title: 7"), (2, "'title' must be text")),
    ("a title that is empty", replaced("title: Mine", "title:"), (2, "'title' must be text")),
    ("a title of two lines", replaced("Mine", '"a\\nb"'), (2, "'title' must be one line")),
    (
        "a title that moves the cursor",
        replaced("Mine", '"\\e[2J"'),
        (2, "'title' has a control character in it"),
    ),
    (
        "a title that turns text around",
        replaced("Mine", '"\\u202Ex"'),
        (2, "'title' has a control character in it"),
    ),
    (
        "for that is no list",
        replaced("[link-missing]", "link-missing"),
        (3, "'for' must be a list of finding codes"),
    ),
    (
        "an unknown code",
        replaced("[link-missing]", "[link-mising]"),
        (3, "unknown finding code 'link-mising'; did you mean 'link-missing'?"),
    ),
    ("a code that is a list", replaced("[link-missing]", "[[a]]"), (3, "unknown finding code (not text)")),
    ("an unknown scope", replaced("scope: app", "scope: world"), (4, f"unknown scope 'world'{SCOPES}")),
    ("explain that is a list", replaced("Why.", "[Why]"), (5, "'explain' must be text")),
    ("no steps", f"{HEAD}steps: []\n", (7, "'steps' must be a list of at least one step")),
    ("steps that are text", f"{HEAD}steps: reconnect\n", (7, "'steps' must be a list of at least one step")),
    ("a step that is a word", WHOLE + "- verify\n", (13, "a step is a mapping with the keys do, tell")),
    (
        "a step misspelt",
        WHOLE + "- {do: verfy, tell: A}\n",
        (13, "unknown step 'verfy'; did you mean 'verify'?"),
    ),
    ("a shell command", WHOLE + "- {do: 'rm -rf /', tell: A}\n", (13, "unknown step 'rm -rf /'; known are")),
    ("a step without do", WHOLE + "- {tell: A}\n", (13, "the key 'do' is missing")),
    ("a step without tell", WHOLE + "- {do: verify}\n", (13, "the key 'tell' is missing")),
    ("an unknown setting", step("timout: 1"), (13, "unknown key 'timout'; did you mean 'timeout'?")),
    ("a setting twice", step("every: 1, every: 2"), (13, "the key 'every' is here twice")),
    ("a longer pause than wait", step("timeout: 5s, every: 1m"), (13, "'every' is longer than 'timeout'")),
    (
        "an unknown on-failure",
        step("on-failure: stpo"),
        (13, "unknown on-failure 'stpo'; did you mean 'stop'?"),
    ),
    ("confirm twice", WHOLE + "- {do: confirm, tell: Again}\n", (13, "'confirm' may stand only once")),
    (
        "disconnect unchecked",
        replaced("- {do: preflight, tell: Checking}\n", ""),
        (9, f"'disconnect' needs preflight before it: {RULE}"),
    ),
    (
        "disconnect unconfirmed",
        replaced("- {do: confirm, tell: Asking}\n", ""),
        (9, f"'disconnect' needs confirm before it: {RULE}"),
    ),
    (
        "delegate unconfirmed",
        replaced("- {do: confirm", "- {do: delegate, tell: A}\n- {do: confirm"),
        (9, f"'delegate' needs confirm before it: {RULE}"),
    ),
    (
        "trial unconfirmed",
        replaced("- {do: confirm", "- {do: trial, tell: A}\n- {do: confirm"),
        (9, f"'trial' needs confirm before it: {RULE}"),
    ),
    (
        "a trial in the gap",
        replaced("- {do: reconnect", "- {do: trial, tell: A}\n- {do: reconnect"),
        (12, "'trial' stands before 'disconnect': it tries what connects an app again while"),
    ),
    (
        "a trial of a subnet without its delegation",
        replaced("- {do: disconnect", "- {do: trial, tell: A}\n- {do: delegate, tell: B}\n- {do: disconnect"),
        (11, "'delegate' stands before 'trial': Azure refuses every connect to a subnet without"),
    ),
    (
        "a trial whose refusal counts for nothing",
        replaced("- {do: disconnect", "- {do: trial, tell: A, on-failure: continue}\n- {do: disconnect"),
        (10, "'trial' cannot go on after a failure"),
    ),
    (
        "a trial before a disconnect for good",
        f"{HEAD}{CHECKED}- {{do: trial, tell: A}}\n- {{do: disconnect, tell: B}}\n",
        (10, "'trial' is not carried out in a playbook that disconnects for good"),
    ),
    (
        "disconnect for good",
        f"{HEAD}{CHECKED}- {{do: disconnect, tell: Going}}\n",
        (10, "'disconnect' has no 'reconnect' after it"),
    ),
    ("a host for another step", step("host: db"), (13, "'host' is a setting of 'probe' alone")),
    ("a host without a port", probing("host: db"), (13, "'host' needs 'port' beside it")),
    ("a port without a host", probing("port: 1433"), (13, "'port' needs 'host' beside it")),
    ("a port that is none", probing("host: db, port: 0"), (13, "'0' is not a port from 1 to 65535")),
    ("a port that is a list", probing("host: db, port: [1]"), (13, "'' is not a port from 1 to 65535")),
    ("a host with a command in it", probing("host: 'db & del', port: 1"), (13, "'db & del' is neither")),
    ("an address to fetch", probing("host: 'https://db', port: 1"), (13, "'https://db:1' is not HOST:PORT")),
    (
        "a probe in the gap",
        replaced("- {do: reconnect", "- {do: probe, tell: A, host: db, port: 1}\n- {do: reconnect"),
        (12, "'probe' stands after 'reconnect' and 'wait-link-ready': what it is to reach is tried before"),
    ),
    (
        "a pause in the gap",
        replaced("- {do: reconnect", "- {do: pause, tell: A}\n- {do: reconnect"),
        (12, "'pause' stands before 'disconnect' or after 'reconnect' and 'wait-link-ready': no app waits"),
    ),
    (
        "a pause while others wait for the link",
        WHOLE + "- {do: pause, tell: A}\n- {do: wait-link-ready, tell: B}\n",
        (13, "'pause' stands before 'disconnect' or after 'reconnect' and 'wait-link-ready': no app waits"),
    ),
    (
        "disconnect for good without a look",
        f"{HEAD}{CHECKED}- {{do: disconnect, tell: Going}}\n".replace("[link-missing]", "[]"),
        (10, "'disconnect' has no 'verify' after it: only a look proves it"),
    ),
    (
        "reconnect before disconnect",
        f"{HEAD}{CHECKED}- {{do: reconnect, tell: A}}\n- {{do: disconnect, tell: B}}\n".replace(
            "[link-missing]", "[]"
        ),
        (11, "'disconnect' has no 'reconnect' after it"),
    ),
    (
        "purge without a look",
        f"{HEAD}{CHECKED}- {{do: purge, tell: A}}\n",
        (10, "'purge' has no 'verify' after it: only a look proves it"),
    ),
    (
        "purge unconfirmed",
        f"{HEAD}steps:\n- {{do: purge, tell: A}}\n- {{do: verify, tell: B}}\n",
        (8, f"'purge' needs preflight and confirm before it: {RULE}"),
    ),
    (
        "purge beside a disconnect",
        f"{WHOLE}- {{do: purge, tell: A}}\n- {{do: verify, tell: B}}\n",
        (10, "'disconnect' does not go with 'purge', which clears a link alone"),
    ),
    (
        "a purge that is rolled back",
        f"{HEAD}{CHECKED}- {{do: purge, tell: A, on-failure: rollback}}\n- {{do: verify, tell: B}}\n",
        (10, "'rollback' needs a 'reconnect' step: nothing is put back here"),
    ),
    (
        "disconnect twice",
        WHOLE + "- {do: disconnect, tell: A}\n- {do: verify, tell: B}\n",
        (13, "'disconnect' may stand only once"),
    ),
    ("a tag", replaced("title: Mine", "title: !!python/name:os.system x"), (2, "a playbook has no tags")),
    ("an anchor", replaced("title: Mine", "title: &a Mine"), (2, "a playbook has no anchors or aliases")),
    ("an alias", replaced("title: Mine", "title: *a"), (2, "a playbook has no anchors or aliases")),
    ("deep nesting", f"{HEAD}steps: {'[' * 30000}", (7, "a playbook has no nesting as deep as this")),
    ("not YAML", replaced("scope: app", "scope: ]"), (4, "not YAML: ")),
    ("two documents", WHOLE + "---\nid: b\n", (13, "not YAML: ")),
    ("a list", "- a\n- b\n", (1, "a playbook is a mapping with the keys id, title")),
    ("a word", "hello", (1, "a playbook is a mapping with the keys id, title")),
    ("nothing", "", (1, "the file is empty")),
    ("only comments", "# one\n# two\n", (1, "the file is empty")),
    ("a NUL", "id: a\ntitle: \0\n", (2, "not text: a control character")),
]


@pytest.mark.parametrize(("text", "expected"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_it_is_refused_in_its_line(text: str, expected: tuple[int, str]) -> None:
    line, message = expected
    assert any(at == line and said.startswith(message) for at, said in errors(text)), errors(text)


def test_binary_is_refused_in_its_line() -> None:
    assert errors(b"id: a\n\xff\xfe\x00") == [(2, "not text: this is no UTF-8")]


def test_a_huge_file_is_refused_before_it_is_parsed() -> None:
    assert errors("[" * (64 * 1024 + 1)) == [(1, "the file is larger than 64 KiB")]


def test_the_limits_themselves_are_allowed() -> None:
    padding = playbook.MAX_BYTES - len(WHOLE) - 1
    assert playbook.load(f"{WHOLE}#{'x' * padding}", "mine.yaml").id == "mine"
    assert playbook.load(step("timeout: 5, every: 5"), "mine.yaml").steps[-1].every == 5.0


def test_an_unknown_playbook_says_why_it_is_no_file_either(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlaybook, match=r"as a file: No such file or directory"):
        playbook.find(str(tmp_path / "nothing.yaml"))


def test_a_long_name_is_shortened_in_errors() -> None:
    assert errors(f"{WHOLE}{'k' * 200}: 1\n")[0][1].startswith(f"unknown key '{'k' * 57}...'")


def test_a_reconnect_needs_no_disconnect_before_it() -> None:
    text = f"{HEAD}{CHECKED}- {{do: reconnect, tell: Coming}}\n"
    assert [one.do for one in playbook.load(text, "mine.yaml").steps][-1] == "reconnect"


def test_every_error_comes_at_once_in_the_order_of_lines() -> None:
    text = """\
id: My playbook
for: [link-missing, no-such-code]
scope: everything
explain: Why.
impact: A little.
steps:
- do: confirm
  tell: Asking
- do: disconect
  tell: Going
- do: disconnect
  tell: Going
  timeout: soon
  on-failure: explode
- do: confirm
  wait: 3
"""
    with pytest.raises(InvalidPlaybook) as caught:
        playbook.load(text, "folder/mine.yaml")
    lines = str(caught.value).splitlines()
    assert [one.line for one in caught.value.errors] == [1, 1, 2, 3, 9, 11, 11, 13, 14, 15, 15, 16]
    assert all(line.startswith("folder/mine.yaml:") for line in lines)
    assert "folder/mine.yaml:9: unknown step 'disconect'; did you mean 'disconnect'?" in lines


@given(st.one_of(st.text(), st.binary(), st.text("[]{}:,-?&*!|>'\"#% \n\tabid", max_size=300)))
def test_anything_at_all_loads_or_is_refused_with_lines(text: str | bytes) -> None:
    try:
        playbook.load(text, "any.yaml")
    except InvalidPlaybook as refused:
        assert refused.errors
        assert all(one.line >= 1 and one.message for one in refused.errors)


@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.text(max_size=5))
def test_a_file_with_a_typing_slip_loads_or_is_refused_with_lines(at: int, length: int, typed: str) -> None:
    slipped = WHOLE[:at] + typed + WHOLE[at + length :]
    try:
        playbook.load(slipped, "slip.yaml")
    except InvalidPlaybook as refused:
        last = len(slipped.splitlines()) + 1
        assert all(1 <= one.line <= last for one in refused.errors)


def test_the_shipped_playbooks_load_and_carry_the_name_of_their_file() -> None:
    folder = Path(__file__).parents[2] / "playbooks"
    assert [one.id for one in playbook.shipped()] == sorted(path.stem for path in folder.glob("*.yaml"))
    assert {"reconnect-app", "rebuild-link"} <= {one.id for one in playbook.shipped()}


@pytest.mark.parametrize(("name", "scope"), [("reconnect-app", "app"), ("rebuild-link", "link")])
def test_the_shipped_playbooks_hold_their_order(name: str, scope: str) -> None:
    found = playbook.find(name)
    assert found.scope == scope
    assert " ".join(one.do for one in found.steps) == (
        "preflight confirm delegate trial disconnect wait-link-gone reconnect wait-link-ready check-routing "
        "verify"
    )
    assert {one.do: one.on_failure for one in found.steps}["reconnect"] == "rollback"


@pytest.mark.parametrize(
    ("name", "purpose", "order"),
    [
        ("before-delete", "disconnect", "preflight confirm disconnect wait-link-gone verify"),
        ("purge-orphan", "purge", "preflight confirm purge verify"),
        ("rebuild-link", "reconnect", None),
    ],
)
def test_the_steps_of_a_playbook_say_what_it_is_for(name: str, purpose: str, order: str | None) -> None:
    found = playbook.find(name)
    assert found.purpose == purpose
    assert order is None or " ".join(one.do for one in found.steps) == order


def test_the_shipped_playbooks_leave_nothing_but_the_wait_between_disconnect_and_reconnect() -> None:
    for one in playbook.shipped():
        names = [step.do for step in one.steps]
        if one.purpose != "reconnect":
            continue
        assert names[names.index("disconnect") + 1 : names.index("reconnect")] == ["wait-link-gone"]


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(WHOLE, encoding="utf-8")
    assert playbook.find(str(file)).id == "mine"


def test_a_wrong_file_is_named_in_its_errors(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("id: mine\n", encoding="utf-8")
    with pytest.raises(InvalidPlaybook, match=r"mine\.yaml:1: the key 'explain' is missing"):
        playbook.find(str(file))


def test_an_endless_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    file.write_bytes(b"#" * (playbook.MAX_BYTES * 2))
    with pytest.raises(InvalidPlaybook, match="larger than 64 KiB"):
        playbook.find(str(file))


@pytest.mark.parametrize("name", ["reconect-app", "", ".", "a\0b", "x" * 5000, "../nowhere.yaml"])
def test_an_unknown_name_is_refused_with_the_shipped_ones(name: str) -> None:
    with pytest.raises(
        UnknownPlaybook, match="shipped are before-delete, purge-orphan, rebuild-link, reconnect-app"
    ):
        playbook.find(name)
