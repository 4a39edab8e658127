"""Whatever is typed, kept or answered: one clear line, an exit code that means it, and nothing changed."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from remediate.azure import fields, parse
from remediate.cli.app import run
from remediate.run import journal as journals
from remediate.sandbox.server import Sandbox
from remediate.show import reading
from remediate.state.local import LocalStore
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran
from tests.sampled import tried

VNET = SUBNET.rpartition("/subnets/")[0]
READS = {
    "/sites/orders-func$": f"{APP}?api-version=2025-05-01",
    "/sites/orders-func/networkConfig/virtualNetwork$": (
        f"{APP}/networkConfig/virtualNetwork?api-version=2025-05-01"
    ),
    "/virtualNetworkConnections$": f"{APP}/virtualNetworkConnections?api-version=2025-05-01",
    "/sites/orders-func/slots$": f"{APP}/slots?api-version=2025-05-01",
    "/plan-orders$": f"{PLAN}?api-version=2025-05-01",
    "/plan-orders/sites$": f"{PLAN}/sites?api-version=2025-05-01",
    "/snet-apps$": f"{SUBNET}?api-version=2024-05-01",
    "/vnet-prod$": f"{VNET}?api-version=2024-05-01",
}
EVIL = (
    "\x1b[2J\x1b[1;1H",
    "\x1b[5;7;45mFORGED",
    "a\r✗ FORGED",
    "a\n✗ FORGED",
    "a\u2028✗ FORGED",
    "a\x85✗ FORGED",
    "\x9b2J",
    "\u202egnp.exe",
    "\u2066x",
    "[bold red]x[/]",
    "[/]",
    "[link=https://example.com]x[/link]",
    "\x07\x08\x08\x00",
    "\ud800",
    "\x1b]8;;https://example.com\x1b\\x",
)
words = st.text(max_size=30) | st.sampled_from(EVIL)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
bodies = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
SOME, MANY = 8, 40
"""How many examples of what takes a command line, or several, are tried in `make test` and `make sweep`."""


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def told(*arguments: str, stream: type[io.StringIO] = io.StringIO) -> Ran:
    """The command line in this process, on streams of its own."""
    out, err = stream(), stream()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    return Ran(code, out.getvalue(), err.getvalue())


def check(ran: Ran, *codes: int) -> None:
    """An exit code that was to be expected, and where it is a failure, one line that says why.

    A plan that is refused (4) says so in its own form.
    """
    assert ran.code in codes, ran.err
    assert "Traceback" not in ran.err + ran.out
    assert "unexpected:" not in ran.err
    lines = [line for line in ran.err.split("\n") if line.startswith("✗ ")]
    assert len(lines) in {0: (0,), 1: (1,), 2: (1,), 4: (0, 1)}.get(ran.code, (0,)), ran.err


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azure]:
    with Sandbox("healthy", speed=1000) as sandbox:
        yield Azure(sandbox)


@pytest.fixture(autouse=True)
def here(simulated: Azure, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in simulated.environment.items():
        monkeypatch.setenv(name, value)
    # On a slow machine the spinner would draw on the screens that are checked.
    monkeypatch.setattr(reading, "SPINNER_AFTER", float("inf"))
    yield
    simulated.fault()
    assert simulated.writes == []


@pytest.fixture(scope="module")
def documents(simulated: Azure) -> dict[str, Any]:
    """What Azure really answers to each read of `verify`."""
    return {path: simulated.ask("GET", address).json() for path, address in READS.items()}


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, the whole first."""
    yield way
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inner:
            yield from places(one, (*way, key))


def replaced(value: Any, way: tuple[Any, ...], by: Any) -> Any:
    """The document with something else in one place."""
    if not way:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = replaced(value[way[0]], way[1:], by)
    return copy


def at(value: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        value = value[key]
    return value


def ascii_json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=True)


def answer(path: str, status: int, body: Any) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    given = {"status": status, "headers": headers, "body": ascii_json(body)}
    return {"match": {"method": "GET", "path": path}, "times": 0, "answer": given}


