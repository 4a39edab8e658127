"""Whose a link is, by Microsoft's own test: a table, and what no reading whatever may turn around."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate import plan, playbook
from remediate.checks.links import judge_links
from remediate.model import (
    Document,
    Link,
    LinkedPlan,
    LinkReading,
    ReadStatus,
    Subnet,
    Surroundings,
    VirtualNetwork,
)
from tests.checks.worlds import NEIGHBOUR, OTHER_PLAN, PLAN, SUBNET, app, link

VNET = VirtualNetwork(SUBNET.partition("/subnets/")[0], "West Europe")
HIDDEN = Document("plan:x", "/x", "absent", message="404 SubscriptionNotFound: not found")


def reading(
    found: Link, plans: tuple[LinkedPlan, ...] = (), apps: Any = (), documents: tuple[Document, ...] = ()
) -> LinkReading:
    subnet = Subnet(SUBNET, ("10.1.0.0/27",), (), (found,), "Succeeded")
    return LinkReading(Surroundings(SUBNET, "found", subnet, VNET, plans, apps), documents)


def other(status: ReadStatus, apps: tuple[str, ...] | None = None, holds: bool = False) -> LinkedPlan:
    return LinkedPlan(OTHER_PLAN, status, apps, 1, holds)


MINE = link(OTHER_PLAN)
THERE = (app(NEIGHBOUR, plan=OTHER_PLAN),)


@pytest.mark.parametrize(
    ("read", "use"),
    [
        (reading(MINE, (other("absent"),)), "orphaned"),
        (reading(MINE, (other("found", ()),)), "unused"),
        (reading(MINE, (other("found", ()),), (app(NEIGHBOUR, plan=PLAN),)), "unused"),
        (reading(MINE, (other("found", (NEIGHBOUR,)),)), "used"),
        (reading(MINE, (other("found", ()),), THERE), "used"),
        (reading(MINE, (other("absent"),), THERE), "used"),
        (reading(MINE, (other("found", (), holds=True),)), "used"),
        (reading(MINE, (other("denied"),)), "unknown"),
        (reading(MINE, (other("failed"),)), "unknown"),
        (reading(MINE, (other("found", None),)), "unknown"),
        (reading(MINE), "unknown"),
        (reading(MINE, (other("absent"),), documents=(HIDDEN,)), "unknown"),
        (reading(MINE, (other("absent"),), documents=(Document("graph:x", "/g", "denied"),)), "unknown"),
        (reading(Link("L", "Succeeded", "Microsoft.App/environments", SUBNET)), "foreign"),
        (reading(Link("L", "Succeeded", None, None)), "foreign"),
    ],
)
def test_whose_the_link_is(read: LinkReading, use: str) -> None:
    (found,) = read.around.links
    assert read.use(found) == use
    made = plan.purge(read, judge_links(read), playbook.find("purge-orphan"))
    assert bool(made.writes) is (use in ("orphaned", "unused"))
    if use in ("used", "foreign"):
        assert made.refusals


@given(
    st.sampled_from(["absent", "found", "denied", "failed"]),
    st.sampled_from([None, (), (NEIGHBOUR,)]),
    st.booleans(),
    st.sampled_from([(), THERE, (app(NEIGHBOUR, plan=PLAN),)]),
    st.sampled_from([(), (HIDDEN,), (Document("site:x", "/s", "failed"),)]),
)
def test_nothing_is_sent_while_somebody_is_behind_the_link_or_may_be(
    status: ReadStatus, apps: Any, holds: bool, there: Any, documents: Any
) -> None:
    read = reading(MINE, (other(status, apps, holds),), there, documents)
    everything = frozenset(playbook.FINDING_CODES)
    made = plan.purge(read, judge_links(read), playbook.find("purge-orphan"), everything)
    somebody = there == THERE or holds or bool(apps)
    known = not documents and (status == "absent" or (status == "found" and apps is not None))
    assert bool(made.writes) is (known and not somebody)
