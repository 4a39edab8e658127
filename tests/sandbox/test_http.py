"""What every answer of the sandbox has in common, seen over plain HTTPS."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.governance import DenyAssignment
from remediate.sandbox.quota import Bucket, RateLimits
from remediate.sandbox.resources import Group, ServerFarm, Site, Subscription
from remediate.sandbox.scenarios import GROUP as GROUP_ID
from remediate.sandbox.scenarios import load
from remediate.sandbox.state import State
from remediate.sandbox.world import Durations, World
from tests.sandbox.clients import APP_ID, BASE, SUBNET_ID, SUBSCRIPTION, Clients, eventually
from tests.sandbox.worlds import HandClock

PLAN_ID = f"{BASE}/Microsoft.Web/serverfarms/plan-orders"
LOCKS = "providers/Microsoft.Authorization/locks"
Serve = Callable[..., Clients]


def test_without_a_token_nothing_is_told(clients: Serve) -> None:
    azure = clients()
    answer = azure.http.get(f"{azure.endpoint}{APP_ID}?api-version=2025-05-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "AuthenticationFailed")
    assert "authorization_uri" in answer.headers["WWW-Authenticate"]


def test_an_invented_token_is_refused(clients: Serve) -> None:
    answer = clients().ask("GET", APP_ID, headers={"Authorization": "Bearer a.b.c"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_without_an_api_version_the_answer_is_400(clients: Serve) -> None:
    answer = clients().ask("GET", APP_ID, api=None)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MissingApiVersionParameter")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/subscriptions/00000000-0000-0000-0000-0000000000ff", "SubscriptionNotFound"),
        (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-none", "ResourceGroupNotFound"),
        (
            f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-none/providers/Microsoft.Web/sites/x",
            "ResourceGroupNotFound",
        ),
        (f"{BASE}/Microsoft.Web/sites/nobody", "ResourceNotFound"),
        (f"{BASE}/Microsoft.Web/sites/nobody/networkConfig/virtualNetwork", "ResourceNotFound"),
        (f"{BASE}/Microsoft.Web/serverfarms/none", "ResourceNotFound"),
        (f"{BASE}/Microsoft.Network/virtualNetworks/none/subnets/none", "ResourceNotFound"),
        (f"{BASE}/Microsoft.Network/virtualNetworks/vnet-prod/subnets/none", "ResourceNotFound"),
        (f"{BASE}/Microsoft.Storage/storageAccounts/none", "InvalidResourceType"),
        (f"{BASE}/Contoso.Web/sites/none", "InvalidResourceNamespace"),
        (f"/subscriptions/{SUBSCRIPTION}/providers/Contoso.Web", "InvalidResourceNamespace"),
    ],
)
def test_what_is_not_there_is_404(clients: Serve, path: str, code: str) -> None:
    answer = clients().ask("GET", path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)
    assert answer.headers["x-ms-failure-cause"] == "gateway"


@pytest.mark.parametrize("version", ["latest", "2025-5-1", "2013-12-31", "2199-01-01"])
def test_an_api_version_that_there_cannot_be_is_400(clients: Serve, version: str) -> None:
    answer = clients().ask("GET", APP_ID, api=version)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidApiVersionParameter")


def test_a_slash_at_the_end_of_a_path_is_nothing(clients: Serve) -> None:
    assert clients().ask("GET", f"{APP_ID}/").json()["id"] == APP_ID


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", APP_ID, {"properties": "x"}),
        ("PATCH", APP_ID, {"properties": {"virtualNetworkSubnetId": 5}}),
        ("PATCH", APP_ID, {"tags": {"a": 1}}),
        ("PUT", f"{APP_ID}/networkConfig/virtualNetwork", {"properties": {"subnetResourceId": True}}),
        ("PUT", SUBNET_ID, {"properties": {"addressPrefix": "10.0.1.0/27", "delegations": ["x"]}}),
    ],
)
def test_a_field_of_another_type_is_400(clients: Serve, method: str, path: str, body: Any) -> None:
    answer = clients().ask(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")


def test_without_a_permission_to_read_the_answer_is_403_and_lists_and_rows_leave_it_out(
    clients: Serve,
) -> None:
    world = load("healthy", speed=1000)
    world.state.governance.permissions = [{"actions": ["Microsoft.Web/*"], "notActions": []}]
    azure = clients(world)
    network, rows = SUBNET_ID.rpartition("/subnets/")[0], {"query": "resources | project type"}
    for path in (network, SUBNET_ID, f"{SUBNET_ID}/ServiceAssociationLinks", f"{APP_ID}/{LOCKS}"):
        answer = azure.ask("GET", path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "AuthorizationFailed"), path
    assert azure.ask("GET", APP_ID).status_code == 200
    every = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/virtualNetworks"
    assert azure.ask("GET", every).json() == {"value": []}
    found = azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", json=rows).json()["data"]
    assert {row["type"] for row in found} == {"microsoft.web/sites", "microsoft.web/serverfarms"}


def test_a_method_that_a_resource_does_not_have_is_405(clients: Serve) -> None:
    assert clients().ask("DELETE", f"{APP_ID}/config/web").status_code == 405


def test_paths_are_matched_without_regard_to_case(clients: Serve) -> None:
    azure = clients()
    for path in (APP_ID.upper(), APP_ID.lower()):
        assert azure.ask("GET", path).json()["id"] == APP_ID


def test_a_body_that_is_no_json_object_is_400(clients: Serve) -> None:
    answer = clients().ask("PATCH", APP_ID, data=b"[1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")


def test_answers_carry_resource_managers_headers(clients: Serve) -> None:
    azure = clients()
    read = azure.ask("GET", APP_ID, headers={"x-ms-correlation-request-id": "mine"}).headers
    assert read["x-ms-request-id"]
    assert read["x-ms-correlation-request-id"] == "mine"
    assert int(read["x-ms-ratelimit-remaining-subscription-global-reads"]) > 0
    assert parsedate_to_datetime(read["Date"])
    assert read["ETag"]
    assert "x-ms-arm-service-request-id" not in read
    written = azure.ask("DELETE", f"{APP_ID}/networkConfig/virtualNetwork").headers
    assert int(written["x-ms-ratelimit-remaining-subscription-deletes"]) > 0
    subnet = azure.ask("GET", SUBNET_ID)
    assert subnet.headers["x-ms-arm-service-request-id"]
    assert subnet.headers["ETag"] == subnet.json()["etag"]


LEFT = "x-ms-ratelimit-remaining-subscription-"
READ = ("GET", APP_ID, {"global-reads": 16499})
CONNECT = ("PATCH", APP_ID, {"resource-requests": 200})
DISCONNECT = ("DELETE", f"{APP_ID}/networkConfig/virtualNetwork", {"deletes": 799, "global-deletes": 11999})
REGISTER = (
    "POST",
    f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/register",
    {"writes": 799, "global-writes": 11999},
)


def left(azure: Clients, method: str, path: str) -> dict[str, int]:
    """What an answer says is left of each quota."""
    answer = azure.ask(method, path, json={"properties": {}})
    return {name[len(LEFT) :]: int(value) for name, value in answer.headers.items() if name.startswith(LEFT)}


@pytest.mark.parametrize(("method", "path", "first"), [READ, CONNECT, DISCONNECT, REGISTER])
def test_a_quota_goes_down_with_each_request_and_is_full_after_a_reset(
    clients: Serve, method: str, path: str, first: dict[str, int]
) -> None:
    azure = clients(stopped())
    assert left(azure, method, path) == first
    assert left(azure, method, path) == {name: count - 1 for name, count in first.items()}
    azure.control("POST", "reset")
    assert left(azure, method, path) == first


def test_a_quota_fills_up_with_time(clients: Serve) -> None:
    hand = HandClock()
    azure = clients(stopped(hand))
    assert [left(azure, "GET", APP_ID)["global-reads"] for _ in "ab"] == [16499, 16498]
    hand.seconds += 1
    assert left(azure, "GET", APP_ID)["global-reads"] == 16499


def test_a_group_is_made_and_stays_in_its_region(clients: Serve) -> None:
    azure, path = clients(), f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-new"
    here, there = {"location": "westeurope", "tags": {"a": "b"}}, {"location": "eastus"}
    assert azure.ask("HEAD", path).status_code == 404
    assert [azure.ask("PUT", path, json=one).status_code for one in (here, here, there)] == [201, 200, 409]
    assert azure.ask("GET", path).json()["tags"] == {"a": "b"}


@pytest.mark.parametrize(
    ("where", "condition", "names"),
    [
        (GROUP_ID, "", {"orders-func", "plan-orders", "vnet-prod"}),
        ("", "resourceGroup eq 'RG-sandbox' and resourceType eq 'Microsoft.Web/sites'", {"orders-func"}),
        ("", "name ne 'vnet-prod' and location eq 'westeurope'", {"orders-func", "plan-orders"}),
        ("", "tagName eq 'team'", set()),
    ],
)
def test_resources_are_listed_as_the_filter_says(
    clients: Serve, where: str, condition: str, names: set[str]
) -> None:
    scope = where or f"/subscriptions/{SUBSCRIPTION}"
    query = "?" + urlencode({"$filter": condition}) if condition else ""
    found = clients().ask("GET", f"{scope}/resources{query}").json()["value"]
    assert {one["name"] for one in found} == names


def test_top_says_how_many_resources_a_page_has(clients: Serve) -> None:
    azure, path = clients(), f"{GROUP_ID}/resources"
    page = azure.ask("GET", f"{path}?$top=2").json()
    assert (len(page["value"]), "nextLink" in page) == (2, True)
    assert azure.ask("GET", f"{path}?$top=none").status_code == 400


def test_slots_are_in_the_list_of_a_groups_apps_where_asked_for(clients: Serve) -> None:
    azure, path = clients("shared-link"), f"{BASE}/Microsoft.Web/sites"
    plain, whole = (azure.ask("GET", one).json()["value"] for one in (path, f"{path}?includeSlots=true"))
    assert {one["name"] for one in whole} - {one["name"] for one in plain} == {"orders-func/staging"}


def test_a_lock_can_be_made_and_stops_what_it_is_for(clients: Serve) -> None:
    azure, lock = clients(), f"{APP_ID}/{LOCKS}/keep"
    answers = [
        azure.ask("PUT", lock, json={"properties": {"level": level}}).status_code
        for level in ("Frozen", "ReadOnly", "CanNotDelete")
    ]
    assert answers == [400, 201, 200]
    assert azure.ask("GET", lock).json()["properties"] == {"level": "CanNotDelete"}
    assert azure.ask("DELETE", f"{APP_ID}/networkConfig/virtualNetwork").status_code == 409
    assert azure.ask("DELETE", lock).status_code == 200
    assert azure.ask("GET", lock).status_code == 404


def test_deleting_a_plan_that_is_not_there_is_204(clients: Serve) -> None:
    assert clients().ask("DELETE", f"{BASE}/Microsoft.Web/serverfarms/none").status_code == 204


@pytest.mark.parametrize("path", [APP_ID, PLAN_ID, SUBNET_ID, SUBNET_ID.rpartition("/subnets/")[0]])
def test_what_was_read_can_be_written_back(clients: Serve, path: str) -> None:
    """As `az … update` and Terraform do it; the app stays connected, and its link is there."""
    azure = clients()
    answer = azure.ask("PUT", path, json=azure.ask("GET", path).json())
    assert answer.status_code == 200, answer.text
    assert azure.site()["properties"]["virtualNetworkSubnetId"] == SUBNET_ID
    assert len(azure.links()) == 1


def test_a_patch_of_a_plan_keeps_the_tags_and_a_put_replaces_them(clients: Serve) -> None:
    azure = clients()
    plan = {"location": "westeurope", "tags": {"team": "orders"}}
    assert azure.ask("PUT", PLAN_ID, json=plan).json()["tags"] == {"team": "orders"}
    assert azure.ask("PATCH", PLAN_ID, json={"properties": {}}).json()["tags"] == {"team": "orders"}
    assert "tags" not in azure.ask("PUT", PLAN_ID, json={"location": "westeurope"}).json()


@pytest.mark.parametrize("plan", [{}, {"serverFarmId": "/x"}, {"serverFarmId": APP_ID}])
def test_an_app_needs_a_plan(clients: Serve, plan: dict[str, str]) -> None:
    body = {"location": "westeurope", "properties": plan}
    answer = clients().ask("PUT", f"{BASE}/Microsoft.Web/sites/new", json=body)
    assert (answer.status_code, answer.json()["Code"]) == (400, "BadRequest")


def test_an_app_is_stopped_restarted_and_started(clients: Serve) -> None:
    azure = clients()
    seen = []
    for action in ("stop", "restart", "start"):
        assert azure.ask("POST", f"{APP_ID}/{action}").status_code == 200
        seen.append(azure.site()["properties"]["state"])
    assert seen == ["Stopped", "Stopped", "Running"]


def test_the_usage_of_a_delegated_subnet_reads_0(clients: Serve) -> None:
    found = clients().ask("GET", f"{SUBNET_ID.rpartition('/subnets/')[0]}/usages").json()["value"]
    assert [one["currentValue"] for one in found if one["id"] == SUBNET_ID] == [0]


def test_two_slashes_are_one(clients: Serve) -> None:
    """`az lock create --resource` writes the scope so."""
    azure, lock = clients(), f"{BASE}/Microsoft.Web//sites/orders-func/{LOCKS}/keep"
    assert azure.ask("PUT", lock, json={"properties": {"level": "CanNotDelete"}}).status_code == 201
    assert azure.ask("DELETE", f"{APP_ID}/networkConfig/virtualNetwork").status_code == 409


def test_a_spent_quota_refuses_until_it_fills_up(clients: Serve) -> None:
    hand = HandClock()
    world = stopped(hand)
    world.limits = RateLimits(world.clock.now, {"global-reads": Bucket(1, 0.5)})
    azure = clients(world)
    first, second = azure.ask("GET", APP_ID), azure.ask("GET", APP_ID)
    assert (first.status_code, second.status_code, second.headers["Retry-After"]) == (200, 429, "2")
    assert second.json()["error"]["code"] == "SubscriptionRequestsThrottled"
    hand.seconds += 2
    assert azure.ask("GET", APP_ID).status_code == 200


def test_a_missing_subnet_answers_either_of_the_codes_that_were_reported(clients: Serve) -> None:
    world = load("subnet-missing", speed=1000)
    world.state.behavior.subnet_not_found = True
    answer = clients(world).ask("GET", SUBNET_ID)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NotFound")


def stopped(hand: HandClock | None = None) -> World:
    """The scenario `healthy`, in which nothing takes any time, and none passes by itself."""
    world = load("healthy")
    durations = Durations(disconnect_last=0, disconnect=0, connect=0, site=0)
    return World(world.state, SimulatedClock(source=hand or HandClock()), durations)


def test_an_etag_changes_with_a_write_whose_answer_has_the_old_one(clients: Serve) -> None:
    azure = clients()
    before = azure.ask("GET", APP_ID).headers["ETag"]
    assert azure.ask("DELETE", f"{APP_ID}/networkConfig/virtualNetwork").headers["ETag"] == before
    gone = azure.ask("GET", APP_ID).headers["ETag"]
    assert azure.patch(SUBNET_ID).headers["ETag"] == gone != before
    assert azure.ask("GET", APP_ID).headers["ETag"] != gone


def test_only_newer_answers_of_the_network_name_the_subnet_of_a_link(clients: Serve) -> None:
    azure = clients()
    names = {}
    for version in ("2022-01-01", "2023-05-01", "2024-07-01"):
        (link,) = azure.ask("GET", SUBNET_ID, api=version).json()["properties"]["serviceAssociationLinks"]
        names[version] = link["properties"].get("subnetId")
    assert names["2022-01-01"] is None
    assert str(uuid.UUID(names["2023-05-01"])) == names["2023-05-01"] == names["2024-07-01"]


def test_the_configuration_names_the_network_while_there_is_one_and_keeps_what_is_written(
    clients: Serve,
) -> None:
    azure = clients()
    read = azure.ask("GET", f"{APP_ID}/config/web").json()
    assert read["properties"]["vnetName"].endswith("_snet-apps")
    azure.ask("DELETE", f"{APP_ID}/networkConfig/virtualNetwork")
    body = {"properties": {"alwaysOn": False, "vnetName": "invented"}}
    written = azure.ask("PATCH", f"{APP_ID}/config/web", json=body).json()
    assert (written["id"], written["type"]) == (APP_ID, "Microsoft.Web/sites")
    again = azure.ask("GET", f"{APP_ID}/config/web").json()["properties"]
    assert (read["properties"]["alwaysOn"], again["alwaysOn"], again["vnetName"]) == (True, False, "")


def test_the_token_shows_who_is_signed_in(clients: Serve) -> None:
    azure = clients()
    payload = azure.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["appid"] == azure.sandbox.environment["AZURE_CLIENT_ID"]
    assert (claims["aud"], claims["tid"]) == (azure.endpoint, "adfs")
    assert {"iss", "oid", "exp"} <= claims.keys()


def test_only_client_credentials_are_granted(clients: Serve) -> None:
    azure = clients()
    answer = azure.http.post(f"{azure.endpoint}/adfs/oauth2/token", data={"grant_type": "password"})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_the_metadata_lead_to_the_authority(clients: Serve) -> None:
    azure = clients()
    metadata = azure.http.get(f"{azure.endpoint}/metadata/endpoints?api-version=2022-09-01").json()
    login = metadata["authentication"]
    assert (metadata["resourceManager"], login["audiences"]) == (azure.endpoint, [azure.endpoint])
    document = azure.http.get(f"{login['loginEndpoint']}/.well-known/openid-configuration").json()
    assert document["token_endpoint"] == f"{azure.endpoint}/adfs/oauth2/token"


def test_a_long_list_comes_in_pages(clients: Serve) -> None:
    state = State()
    plan = ServerFarm(f"{BASE}/Microsoft.Web/serverfarms/p", "westeurope")
    state.add(Subscription(SUBSCRIPTION, "Pages"), Group(GROUP_ID, "westeurope"), plan)
    for n in range(7):
        state.add(Site(f"{BASE}/Microsoft.Web/sites/app{n}", "app", "westeurope", plan.id))
    azure = clients(World(state, SimulatedClock(1000), page_size=3))
    first = azure.ask("GET", f"{BASE}/Microsoft.Web/sites").json()
    assert len(first["value"]) == 3
    assert first["nextLink"].startswith(azure.endpoint)
    assert [site.name for site in azure.web.web_apps.list()] == [f"app{n}" for n in range(7)]
    refused = azure.ask("GET", f"{BASE}/Microsoft.Web/sites?$skiptoken=x")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "InvalidSkipToken")


def test_the_subscription_and_its_surroundings_are_listed(clients: Serve) -> None:
    azure = clients()
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    assert [one["subscriptionId"] for one in azure.ask("GET", "/subscriptions").json()["value"]] == [
        SUBSCRIPTION
    ]
    assert azure.ask("GET", subscription).json()["state"] == "Enabled"
    assert azure.ask("GET", "/tenants").json()["value"][0]["tenantId"] == "adfs"
    locations = azure.ask("GET", f"{subscription}/locations").json()["value"]
    assert {"name": "westeurope", "displayName": "West Europe"}.items() <= locations[0].items()
    assert [one["name"] for one in azure.ask("GET", f"{subscription}/resourcegroups").json()["value"]] == [
        "rg-sandbox"
    ]
    assert azure.ask("GET", f"{subscription}/resourcegroups/RG-SANDBOX").json()["id"] == GROUP_ID
    assert azure.ask("HEAD", f"{subscription}/resourcegroups/rg-sandbox").status_code == 204
    provider = azure.ask("GET", f"{subscription}/providers/Microsoft.Web").json()
    assert provider["registrationState"] == "Registered"
    assert azure.ask("GET", f"{subscription}/providers").json()["value"]


@pytest.mark.parametrize("scope", [GROUP_ID, APP_ID, SUBNET_ID])
def test_locks_and_permissions_can_be_read_on_any_scope(clients: Serve, scope: str) -> None:
    azure = clients()
    assert azure.ask("GET", f"{scope}/providers/Microsoft.Authorization/locks").json() == {"value": []}
    permissions = azure.ask("GET", f"{scope}/providers/Microsoft.Authorization/permissions").json()["value"]
    assert permissions[0]["actions"] == ["*"]


def test_an_app_that_is_not_connected_answers_200_with_null(clients: Serve) -> None:
    azure = clients("not-integrated")
    for name in ("networkConfig", "config"):
        answer = azure.ask("GET", f"{APP_ID}/{name}/virtualNetwork")
        assert answer.status_code == 200
        assert answer.json()["properties"]["subnetResourceId"] is None
        assert answer.json()["id"].endswith("/config/virtualNetwork")
    assert azure.ask("GET", f"{APP_ID}/virtualNetworkConnections").json() == []


def test_the_configuration_names_the_network_that_the_site_does_not(clients: Serve) -> None:
    azure = clients()
    assert azure.ask("GET", f"{APP_ID}/config/web").json()["properties"]["vnetName"].endswith("_snet-apps")
    assert azure.site()["properties"]["siteConfig"]["vnetName"] is None


def test_a_plan_lists_the_subnets_of_its_apps_once(clients: Serve) -> None:
    path = f"{BASE}/Microsoft.Web/serverfarms/plan-orders/virtualNetworkConnections"
    (entry,) = clients("shared-link").ask("GET", path).json()
    assert entry["properties"]["vnetResourceId"] == SUBNET_ID


def test_put_of_network_config_connects_too(clients: Serve) -> None:
    azure = clients("not-integrated")
    body = {"properties": {"subnetResourceId": SUBNET_ID, "swiftSupported": True}}
    answer = azure.ask("PUT", f"{APP_ID}/networkConfig/virtualNetwork", json=body)
    assert answer.json()["properties"]["subnetResourceId"] == SUBNET_ID
    assert eventually(azure.links)
    empty = azure.ask("PUT", f"{APP_ID}/networkConfig/virtualNetwork", json={"properties": {}})
    assert (empty.status_code, empty.json()["Code"]) == (400, "BadRequest")


def test_a_purge_says_the_same_whether_or_not_it_purged(clients: Serve) -> None:
    azure = clients("link-orphaned")
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope"
    for _ in range(2):
        answer = azure.ask(
            "POST", f"{path}/purgeUnusedVirtualNetworkIntegration", json={"subnetResourceId": SUBNET_ID}
        )
        said = {"message": "Purged unused virtual network integration.", "swiftVirtualNetwork": None}
        assert (answer.status_code, answer.json()) == (200, said)
        assert azure.links() == []


def test_a_purge_needs_a_permission_on_the_subnet_too(clients: Serve) -> None:
    world = load("link-orphaned", speed=1000)
    world.state.governance.permissions = [{"actions": ["Microsoft.Web/*", "*/read"], "notActions": []}]
    azure = clients(world)
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope"
    body = {"subnetResourceId": SUBNET_ID}
    answer = azure.ask("POST", f"{path}/purgeUnusedVirtualNetworkIntegration", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed")
    assert len(azure.links()) == 1


def test_a_purge_in_another_region_than_the_networks_says_the_same_and_purges_nothing(clients: Serve) -> None:
    azure = clients("link-orphaned")
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/northeurope"
    body = {"subnetResourceId": SUBNET_ID}
    answer = azure.ask("POST", f"{path}/purgeUnusedVirtualNetworkIntegration", json=body)
    assert (answer.status_code, len(azure.links())) == (200, 1)


@pytest.mark.parametrize("denied", [True, False])
def test_a_purge_needs_its_permission(clients: Serve, denied: bool) -> None:
    action = "Microsoft.Web/locations/purgeUnusedVirtualNetworkIntegration/action"
    world = load("link-orphaned", speed=1000)
    rules = world.state.governance
    if denied:
        stack = DenyAssignment("stack", f"/subscriptions/{SUBSCRIPTION}", [action])
        rules.deny_assignments.append(stack)
    else:
        rules.permissions = [{"actions": ["*"], "notActions": [action]}]
    azure = clients(world)
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope"
    body = {"subnetResourceId": SUBNET_ID}
    answer = azure.ask("POST", f"{path}/purgeUnusedVirtualNetworkIntegration", json=body)
    code = "DenyAssignmentAuthorizationFailed" if denied else "AuthorizationFailed"
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)
    assert len(azure.links()) == 1


def test_an_orphan_occupies_the_subnet_until_it_is_purged(clients: Serve) -> None:
    answer = clients("link-orphaned").patch(SUBNET_ID)
    assert (answer.status_code, answer.json()["Code"]) == (409, "Conflict")
    assert "is already occupied" in answer.json()["Message"]


@pytest.mark.parametrize(("scenario", "status"), [("healthy", "Success"), ("not-integrated", "Timeout")])
def test_a_private_address_answers_a_connected_app_only(clients: Serve, scenario: str, status: str) -> None:
    azure = clients(scenario)
    body = {"properties": {"Host": "10.10.3.4", "Port": 443}}
    answer = azure.ask("POST", f"{APP_ID}/tcpPingCheck", api="2015-08-01", json=body).json()
    assert answer["properties"]["connectionStatus"] == status


def test_a_worker_of_a_connected_app_knows_its_private_address(clients: Serve) -> None:
    azure = clients()
    instances = azure.ask("GET", f"{APP_ID}/instances").json()["value"]
    outputs = [private_address(azure, one["name"]) for one in instances]
    assert outputs == ["10.10.1.4\r\n", "10.10.1.5\r\n"]
    azure.patch(None)
    assert private_address(azure, instances[0]["name"]) == "%WEBSITE_PRIVATE_IP%\r\n"


def private_address(azure: Clients, instance: str) -> str:
    path = f"{APP_ID}/extensions/api/command?instance={instance}"
    body = {"command": "echo %WEBSITE_PRIVATE_IP%", "dir": None}
    return str(azure.ask("POST", path, api="2015-08-01", json=body).json()["Output"])


def test_a_site_is_locked_while_a_write_is_under_way(clients: Serve) -> None:
    azure = clients(slowly(), speed=1)
    during: list[Any] = []
    write = threading.Thread(target=lambda: during.append(azure.patch(None)))
    write.start()
    assert eventually(lambda: azure.site()["properties"]["inProgressOperationId"])
    locked = azure.ask("DELETE", f"{APP_ID}/networkConfig/virtualNetwork")
    assert (locked.status_code, locked.json()["Code"]) == (429, "429")
    assert azure.site()["properties"]["virtualNetworkSubnetId"] == SUBNET_ID
    write.join()
    assert during[0].status_code == 200
    after = azure.site()["properties"]
    assert (after["virtualNetworkSubnetId"], after["inProgressOperationId"]) == (None, None)


def slowly() -> World:
    """The healthy world, in which a disconnect takes half a second on the wall."""
    world = load("healthy")
    world.durations = Durations(disconnect_last=0.5)
    return world


def test_parallel_joins_of_one_subnet_collide(clients: Serve) -> None:
    world = load("shared-link")
    world.durations = Durations(disconnect=0, disconnect_last=0, connect=0.4)
    azure = clients(world)
    apps = [f"{BASE}/Microsoft.Web/sites/{name}" for name in ("billing-web", "mail-web")]
    for app in apps:
        azure.ask("DELETE", f"{app}/networkConfig/virtualNetwork")
    answers: list[requests.Response] = []
    body = {"properties": {"virtualNetworkSubnetId": SUBNET_ID}}
    threads = [
        threading.Thread(target=lambda app=app: answers.append(azure.ask("PATCH", app, json=body)))
        for app in apps
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 409]