@tried(
    SOME,
    MANY,
    path=st.sampled_from(list(READS)),
    status=st.sampled_from([200] * 6 + [201, 202, 204, 206, 304, 400, 401, 403, 404, 409, 412, 418]),
    data=st.data(),
)
def test_any_answer_to_one_read_of_verify(
    simulated: Azure, documents: dict[str, Any], path: str, status: int, data: st.DataObject
) -> None:
    body = documents[path]
    way = data.draw(st.sampled_from(list(places(body))))
    simulated.fault(answer(path, status, replaced(body, way, data.draw(bodies))))
    ran = told("verify", APP, "-o", "json")
    if path == "/sites/orders-func$" and ran.code == 2:
        assert ran.document["code"] == "not-found"
    # A 401 is about the token, whatever was read with it.
    ends_all = path == "/sites/orders-func$" or status == 401
    check(ran, *((0, 1, 2, 3) if ends_all else (0, 3)))
    assert ran.document["schema"] in ("remediate.verify/1", "remediate.error/1")


@tried(SOME, MANY, path=st.sampled_from(list(READS)), data=st.data())
def test_any_answer_to_one_read_of_reconnect_without_a_change(
    simulated: Azure, documents: dict[str, Any], path: str, data: st.DataObject
) -> None:
    body = documents[path]
    way = data.draw(st.sampled_from(list(places(body))))
    simulated.fault(answer(path, 200, replaced(body, way, data.draw(bodies))))
    check(told("reconnect", APP, "--dry-run", "-o", "json"), 0, 1, 2, 4)


@tried(SOME, MANY, path=st.sampled_from([*READS, "ResourceGraph", "/slots$"]), data=st.data())
def test_any_answer_to_one_read_of_guard_makes_nothing_safe_that_is_not(
    simulated: Azure, documents: dict[str, Any], path: str, data: st.DataObject
) -> None:
    body = documents.get(path, {"data": [], "value": []})
    way = data.draw(st.sampled_from(list(places(body))))
    fault = answer(path, 200, replaced(body, way, data.draw(bodies)))
    simulated.fault({**fault, "match": {"path": path}})
    ran = told("guard", SUBNET, "-o", "json")
    check(ran, 1, 2, 3) if path == "/snet-apps$" else check(ran, 3)


PARSERS: dict[str, Callable[[Any], object]] = {
    "/sites/orders-func$": parse.app,
    "/sites/orders-func/networkConfig/virtualNetwork$": parse.network_config,
    "/virtualNetworkConnections$": parse.connections,
    "/plan-orders$": parse.plan,
    "/snet-apps$": parse.subnet,
    "/vnet-prod$": parse.vnet,
}


@tried(100, 900, path=st.sampled_from(list(PARSERS)), data=st.data())
def test_a_parser_gives_its_document_or_says_what_is_unexpected(
    documents: dict[str, Any], path: str, data: st.DataObject
) -> None:
    body = documents[path]
    way = data.draw(st.sampled_from(list(places(body))))
    with contextlib.suppress(fields.MalformedDocument):
        PARSERS[path](replaced(body, way, data.draw(bodies)))


@tried(33, 300, body=bodies)
def test_so_do_the_parsers_of_lists(body: Any) -> None:
    parsers = (parse.apps, parse.plans, parse.vnets, parse.subnets, parse.row, parse.permissions)
    for parser in (*parsers, parse.registration, lambda one: parse.locks(one, APP)):
        for one in (body, [body], {"value": body}, {"value": [body]}):
            with contextlib.suppress(fields.MalformedDocument):
                parser(one)


STYLES = re.compile(r"\x1b\[[0-9;]*m")


def check_screen(text: str) -> None:
    """Nothing on it but lines, what rich styles itself, and characters that can be seen."""
    assert "\x1b[5;7;45m" not in text
    plain = STYLES.sub("", text).replace("\n", "")
    assert all(character.isprintable() for character in plain), ascii(plain)


