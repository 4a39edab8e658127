"""What a preflight finds: the lock, permission or registration that stops a change, and the near miss."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate import checks
from remediate.checks.permissions import JOIN, allowed
from remediate.model import App, Connection, Finding, Lock, Permission, key

from .worlds import (
    ASKED,
    ELSEWHERE,
    GROUP,
    NEIGHBOUR,
    SUBNET,
    TARGET,
    VNET,
    Case,
    app,
    case,
    document,
    resources,
)
from .worlds_of_apps import FLEX, GROUPED, IPV6, ME, beside_gateways, denied, denying, registered

SLOT = f"{TARGET}/slots/staging"
GATEWAY = Connection("hub", f"{VNET}-hub", False)
WRITE = "Microsoft.Web/sites/write"
EVERYTHING = (Permission(("*",)),)
READER = Permission(("*/read",))
WEB = Permission(("Microsoft.Web/*",))


def lock(scope: str, level: str = "ReadOnly") -> Lock:
    return Lock(f"{scope}/providers/Microsoft.Authorization/locks/keep", level, scope)


def look(changes: dict[str, Any] | None = None, **found: Any) -> Case:
    """A change of everybody of the plan in a healthy world in which the preflight found nothing but this."""
    seen = case(**(changes or {}))
    permissions = found.pop("permissions", {TARGET: EVERYTHING, SUBNET: EVERYTHING})
    seen = seen.knowing(*found.pop("documents", ())).reading(
        permissions={key(scope): given for scope, given in permissions.items()},
        registrations=registered(found.pop("registration", "Registered")) | found.pop("registrations", {}),
        **found,
    )
    return seen.asking(kind="change", apps=tuple(app.id for app in seen.integration.apps))


def about(seen: Case, *apps: App) -> Case:
    """The same about a change of these apps."""
    known = {**seen.world.resources, **resources(*apps)}
    return seen.reading(resources=known).asking(apps=tuple(one.id for one in apps))


def judged(seen: Case) -> list[Finding]:
    """What only matters to a change, and what a look would not say."""
    before = {(one.code, one.severity, one.title) for one in checks.judge(*seen.asking(kind="look", apps=()))}
    return [one for one in checks.judge(*seen) if (one.code, one.severity, one.title) not in before]


def found(code: str, seen: Case) -> Finding | None:
    return next((one for one in judged(seen) if one.code == code), None)


APPEARS: list[tuple[str, Case]] = [
    ("locked", look(locks=(lock(TARGET),))),
    ("locked", look(locks=(lock(GROUP.upper()),))),
    ("locked", look(locks=(lock(f"/subscriptions/{GROUP.split('/')[2]}", "CanNotDelete"),))),
    ("locked", look(locks=(lock(TARGET, "CanNotDelete"),))),
    ("locked", look(locks=(lock(f"{TARGET}/networkConfig/virtualNetwork", "CanNotDelete"),))),
    ("locked", look(locks=(lock(VNET),))),
    ("locked", look(locks=(lock(VNET, "CanNotDelete"),))),
    ("locked", look(ASKED, locks=(lock(VNET),))),
    ("no-permission", look(permissions={TARGET: (), SUBNET: EVERYTHING})),
    ("no-permission", look(permissions={TARGET: (READER,), SUBNET: EVERYTHING})),
    ("no-permission", look(permissions={TARGET: EVERYTHING, SUBNET: (READER, WEB)})),
    ("no-permission", look(permissions={TARGET: EVERYTHING, SUBNET: (Permission(("*",), ("*/Action",)),)})),
    (
        "no-permission",
        look({"delegations": ()}, permissions={TARGET: EVERYTHING, SUBNET: (READER, Permission((JOIN,)))}),
    ),
    ("provider-unregistered", look(registration="NotRegistered")),
    ("provider-unregistered", look(registration="Registering")),
    ("provider-unregistered", look(FLEX, registrations=registered("NotRegistered", "Microsoft.App"))),
    ("network-ipv6", look(IPV6)),
    ("gateway-in-plan", beside_gateways(Connection("hub", f"{VNET}-hub", False))),
    ("gateway-in-plan", beside_gateways(Connection("hub", None, False))),
    ("deny-assignment", denied(denying(GROUP, "*"))),
    ("deny-assignment", denied(denying(VNET, "*/join/action"), **ASKED)),
    ("deny-assignment", denied(denying(GROUP, "*", principals=GROUPED), caller="me")),
    ("operation-in-progress", look({"others": (app(NEIGHBOUR, operation="an-operation"),)})),
    ("no-read-permission", look(documents=(document(f"locks:{TARGET}", "denied"),))),
    ("no-read-permission", look(documents=(document(f"permissions:{SUBNET}", "failed"),))),
    ("no-read-permission", look(documents=(document("provider:x", "absent"),))),
]
DOES_NOT_APPEAR: list[tuple[str, Case]] = [
    ("locked", look()),
    ("locked", look(locks=(lock(NEIGHBOUR),))),
    ("locked", look(locks=(lock(SLOT),))),
    ("locked", look(locks=(lock(TARGET[:-1]),))),
    ("locked", look(locks=(lock(f"{TARGET}/hostNameBindings/shop"),))),
    ("locked", look(locks=(lock(ELSEWHERE),))),
    ("locked", look(locks=(lock(TARGET, "NotSpecified"),))),
    ("locked", look(ASKED, locks=(lock(TARGET, "CanNotDelete"), lock(VNET, "CanNotDelete")))),
    ("no-permission", look()),
    ("no-permission", look(permissions={TARGET: (READER, WEB), SUBNET: (Permission((JOIN.upper(),)),)})),
    ("no-permission", look(permissions={TARGET: None, SUBNET: None})),
    (
        "no-permission",
        look(ASKED, permissions={TARGET: (READER, Permission((WRITE,))), SUBNET: EVERYTHING}),
    ),
    ("provider-unregistered", look(registration="registered")),
    ("provider-unregistered", look(registration=None)),
    ("provider-unregistered", look(registrations=registered("NotRegistered", "Microsoft.App"))),
    ("provider-unregistered", look(FLEX, registrations=registered("registered", "Microsoft.App"))),
    ("provider-unregistered", look(FLEX, registrations=registered(None, "Microsoft.App"))),
    ("network-ipv6", look({"space": ("10.1.0.0/16", "10.2.0.0/16")})),
    ("gateway-in-plan", beside_gateways(Connection("guid_snet-web", SUBNET, True))),
    ("gateway-in-plan", beside_gateways(GATEWAY, connections=(GATEWAY,))),
    ("deny-assignment", denied()),
    ("deny-assignment", denied(denying(GROUP, "*", excluded=(ME,)), caller="me")),
    ("deny-assignment", denied(denying(NEIGHBOUR, "*"))),
    ("deny-assignment", look().reading(deny_assignments={key(TARGET): None})),
    ("network-ipv6", look({"space": ()})),
    ("operation-in-progress", look({"target": app(operation="an-operation")})),
    ("operation-in-progress", look({"others": (app(NEIGHBOUR),)})),
    ("no-read-permission", look(documents=(document(f"locks:{TARGET}"),))),
    ("no-read-permission", look(documents=(document("plan", "denied"),))),
]


@pytest.mark.parametrize(("code", "seen"), APPEARS)
def test_it_appears(code: str, seen: Case) -> None:
    assert [one.code for one in judged(seen)] == [code]


@pytest.mark.parametrize(("code", "seen"), DOES_NOT_APPEAR)
def test_a_near_miss_does_not(code: str, seen: Case) -> None:
    assert found(code, seen) is None


def test_every_check_is_named_like_its_code_and_has_both_worlds() -> None:
    named = {"operation-in-progress", "no-read-permission", "network-ipv6"}
    named |= {one.code for one in checks.CHECKS if "change" in one.questions and "look" not in one.questions}
    assert {code for code, _ in APPEARS} == {code for code, _ in DOES_NOT_APPEAR} == named


@pytest.mark.parametrize(("code", "seen"), APPEARS)
def test_every_finding_says_what_it_saw_and_names_the_command_that_mends_it(code: str, seen: Case) -> None:
    finding = found(code, seen)
    assert finding is not None
    assert finding.evidence
    assert "`az " in finding.action or "In a minute run `remediate " in finding.action
    assert len(finding.title) <= 100


def test_a_look_says_nothing_of_what_only_matters_to_a_change() -> None:
    spoilt = look(locks=(lock(GROUP),), documents=(document(f"locks:{TARGET}", "denied"),))
    assert checks.judge(*spoilt.asking(kind="look")) == ()


def test_a_lock_of_an_app_holds_for_its_slots() -> None:
    assert found("locked", about(look(locks=(lock(TARGET),)), app(SLOT)))


def test_a_delete_lock_on_the_network_alone_is_unknown_and_on_the_app_too_an_error() -> None:
    on_network = look(locks=(lock(VNET, "CanNotDelete"),))
    unknown = found("locked", on_network)
    assert unknown is not None
    assert (unknown.severity, "--allow-unknown locked" in unknown.action) == ("unknown", True)
    both = found("locked", look(locks=(lock(VNET, "CanNotDelete"), lock(TARGET, "CanNotDelete"))))
    assert both is not None
    assert (both.severity, "--allow-unknown" in both.action) == ("error", False)


def test_unread_views_do_not_hide_unread_locks_and_permissions() -> None:
    unread = (document(f"locks:{SUBNET}", "denied"), document(f"permissions:{TARGET}", "denied"))
    told = found("no-read-permission", look({"unread": {"plan": "denied"}}, documents=unread))
    assert told is not None
    assert told.title == "Could not read the plan, locks and permissions"
    assert "neither a clean result nor a fault" in told.detail
    assert "Without locks and permissions it is not known" in told.detail
    assert "remediate verify orders" in told.action
    assert "remediate reconnect orders --dry-run" in told.action


@pytest.mark.parametrize("kind", ["purge", "leave"])
def test_before_a_purge_or_a_disconnect_both_kinds_of_unread_are_named(kind: Any) -> None:
    unread = (document("subnet", "denied"), document(f"locks:{TARGET}", "denied"))
    seen = case(subnet_status="denied").knowing(*unread)
    asked = seen.asking(kind=kind, target=SUBNET, subnet=SUBNET, apps=(TARGET,))
    (told,) = [one for one in checks.judge(*asked) if one.code == "no-read-permission"]
    assert told.title == "Could not read the subnet and locks"
    if kind == "purge":
        assert "Without locks it is not known" in told.detail
        assert "go on without knowing" not in told.action


def test_a_slot_needs_the_permissions_of_slots() -> None:
    only_apps = Permission((WRITE, "Microsoft.Web/sites/networkConfig/delete", "*/read"))
    seen = look(permissions={SLOT: (only_apps,), SUBNET: EVERYTHING})
    finding = found("no-permission", about(seen, app(SLOT)))
    assert finding is not None
    assert {one.value.partition(":")[0] for one in finding.evidence} == {
        "Microsoft.Web/sites/slots/write",
        "Microsoft.Web/sites/slots/networkConfig/delete",
    }


@pytest.mark.parametrize("kind", ["change", "leave"])
def test_an_app_that_was_not_read_needs_its_permissions_too(kind: Any) -> None:
    seen = look(permissions={NEIGHBOUR: (READER,), SUBNET: EVERYTHING})
    asked = seen.asking(kind=kind, subnet=SUBNET, apps=(NEIGHBOUR,))
    assert "no-permission" in {one.code for one in checks.judge(*asked)}


@pytest.mark.parametrize(
    ("actions", "not_actions", "may"),
    [
        (("*",), (), True),
        (("Microsoft.Web/*",), (), True),
        (("microsoft.WEB/Sites/WRITE",), (), True),
        (("*/write",), (), True),
        (("Microsoft.Web/*/write",), (), True),
        (("Microsoft.Web/s*s/w*e",), (), True),
        ((), (), False),
        (("Microsoft.Web/sites",), (), False),
        (("Microsoft.Web/sites/write/more",), (), False),
        (
            ("Microsoft?Web/sites/write", "Microsoft.Web/sites/[w]rite", "Microsoft.Web/sites/.rite"),
            (),
            False,
        ),
        (("*",), ("Microsoft.Web/sites/Write",), False),
        (("*",), ("*/delete",), True),
    ],
)
def test_an_action_is_allowed_by_wildcards_and_taken_away_by_not_actions(
    actions: tuple[str, ...], not_actions: tuple[str, ...], may: bool
) -> None:
    assert allowed(WRITE, (Permission(actions, not_actions),)) is may


def test_what_one_assignment_leaves_out_another_may_allow() -> None:
    without = Permission(("*",), ("Microsoft.Web/*",))
    assert not allowed(WRITE, (without,))
    assert allowed(WRITE, (without, Permission((WRITE,))))


patterns = st.lists(
    st.sampled_from(["*", "*/read", "*/write", "Microsoft.Web/*", "Microsoft.Network/*", WRITE, JOIN, ""]),
    max_size=3,
).map(tuple)
assignments = st.builds(Permission, patterns, patterns)


@given(st.lists(assignments, max_size=4).map(tuple), assignments, st.sampled_from([WRITE, JOIN]))
def test_one_more_assignment_never_takes_a_permission_away(
    before: tuple[Permission, ...], more: Permission, action: str
) -> None:
    assert allowed(action, (more, *before)) >= allowed(action, before)
