"""Who holds what is to be deleted, over every small deletion: nothing that would be an orphan is missed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from remediate import ids
from remediate.checks import judge
from remediate.checks.holders import holders, is_safe
from remediate.checks.order import order
from remediate.model import (
    App,
    Deletion,
    Finding,
    Link,
    Listing,
    Occupancy,
    Question,
    Resource,
    Subnet,
    View,
    World,
    key,
    listing_key,
)
from tests.checks.worlds import (
    ELSEWHERE,
    GROUP,
    NEIGHBOUR,
    OTHER_PLAN,
    PLAN,
    PREMIUM,
    STRANGER,
    SUBNET,
    TARGET,
    app,
    document,
    link,
    resources,
)

SLOT = f"{TARGET}/slots/staging"
APPS = (TARGET, SLOT, NEIGHBOUR, STRANGER)
FOREIGN = Link("PostgreSQLLink", "Succeeded", "Microsoft.DBforPostgreSQL/flexibleServers", None)
LINKS = {"link-orphaned", "link-unused", "link-foreign", "link-not-ready"}
GONE = f"{PLAN}-gone"


@st.composite
def deletions(draw: st.DrawFn) -> Deletion:
    """Up to four apps of two plans on two subnets, links of any kind, and any part of it to be deleted."""
    places = st.sampled_from((SUBNET, ELSEWHERE, None))
    apps = [
        app(identity, draw(places), plan=OTHER_PLAN if identity == STRANGER else PLAN)
        for identity in draw(st.sets(st.sampled_from(APPS)))
    ]
    taken = draw(st.sets(st.sampled_from((*APPS, PLAN, SUBNET, ELSEWHERE))))
    subnets = [_subnet(subnet, draw) for subnet in (SUBNET, ELSEWHERE)]
    return Deletion(_world(apps, taken, subnets), Question("delete", GROUP))


def _subnet(subnet: str, draw: st.DrawFn) -> Subnet:
    found = draw(st.sampled_from((None, link(PLAN), link(OTHER_PLAN), link(GONE), link(None), FOREIGN)))
    return Subnet(subnet, ("10.0.0.0/27",), (), (found,) if found else (), "Succeeded")


def _world(apps: list[App], taken: set[str], subnets: list[Subnet]) -> World:
    """A group that has what is taken, and what else was read: both plans live, the third is gone."""
    other = replace(PREMIUM, id=OTHER_PLAN)
    found = resources(PREMIUM, other, *apps, *subnets) | {key(GONE): Resource(GONE, "absent")}
    going = tuple(one.id for one in apps if one.id in taken)
    linked = tuple(one.id for one in subnets if any(ids.same(link.target, PLAN) for link in one.links))
    listings = {
        listing_key("apps", GROUP): Listing("found", going),
        listing_key("plans", GROUP): Listing("found", (PLAN,) if PLAN in taken else ()),
        listing_key("subnets", GROUP): Listing("found", tuple(one.id for one in subnets if one.id in taken)),
        listing_key("subnets-with-link-to-plan", PLAN): Listing("found", linked),
        **{listing_key("apps", one): Listing("found") for one in (PLAN, OTHER_PLAN)},
        **{listing_key("slots", one): Listing("found") for one in APPS},
    }
    return World(resources=found, listings=listings)


def _after(deletion: Deletion) -> Deletion:
    """When everybody left who is to leave, and each link with the last one behind it."""
    world = deletion.world
    gone = {app.id for _, apps in deletion.leaving for app in apps}
    known = dict(world.resources)
    for name, one in world.resources.items():
        if isinstance(one.value, App) and one.value.id in gone:
            known[name] = replace(one, value=replace(one.value, subnet=None))
        if isinstance(one.value, Subnet):
            known[name] = replace(one, value=_emptied(world, one.value, gone))
    return Deletion(replace(world, resources=known), deletion.question)


def _emptied(world: World, subnet: Subnet, gone: set[str]) -> Subnet:
    behind = {one: [app.id for app in Occupancy(world, subnet.id).apps_using(one)] for one in subnet.links}
    kept = tuple(one for one, apps in behind.items() if not apps or any(app not in gone for app in apps))
    return replace(subnet, links=kept)


def judged(deletion: Deletion) -> tuple[Finding, ...]:
    return judge(deletion.world, deletion.question)


@given(deletions())
def test_safe_means_that_nothing_is_lost_left_behind_or_in_the_way(deletion: Deletion) -> None:
    found, world = holders(deletion), deletion.world
    assert len({(one.id, one.subnet) for one in found}) == len(found)
    if is_safe(found, judged(deletion)):
        assert not any(world.places(one.id) for one in deletion.apps)
        for subnet in (SUBNET, ELSEWHERE):
            if deletion.takes(subnet):
                assert (world.apps_on(subnet), world.links(subnet)) == ((), ())
            assert not any(deletion.takes(one.target) for one in world.links(subnet))


@given(deletions())
def test_when_everybody_left_only_links_are_left_to_hold_it(deletion: Deletion) -> None:
    after = _after(deletion)
    assert not [one for one in holders(after) if one.kind in ("app", "slot")]
    assert after.leaving == ()
    codes = {one.code for one in judged(after)}
    assert bool(holders(after)) == bool(codes & LINKS)


@given(deletions())
def test_the_order_disconnects_and_purges_before_it_deletes(deletion: Deletion) -> None:
    findings = judged(deletion)
    lines = order(deletion, findings)
    if any(one.code in ("link-foreign", "link-not-ready") for one in findings):
        assert lines == ()
        return
    verbs = [" ".join(line.split()[:2]) for line in lines]
    assert verbs == sorted(verbs, key=["remediate guard", "remediate purge", "az group"].index)
    assert (verbs.count("remediate guard") == 1) == bool(deletion.leaving)


def test_a_subnet_that_is_gone_holds_nobody() -> None:
    known = resources(app()) | {key(SUBNET): Resource(SUBNET, "absent")}
    deletion = Deletion(World(resources=known), Question("delete", TARGET))
    assert (holders(deletion), deletion.leaving) == ((), ())


def test_a_subnet_that_could_not_be_read_holds_whoever_names_it_and_is_unknown() -> None:
    known = resources(app()) | {key(SUBNET): Resource(SUBNET, "denied")}
    world = World(resources=known, documents=(document("subnet", "denied"),))
    deletion = Deletion(world, Question("delete", TARGET))
    assert [ids.same(one.id, TARGET) for one in holders(deletion)] == [True]
    assert [one.code for one in judged(deletion)] == ["no-read-permission"]


def test_an_app_that_the_listing_of_its_plan_lacks_holds_the_plan_and_has_to_leave() -> None:
    body = Subnet(SUBNET, ("10.0.0.0/27",), (), (link(PLAN),), "Succeeded")
    lists = {
        listing_key("apps", PLAN): Listing("found"),
        listing_key("subnets-with-link-to-plan", PLAN): Listing("found", (SUBNET,)),
    }
    world = World(resources=resources(PREMIUM, body, app()), listings=lists)
    deletion = Deletion(world, Question("delete", PLAN))
    assert deletion.apps == ()
    assert [(one.id, one.kind) for one in holders(deletion)] == [(TARGET, "app")]
    assert deletion.leaving == ((SUBNET, (app(),)),)
    assert is_safe(holders(deletion), judged(deletion)) is False


@pytest.mark.parametrize(
    "named", [SUBNET.rpartition("/subnets/")[0], "no id at all"], ids=["network", "text"]
)
def test_a_place_that_is_no_subnet_holds_nothing(named: str) -> None:
    world = World(
        resources=resources(app(subnet=named)), network_configs={key(TARGET): View("found", subnet=named)}
    )
    deletion = Deletion(world, Question("delete", TARGET))
    assert (holders(deletion), deletion.touched, world.places(TARGET)) == ((), (), ())


def test_a_slot_that_names_no_plan_leaves_with_the_plan_of_its_app() -> None:
    body = Subnet(SUBNET, ("10.0.0.0/27",), (), (link(PLAN),), "Succeeded")
    lists = {
        listing_key("apps", PLAN): Listing("found", (TARGET,)),
        listing_key("subnets-with-link-to-plan", PLAN): Listing("found", (SUBNET,)),
    }
    slot = app(SLOT, plan=None)
    deletion = Deletion(
        World(resources=resources(PREMIUM, body, app(subnet=None), slot), listings=lists),
        Question("delete", PLAN),
    )
    assert deletion.leaving == ((SUBNET, (slot,)),)


@pytest.mark.parametrize(
    "known",
    [Resource(STRANGER, "found", app(STRANGER), listed=True), Resource(STRANGER, "denied", app(STRANGER))],
    ids=["listed", "denied"],
)
def test_an_app_that_was_not_read_by_itself_is_a_holder_that_is_not_disconnected(known: Resource) -> None:
    body = Subnet(SUBNET, ("10.0.0.0/27",), (), (), "Succeeded")
    world = World(resources=resources(body, app()) | {key(STRANGER): known})
    deletion = Deletion(world, Question("delete", SUBNET))
    assert {one.id for one in holders(deletion)} == {TARGET, STRANGER}
    assert deletion.leaving == ((SUBNET, (app(),)),)
    (found,) = judge(world, Question("leave", SUBNET, SUBNET, (TARGET,)))
    assert (found.code, found.severity) == ("no-read-permission", "unknown")
    assert [one.field for one in found.evidence] == [STRANGER]


def test_a_subnet_that_only_unread_apps_are_on_is_occupied() -> None:
    body = Subnet(SUBNET, ("10.0.0.0/27",), (), (), "Succeeded")
    unread = {key(STRANGER): Resource(STRANGER, "denied", app(STRANGER))}
    deletion = Deletion(World(resources=resources(body) | unread), Question("delete", SUBNET))
    assert (deletion.leaving, deletion.occupied) == ((), (SUBNET,))


def test_a_plan_goes_with_its_last_app_and_a_slot_with_its_app() -> None:
    lists = {
        listing_key("apps", PLAN): Listing("found", (TARGET,)),
        listing_key("slots", TARGET): Listing("found", (SLOT,)),
    }
    world = World(resources=resources(PREMIUM, app(), app(SLOT)), listings=lists)
    assert Deletion(world, Question("delete", TARGET)).taken == (TARGET, SLOT, PLAN)
    assert Deletion(world, Question("delete", SLOT)).taken == (SLOT,)
    lists[listing_key("apps", PLAN)] = Listing("found", (TARGET, NEIGHBOUR))
    assert Deletion(replace(world, listings=lists), Question("delete", TARGET)).taken == (TARGET, SLOT)
