"""Who is told, before the disconnect, that its content lies behind the network."""

from __future__ import annotations

import pytest

from remediate.checks.content_share import expectation
from remediate.model import Routing

from .worlds import app


@pytest.mark.parametrize("kind", ["functionapp", "functionapp,linux", "functionapp,workflowapp"])
@pytest.mark.parametrize(
    ("routing", "flag"),
    [
        (Routing(content_share_traffic=True), "contentShareTraffic"),
        (Routing(all_traffic=True), "allTraffic"),
    ],
)
def test_a_function_or_logic_app_is_told_by_the_flag_that_says_so(
    kind: str, routing: Routing, flag: str
) -> None:
    told = expectation(app(kind=kind, routing=routing))
    assert told is not None
    assert flag in told
    assert "can fail for as long as it is disconnected" in told


@pytest.mark.parametrize(
    ("kind", "routing"),
    [
        ("app", Routing(content_share_traffic=True)),
        ("functionapp", Routing(application_traffic=True)),
        ("functionapp", Routing()),
    ],
)
def test_others_are_not(kind: str, routing: Routing) -> None:
    assert expectation(app(kind=kind, routing=routing)) is None
