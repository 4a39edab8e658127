"""What could be deleted, to choose from: by Resource Graph, and by ARM where that has nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from remediate.azure.clock import SystemClock
from remediate.azure.cloud import discovered
from remediate.azure.inventory import inventory, subnets
from remediate.azure.session import Session, open_session
from remediate.model import Deletable
from remediate.model.failure import RequestFailed
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure

SUBSCRIPTION = GROUP.split("/")[2]
VNET = SUBNET.partition("/subnets/")[0]
EVERYTHING: dict[Deletable, list[str]] = {
    "app": [APP],
    "slot": [f"{APP}/slots/staging"],
    "plan": [PLAN],
    "vnet": [VNET],
    "subnet": [SUBNET, SUBNET.replace("snet-apps", "snet-data")],
    "group": [GROUP.removesuffix("/providers")],
}
DENIED = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}


@pytest.fixture
def opened(azure: Callable[..., Azure]) -> Iterator[tuple[Azure, Session]]:
    simulated = azure("slot-differs")
    cloud = discovered(simulated.environment["REMEDIATE_ARM_ENDPOINT"])
    with open_session(cloud, SystemClock()) as session:
        yield simulated, session


def test_every_kind_is_listed_by_name(opened: tuple[Azure, Session]) -> None:
    _, session = opened
    found = {kind: [one.id for one in inventory(session, SUBSCRIPTION, kind)] for kind in EVERYTHING}
    assert found == EVERYTHING
    assert inventory(session, SUBSCRIPTION, "subnet")[0].group == "rg-sandbox"


def test_without_resource_graph_arm_is_asked(opened: tuple[Azure, Session]) -> None:
    simulated, session = opened
    simulated.fault({"match": {"path": "ResourceGraph"}, "times": 0, "answer": DENIED})
    for kind in ("plan", "vnet", "subnet"):
        assert [one.id for one in inventory(session, SUBSCRIPTION, kind)] == EVERYTHING[kind]


def test_what_no_view_shows_is_no_empty_list(opened: tuple[Azure, Session]) -> None:
    simulated, session = opened
    simulated.fault({"match": {"path": ".*"}, "times": 0, "answer": DENIED})
    for kind in EVERYTHING:
        with pytest.raises(RequestFailed):
            inventory(session, SUBSCRIPTION, kind)


def test_subnets_are_listed_with_their_links_and_the_instances_of_the_linked_plan(
    opened: tuple[Azure, Session],
) -> None:
    _, session = opened
    apps, data = subnets(session, SUBSCRIPTION)
    assert (apps.id, apps.location, apps.instances) == (SUBNET, "westeurope", 2)
    assert [one.target for one in apps.subnet.links] == [PLAN]
    assert (data.subnet.name, data.instances) == ("snet-data", 2)


def test_where_no_plan_can_be_listed_the_instances_are_unknown(opened: tuple[Azure, Session]) -> None:
    simulated, session = opened
    denied = {"match": {"path": "serverfarms$"}, "times": 0, "answer": DENIED}
    graph = {"match": {"path": "ResourceGraph"}, "times": 0, "answer": DENIED}
    simulated.fault(denied, graph)
    assert [one.instances for one in subnets(session, SUBSCRIPTION)] == [None, None]
