"""What holds for the findings of any world at all."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from remediate import checks, ids
from remediate.model import (
    WEB_LINK,
    App,
    AppServicePlan,
    Connection,
    Delegation,
    Link,
    Resource,
    Routing,
    Subnet,
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
    Case,
    LinkedPlan,
    Scene,
    app,
    document,
)

seeds = st.integers(0, 2**32 - 1).map(random.Random)
"""Chance for whoever draws often: hypothesis would keep and shrink each of a thousand letters."""
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
worlds = st.builds(
    Scene,
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
    graph=st.none() | st.tuples(statuses, st.lists(links, max_size=2).map(tuple)),
    unread=st.dictionaries(
        st.sampled_from(["networkConfig", "connections", "plan", "graph", "vnet"]), statuses, max_size=4
    ),
    asked=st.booleans(),
).map(Scene.case)


def codes(seen: Case) -> set[str]:
    return {finding.code for finding in checks.judge(*seen)}


def recased(value: Any, chance: random.Random) -> Any:
    """The same value with every resource id in it spelt in another case."""
    if isinstance(value, Struct):
        changes = {name: recased(getattr(value, name), chance) for name in value.__struct_fields__}
        return replace(value, **changes)
    if isinstance(value, dict):  # keys are in one spelling already
        return {key: recased(one, chance) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(recased(one, chance) for one in value)
    if isinstance(value, str) and value.startswith("/subscriptions/"):
        return "".join(chance.choice((char.lower(), char.upper())) for char in value)
    return value


@given(worlds)
def test_no_world_makes_a_check_raise_and_codes_come_once(seen: Case) -> None:
    found = checks.judge(*seen)
    assert len(found) == len({one.code for one in found})


@given(worlds)
def test_severity_never_rises_along_the_list(seen: Case) -> None:
    ranks = [checks.SEVERITIES.index(one.severity) for one in checks.judge(*seen)]
    assert ranks == sorted(ranks)


@given(worlds, seeds)
def test_the_case_of_ids_changes_no_finding(seen: Case, chance: random.Random) -> None:
    other = Case(recased(seen.world, chance), recased(seen.question, chance))
    assert codes(other) == codes(seen)


@given(worlds, st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_read_changes_no_finding(seen: Case, chance: random.Random) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    def mixed(one: Resource) -> Resource:
        if not isinstance(one.value, Subnet):
            return one
        mixed = replace(
            one.value, links=shuffled(one.value.links), delegations=shuffled(one.value.delegations)
        )
        return replace(one, value=mixed)

    world = seen.world
    other = seen.reading(
        resources={key: mixed(one) for key, one in shuffled(tuple(world.resources.items()))},
        connections={
            key: replace(one, entries=shuffled(one.entries)) for key, one in world.connections.items()
        },
        documents=shuffled(world.documents),
    )
    assert codes(other) == codes(seen)


@given(worlds)
def test_a_read_that_failed_is_never_left_unsaid(seen: Case) -> None:
    assert "no-read-permission" in codes(seen.knowing(document("slots:orders", "denied")))


@given(worlds)
def test_what_could_not_be_read_is_never_called_missing(seen: Case) -> None:
    subnet = seen.integration.subnet_id
    known = {name: one for name, one in seen.world.resources.items() if not ids.same(one.id, subnet)}
    unread = seen.reading(resources=known, documents=(document("subnet", "denied"),))
    about_the_subnet = {one for one in codes(unread) if one.startswith(("subnet-mis", "delegation", "link-"))}
    assert about_the_subnet == set()


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_ids_that_are_no_ids_make_no_check_raise(identifier: str, other: str) -> None:
    plan, subnet = f"plan {other}", f"subnet {other}"
    target = App(identifier, "app", "West Europe", "Running", None, subnet)
    orphan, gone = Link("a-link", "Succeeded", WEB_LINK, plan), LinkedPlan(plan, "absent")
    spoilt = Scene(
        target=target,
        site=subnet,
        plan=None,
        subnet_id=subnet,
        links=(orphan,),
        linked_plans=(gone,),
        asked=True,
    )
    assert "link-orphaned" in codes(spoilt.case())
