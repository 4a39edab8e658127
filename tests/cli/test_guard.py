"""`remediate guard`: who holds what is to be deleted, in every scenario and for every kind of resource."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from remediate.run.journal import holder, lock_name
from remediate.sandbox.resources import Group, Site
from remediate.sandbox.scenarios import load
from remediate.sandbox.server import Sandbox
from remediate.state.local import LocalStore
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran
from tests.sampled import in_sweep

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
        ("shared-link", RESOURCES, False, ALL_FOUR, set()),
        ("multi-plan-subnet", APP, False, {"orders-func"}, {"subnet-shared"}),
        ("multi-plan-subnet", SUBNET, False, {"orders-func", "other-web"}, {"subnet-shared"}),
        ("flex-consumption", APP, False, {"orders-func"}, {"flex-consumption"}),
        ("flex-consumption", VNET, False, {"orders-func"}, {"flex-consumption"}),
        ("managed-instance", SUBNET, False, {"plan-orders"}, {"managed-instance"}),
        ("not-integrated", APP, True, set(), set()),
        ("link-orphaned", SUBNET, False, {"plan-gone"}, {"link-orphaned"}),
        ("link-unused", OTHER_APP, False, {"plan-other"}, {"link-unused"}),
        ("link-unused", SUBNET, False, {"plan-other"}, {"link-unused"}),
        ("link-foreign", VNET, False, {"PostgreSQLLink"}, {"link-foreign"}),
        ("link-other-plan", SUBNET, False, {"orders-func", "plan-other"}, {"link-other-plan"}),
        ("slot-differs", APP, False, {"orders-func", "staging"}, set()),
        ("stale-graph", SUBNET, False, {"orders-func"}, set()),
        ("views-disagree", APP, False, {"orders-func"}, set()),
        ("subnet-missing", APP, True, set(), set()),
        ("gateway-required", APP, True, set(), set()),
        ("locked", SUBNET.replace("snet-apps", "snet-data"), False, set(), {"locked"}),
        ("locked", APP, False, {"orders-func"}, {"locked"}),
        ("no-read", SUBNET.replace("snet-apps", "snet-data"), None, set(), {"no-read-permission"}),
        ("no-read", APP, False, {"orders-func"}, {"no-read-permission"}),
        *in_sweep(
            ("shared-link", VNET, False, ALL_FOUR, set()),
            ("multi-plan-subnet", OTHER_PLAN, False, {"other-web"}, {"subnet-shared"}),
            ("multi-plan-subnet", RESOURCES, False, {"orders-func", "other-web"}, {"subnet-shared"}),
            ("flex-consumption", PLAN, False, {"orders-func"}, {"flex-consumption"}),
            ("managed-instance", APP, False, {"plan-orders"}, {"managed-instance"}),
            ("managed-instance", PLAN, False, {"plan-orders"}, {"managed-instance"}),
            ("managed-instance", RESOURCES, False, {"plan-orders"}, {"managed-instance"}),
            ("not-integrated", RESOURCES, True, set(), set()),
            ("link-orphaned", APP, True, set(), set()),
            ("link-orphaned", RESOURCES, False, {"plan-gone"}, {"link-orphaned"}),
            ("link-unused", APP, True, set(), set()),
            ("link-unused", OTHER_PLAN, False, {"plan-other"}, {"link-unused"}),
        ),
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


def holder_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["holders"] if one["id"].endswith(f"/{name}"))
    return found


def test_a_holder_names_its_subnet_its_plan_and_the_link_that_is_there_for_it(
    remediate: Callable[..., Ran],
) -> None:
    ran = remediate("guard", VNET, "--sandbox", "multi-plan-subnet", "-o", "json")
    assert holder_of(ran.document, "other-web") == {
        "id": OTHER_APP,
        "kind": "app",
        "subnet": SUBNET,
        "plan": OTHER_PLAN,
        "link": LINK,
    }
    assert holder_of(ran.document, "orders-func")["link"] is None
    flex = remediate("guard", APP, "--sandbox", "flex-consumption", "-o", "json").document
    assert holder_of(flex, "orders-func")["link"].endswith("/legionservicelink")


@pytest.mark.parametrize("options", [(), ("--disconnect", "--yes", *QUICK)], ids=["look", "disconnect"])
def test_the_production_slot_is_the_app_with_all_its_slots(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], options: tuple[str, ...]
) -> None:
    shared, production = azure("shared-link"), f"{APP}/slots/production"
    expected = remediate("guard", APP, "-o", "json").document
    site = shared.ask("GET", f"{APP}?api-version=2025-05-01").json()
    match = {"method": "GET", "path": f"{production}$"}
    shared.fault({"match": match, "times": 0, "answer": {"status": 200, "body": site}})
    document = remediate("guard", production, *options, "-o", "json").document
    assert (document["target"], document["kind"], document["takes"]) == (APP, "app", [APP, SLOT])
    if options:
        assert {path for _, path in shared.sent} == {
            f"{one}/networkConfig/virtualNetwork" for one in (APP, SLOT)
        }
    else:
        same = ("safe", "holders", "findings", "order")
        assert [document[one] for one in same] == [expected[one] for one in same]


def test_a_plan_goes_with_its_last_app_and_that_is_said(remediate: Callable[..., Ran]) -> None:
    last = remediate("guard", APP, "--sandbox", "healthy")
    assert "Azure deletes a plan with its last app" in " ".join(last.out.split())
    one_of_many = remediate("guard", APP, "--sandbox", "shared-link", "-o", "json")
    assert one_of_many.document["takes"] == [APP, SLOT]


def test_apps_that_are_not_deleted_but_sit_on_the_subnet_are_named(remediate: Callable[..., Ran]) -> None:
    ran = remediate("guard", SUBNET, "--sandbox", "multi-plan-subnet")
    assert ran.out.count("is not deleted") == 2


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
            [f"remediate guard {PLAN} --disconnect", f"az functionapp delete --ids {APP}"],
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
        ("no-read", RESOURCES, []),
    ],
)
def test_the_order_of_a_deletion(
    remediate: Callable[..., Ran], scenario: str, target: str, commands: list[str]
) -> None:
    order = remediate("guard", target, "--sandbox", scenario, "-o", "json").document["order"]
    assert len(order) == len(commands)
    assert all(expected in line for expected, line in zip(commands, order, strict=True)), order


def test_the_portals_page_of_all_subnets_means_their_network(remediate: Callable[..., Ran]) -> None:
    page = f"https://portal.azure.com/#@contoso.com/resource{VNET}/subnets"
    ran = remediate("guard", page, "--sandbox", "healthy", "-o", "json")
    assert (ran.code, ran.document["target"], ran.document["kind"]) == (3, VNET, "vnet")


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


@pytest.mark.parametrize("target", [SUBNET, OTHER_PLAN])
def test_a_link_of_which_nobody_knows_whose_it_is_leaves_no_order(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], target: str
) -> None:
    gone = {"status": 404, "body": {"error": {"code": "ResourceNotFound", "message": "no"}}}
    azure("link-unused").fault({"match": {"path": "/plan-other/sites$"}, "times": 0, "answer": gone})
    ran = remediate("guard", target, "-o", "json")
    assert (ran.code, ran.codes, ran.document["order"]) == (3, {"no-read-permission"}, [])
    assert ran.document["findings"][0]["title"] == "Could not read the apps of the plan"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "RESOURCE_ID is empty"),
        ("ordrs-func", "is called 'ordrs-func'"),
        (f"{VNET}/subnets/", "ends before the name of the subnet"),
        (f"{APP}/slots", "ends before the name of the slot"),
        ("/subscriptions/00000000-0000-0000-0000-000000000001", "a whole subscription"),
        (f"{GROUP}/Microsoft.Storage/storageAccounts/x", "not an app, a slot, a plan"),
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


@pytest.mark.parametrize(("target", "kind"), [(SUBNET, "subnet"), (RESOURCES, "group")])
def test_a_portal_address_is_as_good_as_an_id(remediate: Callable[..., Ran], target: str, kind: str) -> None:
    address = f"https://portal.azure.com/#@contoso.com/resource{target}/overview"
    ran = remediate("guard", address, "--sandbox", "-o", "json")
    assert (ran.document["target"], ran.document["kind"]) == (target, kind)


def deleted(simulated: Azure, *resources: str) -> None:
    """Delete apps, plans or subnets behind the tool's back, as an operator would."""
    for one in resources:
        version = "2024-05-01" if "Microsoft.Network" in one else "2025-05-01"
        assert simulated.ask("DELETE", f"{one}?api-version={version}").status_code < 300, one


