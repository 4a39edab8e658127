"""Whose a link is, by Microsoft's own test: a table, and what no reading whatever may turn around."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from remediate import ids, plan, playbook
from remediate.checks import judge
from remediate.checks.holders import holders, is_safe
from remediate.checks.order import order
from remediate.model import (
    App,
    Deletion,
    Link,
    Listing,
    ListingKind,
    Occupancy,
    Plan,
    Question,
    ReadStatus,
    Resource,
    Subnet,
    VirtualNetwork,
    World,
    key,
    listing_key,
)
from remediate.plan import Options

from .worlds import (
    ELSEWHERE,
    NEIGHBOUR,
    OTHER_PLAN,
    PLAN,
    PREMIUM,
    STRANGER,
    SUBNET,
    Case,
    LinkedPlan,
    app,
    document,
    link,
    occupying,
    resources,
)

VNET = VirtualNetwork(SUBNET.partition("/subnets/")[0], "West Europe")
UNSEEN = "unseen"
"""Resource Graph names an app that could not be read."""


def reading(
    found: Link, plan: LinkedPlan | None = None, apps: tuple[App, ...] = (), unread: Any = None
) -> Case:
    """A subnet with one link, the plan that it names, the apps there, and how Resource Graph's list ended."""
    known = occupying(plan) if plan else World()
    subnet = Subnet(SUBNET, ("10.1.0.0/27",), (), (found,), "Succeeded")
    there = known.resources | resources(subnet, VNET, *apps)
    named = tuple(one.id for one in apps)
    if unread == UNSEEN:
        there[key(STRANGER)] = Resource(STRANGER, "failed")
        named = (*named, STRANGER)
    status: ReadStatus = unread if unread in ("denied", "failed") else "found"
    listings = known.listings | {listing_key("apps-in-graph", SUBNET): Listing(status, named)}
    documents = (document("site:x", "failed"),) if unread else ()
    return Case(World(resources=there, listings=listings, documents=documents), Question("purge", SUBNET))


def other(status: ReadStatus, apps: tuple[str, ...] | None = None, holds: bool = False) -> LinkedPlan:
    return LinkedPlan(OTHER_PLAN, status, apps, 1, holds)


def planned(read: Case, options: Options | None = None) -> Plan:
    purge = playbook.find("purge-orphan")
    return plan.make(*read, judge(*read), purge, options or Options())


MINE = link(OTHER_PLAN)
THERE = (app(NEIGHBOUR, plan=OTHER_PLAN),)


SLOT = f"{NEIGHBOUR}/slots/staging"


def with_slot(own: str | None, root: bool = True, named: bool = True) -> Case:
    """A slot on the subnet whose app is not, and is of the link's plan; `own` is the plan that it names."""
    apps = (app(SLOT, plan=own), *([app(NEIGHBOUR, None, plan=OTHER_PLAN)] if root else []))
    listed = (NEIGHBOUR,) if named and root else ()
    seen = reading(MINE, other("found", ()), apps)
    lists = {
        listing_key("apps", OTHER_PLAN): Listing("found", listed),
        listing_key("slots", NEIGHBOUR): Listing("found", (SLOT,)),
    }
    return seen.reading(listings=seen.world.listings | lists)


def elsewhere(apps: tuple[App, ...] = ()) -> Case:
    """The link's plan has its app on another subnet."""
    seen = reading(MINE, other("found", ()), (app(STRANGER, ELSEWHERE, plan=OTHER_PLAN), *apps))
    lists = {
        listing_key("apps", OTHER_PLAN): Listing("found", (STRANGER,)),
        listing_key("slots", STRANGER): Listing("found"),
    }
    return seen.reading(listings=seen.world.listings | lists)


def holding(status: ReadStatus) -> Case:
    """A plan holds the subnet itself, and the link names another one."""
    seen = reading(MINE, other(status))
    return seen.reading(resources=seen.world.resources | resources(replace(PREMIUM, subnet=SUBNET)))


