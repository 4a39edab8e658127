"""Who is signed in, to which Azure, and what a session refuses before anything is sent."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate.azure import session as sessions
from remediate.azure.clock import SystemClock
from remediate.azure.cloud import CLOUDS, UnknownCloud, discovered, named
from remediate.azure.pipeline import UnplannedWrite
from remediate.model import Request
from remediate.model.failure import RequestFailed
from remediate.redaction import one_line, redacted
from tests.conftest import APP, PLAN, Azure, Ran

CONFIG = f"{APP}/networkConfig/virtualNetwork?api-version=2025-05-01"


@pytest.fixture
def session(azure: Callable[..., Azure]) -> Any:
    simulated = azure("healthy")
    cloud = discovered(simulated.environment["REMEDIATE_ARM_ENDPOINT"])
    with sessions.open_session(cloud, SystemClock()) as opened:
        yield simulated, opened


def token(claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"header.{body}.signature"


def who(text: str) -> sessions.SignedIn:
    return sessions._who(text)


def test_who_is_signed_in_is_read_from_the_token(session: Any) -> None:
    _, opened = session
    assert opened.signed_in.who == "sandbox-operator"
    assert opened.signed_in.tenant == "adfs"


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"upn": "ada@example.com", "appid": "x"}, "ada@example.com"),
        ({"appid": "1234"}, "1234"),
        ({}, "unknown"),
        ([], "unknown"),
        (None, "unknown"),
        ("upn", "unknown"),
    ],
)
def test_a_name_is_taken_from_the_claims_or_is_unknown(claims: Any, name: str) -> None:
    assert who(token(claims)).who == name


@given(st.text())
def test_a_token_that_is_none_names_nobody(text: str) -> None:
    assert isinstance(who(text).who, str)
    assert isinstance(who(f"a.{text}.c").who, str)


def test_a_write_that_no_plan_announced_is_not_sent(session: Any) -> None:
    simulated, opened = session
    with pytest.raises(UnplannedWrite):
        opened.ask("DELETE", CONFIG)
    with pytest.raises(UnplannedWrite):
        opened.web("00000000-0000-0000-0000-000000000001").web_apps.delete("rg-sandbox", "orders-func")
    assert simulated.writes == []


@pytest.mark.parametrize(
    "planned",
    [
        Request("DELETE", CONFIG.replace("orders-func", "billing-web")),
        Request("DELETE", CONFIG + "&force=true"),
        Request("PUT", CONFIG),
        Request("DELETE", CONFIG, {"a": 1}),
    ],
)
def test_a_write_that_is_not_to_the_letter_what_was_planned_is_not_sent(
    session: Any, planned: Request
) -> None:
    simulated, opened = session
    with pytest.raises(UnplannedWrite):
        opened.ask("DELETE", CONFIG, planned=planned)
    assert simulated.writes == []


@pytest.mark.parametrize(
    "command", ["del D:\\home\\x", "echo %WEBSITE_PRIVATE_IP% > x", "tcpping a:1 & del x"]
)
def test_a_worker_is_told_nothing_but_the_two_questions(session: Any, command: str) -> None:
    simulated, opened = session
    kudu = f"{APP}/extensions/api/command?instance=a&api-version=2015-08-01"
    with pytest.raises(UnplannedWrite):
        opened.ask("POST", kudu, {"command": command, "dir": None})
    opened.ask("POST", kudu, {"command": "echo %WEBSITE_PRIVATE_IP%", "dir": None})
    posted = [entry for entry in simulated.log if "/extensions/" in entry["path"]]
    assert [(entry["status"], entry["mutating"]) for entry in posted] == [(200, False)]
    assert opened.requests.writes == 0


@pytest.mark.parametrize(
    "path",
    [".example.com/subscriptions", "@example.com/subscriptions", ":1/subscriptions", "subscriptions/x"],
)
def test_a_path_cannot_lead_to_another_host(session: Any, path: str) -> None:
    simulated, opened = session
    sent = len(simulated.log)
    with pytest.raises(RequestFailed) as raised:
        opened.ask("GET", path)
    assert raised.value.kind in ("unreadable", "unreachable")
    assert len(simulated.log) == sent


@pytest.mark.parametrize("status", [201, 202, 206, 300, 302, 304, 307])
def test_a_status_that_is_no_answer_is_a_failure_even_with_a_body(session: Any, status: int) -> None:
    simulated, opened = session
    answer = {"status": status, "headers": {"Location": "/elsewhere"}, "body": {"value": []}}
    simulated.fault({"match": {"path": "/locks$"}, "times": 0, "answer": answer})
    with pytest.raises(RequestFailed) as raised:
        opened.ask("GET", f"{PLAN}/providers/Microsoft.Authorization/locks?api-version=2016-09-01")
    assert (raised.value.kind, raised.value.status) == ("unreadable", status)


def test_every_cloud_that_is_known_signs_in_at_microsoft_over_https() -> None:
    for cloud in CLOUDS:
        assert named(cloud.name.upper()) == cloud
        assert cloud.arm.startswith("https://management.")
        assert cloud.authority.startswith("https://login.")
        assert not cloud.custom
    with pytest.raises(UnknownCloud, match="known: AzureCloud"):
        named("AzureMoon")


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        "text",
        {"authentication": None},
        {"authentication": {"loginEndpoint": "http://localhost/adfs", "audiences": ["a"]}},
        {"authentication": {"loginEndpoint": "https://[", "audiences": ["a"]}},
        {"authentication": {"loginEndpoint": 5, "audiences": ["a"]}},
        {"authentication": {"loginEndpoint": "https://me:secret@localhost", "audiences": ["a"]}},
        {"authentication": {"loginEndpoint": "https://localhost/adfs", "audiences": []}},
        {"authentication": {"loginEndpoint": "https://localhost/adfs", "audiences": [{}]}},
    ],
)
def test_metadata_that_names_no_usable_authority_is_one_clear_line(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], document: Any
) -> None:
    simulated = azure("healthy")
    body = json.dumps(document)
    simulated.fault({"match": {"path": "^/metadata/"}, "times": 0, "answer": {"status": 200, "body": body}})
    ran = remediate("verify", "orders-func")
    assert (ran.code, ran.out) == (1, "")
    assert len([line for line in ran.err.splitlines() if line.startswith("✗ ")]) == 1
    assert "secret" not in ran.err


def test_the_default_subscription_is_the_one_asked_for_then_the_environments_then_that_of_az(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    assert sessions.default_subscription(None) is None
    listed = [{"id": "other"}, {"id": "chosen", "isDefault": True}]
    profile = tmp_path / "azureProfile.json"
    profile.write_text(json.dumps({"subscriptions": listed}), encoding="utf-8-sig")
    assert sessions.default_subscription(None) == "chosen"
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "environment")
    assert sessions.default_subscription(None) == "environment"
    assert sessions.default_subscription("asked") == "asked"


@pytest.mark.parametrize(
    "profile", ["", "[]", "{}", '{"subscriptions": 5}', '{"subscriptions": [5]}', "\xff"]
)
def test_a_profile_of_az_that_cannot_be_read_names_no_subscription(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profile: str
) -> None:
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    (tmp_path / "azureProfile.json").write_bytes(profile.encode("latin-1"))
    assert sessions.default_subscription(None) is None


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer SECRET.value",
        "'Authorization': 'Bearer SECRET'",
        "Cookie: a=SECRET; b=SECRET",
        "Set-Cookie: ARRAffinity=SECRET;Path=/",
        "https://x.blob.core.windows.net/c?sv=1&sig=SECRET%2B&se=2",
        "https://x/?skipToken=SECRET",
        "https://x/?access_token=SECRET",
        '{"access_token": "SECRET", "client_secret": "SECRET"}',
        "bearer SECRET",
        token({"upn": "SECRET"}).replace("header", "eyJhbGciOiJIUzI1NiJ9"),
    ],
)
def test_what_is_secret_is_left_out(text: str) -> None:
    shown = redacted(f"before {text}")
    assert "SECRET" not in shown
    assert "REDACTED" in shown
    assert shown.startswith("before ")


def test_what_is_no_secret_stays() -> None:
    text = f"GET {APP}?api-version=2025-05-01 -> 200; the token of ada has expired; no basic authorization"
    assert redacted(text) == text


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
