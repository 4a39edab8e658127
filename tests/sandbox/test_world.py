"""The world around its state: what is due, what is remembered, and the lock of a site."""

from __future__ import annotations

import pytest

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.rules.connect import connect
from tests.sandbox.worlds import HandClock, Small, refused, site_id, subnet_id


def test_simulated_time_runs_faster_by_the_speed() -> None:
    hand = HandClock()
    clock = SimulatedClock(20, hand)
    hand.seconds = 3
    assert clock.now() == 60


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_is_above_zero(speed: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        SimulatedClock(speed)


def test_only_one_write_at_a_time_holds_a_site() -> None:
    small = Small()
    app = small.site()
    with small.world.writing(app):
        assert app.operation is not None
        refusal = refused(lambda: small.world.writing(app).__enter__())
        assert (refusal.status, refusal.body["Code"]) == (429, "429")
        assert refusal.body["Details"][2]["ErrorEntity"]["ExtendedCode"] == "59206"
    assert app.operation is None


def test_the_lock_is_given_back_when_a_write_fails() -> None:
    small = Small()
    app = small.site()
    with pytest.raises(RuntimeError), small.world.writing(app):
        raise RuntimeError
    assert app.operation is None


def test_the_state_before_the_last_write_is_remembered() -> None:
    small = Small()
    app = small.site()
    small.world.remember()
    connect(small.world, app, subnet_id())
    assert small.world.previous.site(site_id()).subnet is None
    assert small.world.state.site(site_id()).subnet == subnet_id()


def test_a_frozen_graph_does_not_follow_the_world() -> None:
    small = Small()
    app = small.site()
    small.world.freeze_graph()
    connect(small.world, app, subnet_id())
    assert small.world.graph is not None
    assert small.world.graph.site(site_id()).subnet is None


def test_a_reset_brings_the_beginning_back_as_often_as_it_is_asked() -> None:
    small = Small()
    for _ in range(2):
        small.connected()
        small.world.freeze_graph()
        small.world.reset()
        assert (small.world.state.sites, small.world.graph) == ({}, None)


def test_ids_are_found_whatever_their_case() -> None:
    small = Small()
    app = small.site()
    assert small.world.state.site(site_id().upper()) is app
    assert small.world.state.subnet(subnet_id().upper()) is small.subnet()


def test_what_is_not_there_is_404_in_resource_managers_envelope() -> None:
    small = Small()
    refusal = refused(lambda: small.world.state.site(site_id("gone")))
    assert (refusal.status, refusal.body["error"]["code"]) == (404, "ResourceNotFound")
    assert "Microsoft.Web/sites/gone" in refusal.body["error"]["message"]
