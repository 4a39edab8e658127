"""What holds for the findings of any world at all."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert, to_builtins
from msgspec.structs import replace

from remediate import checks
from remediate.model import (
    WEB_LINK,
    App,
    AppServicePlan,
    Connection,
    Delegation,
    Link,
    LinkedPlan,
    Routing,
    Topology,
    View,
)

from .worlds import (
    DELEGATED,
    ELSEWHERE,
    NEIGHBOUR,
    OTHER_PLAN,
    PLAN,
    STRANGER,
    SUBNET,
    TARGET,
    VNET,
    World,
    app,
    document,
)

subnets = st.sampled_from([None, SUBNET, ELSEWHERE])
plans = st.sampled_from([None, PLAN, OTHER_PLAN])
statuses = st.sampled_from(["found", "absent", "denied", "failed"])
states = st.sampled_from(["Succeeded", "Updating", "Failed", ""])
flags = st.sampled_from([None, True, False])
targets = st.builds(
    app,
    st.sampled_from([TARGET, f"{TARGET}/slots/staging"]),
    environment=st.sampled_from([None, "/an/environment"]),
    operation=st.sampled_from([None, "an-operation"]),
    routing=st.builds(Routing, flags, flags),
    plan=plans,
)
links = st.builds(
    Link, st.just("a-link"), states, st.sampled_from([WEB_LINK, "Microsoft.App/environments", None]), plans
)
delegations = st.sampled_from([DELEGATED, Delegation("sql", "Microsoft.Sql/managedInstances")])
connections = st.sampled_from(
    [Connection("one", SUBNET, True), Connection("two", ELSEWHERE, True), Connection("three", VNET, False)]
)
tiers = st.sampled_from(["Basic", "PremiumV3", "Dynamic", "FlexConsumption", "IsolatedV2"])
views = st.builds(View, statuses, subnets, plans)
worlds = st.builds(
    World,
    target=targets,
    site=subnets,
    config=subnets,
    connections=st.lists(connections, max_size=3, unique=True).map(tuple),
    others=st.lists(st.builds(app, st.sampled_from([NEIGHBOUR, STRANGER]), subnets), max_size=3).map(tuple),
    plan=st.none()
    | tiers.map(lambda tier: AppServicePlan(PLAN, "West Europe", "X1", tier, 1, connections_used=0)),
    subnet_id=subnets,
    links=st.lists(links, max_size=3).map(tuple),
    delegations=st.lists(delegations, max_size=3).map(tuple),
    state=states,
    subnet_status=statuses,
    region=st.sampled_from(["westeurope", "North Europe", ""]),
    linked_plans=st.lists(
        st.builds(LinkedPlan, st.just(OTHER_PLAN), statuses, st.sampled_from([None, (), (STRANGER,)])),
        max_size=1,
    ).map(tuple),
    graph=st.none() | views,
    unread=st.dictionaries(
        st.sampled_from(["networkConfig", "connections", "plan", "graph", "vnet"]), statuses, max_size=4
    ),
    asked=st.booleans(),
).map(World.topology)


def codes(topology: Topology) -> set[str]:
    return {finding.code for finding in checks.judge(topology)}


def recased(value: Any, chance: random.Random) -> Any:
    """The same value with every resource id in it spelt in another case."""
    if isinstance(value, dict):
        return {key: recased(one, chance) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [recased(one, chance) for one in value]
    if isinstance(value, str) and value.startswith("/subscriptions/"):
        return "".join(chance.choice((char.lower(), char.upper())) for char in value)
    return value


@settings(deadline=None)
@given(worlds)
def test_no_world_makes_a_check_raise_and_codes_come_once(topology: Topology) -> None:
    found = checks.judge(topology)
    assert len(found) == len({one.code for one in found})


@settings(deadline=None)
@given(worlds)
def test_severity_never_rises_along_the_list(topology: Topology) -> None:
    ranks = [checks.SEVERITIES.index(one.severity) for one in checks.judge(topology)]
    assert ranks == sorted(ranks)


@settings(deadline=None)
@given(worlds, st.randoms(use_true_random=False))
def test_the_case_of_ids_changes_no_finding(topology: Topology, chance: random.Random) -> None:
    other = convert(recased(to_builtins(topology), chance), Topology)
    assert codes(other) == codes(topology)


@settings(deadline=None)
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_read_changes_no_finding(
    topology: Topology, chance: random.Random
) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    subnet = topology.subnet and replace(
        topology.subnet,
        links=shuffled(topology.subnet.links),
        delegations=shuffled(topology.subnet.delegations),
    )
    other = replace(
        topology,
        subnet=subnet,
        documents=shuffled(topology.documents),
        apps=shuffled(topology.apps),
        connections=shuffled(topology.connections),
    )
    assert codes(other) == codes(topology)


@settings(deadline=None)
@given(worlds)
def test_a_read_that_failed_is_never_left_unsaid(topology: Topology) -> None:
    assert "no-read-permission" in codes(
        replace(topology, documents=(*topology.documents, document("slots:orders", "denied")))
    )


@settings(deadline=None)
@given(worlds)
def test_what_could_not_be_read_is_never_called_missing(topology: Topology) -> None:
    unread = replace(topology, subnet=None, documents=(document("subnet", "denied"),))
    about_the_subnet = {one for one in codes(unread) if one.startswith(("subnet-mis", "delegation", "link-"))}
    assert about_the_subnet == set()


@settings(deadline=None)
@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_ids_that_are_no_ids_make_no_check_raise(identifier: str, other: str) -> None:
    target = App(identifier, "app", "West Europe", "Running", None, other)
    orphan, gone = Link("a-link", "Succeeded", WEB_LINK, other), LinkedPlan(other, "absent")
    spoilt = World(
        target=target, site=other, plan=None, subnet_id=other, links=(orphan,), linked_plans=(gone,)
    )
    assert "link-orphaned" in codes(spoilt.topology())
