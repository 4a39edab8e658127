"""What a capture makes of answers that no scenario of the sandbox gives."""

from __future__ import annotations

from typing import Any

from remediate.capture.combined import combined
from remediate.capture.world import capture
from remediate.model import (
    EVERYBODY,
    App,
    DenyAssignment,
    Document,
    Permission,
    Principal,
    Resource,
    View,
    World,
    key,
)
from tests.conftest import APP, GROUP, PLAN, SUBNET

FAR = "/subscriptions/00000000-0000-0000-0000-000000000002"
NETWORK = SUBNET.partition("/subnets/")[0]


def site(id_: str = APP, tags: Any = None, **properties: Any) -> Document:
    said = {"serverFarmId": PLAN, "sku": "PremiumV3", **properties}
    body = {"id": id_, "kind": "app", "location": "West Europe", "tags": tags, "properties": said}
    return Document("site", f"{id_}?api-version=2025-05-01", "found", body)


def plan(**properties: Any) -> Document:
    sku = {"name": "P1v3", "tier": "PremiumV3"}
    return Document("plan", f"{PLAN}?x", "found", {"id": PLAN, "sku": sku, "properties": properties})


def unread(path: str, message: str, what: str = "plan") -> Document:
    return Document(what, f"{path}?api-version=1", "denied", message=message)


def described(*documents: Document, **world: Any) -> dict[str, Any]:
    found = Resource(APP, "found", App(APP, "app", "West Europe", "Running", PLAN, None))
    return capture(World(resources={key(APP): found}, documents=documents, **world), APP).described


def test_no_setting_and_no_secret_is_kept() -> None:
    tags = {
        "azd-env-name": "prod",
        "note": "hunter2",
        "terraform": "password=hunter2",
        "managed-by": "Pulumi",
    }
    made = described(
        site(
            tags=tags,
            siteConfig={"appSettings": [{"name": "KEY", "value": "hunter2"}]},
            customSecret="hunter2",
        ),
        plan(),
    )
    assert "hunter2" not in str(made)
    assert made["apps"]["orders-func"]["tags"] == {
        "azd-env-name": "prod",
        "terraform": "password=REDACTED",
        "managed-by": "Pulumi",
    }


def test_a_plan_that_could_not_be_read_has_only_what_its_apps_tell() -> None:
    made = described(site(reserved=True), unread(PLAN, "403 AuthorizationFailed: You may not."))
    assert made["plans"] == {"plan-orders": {"sku": "unknown", "tier": "PremiumV3", "linux": True}}
    (rule,) = made["faults"]
    assert rule["answer"] == {
        "status": 403,
        "body": {"error": {"code": "AuthorizationFailed", "message": "You may not."}},
    }


def test_a_read_that_failed_for_the_moment_stays_unknown_and_is_not_repeated() -> None:
    (rule,) = described(site(), plan(), unread(NETWORK, "503: Try later.", "vnet"))["faults"]
    assert rule["answer"]["status"] == 400
    assert rule["match"]["path"].startswith("^/subscriptions/")


def test_what_was_read_after_all_is_not_refused() -> None:
    assert "faults" not in described(
        unread(PLAN, "403: No."), site(), Document("plan", f"{PLAN}?api-version=1", "found", plan().body)
    )


def test_a_subscription_of_which_nothing_was_seen_is_invisible() -> None:
    message = "404 SubscriptionNotFound: The subscription could not be found."
    made = described(site(), plan(), unread(f"{FAR}/resourceGroups/g", message, "vnet"))
    assert made["subscriptions"] == {"00000000-0000-0000-0000-000000000002": {"visible": False}}
    assert "faults" not in made


def test_a_subscription_of_which_something_was_seen_is_not() -> None:
    made = described(site(), plan(), unread(NETWORK, "404 SubscriptionNotFound: No.", "vnet"))
    assert "subscriptions" not in made
    assert made["faults"][0]["answer"]["status"] == 404


def test_a_slot_whose_app_was_not_read_has_an_app_to_stand_under() -> None:
    made = described(site(f"{APP}/slots/blue"), plan())
    assert list(made["apps"]["orders-func"]["slots"]) == ["blue"]
    assert made["apps"]["orders-func"]["plan"] == "plan-orders"


def test_a_subnet_is_named_by_its_id_where_the_file_does_not_describe_it() -> None:
    made = described(site(virtualNetworkSubnetId=SUBNET), plan())
    assert made["apps"]["orders-func"]["subnet"] == SUBNET


def test_networkconfig_that_names_nothing_is_lost() -> None:
    configs = {key(APP): View("found")}
    made = described(site(virtualNetworkSubnetId=SUBNET), plan(), network_configs=configs)
    assert made["apps"]["orders-func"]["network-config"] == "lost"


