"""Every finding: the world that makes it appear, and the near miss in which it must not."""

from __future__ import annotations

from typing import Any

import pytest

from remediate import checks, playbook
from remediate.model import (
    FLEX_SERVICE,
    AppServicePlan,
    Connection,
    Delegation,
    Finding,
    Routing,
    healthy,
)

from .worlds import (
    ASKED,
    DELEGATED,
    ELSEWHERE,
    NEIGHBOUR,
    NIC,
    NOT_CONNECTED,
    NOT_READABLE,
    NOWHERE,
    OTHER_PLAN,
    PLAN,
    STRANGER,
    SUBNET,
    TARGET,
    VNET,
    Case,
    LinkedPlan,
    app,
    case,
    link,
)

FOREIGN = link(None, type_="Microsoft.DBforPostgreSQL/flexibleServers")
SQL = Delegation("sql", "Microsoft.Sql/managedInstances")
PROBED = ("worker-without-ip", "probe-failed", "policy-denies")
"""What takes more than a look, and is tested where that is."""
GATEWAY = Connection("guid_gateway", VNET, False)


def plan(tier: str, environment: str | None = None) -> AppServicePlan:
    return AppServicePlan(PLAN, "West Europe", "X1", tier, 1, environment=environment)


FLEX: dict[str, Any] = {
    "plan": plan("FlexConsumption"),
    "delegations": (Delegation("flex", FLEX_SERVICE),),
    "links": (link(SUBNET, type_=FLEX_SERVICE),),
}
HELD = AppServicePlan(PLAN, "West Europe", "P1v4", "PremiumV4", 2, subnet=SUBNET)
"""A plan that holds the subnet itself."""
STAGING = f"{TARGET}/slots/staging"


def sized(workers: int, elastic: int = 1, prefixes: tuple[str, ...] = ("10.1.0.0/28",)) -> dict[str, Any]:
    """Instances, and prefixes with 11 addresses for them unless said otherwise."""
    of_size = AppServicePlan(PLAN, "West Europe", "EP1", "ElasticPremium", workers, elastic)
    return {"plan": of_size, "prefixes": prefixes}


def shared_with(workers: int | None) -> dict[str, Any]:
    """A plan of so many instances on the subnet too, which its link names."""
    return {
        "links": (link(OTHER_PLAN),),
        "linked_plans": (LinkedPlan(OTHER_PLAN, "found", (STRANGER,), workers),),
    }