@pytest.mark.parametrize(
    ("read", "use"),
    [
        (with_slot(None), "used"),
        (with_slot(None, named=False), "used"),
        (with_slot(PLAN), "used"),
        (with_slot(None, root=False), "unknown"),
        (reading(MINE, other("absent")), "orphaned"),
        (reading(MINE, other("found", ())), "unused"),
        (reading(MINE, other("found", ()), (app(NEIGHBOUR, plan=PLAN),)), "former-id"),
        (reading(MINE, other("absent"), (app(NEIGHBOUR, plan=PLAN),)), "former-id"),
        (reading(MINE, other("found", ()), (app(NEIGHBOUR, tier="FlexConsumption"),)), "former-id"),
        (elsewhere((app(NEIGHBOUR, plan=PLAN),)), "other-plan"),
        (elsewhere(), "unused"),
        (holding("absent"), "former-id"),
        (reading(MINE, other("found", (NEIGHBOUR,))), "used"),
        (reading(MINE, other("found", ()), THERE), "used"),
        (reading(MINE, other("absent"), THERE), "used"),
        (reading(MINE, other("found", (), holds=True)), "used"),
        (reading(MINE, other("denied")), "unknown"),
        (reading(MINE, other("failed")), "unknown"),
        (reading(MINE, other("found", None)), "unknown"),
        (reading(MINE), "unknown"),
        (reading(MINE, other("absent"), unread="denied"), "unknown"),
        (reading(MINE, other("absent"), unread="failed"), "unknown"),
        (reading(MINE, other("absent"), unread=UNSEEN), "unknown"),
        (reading(MINE, other("found", ()), unread=UNSEEN), "unknown"),
        (reading(Link("L", "Succeeded", "Microsoft.App/environments", SUBNET)), "foreign"),
        (reading(Link("L", "Succeeded", None, None)), "foreign"),
    ],
)
def test_whose_the_link_is(read: Case, use: str) -> None:
    (found,) = read.world.links(SUBNET)
    assert Occupancy(read.world, SUBNET).use(found) == use
    made = planned(read)
    assert bool(made.writes) is (use in ("orphaned", "unused"))
    assert bool(made.refusals) is not bool(made.writes)


def without(kind: ListingKind, of: str, status: ReadStatus) -> Case:
    """A link of a plan with an app elsewhere, where one list was answered with something else."""
    seen = reading(MINE, other("found", ()), (app(NEIGHBOUR, ELSEWHERE, plan=OTHER_PLAN),))
    lists = {
        listing_key("apps", OTHER_PLAN): Listing("found", (NEIGHBOUR,)),
        listing_key("slots", NEIGHBOUR): Listing("found"),
        listing_key("apps-in-graph", SUBNET): Listing("found"),
        listing_key(kind, of): Listing(status),
    }
    return seen.reading(listings=lists)


UNKNOWN = (
    with_slot(None, root=False),
    reading(MINE),
    without("apps", OTHER_PLAN, "absent"),
    without("slots", NEIGHBOUR, "absent"),
    without("apps-in-graph", SUBNET, "absent"),
    reading(link(None)),
)
"""Links of which nobody knows whose they are, although no read was denied or failed; the last has no name."""


@pytest.mark.parametrize("read", UNKNOWN)
def test_a_link_that_may_be_in_use_is_refused_also_where_every_read_was_answered(read: Case) -> None:
    assert read.world.unread == ()
    made = planned(read, Options(allowed=frozenset(playbook.FINDING_CODES)))
    assert (made.writes, made.links) == ((), ())
    assert {one.code for one in made.refusals} <= {"no-read-permission", "link-not-ready"}
    assert made.refusals


