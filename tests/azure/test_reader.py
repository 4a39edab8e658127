"""The one reader: what a question makes it ask Azure for, and how it takes an answer that hides something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from remediate.azure.documents import Read
from remediate.azure.expansion import Expansion
from remediate.azure.session import SignedIn
from remediate.model import Document, Integration, Question
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran

RESOURCES = GROUP.removesuffix("/providers")
VNET = SUBNET.partition("/subnets/")[0]
HIDDEN = {
    "match": {"method": "GET", "path": "/plan-(other|gone)$"},
    "times": 0,
    "answer": {"status": 404, "body": {"error": {"code": "SubscriptionNotFound", "message": "no"}}},
}
"""The plan that the link names is in a subscription that the signed-in account does not see."""


@pytest.mark.parametrize(
    "command",
    [
        ("verify", APP),
        ("verify", APP, "--subnet", SUBNET),
        ("purge", SUBNET, "--dry-run"),
        ("reconnect", APP, "--scope", "link", "--dry-run"),
        *[("guard", one) for one in (APP, PLAN, SUBNET, VNET, RESOURCES)],
        *[("guard", one, "--disconnect", "--dry-run") for one in (APP, PLAN, SUBNET, RESOURCES)],
    ],
    ids=lambda command: f"{command[0]} {command[1].rpartition('/')[2]} {' '.join(command[2:])}",
)
@pytest.mark.parametrize("scenario", ["shared-link", "multi-plan-subnet"])
def test_one_question_reads_nothing_twice(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, command: tuple[str, ...]
) -> None:
    simulated = azure(scenario)
    remediate(*command, "-o", "json")
    reads = Counter(one["path"] for one in simulated.log if one["method"] == "GET")
    assert [path for path, times in reads.items() if times > 1] == []


@pytest.mark.parametrize("scenario", ["link-other-plan", "link-orphaned"])
@pytest.mark.parametrize(
    "command",
    [("verify", APP, "--subnet", SUBNET), ("purge", SUBNET, "--dry-run"), ("guard", SUBNET), ("guard", VNET)],
    ids=lambda command: command[0],
)
def test_a_plan_in_a_subscription_that_is_not_seen_is_unknown_to_every_command(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, command: tuple[str, ...]
) -> None:
    azure(scenario).fault(HIDDEN)
    document = remediate(*command, "-o", "json").document
    found: list[dict[str, Any]] = document.get("findings") or document["findings_before"]
    codes = {one["code"] for one in found}
    assert "not-visible" in codes
    assert not codes & {"no-read-permission", "link-orphaned", "link-unused", "link-other-plan"}


def test_an_app_that_only_a_list_shows_on_a_subnet_is_read_by_itself_before_it_is_disconnected(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    other_plan, idle = (
        f"{GROUP}/Microsoft.Web/serverfarms/plan-other",
        f"{GROUP}/Microsoft.Web/sites/idle-web",
    )
    here, elsewhere = (SUBNET.replace("snet-apps", one) for one in ("snet-data", "snet-elsewhere"))

    def site(subnet: str) -> dict[str, Any]:
        named = {"serverFarmId": other_plan, "virtualNetworkSubnetId": subnet}
        return {"id": idle, "name": "idle-web", "kind": "app", "location": "West Europe", "properties": named}

    config = {"id": f"{idle}/config/virtualNetwork", "properties": {"subnetResourceId": elsewhere}}
    answers = [
        ("/plan-other/sites$", {"value": [site(here)]}),
        ("/idle-web$", site(elsewhere)),
        ("/idle-web/networkConfig/virtualNetwork$", config),
        ("/idle-web/slots$", {"value": []}),
    ]
    azure("multi-plan-subnet").fault(
        *(
            {"match": {"method": "GET", "path": path}, "times": 0, "answer": {"status": 200, "body": body}}
            for path, body in answers
        )
    )
    document = remediate("guard", VNET, "--disconnect", "--dry-run", "-o", "json").document
    assert idle not in [one["id"] for one in document["holders"]]
    assert idle not in [one["id"] for run in document["runs"] for one in run["targets"]]


def test_a_plan_holds_its_subnet_also_where_the_list_of_plans_leaves_that_out(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated, path = azure("managed-instance"), f"{GROUP}/Microsoft.Web/serverfarms"
    listed = simulated.ask("GET", f"{path}?api-version=2025-05-01").json()
    for one in listed["value"]:
        one["properties"].pop("network", None)
    match = {"method": "GET", "path": f"{path}$"}
    simulated.fault({"match": match, "times": 0, "answer": {"status": 200, "body": listed}})
    ran = remediate("guard", RESOURCES, "-o", "json")
    assert [one["id"] for one in ran.document["holders"]] == [PLAN]
    assert "managed-instance" in ran.codes


@pytest.mark.parametrize(("command", "known"), [("verify", APP), ("guard", SUBNET)], ids=["verify", "guard"])
def test_a_network_with_a_subnet_that_cannot_be_read_is_one_read_that_failed(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: str, known: str
) -> None:
    simulated = azure("healthy")
    network = simulated.ask("GET", f"{VNET}?api-version=2024-05-01").json()
    network["properties"]["subnets"].append({"name": "odd"})
    match = {"method": "GET", "path": "/virtualNetworks/[^/]+$"}
    simulated.fault({"match": match, "times": 0, "answer": {"status": 200, "body": network}})
    document = remediate(command, known, "-o", "json").document
    assert document["schema"] == f"remediate.{command}/1"
    codes = [one["code"] for one in document["findings"]]
    assert codes == (["no-read-permission"] if command == "verify" else [])


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, {"properties": {"subnetResourceId": SUBNET}}), (403, {"error": {"code": "AuthorizationFailed"}})],
    ids=["connected", "denied"],
)
def test_no_link_is_purged_while_a_network_config_of_its_plan_names_the_subnet_or_is_not_read(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], status: int, body: dict[str, Any]
) -> None:
    match = {"method": "GET", "path": "/other-web/networkConfig/virtualNetwork$"}
    azure("link-unused").fault({"match": match, "times": 0, "answer": {"status": status, "body": body}})
    ran = remediate("purge", SUBNET, "--dry-run", "-o", "json")
    assert (ran.document["status"], ran.document["steps"]) == ("refused", [])


@pytest.mark.parametrize("plan", ["plan-other", "plan-orders"])
def test_the_app_of_a_slot_that_names_no_plan_is_read_to_know_its_plan(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], plan: str
) -> None:
    simulated, root = azure("link-unused"), f"{GROUP}/Microsoft.Web/sites/far-web"
    slot = site(f"{root}/slots/staging", SUBNET)
    slot["properties"]["serverFarmId"] = None
    body = site(root)
    body["properties"]["serverFarmId"] = f"{GROUP}/Microsoft.Web/serverfarms/{plan}"
    config = {"properties": {"subnetResourceId": SUBNET}}
    row = {"data": [slot], "count": 1, "totalRecords": 1, "resultTruncated": "false"}
    answers = [
        ("ResourceGraph", row),
        ("/far-web/slots/staging$", slot),
        ("/far-web$", body),
        ("/far-web/slots/staging/networkConfig/virtualNetwork$", config),
    ]
    simulated.fault(
        *(
            {"match": {"path": path}, "times": 0, "answer": {"status": 200, "body": body}}
            for path, body in answers
        )
    )
    ran = remediate("purge", SUBNET, "--dry-run", "-o", "json")
    in_use = plan == "plan-other"
    told = "is in use: it names plan-other" if in_use else "not the plan of far-web/staging"
    assert (ran.document["status"], told in ran.document["message"]) == ("refused", True), ran.out


def test_an_app_in_a_subscription_that_is_not_seen_is_not_called_absent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy")
    ran = remediate("verify", APP.replace("-000000000001/", "-0000000000ff/"), "-o", "json")
    [finding] = ran.document["findings"]
    assert (ran.code, finding["code"]) == (3, "not-visible")
    assert "SubscriptionNotFound" in finding["evidence"][0]["value"]
    assert "az account list" in finding["action"]
    assert "there is no app" not in ran.out


def concluded(ran: Ran) -> str:
    """The code of the error, or of the one finding about what could not be read."""
    document = ran.document
    code: str = document.get("code") or document["findings"][0]["code"]
    return code


def refused(code: str, path: str = "/orders-func$") -> dict[str, Any]:
    """A rule: a read that ends in a 404 with this code."""
    body = {"error": {"code": code, "message": "no"}}
    return {"match": {"method": "GET", "path": path}, "times": 0, "answer": {"status": 404, "body": body}}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("ResourceNotFound", "not-found"),
        ("resourcenotfound", "not-found"),
        ("ResourceGroupNotFound", "not-found"),
        ("NotFound", "no-read-permission"),
        ("", "no-read-permission"),
        ("subscriptionnotfound", "not-visible"),
    ],
)
def test_only_a_404_that_proves_it_is_an_absence(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], code: str, told: str
) -> None:
    azure("healthy").fault(refused(code))
    assert concluded(remediate("verify", APP, "-o", "json")) == told


def test_a_group_that_is_missing_in_a_subscription_that_is_not_seen_is_not_absent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy").fault(
        refused("ResourceGroupNotFound"), refused("SubscriptionNotFound", "^/subscriptions/[^/]+$")
    )
    assert concluded(remediate("verify", APP, "-o", "json")) == "not-visible"


def test_a_group_that_is_missing_in_a_subscription_that_could_not_be_read_is_not_absent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    broken = {"match": {"path": "^/subscriptions/[^/]+$"}, "times": 0, "answer": {"status": 500, "body": {}}}
    azure("healthy").fault(refused("ResourceGroupNotFound"), broken)
    assert concluded(remediate("verify", APP, "-o", "json")) == "no-read-permission"


def test_a_404_of_resource_graph_itself_is_no_absence(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    rule = {**refused("ResourceNotFound", "ResourceGraph"), "match": {"path": "ResourceGraph"}}
    azure("not-integrated").fault(rule)
    ran = remediate("guard", SUBNET, "-o", "json")
    assert (ran.code, ran.document["safe"], ran.codes) == (3, None, {"no-read-permission"})


class OneByOne:
    """A session that makes reads one after the other, and none of its own."""

    signed_in = SignedIn("nobody", "nowhere")

    @staticmethod
    def side_by_side(calls: list[Callable[[], Any]]) -> list[Any]:
        return [call() for call in calls]


def expanded() -> Expansion:
    """An empty World, ready for documents that no request was sent for."""
    session: Any = OneByOne()
    return Expansion(session)


def answered(read: Read, body: Any) -> Read:
    """A read that was answered so."""
    return read._replace(ask=lambda: Document("what", "/path", "found", body))


def site(id_: str, subnet: str | None = None) -> dict[str, Any]:
    return {"id": id_, "properties": {"serverFarmId": PLAN, "virtualNetworkSubnetId": subnet}}


def test_an_app_that_calls_itself_by_another_id_than_was_asked_for_is_one_app() -> None:
    grown, asked = expanded(), f"{APP}/slots/production"
    grown.make(
        [
            answered(grown.app(asked), site(APP)),
            answered(grown.network_config(asked), {"properties": {"subnetResourceId": SUBNET}}),
            answered(grown.apps_of(PLAN), [site(APP)]),
        ]
    )
    assert [one.id for one in grown.world.apps_on(SUBNET)] == [APP]
    assert [one.id for one in grown.world.apps_of(PLAN)] == [APP]
    assert (grown.is_read(APP), grown.is_configured(APP)) == (True, True)
    assert [one.id for one in Integration(grown.world, Question("look", asked, SUBNET)).on_subnet] == [APP]
