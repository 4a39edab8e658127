"""Recorded refusals: the product knows what they mean, and the sandbox's own have the same form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from remediate.azure.failure import classify, envelope
from remediate.sandbox import refusal
from remediate.sandbox.resources import Subnet
from remediate.sandbox.rules.networks import check_idle
from remediate.sandbox.rules.remove import check_subnet_free
from tests.conformance.recordings import Event, events, needs_recordings
from tests.conformance.test_recordings_shape import types
from tests.sandbox.worlds import Small, plan_id, refused, vnet_id

pytestmark = needs_recordings

KINDS = {
    (400, "BadRequest"): "refused",
    (400, "InUseNetworkSecurityGroupCannotBeDeleted"): "in-use",
    (400, "InUseSubnetCannotBeDeleted"): "in-use",
    (400, "NicInUse"): "refused",
    (404, "ResourceNotFound"): "absent",
    (409, "AnotherOperationInProgress"): "busy",
    (409, "MissingSubscriptionRegistration"): "refused",
    (429, "429/59206"): "exclusive-lock",
    (429, "429/59207"): "exclusive-lock",
    (429, "RetryableError"): "busy",
    (500, "InternalServerError/03010"): "broken",
    (504, "GatewayTimeout"): "timeout",
}
"""What each recorded refusal is to the product (azure-facts.md, 3)."""


def recorded() -> Iterator[Event]:
    for name in ("errors", "activity-log", "resource-graph"):
        yield from (event for event in events(name) if event.status >= 400)


def test_every_recorded_refusal_is_of_the_kind_that_it_is() -> None:
    seen = {}
    for event in recorded():
        code, message = envelope(event.response)
        assert message, event.label
        seen[(event.status, code)] = classify(event.status, code, message)
    assert seen == KINDS


def in_use() -> dict[str, Any]:
    small = Small()
    small.link(target=plan_id())
    subnet: Subnet = small.subnet()
    return refused(lambda: check_subnet_free(subnet)).body


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("429/59206", refusal.exclusive_lock().body),
        ("429/59207", refusal.plan_lock().body),
        ("InUseSubnetCannotBeDeleted", in_use()),
    ],
)
def test_a_refusal_of_the_sandbox_has_the_recorded_fields(code: str, made: dict[str, Any]) -> None:
    found = [event.response for event in recorded() if envelope(event.response)[0] == code]
    assert found
    assert envelope(made)[0] == code
    assert all(types(made) == types(body) for body in found)


def busy(small: Small) -> None:
    small.subnet().busy_until = 60.0
    check_idle(small.world, small.world.state.vnet(vnet_id()))


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("ResourceNotFound", refusal.resource_not_found(vnet_id())),
        ("AnotherOperationInProgress", refused(lambda: busy(Small()))),
        ("GatewayTimeout", refusal.gateway_timeout()),
        ("MissingSubscriptionRegistration", refusal.not_registered("Microsoft.Web")),
    ],
)
def test_another_refusal_has_the_recorded_status_fields_words_and_cause(
    code: str, made: refusal.Refusal
) -> None:
    found = [event for event in recorded() if envelope(event.response)[0] == code]
    assert found
    for event in found:
        assert (made.status, types(made.body)) == (event.status, types(event.response))
        assert without_names(envelope(made.body)[1]) == without_names(envelope(event.response)[1])
        assert made.headers.get("x-ms-failure-cause") == event.headers.get("x-ms-failure-cause")


def without_names(message: str) -> str:
    """A message without the names, ids and addresses in it."""
    return re.sub(r"'[^']*'|https://(?!aka)\S+", "…", message)


def test_the_locks_are_refused_word_for_word() -> None:
    by_code = {envelope(event.response)[0]: event.response for event in recorded()}
    assert refusal.exclusive_lock().body == by_code["429/59206"]
    assert refusal.plan_lock().body == by_code["429/59207"]
