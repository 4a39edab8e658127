"""`remediate guard`: who holds what is to be deleted, in every scenario and for every kind of resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from remediate.sandbox.resources import Group, Site
from remediate.sandbox.scenarios import load
from remediate.sandbox.server import Sandbox
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran

QUICK = ("--poll-interval", "0.02", "--timeout", "3")
RESOURCES = GROUP.removesuffix("/providers")
VNET = SUBNET.partition("/subnets/")[0]
SLOT = f"{APP}/slots/staging"
OTHER_PLAN = f"{GROUP}/Microsoft.Web/serverfarms/plan-other"
OTHER_APP = f"{GROUP}/Microsoft.Web/sites/other-web"
LINK = f"{SUBNET}/serviceAssociationLinks/AppServiceLink"
ALL_FOUR = {"orders-func", "staging", "billing-web", "mail-web"}


def held(ran: Ran) -> set[str]:
    """The last names of the holders."""
    return {one["id"].rpartition("/")[2] for one in ran.document["holders"]}


@pytest.mark.parametrize(
    ("scenario", "target", "safe", "names", "codes"),
    [
        ("healthy", APP, False, {"orders-func"}, set()),
        ("healthy", f"{SUBNET.replace('snet-apps', 'snet-data')}", True, set(), set()),
        ("shared-link", APP, False, {"orders-func", "staging"}, set()),
        ("shared-link", SLOT, False, {"staging"}, set()),
        ("shared-link", PLAN, False, ALL_FOUR, set()),
        ("shared-link", SUBNET, False, ALL_FOUR, set()),
        ("shared-link", VNET, False, ALL_FOUR, set()),
        ("shared-link", RESOURCES, False, ALL_FOUR, set()),
        ("multi-plan-subnet", APP, False, {"orders-func"}, {"subnet-shared"}),
        ("multi-plan-subnet", OTHER_PLAN, False, {"other-web"}, {"subnet-shared"}),
        ("multi-plan-subnet", SUBNET, False, {"orders-func", "other-web"}, {"subnet-shared"}),
        ("multi-plan-subnet", RESOURCES, False, {"orders-func", "other-web"}, {"subnet-shared"}),
        ("flex-consumption", APP, False, {"orders-func"}, {"flex-consumption"}),
        ("flex-consumption", PLAN, False, {"orders-func"}, {"flex-consumption"}),
        ("flex-consumption", VNET, False, {"orders-func"}, {"flex-consumption"}),
        ("managed-instance", APP, False, {"plan-orders"}, {"managed-instance"}),
        ("managed-instance", PLAN, False, {"plan-orders"}, {"managed-instance"}),
        ("managed-instance", SUBNET, False, {"plan-orders"}, {"managed-instance"}),
        ("managed-instance", RESOURCES, False, {"plan-orders"}, {"managed-instance"}),
        ("not-integrated", APP, True, set(), set()),
        ("not-integrated", RESOURCES, True, set(), set()),
        ("link-orphaned", APP, True, set(), set()),
        ("link-orphaned", SUBNET, False, {"plan-gone"}, {"link-orphaned"}),
        ("link-orphaned", RESOURCES, False, {"plan-gone"}, {"link-orphaned"}),
        ("link-unused", APP, True, set(), set()),
        ("link-unused", OTHER_APP, False, {"plan-other"}, {"link-unused"}),
        ("link-unused", OTHER_PLAN, False, {"plan-other"}, {"link-unused"}),
        ("link-unused", SUBNET, False, {"plan-other"}, {"link-unused"}),
        ("link-foreign", VNET, False, {"PostgreSQLLink"}, {"link-foreign"}),
        ("link-other-plan", SUBNET, False, {"orders-func", "plan-other"}, {"link-unused"}),
        ("slot-differs", APP, False, {"orders-func", "staging"}, set()),
        ("stale-graph", SUBNET, False, {"orders-func"}, set()),
        ("views-disagree", APP, False, {"orders-func"}, set()),
        ("subnet-missing", APP, True, set(), set()),
        ("gateway-required", APP, True, set(), set()),
        ("locked", SUBNET.replace("snet-apps", "snet-data"), False, set(), {"locked"}),
        ("locked", APP, False, {"orders-func"}, {"locked"}),
        ("no-read", SUBNET.replace("snet-apps", "snet-data"), None, set(), {"no-read-permission"}),
        ("no-read", APP, False, {"orders-func"}, {"no-read-permission"}),
    ],
)
def test_the_verdict_and_the_holders(
    remediate: Callable[..., Ran],
    scenario: str,
    target: str,
    safe: bool | None,
    names: set[str],
    codes: set[str],
) -> None:
    ran = remediate("guard", target, "--sandbox", scenario, "-o", "json")
    assert (ran.document["safe"], held(ran), ran.codes) == (safe, names, codes)
    assert ran.code == (0 if safe else 3)
    assert ran.document["requests"]["writes"] == 0


def holder(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["holders"] if one["id"].endswith(f"/{name}"))
    return found


def test_a_holder_names_its_subnet_its_plan_and_the_link_that_is_there_for_it(
    remediate: Callable[..., Ran],
) -> None:
    ran = remediate("guard", VNET, "--sandbox", "multi-plan-subnet", "-o", "json")
    assert holder(ran.document, "other-web") == {
        "id": OTHER_APP,
        "kind": "app",
        "subnet": SUBNET,
        "plan": OTHER_PLAN,
        "link": LINK,
    }
    assert holder(ran.document, "orders-func")["link"] is None
    flex = remediate("guard", APP, "--sandbox", "flex-consumption", "-o", "json").document
    assert holder(flex, "orders-func")["link"].endswith("/legionservicelink")


def test_a_plan_goes_with_its_last_app_and_that_is_said(remediate: Callable[..., Ran]) -> None:
    last = remediate("guard", APP, "--sandbox", "healthy")
    assert "Azure deletes a plan with its last app" in " ".join(last.out.split())
    one_of_many = remediate("guard", APP, "--sandbox", "shared-link", "-o", "json")
    assert one_of_many.document["takes"] == [APP, SLOT]


def test_apps_that_are_not_deleted_but_sit_on_the_subnet_are_named(remediate: Callable[..., Ran]) -> None:
    ran = remediate("guard", SUBNET, "--sandbox", "multi-plan-subnet")
    assert ran.out.count("not part of the deletion") == 2


@pytest.mark.parametrize(
    ("scenario", "target", "commands"),
    [
        (
            "shared-link",
            SLOT,
            [f"remediate guard {SLOT} --disconnect", "az functionapp deployment slot delete"],
        ),
        (
            "healthy",
            PLAN,
            [f"remediate guard {PLAN} --disconnect", f"az functionapp delete --ids {APP}", PLAN],
        ),
        (
            "link-orphaned",
            SUBNET,
            [f"remediate purge {SUBNET}", f"az network vnet subnet delete --ids {SUBNET}"],
        ),
        ("not-integrated", VNET, [f"az network vnet delete --ids {VNET}"]),
        ("locked", RESOURCES, ["az lock delete --ids", f"remediate guard {RESOURCES}", "az group delete"]),
        ("managed-instance", PLAN, []),
        ("link-foreign", SUBNET, []),
    ],
)
def test_the_order_of_a_deletion(
    remediate: Callable[..., Ran], scenario: str, target: str, commands: list[str]
) -> None:
    order = remediate("guard", target, "--sandbox", scenario, "-o", "json").document["order"]
    assert len(order) == len(commands)
    assert all(expected in line for expected, line in zip(commands, order, strict=True)), order


def test_apps_of_a_plan_in_another_group_are_found(
    remediate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, elsewhere = load("healthy", 1000), RESOURCES.replace("rg-sandbox", "rg-elsewhere")
    far = Site(f"{elsewhere}/providers/Microsoft.Web/sites/far-web", "app", "westeurope", PLAN, subnet=SUBNET)
    world.state.add(Group(elsewhere, "westeurope"), far)
    with Sandbox(world) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        for target in (PLAN, RESOURCES, SUBNET):
            assert held(remediate("guard", target, "-o", "json")) == {"orders-func", "far-web"}
        assert held(remediate("guard", elsewhere, "-o", "json")) == {"far-web"}


@pytest.mark.parametrize(
    "path", ["/sites/orders-func$", "/slots$", "/snet-apps$", "ResourceGraph", "/locks$"]
)
def test_what_cannot_be_read_is_unknown_and_never_safe(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], path: str
) -> None:
    simulated = azure("not-integrated")
    denied = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    simulated.fault({"match": {"path": f"{path}", "nth": 1}, "times": 0, "answer": denied})
    ran = remediate("guard", RESOURCES, "-o", "json")
    assert (ran.code, ran.document["safe"], ran.codes) == (3, None, {"no-read-permission"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "RESOURCE_ID is empty"),
        ("orders-func", "no resource id"),
        ("/subscriptions/00000000-0000-0000-0000-000000000001", "a whole subscription"),
        (f"{GROUP}/Microsoft.Storage/storageAccounts/x", "not an app, a slot, a plan"),
        (f"{APP}/functions/one", "not an app, a slot, a plan"),
        (f"{GROUP}/Microsoft.Web/sites/no-such-app", "there is no no-such-app"),
        (RESOURCES.replace("rg-sandbox", "rg-none"), "there is no rg-none"),
        (f"{VNET}/subnets/snet-none", "there is no snet-none"),
    ],
)
def test_anything_else_is_one_clear_line_and_exit_2(
    remediate: Callable[..., Ran], text: str, said: str
) -> None:
    ran = remediate("guard", text, "--sandbox", "-o", "json")
    assert (ran.code, ran.document["exit"]) == (2, 2)
    assert said in ran.document["message"]


def test_a_portal_address_is_as_good_as_an_id(remediate: Callable[..., Ran]) -> None:
    address = f"https://portal.azure.com/#@contoso.com/resource{SUBNET}/overview"
    ran = remediate("guard", address, "--sandbox", "-o", "json")
    assert (ran.document["target"], ran.document["kind"]) == (SUBNET, "subnet")