@pytest.mark.parametrize("stream", [io.StringIO, Screen])
@tried(SOME, MANY, path=st.sampled_from(list(READS)), evil=st.sampled_from(EVIL), data=st.data())
def test_names_from_azure_cannot_move_the_cursor_forge_a_line_or_style_the_screen(
    simulated: Azure,
    documents: dict[str, Any],
    stream: type[io.StringIO],
    path: str,
    evil: str,
    data: st.DataObject,
) -> None:
    body = documents[path]
    texts = [way for way in places(body) if isinstance(at(body, way), str)]
    way = data.draw(st.sampled_from(texts)) if texts else ()
    simulated.fault(answer(path, 200, replaced(body, way, evil)))
    ran = told("verify", APP, stream=stream)
    assert ran.code in (0, 1, 2, 3), ran.err
    check_screen(ran.out)
    check_screen(ran.err)
    if stream is io.StringIO:
        assert "\x1b" not in ran.out + ran.err
        assert not re.search(r"^\s*✗ FORGED", ran.out + ran.err, re.MULTILINE)


@pytest.mark.parametrize("evil", [one for one in EVIL if "\ud800" not in one])
def test_what_is_escaped_can_still_be_read(simulated: Azure, documents: dict[str, Any], evil: str) -> None:
    way = ("properties", "serviceAssociationLinks", 0, "properties", "provisioningState")
    simulated.fault(answer("/snet-apps$", 200, replaced(documents["/snet-apps$"], way, f"<{evil}>")))
    ran = told("verify", APP)
    shown = "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in f"<{evil}>"
    )
    assert ran.code == 3
    assert shown in ran.out


@pytest.mark.parametrize("evil", EVIL)
def test_a_message_from_azure_is_one_line_of_ours(simulated: Azure, evil: str) -> None:
    message = {"error": {"code": evil, "message": f"no {evil}"}}
    simulated.fault(answer("/sites/orders-func$", 403, message))
    looked, refused = told("verify", APP), told("reconnect", APP, "--dry-run")
    check(looked, 3)
    check(refused, 4)
    for screen in (looked.out, looked.err, refused.out, refused.err):
        check_screen(screen)
        assert not re.search(r"^\s*✗ FORGED", screen, re.MULTILINE)


targets = (
    words
    | st.builds("/subscriptions/{}".format, words)
    | st.builds(f"{GROUP}/Microsoft.Web/sites/{{}}".format, words)
    | st.builds(f"{APP}/slots/{{}}".format, words)
    | st.builds("https://portal.azure.com/#@t/resource{}".format, words)
    | st.builds(
        f"https://portal.azure.com/#@t/resource{GROUP}/Microsoft.Web/sites/{{}}/appServices".format, words
    )
)


@tried(SOME, MANY, target=targets)
def test_any_target(target: str) -> None:
    ran = told("verify", "-o", "json", "--", target)
    check(ran, 0, 1, 2, 3)
    if ran.code == 0:
        assert ran.document["target"] == APP
    check_screen(ran.err)


@pytest.mark.parametrize(
    "arguments",
    [
        ("",),
        (" ",),
        (f"{APP}/slots/",),
        (f"{APP}/slots",),
        (APP, "-s", ""),
        ("-g", "", "-n", "orders-func"),
        ("-g", "rg-sandbox", "-n", ""),
    ],
)
def test_a_name_that_is_empty_is_no_other_name(arguments: tuple[str, ...]) -> None:
    check(told("verify", *arguments), 2)


@tried(SOME, MANY, group=words, name=words, slot=words)
def test_any_group_and_name(group: str, name: str, slot: str) -> None:
    ran = told("verify", f"--resource-group={group}", f"--name={name}", f"--slot={slot}", "-o", "json")
    check(ran, 1, 2)


@tried(SOME, MANY, subnet=words | st.builds(f"{VNET}/subnets/{{}}".format, words))
def test_any_subnet(subnet: str) -> None:
    check(told("verify", APP, f"--subnet={subnet}", "-o", "json"), 0, 2, 3)


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")
@tried(33, 300, query=words | st.text("[]().*|&@`'\"abc0-:{},! ", max_size=30))
def test_any_query(query: str) -> None:
    check(told("runs", "list", "-o", "json", f"--query={query}"), 0, 2)


