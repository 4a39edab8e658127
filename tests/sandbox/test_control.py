"""The addresses for tests: the log, the state, a reset, and what each kind of fault does over TLS."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from azure.core.exceptions import HttpResponseError

from tests.sandbox.clients import APP, APP_ID, BASE, GROUP, SUBNET_ID, Clients, eventually

Serve = Callable[..., Clients]
DISCONNECT = f"{APP_ID}/networkConfig/virtualNetwork"


def subnet_of(azure: Clients) -> str | None:
    value: str | None = azure.site()["properties"]["virtualNetworkSubnetId"]
    return value


def test_the_log_has_every_request_with_its_query_and_its_end(clients: Serve) -> None:
    azure = clients()
    azure.ask("GET", APP_ID)
    azure.patch(None)
    azure.ask("GET", APP_ID, api=None)
    entries = azure.log
    assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))
    read, write, wrong = entries[-3:]
    assert (read["method"], read["path"], read["status"]) == ("GET", f"{APP_ID}?api-version=2025-05-01", 200)
    assert (read["mutating"], write["mutating"]) == (False, True)
    assert write["body"] == {"properties": {"virtualNetworkSubnetId": None}}
    assert "body" not in read
    assert wrong["status"] == 400
    assert read["at"] <= write["at"] <= wrong["at"]
    assert all(entry["seconds"] >= 0 for entry in entries)


def test_the_token_is_in_the_log_and_its_secret_is_not(clients: Serve) -> None:
    azure = clients()
    azure.ask("GET", APP_ID)
    assert [entry["method"] for entry in azure.log if entry["path"] == "/adfs/oauth2/token"] == ["POST"]
    assert azure.sandbox.environment["AZURE_CLIENT_SECRET"] not in azure.control("GET", "requests").text


def test_asking_for_the_log_leaves_no_trace_in_it(clients: Serve) -> None:
    azure = clients()
    azure.control("GET", "state")
    assert azure.log == azure.log == []


def test_reads_through_post_do_not_count_as_writes(clients: Serve) -> None:
    azure = clients()
    azure.ask("POST", f"{APP_ID}/tcpPingCheck", json={"properties": {"Host": "h", "Port": 1}})
    query = {"query": "resources | where type in~ ('microsoft.web/sites') | project id"}
    azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", json=query)
    assert not any(entry["mutating"] for entry in azure.log)


def test_the_state_can_be_seen(clients: Serve) -> None:
    state = clients().control("GET", "state").json()
    assert state["sites"][APP_ID.lower()]["subnet"] == SUBNET_ID
    assert state["now"] >= 0


def test_a_reset_brings_back_world_faults_and_an_empty_log(clients: Serve) -> None:
    azure = clients()
    azure.patch(None)
    azure.faults({"answer": {"status": 500}, "times": 0})
    assert azure.control("POST", "reset").status_code == 204
    assert azure.log == []
    assert subnet_of(azure) == SUBNET_ID


def test_malformed_rules_are_400_and_change_nothing(clients: Serve) -> None:
    azure = clients()
    azure.faults({"match": {"path": "/sites/"}, "answer": {"status": 503}})
    answer = azure.control("PUT", "faults", json=[{"anser": {}}])
    assert answer.status_code == 400
    assert "unknown setting 'anser'" in answer.json()["error"]["message"]
    assert azure.control("PUT", "faults", data=b"[").status_code == 400
    assert azure.ask("GET", APP_ID).status_code == 503


def test_an_answer_without_effect_leaves_the_world_alone(clients: Serve) -> None:
    azure = clients()
    azure.faults({"match": {"method": "DELETE"}, "answer": {"status": 504, "headers": {"x-why": "test"}}})
    answer = azure.ask("DELETE", DISCONNECT)
    assert (answer.status_code, answer.headers["x-why"]) == (504, "test")
    assert subnet_of(azure) == SUBNET_ID


def test_an_answer_with_a_kept_effect_lets_the_write_go_on_behind_it(clients: Serve) -> None:
    azure = clients()
    azure.faults({"match": {"method": "DELETE"}, "answer": {"status": 504}, "effect": "kept"})
    assert azure.ask("DELETE", DISCONNECT).status_code == 504
    assert eventually(lambda: subnet_of(azure) is None)


@pytest.mark.parametrize(("when", "left"), [("before", SUBNET_ID), ("after", None)])
def test_a_reset_drops_the_connection_before_or_after_the_effect(
    clients: Serve, when: str, left: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    azure = clients()
    azure.faults({"match": {"method": "DELETE"}, "reset": when})
    with pytest.raises(requests.exceptions.ConnectionError):
        azure.ask("DELETE", DISCONNECT)
    assert subnet_of(azure) == left
    dropped = next(entry for entry in azure.log if entry["method"] == "DELETE")
    assert dropped["status"] is None
    assert capfd.readouterr().err == ""


def test_garbage_is_no_json(clients: Serve) -> None:
    azure = clients()
    azure.faults({"match": {"path": "/sites/"}, "garbage": True})
    with pytest.raises(requests.exceptions.JSONDecodeError):
        azure.ask("GET", APP_ID).json()
    assert azure.ask("GET", APP_ID).json()["name"] == APP


def test_a_stale_read_shows_the_world_before_the_last_write(clients: Serve) -> None:
    azure = clients()
    azure.patch(None)
    azure.faults({"match": {"method": "GET"}, "stale": True})
    assert [subnet_of(azure), subnet_of(azure)] == [SUBNET_ID, None]


def test_a_listing_can_be_turned_around(clients: Serve) -> None:
    azure = clients("shared-link")
    listing = f"{APP_ID.rpartition('/')[0]}"
    azure.faults({"match": {"path": "/sites"}, "times": 2, "reversed": True})
    turned, one = azure.ask("GET", listing).json(), azure.ask("GET", APP_ID).json()
    assert turned["value"] == azure.ask("GET", listing).json()["value"][::-1]
    assert one["name"] == APP


def test_a_delay_is_in_simulated_seconds(clients: Serve) -> None:
    azure = clients(speed=1000)
    azure.ask("GET", APP_ID)
    azure.faults({"match": {"path": "/sites/"}, "delay": 200})
    azure.ask("GET", APP_ID)
    assert azure.log[-1]["seconds"] >= 0.2


def test_a_fault_strikes_the_sdk_as_it_would_in_the_cloud(clients: Serve) -> None:
    azure = clients()
    azure.faults({"match": {"path": "/sites/"}, "answer": {"status": 403, "body": {"error": {"code": "No"}}}})
    with pytest.raises(HttpResponseError) as caught:
        azure.web.web_apps.get(GROUP, APP)
    assert caught.value.status_code == 403


def test_busy_answers_504_then_two_locks_and_then_works(clients: Serve) -> None:
    azure = clients("busy")
    disconnects = [azure.ask("DELETE", DISCONNECT) for _ in range(4)]
    assert [one.status_code for one in disconnects] == [504, 429, 429, 200]
    assert disconnects[0].json()["error"]["code"] == "GatewayTimeout"
    assert disconnects[1].json()["Details"][2]["ErrorEntity"]["ExtendedCode"] == "59206"
    connects = [azure.patch(SUBNET_ID).status_code for _ in range(4)]
    assert connects == [504, 429, 429, 200]
    assert eventually(azure.links)


def test_throttled_refuses_one_read_in_three(clients: Serve) -> None:
    azure = clients("throttled")
    answers = [azure.ask("GET", APP_ID) for _ in range(6)]
    assert [one.status_code for one in answers] == [200, 200, 429, 200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"
    assert answers[2].json()["error"]["code"] == "TooManyRequests"
    assert azure.patch(None).status_code == 200


def test_stuck_never_brings_the_link_back(clients: Serve) -> None:
    azure = clients("stuck")
    assert len(azure.links()) == 1
    azure.patch(None)
    assert azure.patch(SUBNET_ID).status_code == 200
    now = azure.control("GET", "state").json()["now"]
    assert eventually(lambda: azure.control("GET", "state").json()["now"] > now + 60)
    assert azure.links() == []


def test_slow_takes_its_time_on_the_simulated_clock(clients: Serve) -> None:
    azure = clients("slow", speed=200)
    azure.ask("DELETE", DISCONNECT)
    azure.patch(SUBNET_ID)
    disconnect, connect = (entry["seconds"] * 200 for entry in azure.log[-2:])
    assert disconnect >= 53
    assert connect >= 34


def test_a_new_function_slot_shows_what_it_inherited_at_the_next_get(clients: Serve) -> None:
    azure = clients()
    plan = f"{BASE}/Microsoft.Web/serverfarms/plan-orders"
    body = {"location": "West Europe", "properties": {"serverFarmId": plan}}
    answer = azure.ask("PUT", f"{APP_ID}/slots/stage", json=body)
    assert answer.status_code == 200
    assert answer.json()["properties"]["virtualNetworkSubnetId"] is None
    assert answer.json()["properties"]["outboundVnetRouting"]["applicationTraffic"] is False
    slot = azure.site("stage")["properties"]
    assert slot["virtualNetworkSubnetId"] == SUBNET_ID
    assert slot["outboundVnetRouting"]["applicationTraffic"] is True
