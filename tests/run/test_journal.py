"""The journal is written ahead, holds no secret, and is read as the run it was or refused in one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remediate.azure.transport import ClockedTransport
from remediate.cli.app import run
from remediate.run import journal as journals
from remediate.sandbox.server import Sandbox
from remediate.state.local import LocalStore
from tests.conftest import APP, PLAN, SUBNET, Azure, Ran
from tests.untried import untried

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
RECONNECT = ("reconnect", "orders-func", *untried("rebuild-link"), *QUICK)
SCHEMA = msgspec.json.schema(journals.Line)
WRITES = ("PUT", "PATCH", "DELETE")


def state() -> Path:
    return Path(os.environ["REMEDIATE_STATE"])


def journal_file() -> Path:
    (run,) = (state() / "runs").iterdir()
    return run / "journal.jsonl"


def problems(ran: Ran) -> list[str]:
    return [line for line in ran.err.splitlines() if line.startswith("✗ ")]


class Order:
    """In which order lines reached the disk and requests left."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.events: list[tuple[str, Any]] = []
        append, send = LocalStore.append, ClockedTransport.send

        def appended(store: LocalStore, name: str, line: bytes) -> None:
            append(store, name, line)
            self.events.append(("line", json.loads(line)))

        def sent(transport: ClockedTransport, request: Any, **options: Any) -> Any:
            self.events.append(("request", (request.method, request.url)))
            answer = send(transport, request, **options)
            self.events.append(("answer", (request.method, request.url)))
            return answer

        monkeypatch.setattr(LocalStore, "append", appended)
        monkeypatch.setattr(ClockedTransport, "send", sent)


@pytest.fixture
def finished(remediate: Callable[..., Ran], azure: Callable[..., Azure]) -> bytes:
    azure("link-missing")
    assert remediate(*RECONNECT).code == 0
    return journal_file().read_bytes()


def test_every_line_is_json_of_its_schema_and_the_first_holds_the_plan(finished: bytes) -> None:
    lines = [json.loads(line) for line in finished.splitlines()]
    by_schema = jsonschema.Draft202012Validator(SCHEMA)
    for line in lines:
        by_schema.validate(line)
    first = lines[0]
    assert (first["kind"], first["journal"]) == ("begin", 1)
    assert (first["plan"]["target"], first["plan"]["subnet"]) == (APP, SUBNET)
    assert {"tool", "who", "host", "pid", "signed_in", "arm", "findings"} <= set(first)
    assert first["plan"]["playbook"] == "rebuild-link"
    requests = [step["request"]["method"] for step in first["plan"]["steps"] if step.get("request")]
    assert requests == ["DELETE", "PATCH"]
    assert [line["kind"] for line in lines].count("begin") == 1
    assert (lines[-1]["kind"], lines[-1]["status"]) == ("end", "succeeded")