@pytest.mark.parametrize("query", ["(" * 5000, "a" + "[0]" * 5000, "`" + "[" * 5000 + "`", "!" * 5000])
def test_a_query_that_nests_too_deep(query: str) -> None:
    check(told("runs", "list", "-o", "json", f"--query={query}"), 0, 2)


@pytest.mark.parametrize("option", ["--timeout", "--poll-interval", "--sandbox-speed"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "0", "-1", "1e400", "x", ""])
def test_no_number_of_seconds(option: str, value: str) -> None:
    check(told("verify", APP, f"{option}={value}"), 2)


@tried(20, 180, content=st.binary(max_size=200) | words.map(lambda text: text.encode("utf-8", "replace")))
def test_any_playbook_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "playbook.yaml"
    file.write_bytes(content)
    ran = told("playbooks", "validate", str(file))
    assert ran.code == 2, ran.err
    assert "Traceback" not in ran.err
    assert "unexpected:" not in ran.err
    check_screen(ran.err)


@tried(20, 180, data=st.data())
def test_any_change_of_a_playbook_file(tmp_path: Path, data: st.DataObject) -> None:
    import yaml

    shipped = yaml.safe_load(Path("playbooks/rebuild-link.yaml").read_text(encoding="utf-8"))
    way = data.draw(st.sampled_from(list(places(shipped))))
    file = tmp_path / "playbook.yaml"
    changed = replaced(shipped, way, data.draw(bodies))
    file.write_text(json.dumps(changed), encoding="utf-8")
    ran = told("playbooks", "validate", str(file))
    assert ran.code in (0, 2), ran.err
    assert "Traceback" not in ran.err
    assert "unexpected:" not in ran.err
    check_screen(ran.err)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The lines of a real journal, of a run on another Azure than the one that is looked at here."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch, Sandbox("link-missing", speed=1000) as sandbox:
        for name, value in {**sandbox.environment, "REMEDIATE_STATE": str(folder)}.items():
            patch.setenv(name, value)
        assert told("reconnect", "orders-func", "--yes", "--poll-interval", "0.02").code == 0
    (file,) = (folder / "runs").glob("*/journal.jsonl")
    return [json.loads(line) for line in file.read_bytes().splitlines()]


RUN = "20260101T000000Z-abcd"


def kept(folder: Path, lines: list[Any]) -> None:
    file = folder / "runs" / RUN / "journal.jsonl"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in (folder, folder / "runs", file.parent):
        one.chmod(0o700)
    file.write_text("".join(ascii_json(line) + "\n" for line in lines))


@tried(20, 180, data=st.data())
def test_any_change_of_a_journal(
    simulated: Azure, journal: list[Any], tmp_path: Path, data: st.DataObject
) -> None:
    lines = [
        {**journal[0], "run": RUN, "arm": simulated.environment["REMEDIATE_ARM_ENDPOINT"]},
        *journal[1:-1],
    ]
    way = data.draw(st.sampled_from(list(places(lines[0]))))
    line = data.draw(st.integers(0, len(lines) - 1))
    place = way if line == 0 else data.draw(st.sampled_from(list(places(lines[line]))))
    lines[line] = replaced(lines[line], place, data.draw(bodies))
    kept(tmp_path, lines)
    with contextlib.suppress(journals.UnreadableJournal):
        journals.read(LocalStore(tmp_path), RUN)
    where = ("--state", str(tmp_path))
    for output in ("json", "table"):
        shown = told("runs", "show", RUN, *where, "-o", output)
        check(shown, 0, 2)
        check_screen(shown.out + shown.err)
        check(told("runs", "list", *where, "-o", output), 0)
    resumed = told("resume", RUN, "--dry-run", *where, "-o", data.draw(st.sampled_from(["json", "table"])))
    check(resumed, 0, 1, 2, 4, 6)
    check_screen(resumed.out + resumed.err)
