"""Who holds what is to be deleted, over every small estate: nothing that would be an orphan is missed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from remediate import ids
from remediate.checks.guard import is_safe, judge_deletion
from remediate.checks.holders import holders, leaving
from remediate.checks.order import order
from remediate.model import (
    App,
    Estate,
    Integrated,
    Link,
    LinkedPlan,
    Subnet,
    Surroundings,
)
from tests.checks.worlds import (
    ELSEWHERE,
    NEIGHBOUR,
    OTHER_PLAN,
    PLAN,
    PREMIUM,
    STRANGER,
    SUBNET,
    TARGET,
    VNET,
    app,
    document,
    link,
)

SLOT = f"{TARGET}/slots/staging"
APPS = (TARGET, SLOT, NEIGHBOUR, STRANGER)
FOREIGN = Link("PostgreSQLLink", "Succeeded", "Microsoft.DBforPostgreSQL/flexibleServers", None)
GONE = f"{PLAN}-gone"


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Up to four apps of two plans on two subnets, links of any kind, and any part of it to be deleted."""
    places = st.sampled_from((SUBNET, ELSEWHERE, None))
    apps = [
        app(identity, draw(places), plan=OTHER_PLAN if identity == STRANGER else PLAN)
        for identity in draw(st.sets(st.sampled_from(APPS)))
    ]
    taken = draw(st.sets(st.sampled_from((*APPS, PLAN, SUBNET, ELSEWHERE))))
    return Estate(
        target=VNET,
        kind="vnet",
        apps=tuple(Integrated(one, (one.subnet,) if one.subnet else ()) for one in apps if one.id in taken),
        plans=(PREMIUM,) if PLAN in taken else (),
        subnets=tuple(one for one in (SUBNET, ELSEWHERE) if one in taken),
        around=tuple(_around(subnet, apps, draw) for subnet in (SUBNET, ELSEWHERE)),
        locks=(),
        documents=(),
    )


def _around(subnet: str, apps: list[App], draw: st.DrawFn) -> Surroundings:
    here = tuple(one for one in apps if one.subnet == subnet)
    found = draw(st.sampled_from((None, link(PLAN), link(OTHER_PLAN), link(GONE), link(None), FOREIGN)))
    plans = tuple(
        LinkedPlan(plan, "found", tuple(one.id for one in here if one.plan == plan))
        for plan in (PLAN, OTHER_PLAN)
        if found and found.target == plan
    )
    gone = (LinkedPlan(GONE, "absent"),) if found and found.target == GONE else ()
    body = Subnet(subnet, ("10.0.0.0/27",), (), (found,) if found else (), "Succeeded")
    return Surroundings(subnet, "found", body, None, (*plans, *gone), here)


def _after(estate: Estate) -> Estate:
    """The estate when everybody left who is to leave, and each link with the last one behind it."""
    gone = {app.id for _, apps in leaving(estate) for app in apps}
    return replace(
        estate,
        apps=tuple(replace(one, subnets=()) if one.app.id in gone else one for one in estate.apps),
        around=tuple(_emptied(around, gone) for around in estate.around),
    )


def _emptied(around: Surroundings, gone: set[str]) -> Surroundings:
    stay = tuple(one for one in around.apps if one.id not in gone)
    kept = tuple(
        one
        for one in around.links
        if not around.behind(one) or any(app in stay for app in around.behind(one))
    )
    subnet = around.subnet and replace(around.subnet, links=kept)
    return replace(around, apps=stay, subnet=subnet)


@given(estates())
def test_safe_means_that_nothing_is_lost_left_behind_or_in_the_way(estate: Estate) -> None:
    found = holders(estate)
    assert len({(one.id, one.subnet) for one in found}) == len(found)
    if is_safe(found, judge_deletion(estate)):
        assert not any(one.subnets for one in estate.apps)
        for around in estate.around:
            if estate.takes(around.id):
                assert (around.apps, around.links) == ((), ())
            assert not any(estate.takes(one.target) for one in around.links)


@given(estates())
def test_when_everybody_left_only_links_are_left_to_hold_it(estate: Estate) -> None:
    after = _after(estate)
    assert not [one for one in holders(after) if one.kind in ("app", "slot")]
    assert leaving(after) == ()
    codes = {one.code for one in judge_deletion(after)}
    assert bool(holders(after)) == bool(codes & {"link-orphaned", "link-unused", "link-foreign"}) or any(
        one.target is None for around in after.around for one in around.links
    )


@given(estates())
def test_the_order_disconnects_and_purges_before_it_deletes(estate: Estate) -> None:
    findings = judge_deletion(estate)
    lines = order(estate, findings)
    if any(one.code == "link-foreign" for one in findings):
        assert lines == ()
        return
    verbs = [" ".join(line.split()[:2]) for line in lines]
    assert verbs == sorted(verbs, key=["remediate guard", "remediate purge", "az network"].index)
    assert (verbs.count("remediate guard") == 1) == bool(leaving(estate))


def test_a_subnet_that_is_gone_holds_nobody() -> None:
    gone = Surroundings(SUBNET, "absent", None, None, (), (app(),))
    estate = Estate(TARGET, "app", (Integrated(app(), (SUBNET,)),), (), (), (gone,), (), ())
    assert (holders(estate), leaving(estate)) == ((), ())


def test_a_subnet_that_could_not_be_read_holds_whoever_names_it_and_is_unknown() -> None:
    denied = Surroundings(SUBNET, "denied", None, None, (), (app(),))
    unread = (document("subnet", "denied"),)
    estate = Estate(TARGET, "app", (Integrated(app(), (SUBNET,)),), (), (), (denied,), (), unread)
    assert [ids.same(one.id, TARGET) for one in holders(estate)] == [True]
    assert [one.code for one in judge_deletion(estate)] == ["no-read-permission"]


def test_an_app_that_the_listing_of_its_plan_lacks_holds_the_plan_and_has_to_leave() -> None:
    body = Subnet(SUBNET, ("10.0.0.0/27",), (), (link(PLAN),), "Succeeded")
    around = Surroundings(SUBNET, "found", body, None, (LinkedPlan(PLAN, "found", (TARGET,)),), (app(),))
    estate = Estate(PLAN, "plan", (), (PREMIUM,), (), (around,), (), ())
    assert [(one.id, one.kind) for one in holders(estate)] == [(TARGET, "app")]
    assert leaving(estate) == ((around, (app(),)),)
    assert is_safe(holders(estate), judge_deletion(estate)) is False
