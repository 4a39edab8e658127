"""What holds after any sequence of connects, disconnects and deletes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from remediate.sandbox.refusal import Refusal
from remediate.sandbox.resources import Gateway, Site
from remediate.sandbox.rules.connect import connect, disconnect
from remediate.sandbox.rules.remove import delete_site, purge
from remediate.sandbox.state import key
from tests.sandbox.worlds import GROUP, Small, plan_id, site_id, subnet_id, vnet_id

APPS = {"a1": "plan-a", "a2": "plan-a", "b1": "plan-b", "b2": "plan-b"}
SUBNETS = ("one", "two", "three")
Move = tuple[str, str, str]

MOVES = st.lists(
    st.tuples(
        st.sampled_from(["connect", "connect", "disconnect", "delete", "wait"]),
        st.sampled_from(sorted(APPS)),
        st.sampled_from(SUBNETS),
    ),
    max_size=25,
)


def played(moves: list[Move], prefix: str) -> tuple[Small, set[tuple[str, str]]]:
    """The world after the moves, and every (plan, subnet) that ever had an integration."""
    small = Small(prefix)
    for name, plan in APPS.items():
        small.site(name, plan)
    had: set[tuple[str, str]] = set()
    for what, name, subnet in moves:
        site = small.world.state.sites.get(key(site_id(name)))
        if what == "wait":
            small.later(1)
        if site is None:
            continue
        with suppress(Refusal):
            if what == "connect":
                connect(small.world, site, subnet_id(subnet))
                had.add((site.plan, subnet))
            elif what == "disconnect":
                disconnect(small.world, site)
            elif what == "delete":
                delete_site(small.world, site)
    return small, had


@settings(max_examples=150, deadline=None)
@given(MOVES, st.sampled_from(["10.0.1.0/27", "10.0.1.0/26"]))
def test_a_link_names_a_plan_that_had_an_integration_and_no_subnet_has_two(
    moves: list[Move], prefix: str
) -> None:
    small, had = played(moves, prefix)
    small.later()
    for subnet in SUBNETS:
        links = small.links(subnet)
        assert len(links) <= 1
        assert all((plan, subnet) in had for plan in links)


@settings(max_examples=150, deadline=None)
@given(MOVES)
def test_a_small_subnet_is_never_shared_by_two_plans(moves: list[Move]) -> None:
    small, _ = played(moves, "10.0.1.0/27")
    for subnet in SUBNETS:
        plans = {one.plan for one in small.world.state.sites.values() if one.subnet == subnet_id(subnet)}
        assert len(plans) <= 1


@settings(max_examples=150, deadline=None)
@given(MOVES)
def test_a_plan_never_uses_more_subnets_than_it_may(moves: list[Move]) -> None:
    small, _ = played(moves, "10.0.1.0/26")
    for plan in small.world.state.plans.values():
        assert len(small.world.state.subnets_used(plan.id)) <= plan.connections_max


@settings(max_examples=150, deadline=None)
@given(MOVES)
def test_once_everyone_has_left_a_purge_leaves_no_link(moves: list[Move]) -> None:
    small, _ = played(moves, "10.0.1.0/26")
    for site in list(small.world.state.sites.values()):
        disconnect(small.world, site)
    small.later()
    for subnet in SUBNETS:
        purge(small.world, subnet_id(subnet))
        assert small.links(subnet) == []


Upset = Callable[[Small], None]


def _small_prefix(small: Small) -> None:
    small.subnet().prefixes = ["10.0.1.0/28"]


def _no_delegation(small: Small) -> None:
    small.subnet().delegations.clear()


def _occupied(small: Small) -> None:
    small.subnet().occupants.append(f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic")


def _more_workers(small: Small) -> None:
    small.world.state.plan(plan_id("plan-a")).workers = 20


def _containers(small: Small) -> None:
    plan = small.world.state.plan(plan_id("plan-a"))
    plan.windows_containers, plan.workers = True, 9


def _no_link(small: Small) -> None:
    small.subnet().links.clear()


def _former_link(small: Small) -> None:
    small.link(target=plan_id("plan-a").replace("rg-test", "rg-old"))


def _foreign_link(small: Small) -> None:
    small.link(type_="Microsoft.App/environments")


def _no_provider(small: Small) -> None:
    small.world.state.governance.unregistered.append("Microsoft.Web")


def _ipv6(small: Small) -> None:
    small.world.state.behavior.ipv6_refused = True
    small.world.state.vnet(vnet_id()).prefixes.append("ace:cab:deca::/48")


def _gateway(small: Small) -> None:
    small.world.state.behavior.gateway_blocks_connect = True
    small.site("gate", "plan-a").gateway = Gateway(vnet_id(), "5A0D")


UPSETS: st.SearchStrategy[list[Upset]] = st.lists(
    st.sampled_from(
        [
            _small_prefix, _no_delegation, _occupied, _more_workers, _containers, _no_link, _former_link,
            _foreign_link, _no_provider, _ipv6, _gateway,
        ]
    ),
    max_size=3,
)  # fmt: skip


def accepts(small: Small, site: Site) -> bool:
    try:
        connect(small.world, site, subnet_id())
    except Refusal:
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(MOVES, st.sampled_from(["10.0.1.0/27", "10.0.1.0/26"]), UPSETS)
def test_a_write_of_the_subnet_that_an_app_has_is_refused_exactly_where_it_could_not_come_back(
    moves: list[Move], prefix: str, upsets: list[Upset]
) -> None:
    small, _ = played(moves, prefix)
    small.later()
    for upset in upsets:
        upset(small)
    on_it = [one for one in small.world.state.sites.values() if one.subnet == subnet_id()]
    for site in on_it:
        links = small.links()
        accepted = accepts(small, site)
        small.later()
        assert (site.subnet, small.links()) == (subnet_id(), links)
        disconnect(small.world, site)
        assert accepts(small, site) == accepted
        site.subnet = subnet_id()
        small.later()