def test_a_network_that_could_not_be_read_is_around_its_subnet() -> None:
    body = {"id": SUBNET, "properties": {"addressPrefix": "10.1.1.0/27"}}
    made = described(
        site(), plan(), Document("subnet", f"{SUBNET}?x", "found", body), unread(NETWORK, "403: No.")
    )
    assert made["networks"] == {
        "vnet-prod": {"prefixes": ["10.1.1.0/27"], "subnets": {"snet-apps": {"prefix": "10.1.1.0/27"}}}
    }
    assert len(made["faults"]) == 1


def denied(*principals: Principal, **more: Any) -> DenyAssignment:
    return DenyAssignment("no", NETWORK, (Permission(("*",)), Permission(("a",), ("b",))), principals, **more)


def test_a_deny_assignment_for_everybody_is_described() -> None:
    held = {key(SUBNET): (denied(Principal(EVERYBODY, single=False)),)}
    made = described(site(), plan(), deny_assignments=held)
    scope = "Microsoft.Network/virtualNetworks/vnet-prod"
    assert made["deny-assignments"] == [
        {"name": "no", "scope": scope, "actions": ["*"]},
        {"name": "no", "scope": scope, "actions": ["a"], "not-actions": ["b"]},
    ]


def test_one_for_some_principals_is_answered_as_azure_answered_it() -> None:
    body = {"value": [{"properties": {"permissions": []}}]}
    answer = Document(f"deny-assignments:{SUBNET}", f"{SUBNET}/denyAssignments?x", "found", body)
    held = {key(SUBNET): (denied(Principal("somebody", single=True)),)}
    made = described(site(), plan(), answer, deny_assignments=held)
    assert "deny-assignments" not in made
    assert made["faults"][0]["answer"] == {"status": 200, "body": body}


def test_a_provider_that_no_subscription_knows_is_unregistered() -> None:
    made = described(site(), plan(), registrations={("s", "Microsoft.App"): "NotRegistered"})
    assert made["unregistered"] == ["Microsoft.App"]


def test_one_that_another_subscription_knows_is_not_answered_for_both() -> None:
    states = {("s", "Microsoft.App"): "NotRegistered", ("t", "Microsoft.App"): "Registered", ("t", "x"): None}
    made = described(site(), plan(), registrations=states)
    assert "unregistered" not in made
    (rule,) = made["faults"]
    assert rule["match"]["path"] == r"^/subscriptions/s/providers/Microsoft\.App$"


def test_the_group_of_a_plan_that_is_gone_is_there_where_only_the_plan_is_gone() -> None:
    gone = f"{GROUP.replace('rg-sandbox', 'rg-old')}/Microsoft.Web/serverfarms/p"
    made = described(
        site(), plan(), Document("plan", f"{gone}?x", "absent", message="404 ResourceNotFound: It is gone.")
    )
    assert made["groups"] == {gone.partition("/providers")[0]: {}}


def test_what_was_read_by_itself_counts_before_a_list() -> None:
    alone, listed = Resource(APP, "found"), Resource(APP, "absent", listed=True)
    assert combined([World(resources={"a": alone}), World(resources={"a": listed})]).resources["a"] is alone
    assert combined([World(resources={"a": listed}), World(resources={"a": alone})]).resources["a"] is alone


def test_a_part_that_is_missing_of_a_resource_that_is_there_stays_missing() -> None:
    message = "404 ResourceNotFound: It is not there."
    parts = [f"{APP}/slots", f"{APP}/networkConfig/virtualNetwork"]
    others = [f"{APP}/slots/blue", f"{PLAN}-gone"]
    answers = [Document("x", f"{path}?x", "absent", message=message) for path in (*parts, *others)]
    rules = described(site(), plan(), *answers)["faults"]
    assert [rule["match"]["path"].replace("\\", "") for rule in rules] == [f"^{path}$" for path in parts]
    assert {rule["answer"]["status"] for rule in rules} == {404}


def test_a_missing_group_that_proved_nothing_proves_nothing_here() -> None:
    gone = unread(f"{PLAN}-old", "404 ResourceGroupNotFound: There is no such group.")
    (rule,) = described(site(), plan(), gone)["faults"]
    assert rule["answer"]["body"]["error"]["code"] == "SubscriptionNotFound"


def test_an_absence_that_another_answer_contradicts_is_contradicted_here_too() -> None:
    said = Document("plan", f"{PLAN}?x", "failed", message="404 ResourceNotFound: It is not there.")
    (rule,) = described(site(), said)["faults"]
    assert rule["answer"]["body"]["error"]["code"] == "ResourceNotFound"


def test_a_network_without_a_list_of_subnets_has_none_here_either() -> None:
    body = {"id": NETWORK, "name": "vnet-prod", "location": "westeurope", "properties": {}}
    made = described(site(), plan(), Document("vnet", f"{NETWORK}?x", "found", body))
    assert made["networks"] == {"vnet-prod": {"prefixes": ["0.0.0.0/32"], "subnets": {}}}
    (rule,) = made["faults"]
    assert "subnets" not in rule["answer"]["body"]["properties"]