def other_plan(
    status: Any = "found", apps: tuple[str, ...] | None = (), elsewhere: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The link names another plan, with these apps on the subnet and those on another one."""
    linked = LinkedPlan(OTHER_PLAN, status, apps, elsewhere=elsewhere)
    return {"links": (link(OTHER_PLAN),), "linked_plans": (linked,)}


def beside(workers: int, windows: bool = False) -> dict[str, Any]:
    """An app of another plan on the subnet, which its link does not name."""
    other = AppServicePlan(
        OTHER_PLAN, "West Europe", "P1v3", "PremiumV3", workers, windows_containers=windows
    )
    return {"others": (app(STRANGER, plan=OTHER_PLAN),), "other_plans": (other,)}


def windows(workers: int, *apps: str) -> dict[str, Any]:
    """A plan of Windows containers with these apps beside the target, on 11 addresses."""
    of_size = AppServicePlan(PLAN, "West Europe", "P1v3", "PremiumV3", workers, windows_containers=True)
    return {"plan": of_size, "prefixes": ("10.1.0.0/28",), "others": tuple(app(one) for one in apps)}


def tagged(what: str = "site", **tags: str) -> dict[str, Any]:
    return {"bodies": {what: {"tags": {name.replace("_", "-"): value for name, value in tags.items()}}}}


def written_by(kind: Any) -> dict[str, Any]:
    return {"bodies": {"site": {"systemData": {"lastModifiedByType": kind}}}}


def holding() -> dict[str, Any]:
    """The link names a Managed Instance plan that holds the subnet itself, and whose apps name none."""
    plans = (LinkedPlan(OTHER_PLAN, "found", (), holds=True),)
    return {"links": (link(OTHER_PLAN),), "linked_plans": plans}


def routed(**flags: bool) -> dict[str, Any]:
    return {"target": app(routing=Routing(**flags))}


HIDDEN_PLAN = {**other_plan("not-visible", None), "unread": {"linked-plan:plan-other": "not-visible"}}


def limited(used: int | None, most: int | None = 2) -> AppServicePlan:
    return AppServicePlan(
        PLAN, "West Europe", "P1v3", "PremiumV3", 2, connections_used=used, connections_max=most
    )


APPEARS: list[tuple[str, dict[str, Any]]] = [
    ("plan-limit", {**ASKED, "plan": limited(2)}),
    ("not-integrated", NOWHERE),
    ("not-integrated", ASKED),
    ("not-integrated", {**ASKED, "config": ELSEWHERE}),
    ("gateway-integration", {**NOWHERE, "connections": (GATEWAY,)}),
    ("gateway-integration", {"connections": (Connection("guid_snet-web", SUBNET, True), GATEWAY)}),
    ("plan-unsupported", {"plan": plan("Dynamic")}),
    ("plan-unsupported", {"plan": plan("free")}),
    ("plan-unsupported", {"plan": plan("Shared")}),
    ("plan-unsupported", {"plan": plan("IsolatedV2")}),
    ("plan-unsupported", {"plan": plan("PremiumV3", "/an/environment")}),
    ("plan-unsupported", {"plan": None, "target": app(environment="/an/environment")}),
    ("subnet-missing", {"subnet_status": "absent"}),
    ("subnet-missing", {**ASKED, "subnet_status": "absent"}),
    ("subnet-other-region", {"region": "northeurope"}),
    ("network-ipv6", {"space": ("10.1.0.0/16", "fd00:db8::/48")}),
    ("delegation-missing", {"delegations": ()}),
    ("delegation-other", {"delegations": (SQL,)}),
    ("subnet-full", sized(12)),
    ("subnet-full", {**ASKED, **sized(12)}),
    ("subnet-full", {**sized(6), **shared_with(6)}),
    ("subnet-full", sized(23, prefixes=("10.1.0.0/28", "10.1.1.0/28"))),
    ("subnet-full", sized(1, prefixes=("10.1.0.0/30",))),
    ("subnet-full", sized(12, prefixes=("10.1.0.0/28", "fd00::/64"))),
    ("subnet-tight", sized(6)),
    ("subnet-tight", sized(11)),
    ("subnet-tight", sized(1, elastic=12)),
    ("subnet-tight", {**sized(3), **shared_with(3)}),
    ("link-missing", {"links": ()}),
    ("link-missing", {"links": (), "config": None}),
    ("link-missing", {"links": (FOREIGN,)}),
    ("link-missing", {**ASKED, "links": (), "others": (app(NEIGHBOUR),)}),
    ("link-not-ready", {"links": (link(state="Updating"),)}),
    ("link-not-ready", {"links": (link(), link(state="Deleting"))}),
    ("link-not-ready", {"links": (link(None),)}),
    ("link-foreign", {"links": (FOREIGN,)}),
    ("link-foreign", {"links": (link(), FOREIGN)}),
    ("link-foreign", {"links": (link(SUBNET, type_="Microsoft.App/environments"),)}),
    ("link-foreign", {"links": (link(None, type_=None),)}),
    ("link-orphaned", {**ASKED, **other_plan("absent", None)}),
    ("link-former-id", other_plan("absent", None)),
    ("link-former-id", {**other_plan("absent", None), "links": (link(), link(OTHER_PLAN))}),
    ("link-former-id", {**ASKED, **other_plan("absent", None), "others": (app(NEIGHBOUR),)}),
    ("link-former-id", other_plan()),
    ("link-former-id", {**FLEX, **other_plan("absent", None)}),
    ("link-orphaned", {**FLEX, **ASKED, **other_plan("absent", None)}),
    ("link-unused", {**FLEX, **ASKED, **other_plan()}),
    ("link-other-plan", other_plan(elsewhere=(STRANGER,))),
    ("link-other-plan", {**ASKED, **other_plan(elsewhere=(STRANGER,)), "others": (app(NEIGHBOUR),)}),
    ("subnet-occupied", {"occupants": (NIC,)}),
    ("subnet-occupied", {**ASKED, "occupants": (NOT_READABLE,)}),
    ("subnet-full", {**sized(6), **beside(6)}),
    ("subnet-full", {**sized(10), **beside(1, windows=True)}),
    ("subnet-full", windows(6)),
    ("subnet-full", {**windows(6), **ASKED}),
    ("subnet-full", windows(4, NEIGHBOUR)),
    ("subnet-tight", windows(5)),
    ("subnet-shared", beside(1)),
    ("subnet-shared", {**beside(1), "links": ()}),
    ("link-unused", {**ASKED, **other_plan()}),
    ("link-unused", {**ASKED, "config": ELSEWHERE, **other_plan(elsewhere=(STRANGER,))}),
    ("subnet-shared", other_plan(apps=(STRANGER,))),
    ("subnet-shared", holding()),
    ("flex-consumption", FLEX),
    ("flex-consumption", {"plan": None, "target": app(tier="FlexConsumption")}),
    ("link-missing", {**FLEX, "links": ()}),
    ("link-foreign", {**FLEX, **shared_with(1)}),
    ("link-foreign", {**FLEX, "links": (link(None),)}),
    ("delegation-other", {**FLEX, "delegations": (DELEGATED,)}),
    ("managed-instance", {**NOT_CONNECTED, "plan": HELD}),
    ("managed-instance", {"plan": HELD}),
    ("views-disagree", {"plan": HELD, "config": ELSEWHERE}),
    ("link-missing", {**NOT_CONNECTED, "plan": HELD, "links": ()}),
    ("slot-differs", {"others": (app(STAGING, ELSEWHERE),)}),
    ("slot-differs", {"others": (app(STAGING, None),)}),
    ("slot-differs", {"target": app(STAGING), "others": (app(TARGET, ELSEWHERE),)}),
    ("iac-managed", tagged(azd_env_name="production")),
    ("iac-managed", tagged("vnet", Managed_By="Terraform")),
    ("iac-managed", tagged("plan", provisioner="Pulumi 3")),
    ("iac-managed", written_by("Application")),
    ("views-disagree", {"config": None}),
    ("views-disagree", {"site": None}),
    ("views-disagree", {"connections": ()}),
    ("views-disagree", {"connections": (Connection("guid_snet-other", ELSEWHERE, True),)}),
    ("views-disagree", {"config": ELSEWHERE, "unread": {"connections": "denied"}}),
    ("stale-graph", {"links": (), "graph": ("found", (link(),))}),
    ("stale-graph", {"graph": ("found", ())}),
    ("routing-conflict", routed(all_traffic=True, application_traffic=False)),
    ("operation-in-progress", {"target": app(operation="an-operation")}),
    ("operation-in-progress", {"state": "Updating"}),
    ("no-read-permission", {"subnet_status": "denied"}),
    ("no-read-permission", {"unread": {"plan-apps": "failed"}}),
    ("no-read-permission", other_plan("denied", None)),
    ("no-read-permission", other_plan("found", None)),
    ("no-read-permission", {"links": (link(OTHER_PLAN),)}),
    ("not-visible", {"subnet_status": "not-visible"}),
    ("not-visible", {"unread": {"networkConfig": "not-visible", "plan": "denied"}}),
    ("not-visible", HIDDEN_PLAN),
]

DOES_NOT_APPEAR: list[tuple[str, dict[str, Any]]] = [
    ("plan-limit", {**ASKED, "plan": limited(1)}),
    ("plan-limit", {"plan": limited(2)}),
    ("plan-limit", {**ASKED, "plan": limited(2), "others": (app(NEIGHBOUR),)}),
    ("plan-limit", {**ASKED, "plan": limited(None)}),
    ("not-integrated", {"site": None, "config": None}),
    ("not-integrated", {**ASKED, "config": SUBNET}),
    ("not-integrated", {**NOWHERE, "connections": (GATEWAY,)}),
    ("not-integrated", {**NOWHERE, "plan": plan("Dynamic")}),
    ("not-integrated", {**NOWHERE, "unread": {"networkConfig": "failed"}}),
    ("gateway-integration", {}),
    ("plan-unsupported", {"plan": plan("ElasticPremium")}),
    ("plan-unsupported", {"plan": plan("FlexConsumption")}),
    ("plan-unsupported", {"plan": None}),
    ("subnet-missing", {"subnet_status": "denied"}),
    ("subnet-missing", {"subnet_status": "failed"}),
    ("subnet-other-region", {"region": "West Europe"}),
    ("subnet-other-region", {"region": ""}),
    ("network-ipv6", {"space": ("10.1.0.0/16",)}),
    ("delegation-missing", {"delegations": (SQL,)}),
    ("delegation-missing", {"delegations": (Delegation("web", "microsoft.web/SERVERFARMS"),)}),
    ("delegation-missing", {"subnet_status": "denied"}),
    ("delegation-other", {"delegations": (SQL, DELEGATED)}),
    ("delegation-other", {"delegations": ()}),
    ("subnet-full", sized(11)),
    ("subnet-full", {**sized(11), **shared_with(None)}),
    ("subnet-full", {**sized(6), **other_plan()}),
    ("subnet-full", sized(22, prefixes=("10.1.0.0/28", "10.1.1.0/28"))),
    ("subnet-full", sized(12, prefixes=())),
    ("subnet-full", sized(12, prefixes=("fd00::/64", "nonsense"))),
    ("subnet-full", {**sized(12), "plan": None}),
    ("subnet-tight", sized(5)),
    ("subnet-tight", sized(5, elastic=11)),
    ("subnet-tight", sized(12)),
    ("link-missing", {"links": (link(OTHER_PLAN),)}),
    ("link-missing", {"links": (FOREIGN, link())}),
    ("link-missing", {**ASKED, "links": ()}),
    ("link-missing", {"links": (), "subnet_status": "denied"}),
    ("link-not-ready", {"links": (link(state="succeeded"),)}),
    ("link-not-ready", {"links": (link(None, "Updating", "Microsoft.Sql/servers"),)}),
    ("link-foreign", {"links": (link(type_="microsoft.web/serverFarms"),)}),
    ("link-orphaned", other_plan("denied", None)),
    ("link-orphaned", other_plan("failed", None)),
    ("link-orphaned", other_plan()),
    ("link-orphaned", {"links": (link(PLAN.upper()),), "linked_plans": (LinkedPlan(PLAN, "absent"),)}),
    ("link-orphaned", other_plan("absent", None)),
    ("link-foreign", {**FLEX, **ASKED, **other_plan("absent", None)}),
    ("link-foreign", {**FLEX, **other_plan("absent", None)}),
    ("link-former-id", {**ASKED, **other_plan("absent", None)}),
    ("link-former-id", other_plan("denied", None)),
    ("link-former-id", other_plan(elsewhere=(STRANGER,))),
    ("link-former-id", other_plan(apps=(STRANGER,))),
    ("link-other-plan", other_plan(apps=(STRANGER,))),
    ("subnet-occupied", {}),
    ("subnet-occupied", {"occupants": (NIC,), "subnet_status": "denied"}),
    ("subnet-full", {**sized(6), **beside(5)}),
    ("subnet-full", {**sized(6), "others": (app(STRANGER, ELSEWHERE, plan=OTHER_PLAN),)}),
    ("subnet-full", windows(5)),
    ("subnet-full", windows(3, NEIGHBOUR)),
    ("subnet-shared", {"others": (app(STRANGER, ELSEWHERE, plan=OTHER_PLAN),)}),
    ("subnet-shared", {**FLEX, "others": (app(STRANGER, plan=OTHER_PLAN),)}),
    ("link-other-plan", other_plan(apps=None)),
    ("link-other-plan", other_plan("denied")),
    ("link-other-plan", {**ASKED, **other_plan()}),
    ("link-unused", other_plan()),
    ("link-unused", {**ASKED, **other_plan(apps=None)}),
    ("link-unused", {**ASKED, **other_plan("absent", None)}),
    ("link-unused", {**ASKED, **holding()}),
    ("link-other-plan", holding()),
    ("subnet-shared", other_plan()),
    ("subnet-shared", other_plan(apps=None)),
    ("flex-consumption", {}),
    ("link-missing", FLEX),
    ("link-foreign", FLEX),
    ("link-orphaned", FLEX),
    ("delegation-other", FLEX),
    ("subnet-full", {**FLEX, "plan": AppServicePlan(PLAN, "West Europe", "FC1", "FlexConsumption", 99)}),
    ("managed-instance", {}),
    ("not-integrated", {**NOT_CONNECTED, "plan": HELD}),
    ("views-disagree", {"plan": HELD, "config": None, "connections": ()}),
    ("slot-differs", {"others": (app(STAGING), app(f"{NEIGHBOUR}/slots/staging", ELSEWHERE))}),
    ("slot-differs", {"target": app(STAGING), "others": (app(f"{TARGET}/slots/blue", ELSEWHERE),)}),
    ("slot-differs", {**NOT_CONNECTED, "others": (app(STAGING, None),)}),
    ("iac-managed", tagged(hidden_link="Resource", created_by="Ann", purpose="bicep course")),
    ("iac-managed", written_by("User")),
    ("iac-managed", {"bodies": {"site": {"tags": None, "systemData": "x"}, "vnet": None}}),
    ("views-disagree", {"config": SUBNET.upper()}),
    ("views-disagree", {**NOT_CONNECTED}),
    ("views-disagree", {"config": None, "unread": {"networkConfig": "denied"}}),
    (
        "views-disagree",
        {"plan": AppServicePlan(PLAN, "West Europe", "P1v3", "PremiumV3", 2, connections_used=0)},
    ),
    ("stale-graph", {"graph": ("denied", ())}),
    ("stale-graph", {"graph": ("absent", ())}),
    ("stale-graph", {"graph": ("found", (link(PLAN.upper()),))}),
    ("stale-graph", {"subnet_status": "failed", "graph": ("found", (link(),))}),
    ("routing-conflict", routed(all_traffic=True, application_traffic=True)),
    ("routing-conflict", routed(application_traffic=False, content_share_traffic=True)),
    ("operation-in-progress", {"state": "succeeded"}),
    ("no-read-permission", {"subnet_status": "absent"}),
    ("no-read-permission", {"unread": {"graph": "denied"}}),
    ("no-read-permission", other_plan("absent", None)),
    ("no-read-permission", {"subnet_status": "not-visible"}),
    ("no-read-permission", HIDDEN_PLAN),
    ("not-visible", {"subnet_status": "denied"}),
    ("not-visible", {"subnet_status": "absent"}),
    ("not-visible", {"unread": {"graph": "not-visible"}}),
]


def codes(seen: Case) -> list[str]:
    return [finding.code for finding in checks.judge(*seen)]


def finding(code: str, seen: Case) -> Finding:
    return next(one for one in checks.judge(*seen) if one.code == code)


def the_codes_of_the_table() -> list[str]:
    return [check.code for check in checks.CHECKS if "look" in check.questions and check.code not in PROBED]


def test_a_healthy_world_has_no_findings() -> None:
    assert checks.judge(*case()) == ()


@pytest.mark.parametrize(("code", "changes"), APPEARS)
def test_it_appears(code: str, changes: dict[str, Any]) -> None:
    assert code in codes(case(**changes))


@pytest.mark.parametrize(("code", "changes"), DOES_NOT_APPEAR)
def test_a_near_miss_does_not(code: str, changes: dict[str, Any]) -> None:
    assert code not in codes(case(**changes))


@pytest.mark.parametrize(("code", "changes"), APPEARS)
def test_each_check_gives_the_finding_that_it_is_named_after(code: str, changes: dict[str, Any]) -> None:
    check = next(one for one in checks.CHECKS if one.code == code)
    found = check.find(*case(**changes))
    assert isinstance(found, Finding)
    assert found.code == code


def test_every_code_has_a_world_in_which_it_appears_and_one_in_which_it_does_not() -> None:
    assert {code for code, _ in APPEARS} == set(the_codes_of_the_table())
    assert {code for code, _ in DOES_NOT_APPEAR} == set(the_codes_of_the_table())


def test_the_table_names_each_code_once_and_only_known_ones() -> None:
    named = [check.code for check in checks.CHECKS]
    assert len(named) == len(set(named))
    assert set(named) <= set(playbook.FINDING_CODES)


@pytest.mark.parametrize(("code", "changes"), APPEARS)
def test_every_finding_says_what_it_saw_and_what_to_do(code: str, changes: dict[str, Any]) -> None:
    found = finding(code, case(**changes))
    assert found.evidence
    assert found.action
    assert found.detail.endswith(".")
    assert "\n" not in found.title
    assert len(found.title) <= 100


@pytest.mark.parametrize(("code", "changes"), APPEARS)
def test_a_named_playbook_is_shipped_and_is_for_that_finding(code: str, changes: dict[str, Any]) -> None:
    named = finding(code, case(**changes)).playbook
    assert named is None or code in playbook.find(named).for_


def test_the_most_severe_findings_come_first() -> None:
    spoilt = case(
        **other_plan(apps=(STRANGER,)),
        prefixes=("10.1.0.0/26",),
        config=None,
        delegations=(),
        unread={"plan-apps": "denied"},
    )
    assert [one.severity for one in checks.judge(*spoilt)] == ["error", "warning", "unknown", "info"]


def test_a_world_that_could_not_be_read_is_never_healthy() -> None:
    assert healthy(checks.judge(*case(unread={"plan": "denied"}))) is None


def test_a_shared_subnet_is_healthy_if_it_is_large_enough_for_several_plans() -> None:
    shared = other_plan(apps=(STRANGER,))
    assert healthy(checks.judge(*case(**shared, prefixes=("10.1.0.0/27", "10.1.1.0/26")))) is True
    assert finding("subnet-shared", case(**shared)).severity == "warning"
