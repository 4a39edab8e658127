"""What a run took away comes back, whatever happened to the other apps and to Azure in the meantime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remediate.sandbox.server import Sandbox
from tests.conftest import Azure
from tests.faults.invariants import APPS
from tests.faults.operators import Cut, Fault, Typed, typed
from tests.faults.worlds import OTHER_SUBNET, SUBNET, App, Described, build
from tests.sampled import in_sweep

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
RUN = ("reconnect", APPS[0], "--scope", "link", *QUICK)
ORDERS, _, BILLING, MAIL = APPS
ALL_GONE = Cut("killed", "write", 4, "before")
"""Three apps are disconnected, and none is connected again yet."""


class Place:
    """Three apps on one subnet, and the folder in which their runs are kept."""

    def __init__(self, sandbox: Sandbox, state: Path) -> None:
        self.azure = Azure(sandbox)
        self._sandbox = sandbox
        self._state = state

    @property
    def run(self) -> str:
        return next((self._state / "runs").iterdir()).name

    def on(self) -> dict[str, str | None]:
        """Where each app is once nothing is under way any more."""
        sites = self._sandbox.world.state.sites
        while any(site.operation for site in sites.values()):
            self.azure.ask("GET", "/subscriptions?api-version=2022-12-01")
        return {site.id: site.subnet for site in sites.values()}


def described(pace: Any = "quick", forgotten: str | None = None) -> Described:
    apps = tuple(App(one, SUBNET, (False,) * 6, one == forgotten) for one in (ORDERS, BILLING, MAIL))
    return Described(apps, ("missing", "missing"), delegated=True, pace=pace)


@pytest.fixture
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Place]:
    with Sandbox(build(getattr(request, "param", described()))) as sandbox:
        for name, value in {**sandbox.environment, "REMEDIATE_STATE": str(tmp_path)}.items():
            monkeypatch.setenv(name, value)
        yield Place(sandbox, tmp_path)


def take_up(place: Place, verb: str) -> Typed:
    return typed(place.azure, verb, place.run, *QUICK)


def test_a_run_of_one_app_does_not_settle_the_run_that_left_another_behind(
    place: Place,
) -> None:
    trials, last = 3, 3
    gone_for_good = Fault("403", "PATCH|PUT", trials + last, 0)
    assert typed(place.azure, *RUN, bad=[gone_for_good]).code == 5
    assert place.on() == {ORDERS: SUBNET, BILLING: SUBNET, MAIL: None}
    assert typed(place.azure, "reconnect", ORDERS, "--scope", "app", *QUICK).code == 0
    assert typed(place.azure, "resume", *QUICK).code == 0
    assert place.on() == {ORDERS: SUBNET, BILLING: SUBNET, MAIL: SUBNET}


@pytest.mark.parametrize("verb", ["resume", *in_sweep("rollback")])
def test_an_app_that_somebody_moved_does_not_keep_the_others_from_coming_back(
    place: Place, verb: str
) -> None:
    typed(place.azure, *RUN, cut=ALL_GONE)
    body = {"properties": {"virtualNetworkSubnetId": OTHER_SUBNET}}
    place.azure.ask("PATCH", f"{BILLING}?api-version=2025-05-01", json=body).raise_for_status()
    take_up(place, verb)
    assert place.on() == {ORDERS: SUBNET, BILLING: OTHER_SUBNET, MAIL: SUBNET}


@pytest.mark.parametrize("verb", ["rollback", *in_sweep("resume")])
def test_an_app_that_somebody_deleted_does_not_keep_the_others_from_coming_back(
    place: Place, verb: str
) -> None:
    typed(place.azure, *RUN, cut=ALL_GONE)
    place.azure.ask("DELETE", f"{BILLING}?api-version=2025-05-01").raise_for_status()
    take_up(place, verb)
    assert place.on() == {ORDERS: SUBNET, MAIL: SUBNET}


@pytest.mark.parametrize("verb", ["resume", *in_sweep("rollback")])
@pytest.mark.parametrize("place", [described(forgotten=BILLING)], indirect=True)
def test_an_app_whose_views_disagree_does_not_keep_the_others_from_coming_back(
    place: Place, verb: str
) -> None:
    typed(place.azure, *RUN, cut=Cut("killed", "write", 2, "before"))
    take_up(place, verb)
    assert place.on() == {ORDERS: SUBNET, BILLING: SUBNET, MAIL: SUBNET}


@pytest.mark.parametrize("verb", ["rollback", *in_sweep("resume")])
@pytest.mark.parametrize("place", [described("slow")], indirect=True)
def test_a_disconnect_that_is_still_under_way_is_awaited_before_anything_is_decided(
    place: Place, verb: str
) -> None:
    typed(place.azure, *RUN, cut=Cut("killed", "write", 3, "during"))
    take_up(place, verb)
    assert place.on() == {ORDERS: SUBNET, BILLING: SUBNET, MAIL: SUBNET}