def links(simulated: Azure, subnet: str = SUBNET) -> list[str]:
    """What the links on a subnet name now."""
    properties = simulated.ask("GET", f"{subnet}?api-version=2024-05-01").json()["properties"]
    return [one["properties"].get("link", "") for one in properties.get("serviceAssociationLinks", [])]


def test_deleting_without_disconnecting_leaves_an_orphan(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    assert remediate("guard", APP).code == 3
    deleted(simulated, APP)
    assert simulated.ask("GET", f"{PLAN}?api-version=2025-05-01").status_code == 404
    assert links(simulated) == [PLAN]
    after = remediate("guard", SUBNET, "-o", "json")
    assert (after.code, after.codes) == (3, {"link-orphaned"})


@pytest.mark.parametrize(
    ("scenario", "target", "apps"),
    [
        ("flex-consumption", APP, [APP]),
        ("multi-plan-subnet", SUBNET, [OTHER_APP, APP]),
        ("slot-differs", RESOURCES, [SLOT, APP]),
        *in_sweep(("healthy", PLAN, [APP]), ("multi-plan-subnet", OTHER_PLAN, [OTHER_APP])),
    ],
)
def test_after_a_disconnect_the_deletion_leaves_nothing_behind(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, target: str, apps: list[str]
) -> None:
    simulated = azure(scenario)
    ran = remediate("guard", target, "--disconnect", "--yes", "-o", "json", *QUICK)
    assert (ran.code, ran.document["safe"], ran.document["holders"]) == (0, True, []), ran.out
    assert {run["status"] for run in ran.document["runs"]} == {"succeeded"}
    assert [method for method, _ in simulated.sent] == ["DELETE"] * len(apps)
    assert simulated.ask("GET", f"{APP}?api-version=2025-05-01").status_code == 200
    deleted(simulated, *apps)
    assert links(simulated) == []
    assert remediate("guard", SUBNET, "-o", "json").document["safe"] is (APP in apps)


def test_what_the_dry_run_shows_is_what_is_sent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    command = ("guard", RESOURCES, "--disconnect", "-o", "json", *QUICK)
    dry = remediate(*command, "--dry-run")
    assert (dry.code, dry.document["safe"], simulated.writes) == (3, False, [])
    shown = [
        step["request"]
        for run in dry.document["runs"]
        for step in run["steps"]
        if step["request"] is not None
    ]
    assert remediate(*command, "--yes").code == 0
    assert [(one["method"], one["path"]) for one in shown] == [
        (one["method"], one["path"]) for one in simulated.writes
    ]
    assert shown[0]["path"].partition("/networkConfig")[0] == SLOT
    assert len(shown) == 4


def test_what_is_safe_already_is_left_alone(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("not-integrated")
    ran = remediate("guard", PLAN, "--disconnect", "-o", "json")
    assert (ran.code, ran.document["runs"], simulated.writes) == (0, [], [])


@pytest.mark.parametrize(
    ("scenario", "target", "code", "because"),
    [
        ("managed-instance", PLAN, 4, "managed-instance"),
        ("managed-instance", SUBNET, 4, "managed-instance"),
        ("locked", APP, 4, "locked"),
        ("no-read", APP, 4, "no-read-permission"),
        ("link-foreign", SUBNET, 3, "link-foreign"),
        ("link-orphaned", SUBNET, 3, "link-orphaned"),
    ],
)
def test_what_disconnecting_cannot_mend_is_not_touched(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    scenario: str,
    target: str,
    code: int,
    because: str,
) -> None:
    simulated = azure(scenario)
    ran = remediate("guard", target, "--disconnect", "--yes", "-o", "json", *QUICK)
    assert (ran.code, ran.document["safe"], simulated.writes) == (code, False, [])
    assert because in ran.codes


def test_a_missing_permission_is_seen_before_anything_is_sent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    given = {"value": [{"actions": ["*/read"], "notActions": []}]}
    path = r"/providers/Microsoft\.Authorization/permissions$"
    simulated.fault({"match": {"path": path}, "times": 0, "answer": {"status": 200, "body": given}})
    ran = remediate("guard", APP, "--disconnect", "--yes", "-o", "json", *QUICK)
    assert (ran.code, simulated.writes) == (4, [])
    assert "networkConfig/delete" in str(ran.document["runs"][0]["findings_before"])


def test_from_a_subnet_that_cannot_be_read_nobody_is_disconnected(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    denied = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    simulated.fault({"match": {"path": "/snet-apps$"}, "times": 0, "answer": denied})
    ran = remediate("guard", APP, "--disconnect", "--yes", "-o", "json", *QUICK)
    assert (ran.code, held(ran), simulated.writes) == (4, {"orders-func"}, [])


UNREAD = r"/sites/billing-web$"
UNREAD_AT_ALL = r"/sites/billing-web(/networkConfig/virtualNetwork|/providers/.*)?$"
NOBODY_READ = r"/sites/(orders-func|billing-web|mail-web)(/slots/staging)?$"


@pytest.mark.parametrize(
    ("path", "target", "how"),
    [
        (UNREAD, SUBNET, "--yes"),
        (UNREAD, VNET, "--dry-run"),
        (UNREAD_AT_ALL, SUBNET, "--dry-run"),
        (UNREAD_AT_ALL, RESOURCES, "--yes"),
        (NOBODY_READ, SUBNET, "--yes"),
        *in_sweep(
            (UNREAD_AT_ALL, PLAN, "--yes"),
            (UNREAD_AT_ALL, VNET, "--yes"),
            (NOBODY_READ, VNET, "--dry-run"),
            (NOBODY_READ, RESOURCES, "--yes"),
        ),
    ],
)
def test_while_one_app_in_the_way_cannot_be_read_nobody_is_disconnected(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], path: str, target: str, how: str
) -> None:
    simulated = azure("shared-link")
    denied = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    simulated.fault({"match": {"method": "GET", "path": path}, "times": 0, "answer": denied})
    ran = remediate("guard", target, "--disconnect", how, "-o", "json", *QUICK)
    assert (ran.code, held(ran), simulated.writes) == (4, ALL_FOUR, []), ran.out
    (run,) = ran.document["runs"]
    unread = [one for one in run["findings_before"] if one["severity"] == "unknown"]
    assert (run["status"], [one["code"] for one in unread]) == ("refused", ["no-read-permission"])
    assert "/sites/billing-web" in str(unread[0]["evidence"])


def test_the_refusal_is_told_in_a_terminal_too(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    denied = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    simulated.fault({"match": {"method": "GET", "path": NOBODY_READ}, "times": 0, "answer": denied})
    ran = remediate("guard", SUBNET, "--disconnect", "--yes", *QUICK)
    assert (ran.code, simulated.writes) == (4, [])
    assert "Could not read the app" in ran.out


def test_a_link_that_stays_is_no_success(remediate: Callable[..., Ran], azure: Callable[..., Azure]) -> None:
    simulated = azure("link-other-plan")
    ran = remediate("guard", SUBNET, "--disconnect", "--yes", "-o", "json", *QUICK)
    assert (ran.code, ran.document["safe"], ran.codes) == (3, False, {"link-unused"})
    assert len(simulated.writes) == 1
    assert f"remediate purge {SUBNET}" in ran.document["order"]


def test_without_a_terminal_nothing_is_asked_and_nothing_is_sent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    ran = remediate("guard", APP, "--disconnect")
    assert ran.code == 2
    assert "--yes" in ran.err
    assert simulated.writes == []


def test_what_goes_wrong_half_way_is_told_app_by_app_and_resume_goes_on(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    refused = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    simulated.fault({"match": {"method": "DELETE", "path": "/mail-web/"}, "answer": refused})
    ran = remediate("guard", PLAN, "--disconnect", "--yes", "-o", "json", *QUICK)
    run = ran.document["runs"][0]
    assert (ran.code, run["status"], ran.document["safe"]) == (5, "failed", False)
    assert held(ran) == {"mail-web", "orders-func"}
    states = {one["id"].rpartition("/")[2]: one["status"] for one in run["targets"]}
    assert states["billing-web"] == states["staging"] == "disconnected"
    assert states["orders-func"] == "untouched"
    assert remediate("resume", "--yes", *QUICK).code == 0
    assert remediate("guard", PLAN).code == 0


def test_a_rollback_connects_everybody_again(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy")
    ran = remediate("guard", APP, "--disconnect", "--yes", "-o", "json", *QUICK)
    back = remediate("rollback", ran.document["runs"][0]["run"], "--yes", "-o", "json", *QUICK)
    assert (back.code, back.document["status"]) == (0, "rolled-back"), back.out
    assert remediate("verify", "orders-func").code == 0


def test_what_stops_the_second_subnet_does_not_hide_what_was_done_on_the_first(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("slot-differs")
    store = LocalStore(Path(os.environ["REMEDIATE_STATE"]))
    somebody = holder("20260101T030000Z-7f3a", datetime.now(UTC))
    with store.lock(lock_name(SUBNET.replace("snet-apps", "snet-data")), somebody):
        ran = remediate("guard", RESOURCES, "--disconnect", "--yes", "-o", "json", *QUICK)
    assert (ran.code, [run["status"] for run in ran.document["runs"]]) == (6, ["succeeded"]), ran.err
    assert "20260101T030000Z-7f3a" in ran.err
    assert held(ran) == {"staging"}
    assert len(simulated.writes) == 1
