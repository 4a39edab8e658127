"""The Activity Log over HTTP: what every write leaves there, what a world file puts there, and its filter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.documents.activity import event
from remediate.sandbox.refusal import Refusal
from remediate.sandbox.routes.activity import parse
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import Durations, World
from tests.conformance.recordings import events, needs_recordings
from tests.conformance.test_recordings_shape import types
from tests.sandbox.clients import APP_ID, BASE, SUBNET_ID, SUBSCRIPTION, Clients, eventually
from tests.sandbox.worlds import HandClock

Serve = Callable[..., Clients]
VALUES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
CONFIG = f"{APP_ID}/networkConfig/virtualNetwork"
PLAN_ID = f"{BASE}/Microsoft.Web/serverfarms/plan-orders"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sandbox"
DISCONNECT, CONNECT = "Microsoft.Web/sites/networkConfig/delete", "Microsoft.Web/sites/write"


def ago(**span: float) -> str:
    return f"{datetime.now(UTC) - timedelta(**span):%Y-%m-%dT%H:%M:%SZ}"


def dated(text: str) -> str:
    """A filter with times in the place of `-2d` and `-2.5h`."""
    units = {"d": "days", "h": "hours"}
    return re.sub(r"'-([\d.]+)([dh])'", lambda one: f"'{ago(**{units[one[2]]: float(one[1])})}'", text)


def ask(azure: Clients, filter_: str | None, **query: str) -> requests.Response:
    told = {"api-version": "2015-04-01", **({} if filter_ is None else {"$filter": filter_}), **query}
    headers = {"Authorization": f"Bearer {azure.token}"}
    return azure.http.get(azure.endpoint + VALUES, headers=headers, params=told, timeout=30)


def logged(azure: Clients, condition: str = "", **query: str) -> list[dict[str, Any]]:
    """The events since yesterday, with another condition."""
    answer = ask(azure, f"eventTimestamp ge '{ago(days=1)}'{condition}", **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["value"]
    return found


def brief(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["operationName"]["value"], one["status"]["value"]) for one in found]


def test_a_write_leaves_its_beginning_and_its_end(clients: Serve) -> None:
    azure = clients()
    azure.ask("DELETE", CONFIG, headers={"x-ms-correlation-request-id": "mine"})
    azure.patch(SUBNET_ID)
    found = logged(azure)
    assert brief(found) == [
        (CONNECT, "Succeeded"),
        (CONNECT, "Started"),
        (DISCONNECT, "Succeeded"),
        (DISCONNECT, "Started"),
    ]
    gone = found[2]
    assert (gone["resourceId"], gone["correlationId"], gone["resourceGroupName"]) == (
        CONFIG,
        "mine",
        "rg-sandbox",
    )
    assert gone["caller"] == gone["claims"]["appid"] == azure.sandbox.environment["AZURE_CLIENT_ID"]
    assert (gone["httpRequest"]["method"], gone["httpRequest"]["clientIpAddress"]) == ("DELETE", "127.0.0.1")
    assert gone["authorization"] == {"action": DISCONNECT, "scope": CONFIG}
    assert gone["subStatus"]["value"] == "OK"


@pytest.mark.parametrize(
    ("method", "path", "body", "operation", "end"),
    [
        ("DELETE", SUBNET_ID, None, "Microsoft.Network/virtualNetworks/subnets/delete", "Failed"),
        ("DELETE", f"{APP_ID}/slots/none", None, "Microsoft.Web/sites/slots/delete", "Failed"),
        ("PATCH", PLAN_ID, {"sku": {"capacity": 3}}, "Microsoft.Web/serverfarms/write", "Succeeded"),
        (
            "POST",
            f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/register",
            None,
            "Microsoft.Web/register/action",
            "Succeeded",
        ),
        ("DELETE", GROUP_ID, None, "Microsoft.Resources/subscriptions/resourceGroups/delete", "Accepted"),
    ],
)
def test_every_kind_of_write_is_logged_with_how_it_ended(
    clients: Serve, method: str, path: str, body: Any, operation: str, end: str
) -> None:
    azure = clients()
    answer = azure.ask(method, path, json=body)
    found = logged(azure)
    assert brief(found) == [(operation, end), (operation, "Started")]
    assert (found[0]["level"] == "Error") == (answer.status_code >= 400)


def test_a_read_leaves_nothing(clients: Serve) -> None:
    azure = clients()
    azure.site()
    azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", json={"query": "resources"})
    azure.ask("POST", f"{APP_ID}/tcpPingCheck", json={"properties": {"Host": "h", "Port": 443}})
    assert logged(azure) == []


def test_a_write_that_went_on_behind_a_504_is_logged(clients: Serve) -> None:
    azure = clients()
    timeout = {"status": 504, "body": {"error": {"code": "GatewayTimeout", "message": "…"}}}
    azure.faults({"match": {"method": "DELETE"}, "answer": timeout, "effect": "kept"})
    assert azure.ask("DELETE", CONFIG).status_code == 504
    assert eventually(lambda: (DISCONNECT, "Succeeded") in brief(logged(azure)))


def test_a_world_file_puts_events_there(clients: Serve) -> None:
    azure = clients(told(load("healthy")))
    operator, platform = logged(azure)
    assert (operator["caller"], operator["operationName"]["value"]) == ("ada@example.com", CONNECT)
    assert (operator["status"]["value"], operator["resourceId"]) == ("Succeeded", APP_ID)
    assert "httpRequest" not in operator
    assert "caller" not in platform
    assert platform["status"]["value"] == "Failed"


def test_a_world_file_says_when_in_words(clients: Serve, tmp_path: Path) -> None:
    file = tmp_path / "past.yaml"
    said = f"at: -3h, who: pipeline, operation: {CONNECT}, resource: orders-func, status: Failed"
    file.write_text(f"activity: [{{{said}}}]")
    (one,) = logged(clients(str(file)))
    assert brief([one]) == [(CONNECT, "Failed")]
    assert (one["caller"], one["claims"]["appid"], one["resourceId"]) == ("pipeline", "pipeline", APP_ID)
    since = datetime.now(UTC) - datetime.fromisoformat(one["eventTimestamp"])
    assert timedelta(hours=3) <= since < timedelta(hours=4)


def told(world: World) -> World:
    world.state.activity = [
        {
            "at": ago(hours=3),
            "operation": "Microsoft.Web/serverfarms/write",
            "resource": PLAN_ID,
            "status": "Failed",
        },
        {"at": ago(hours=2), "who": "ada@example.com", "operation": CONNECT, "resource": APP_ID},
        {"at": ago(days=40), "who": "ada@example.com", "operation": CONNECT, "resource": APP_ID},
    ]
    return world


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("", 2),
        (" and eventTimestamp le '-2.5h'", 1),
        (f" and resourceUri eq '{APP_ID.upper()}'", 1),
        (f" and resourceUri eq {GROUP_ID}", 2),
        (f" and resourceUri eq '{APP_ID}x'", 0),
        (" and resourceGroupName eq 'RG-sandbox'", 2),
        (" and resourceGroupName eq 'rg-none'", 0),
        (" and resourceProvider eq Microsoft.Web", 2),
        (" and resourceProvider eq 'Microsoft.Network'", 0),
        (" and correlationId eq 'nothing'", 0),
        (" AND RESOURCEURI EQ '" + APP_ID + "'", 1),
    ],
)
def test_the_filter_chooses_among_the_events(clients: Serve, condition: str, found: int) -> None:
    assert len(logged(clients(told(load("healthy"))), dated(condition))) == found


@pytest.mark.parametrize(
    ("filter_", "words"),
    [
        (None, "$filter"),
        ("", "$filter"),
        (f"resourceUri eq '{APP_ID}'", "no start time"),
        ("eventTimestamp le '-1d'", "no start time"),
        ("eventTimestamp ge '-91d'", "The start time cannot be more than 90 days in the past."),
        ("eventTimestamp ge 'yesterday'", "is not a time"),
        (f"eventTimestamp ge '-1d' or resourceUri eq '{APP_ID}'", "$filter"),
        ("eventTimestamp ge '-1d' and caller eq 'ada'", "'caller' cannot be filtered by"),
        (f"eventTimestamp ge '-1d' and resourceUri ge '{APP_ID}'", "takes one of"),
        ("eventTimestamp ge '-1d' and eventTimestamp ge '-2d'", "given twice"),
        (
            "eventTimestamp ge '-1d' and correlationId eq '1' and resourceProvider eq 'Microsoft.Web'",
            "takes one of",
        ),
    ],
)
def test_any_other_syntax_is_400(clients: Serve, filter_: str | None, words: str) -> None:
    answer = ask(clients(), None if filter_ is None else dated(filter_))
    body = answer.json()
    assert (answer.status_code, set(body), body["code"]) == (400, {"code", "message"}, "BadRequest")
    assert words in body["message"]


def test_events_come_in_pages_the_newest_first(clients: Serve) -> None:
    world = load("healthy")
    world.page_size = 2
    world.state.activity = [
        {"at": ago(minutes=minute), "operation": CONNECT, "resource": APP_ID} for minute in range(5)
    ]
    azure = clients(world)
    page = ask(azure, f"eventTimestamp ge '{ago(days=1)}'").json()
    pages = [page]
    while "nextLink" in page:
        headers = {"Authorization": f"Bearer {azure.token}"}
        page = azure.http.get(page["nextLink"], headers=headers, timeout=30).json()
        pages.append(page)
    times = [one["eventTimestamp"] for page in pages for one in page["value"]]
    assert [len(page["value"]) for page in pages] == [2, 2, 1]
    assert times == sorted(times, reverse=True)


def test_only_the_fields_that_are_selected_are_told(clients: Serve) -> None:
    (first, _) = logged(clients(told(load("healthy"))), **{"$select": "caller, operationName"})
    assert set(first) == {"caller", "operationName"}


def test_an_invisible_subscription_tells_nothing(clients: Serve) -> None:
    world = told(load("healthy"))
    next(iter(world.state.subscriptions.values())).visible = False
    answer = ask(clients(world), f"eventTimestamp ge '{ago(days=1)}'")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SubscriptionNotFound")


def test_an_event_shows_after_as_long_as_the_world_says(clients: Serve) -> None:
    hand = HandClock()
    durations = Durations(disconnect_last=0, history=200)
    azure = clients(World(load("healthy").state, SimulatedClock(source=hand), durations))
    azure.ask("DELETE", CONFIG)
    hand.seconds = 199
    assert logged(azure) == []
    hand.seconds = 200
    assert len(logged(azure)) == 2


@needs_recordings
@pytest.mark.parametrize("ending", ["Started", "Succeeded"])
def test_an_event_has_the_recorded_fields(clients: Serve, ending: str) -> None:
    azure = clients()
    azure.ask("DELETE", CONFIG)
    made = next(one for one in logged(azure) if one["status"]["value"] == ending)
    recorded = [
        one
        for page in events("activity-log")
        if page.method == "GET" and page.status == 200
        for one in page.response["value"]
        if one["status"]["value"] == ending and "httpRequest" in one
    ]
    assert recorded
    # What a request carried, and who somebody is beside the name, is different for each kind of event.
    own = ("claims", "properties")
    for one in recorded:
        expected = types({name: value for name, value in one.items() if name not in own})
        answered = types({name: value for name, value in made.items() if name not in own})
        assert answered == expected
        assert set(made["properties"]) <= {*one["properties"], "statusCode", "serviceRequestId"}


@needs_recordings
def test_a_recorded_filter_is_taken_or_refused_as_it_was() -> None:
    asked = [page for page in events("activity-log") if page.method == "GET"]
    assert {page.status for page in asked} == {200, 400}
    for page in asked:
        query = dict(parse_qsl(urlsplit(page.path).query))
        at = parsedate_to_datetime(page.headers["date"])
        try:
            parse(query["$filter"], at)
            assert page.status == 200, page.label
        except Refusal as refused:
            assert (refused.status, refused.body) == (page.status, page.response), page.label


def test_an_event_is_the_same_each_time_it_is_read() -> None:
    record = {"at": ago(hours=1), "operation": CONNECT, "resource": APP_ID}
    assert event(record) == event(dict(record))