def test_a_write_is_announced_on_disk_before_it_leaves_and_its_answer_is_kept_after(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("shared-link")
    order = Order(monkeypatch)
    assert remediate(*RECONNECT).code == 0
    positions = [
        at for at, (kind, what) in enumerate(order.events) if kind == "request" and what[0] in WRITES
    ]
    assert len(positions) == 8
    for at in positions:
        (kind, intent), (_, (method, url)) = order.events[at - 1], order.events[at]
        assert (kind, intent["kind"]) == ("line", "intent")
        assert (intent["request"]["method"], url[-len(intent["request"]["path"]) :]) == (
            method,
            intent["request"]["path"],
        )
        assert order.events[at + 1][0] == "answer"
        kind, outcome = order.events[at + 2]
        assert (kind, outcome["kind"], outcome["n"]) == ("line", "outcome", intent["n"])
        assert outcome["request_id"]


PLANTED = {
    "certBlob": "PLANTED-certificate",
    "appSetting": "PLANTED-app-setting",
    "connectionString": "PLANTED-connection-string",
}


def plant(simulated: Azure) -> None:
    """Answers that hold what must never be kept."""
    site = simulated.ask("GET", f"{APP}?api-version=2025-05-01").json()
    site["properties"]["siteConfig"] = {
        "appSettings": [{"name": "KEY", "value": PLANTED["appSetting"]}],
        "connectionStrings": [{"name": "DB", "connectionString": PLANTED["connectionString"]}],
    }
    listed = simulated.ask("GET", f"{APP}/virtualNetworkConnections?api-version=2025-05-01").json()
    for one in listed:
        one["properties"]["certBlob"] = PLANTED["certBlob"]
    gateway = {"name": "old", "properties": {"isSwift": False, "certBlob": PLANTED["certBlob"]}}
    simulated.fault(
        {"match": {"method": "GET", "path": "/sites/orders-func$"}, "answer": _ok(site)},
        {
            "match": {"method": "GET", "path": "/sites/orders-func/virtualNetworkConnections$"},
            "answer": _ok([*listed, gateway]),
        },
    )


def _ok(body: Any) -> dict[str, Any]:
    return {"status": 200, "body": body}


def secrets_of(simulated: Azure, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The client's secret, what is planted, and every token that this process is given from now on."""
    seen = [simulated.environment["AZURE_CLIENT_SECRET"], *PLANTED.values()]
    send = ClockedTransport.send

    def sent(transport: ClockedTransport, request: Any, **options: Any) -> Any:
        seen.append(request.headers["Authorization"].removeprefix("Bearer "))
        return send(transport, request, **options)

    monkeypatch.setattr(ClockedTransport, "send", sent)
    return seen


def test_no_secret_is_in_any_state_file_or_in_the_debug_output(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated = azure("link-missing")
    plant(simulated)
    secrets = secrets_of(simulated, monkeypatch)
    looked = remediate("verify", "orders-func", "--debug", "-o", "json")
    ran = remediate(*RECONNECT, "--debug")
    assert ran.code == 0, ran.err
    kept = b"".join(file.read_bytes() for file in state().rglob("*") if file.is_file())
    told = "".join((looked.out, looked.err, ran.out, ran.err))
    assert len(secrets) > 10
    assert "Request URL" in told
    for secret in secrets:
        assert secret not in told
        assert secret.encode() not in kept
    assert "Bearer ey" not in told
    assert b"uthorization" not in kept.replace(b"Microsoft.Authorization", b"")


def test_debug_redacts_signatures_tokens_and_cookies_even_where_a_library_repeats_them(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    arm = simulated.environment["REMEDIATE_ARM_ENDPOINT"]
    leaky = (
        "see https://a.blob.core.windows.net/x?sv=1&sig=PLANTED%2Bsig&se=2 and ?access_token=PLANTEDtoken, "
        "Authorization: Bearer PLANTED.bearer.token Cookie: session=PLANTEDcookie"
    )
    page = f"{arm}{PLAN}/sites?api-version=2025-05-01&sig=PLANTEDlink"
    cookie = {"Set-Cookie": "ARRAffinity=PLANTEDcookie; Path=/"}
    denied = {"status": 403, "headers": cookie, "body": {"error": {"code": "No", "message": leaky}}}
    rules: list[dict[str, Any]] = [
        {"match": {"method": "GET", "path": "/vnet-prod$"}, "times": 0, "answer": denied},
        {
            "match": {"method": "GET", "path": "/plan-orders/sites$"},
            "answer": _ok({"value": [], "nextLink": page}) | {"headers": cookie},
        },
        {"match": {"method": "GET", "path": "/plan-orders/sites$"}, "reset": "before"},
    ]
    for output in ("json", "table"):
        simulated.fault(*rules)
        ran = remediate("verify", "orders-func", "--debug", "-v", "-o", output)
        assert ran.code == 3
        assert "PLANTED" not in ran.out + ran.err
    assert "REDACTED" in ran.err


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_prefix_of_a_journal_is_the_run_it_was_or_is_refused_in_one_line(
    finished_once: tuple[str, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    name, content = finished_once
    length = data.draw(st.integers(0, len(content)))
    put(tmp_path, name, content[:length])
    whole = content[:length].count(b"\n")
    if whole == 0:
        with pytest.raises(journals.UnreadableJournal, match="does not begin with the plan"):
            journals.read(LocalStore(tmp_path), name)
        return
    record = journals.read(LocalStore(tmp_path), name)
    written = [msgspec.json.encode(line) for line in record.lines]
    assert [json.loads(line) for line in written] == [
        json.loads(line) for line in content.splitlines()[:whole]
    ]
    assert record.finished == (whole == content.count(b"\n"))


@pytest.fixture(scope="module")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """A real journal, of a run on a simulated Azure of its own."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch, Sandbox("link-missing", speed=1000) as sandbox:
        for name, value in {**sandbox.environment, "REMEDIATE_STATE": str(folder)}.items():
            patch.setenv(name, value)
        assert run(RECONNECT) == 0
    (file,) = (folder / "runs").glob("*/journal.jsonl")
    return file.parent.name, file.read_bytes()


def put(root: Path, run: str, content: bytes) -> Path:
    file = root / "runs" / run / "journal.jsonl"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in (root, root / "runs", file.parent):
        one.chmod(0o700)
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_the_commands_take_a_journal_that_was_cut_off_anywhere(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], finished_once: tuple[str, bytes], share: float
) -> None:
    simulated = azure("healthy")
    name, content = finished_once
    here = content.replace(_arm_of(content), simulated.environment["REMEDIATE_ARM_ENDPOINT"].encode())
    put(state(), name, here[: int(share * len(here))])
    shown, listed, resumed = (
        remediate("runs", "show", name),
        remediate("runs", "list"),
        remediate("resume", name, *QUICK),
    )
    assert listed.code == 0
    assert name in listed.out
    assert shown.code in (0, 2)
    assert resumed.code == (0 if shown.code == 0 else 2)
    assert len(problems(shown)) == (1 if shown.code else 0)
    assert simulated.ask("GET", f"{APP}?api-version=2025-05-01").json()["properties"][
        "virtualNetworkSubnetId"
    ]


def _arm_of(content: bytes) -> bytes:
    return str(json.loads(content.splitlines()[0])["arm"]).encode()


def test_a_run_that_was_cut_off_and_resumed_has_a_journal_that_can_still_be_read(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], finished_once: tuple[str, bytes]
) -> None:
    simulated = azure("link-missing")
    name, content = finished_once
    lines = content.replace(
        _arm_of(content), simulated.environment["REMEDIATE_ARM_ENDPOINT"].encode()
    ).splitlines(keepends=True)
    announced = next(at for at, line in enumerate(lines) if b'"kind":"intent"' in line)
    put(state(), name, b"".join(lines[: announced + 1]) + lines[announced + 1][:9])
    assert remediate("resume", name, *QUICK).code == 0
    shown = remediate("runs", "show", name, "-o", "json")
    assert (shown.code, shown.document["status"]) == (0, "succeeded")
    assert "resumed" in {line["kind"] for line in shown.document["journal"]}


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[]", b"null", b"{", b"\xff\xfe", b'{"kind":"begin"}', b"[" * 9999]
)
def test_a_damaged_line_in_the_middle_is_refused_with_its_number(
    remediate: Callable[..., Ran], finished_once: tuple[str, bytes], damage: bytes
) -> None:
    name, content = finished_once
    lines = content.splitlines()
    lines[2] = damage
    put(state(), name, b"\n".join(lines) + b"\n")
    ran = remediate("runs", "show", name)
    assert (ran.code, ran.out) == (2, "")
    assert len(problems(ran)) == 1
    assert f"line 3 of the journal of run {name} is damaged" in problems(ran)[0]
    listed = remediate("runs", "list", "-o", "json")
    assert (listed.code, listed.document["runs"][0]["status"]) == (0, "damaged")


def changed(content: bytes, **fields: Any) -> bytes:
    first, *rest = content.splitlines()
    return b"\n".join([json.dumps({**json.loads(first), **fields}).encode(), *rest]) + b"\n"


def test_a_journal_of_a_newer_version_is_refused_as_that(
    remediate: Callable[..., Ran], finished_once: tuple[str, bytes]
) -> None:
    name, content = finished_once
    put(state(), name, changed(content, journal=2, plan="in another shape") + b'{"kind":"new"}\n')
    ran = remediate("runs", "show", name)
    assert ran.code == 2
    assert "is of version 2, and this remediate reads version 1" in problems(ran)[0]


def test_fields_that_this_version_does_not_know_are_tolerated(
    remediate: Callable[..., Ran], finished_once: tuple[str, bytes]
) -> None:
    name, content = finished_once
    put(state(), name, changed(content, weather="fine"))
    assert remediate("runs", "show", name).code == 0


@pytest.mark.parametrize(
    "fields",
    [{"run": "20260101T000000Z-0000"}, {"kind": "end", "status": "failed"}, {"at": "2026-01-01T00:00:00"}],
)
def test_a_first_line_that_is_not_the_plan_of_this_run_is_refused(
    remediate: Callable[..., Ran], finished_once: tuple[str, bytes], fields: dict[str, Any]
) -> None:
    name, content = finished_once
    put(state(), name, changed(content, **fields))
    ran = remediate("runs", "show", name)
    assert ran.code == 2
    assert len(problems(ran)) == 1