@pytest.mark.parametrize(
    ("read", "target"), [*((one, SUBNET) for one in UNKNOWN), *((one, OTHER_PLAN) for one in UNKNOWN[:-1])]
)
def test_no_deletion_is_safe_and_none_has_an_order_while_nobody_knows_whose_a_link_is(
    read: Case, target: str
) -> None:
    world = read.world
    plans = resources(replace(PREMIUM, id=OTHER_PLAN)) if target == OTHER_PLAN else {}
    linked = Listing("found", (SUBNET,))
    world = replace(
        world,
        resources=plans | world.resources,
        listings=world.listings | {listing_key("subnets-with-link-to-plan", OTHER_PLAN): linked},
    )
    deletion = Deletion(world, Question("delete", target))
    findings = judge(world, deletion.question)
    assert {one.code for one in findings} & {"no-read-permission", "link-not-ready"}
    assert order(deletion, findings) == ()
    assert is_safe(holders(deletion), findings) is not True


def test_a_network_that_was_not_read_does_not_hide_that_nobody_knows_whose_a_link_is() -> None:
    world = replace(reading(MINE).world, documents=(document("vnet", "denied"),))
    assert [one.code for one in judge(world, Question("delete", SUBNET))] == ["no-read-permission"]


def test_a_refusal_names_the_slot_whose_plan_is_not_known() -> None:
    (refusal,) = planned(with_slot(None, root=False)).refusals
    assert [(one.view, one.field) for one in refusal.evidence] == [("plan", SLOT)]


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (reading(MINE, other("absent"), (app(NEIGHBOUR, plan=PLAN),)), "link-former-id"),
        (reading(MINE, other("found", ()), (app(NEIGHBOUR, plan=PLAN),)), "link-former-id"),
        (elsewhere((app(NEIGHBOUR, plan=PLAN),)), "link-other-plan"),
    ],
)
def test_a_link_beside_apps_is_not_cleared_before_they_have_left(read: Case, code: str) -> None:
    """A plan that was moved has another id, and its link may still name the former one."""
    made = planned(read, Options(allowed=frozenset(playbook.FINDING_CODES)))
    assert (made.writes, [one.code for one in made.refusals]) == ((), [code])
    (found,) = [one for one in judge(*read) if one.code == code]
    assert f"`remediate guard {SUBNET} --disconnect`. Then clear the link" in found.action
    assert found.playbook is None
    assert not {one.code for one in judge(*read)} & {"link-orphaned", "link-unused", "link-foreign"}


@pytest.mark.parametrize("own", [None, PLAN, OTHER_PLAN])
def test_a_link_in_use_names_the_slot_on_the_subnet_and_what_disconnects_it(own: str | None) -> None:
    (refusal,) = planned(with_slot(own)).refusals
    assert f"On the subnet: {ids.app_name(SLOT)}." in refusal.detail
    assert f"`remediate guard {SUBNET}`" in refusal.action
    assert "Managed Instance" not in refusal.action


def test_a_link_of_a_plan_that_holds_the_subnet_itself_is_for_azure_support() -> None:
    (refusal,) = planned(reading(MINE, other("found", (), holds=True))).refusals
    assert "the plan itself" in refusal.detail
    assert "Managed Instance" in refusal.action


@given(
    st.sampled_from(["absent", "found", "denied", "failed"]),
    st.sampled_from([None, (), (NEIGHBOUR,)]),
    st.booleans(),
    st.sampled_from([(), THERE, (app(NEIGHBOUR, plan=PLAN),)]),
    st.sampled_from([None, "denied", "failed", UNSEEN]),
)
def test_nothing_is_sent_while_somebody_is_behind_the_link_or_may_be(
    status: ReadStatus, apps: Any, holds: bool, there: Any, unread: Any
) -> None:
    read = reading(MINE, other(status, apps, holds), there, unread)
    made = planned(read, Options(allowed=frozenset(playbook.FINDING_CODES)))
    somebody = bool(there) if status == "absent" else there == THERE or holds or bool(apps)
    known = unread is None and (status == "absent" or (status == "found" and apps is not None))
    assert bool(made.writes) is (known and not somebody and not there)
    assert bool(made.refusals) is not bool(made.writes)
