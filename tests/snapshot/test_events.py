"""What `watch` reports of an assessment, by the one before it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from remediate.model import Snapshot
from remediate.snapshot.events import assessment_event, failure_event, is_changed, with_known_facts
from tests.checks.worlds import TARGET

from .test_compare import bodies, spoilt, taken

LOST = spoilt("subnet/properties/serviceAssociationLinks", [])
BEFORE = taken(bodies())
ILL = replace(taken(LOST), healthy=False, findings=("link-missing", "views-disagree"))
UNKNOWN = replace(BEFORE, healthy=None, findings=("no-read-permission",))
TOLD: list[tuple[Snapshot | None, Snapshot, bool, str, str]] = [
    (None, BEFORE, False, "first", "orders is healthy: assessed for the first time"),
    (None, BEFORE, True, "back", "orders is healthy: can be assessed again"),
    (BEFORE, BEFORE, False, "same", "orders is healthy: nothing changed"),
    (BEFORE, BEFORE, True, "back", "orders is healthy: can be assessed again, and nothing changed"),
    (
        BEFORE,
        ILL,
        True,
        "changed",
        "orders is unhealthy (link-missing, views-disagree): the link was removed",
    ),
    (
        BEFORE,
        UNKNOWN,
        False,
        "changed",
        "orders is not known to be healthy (no-read-permission): the findings changed, nothing else",
    ),
    (ILL, replace(ILL, findings=ILL.findings[::-1]), False, "same", "nothing changed"),
    (ILL, replace(ILL, healthy=None), False, "changed", "the findings changed, nothing else"),
    (
        BEFORE,
        taken(spoilt("subnet/properties/routeTable", {"id": "/routes"}), "after", graph="absent"),
        False,
        "changed",
        "orders is healthy: route table added; ",
    ),
]


@pytest.mark.parametrize(("before", "now", "failing", "event", "text"), TOLD)
@pytest.mark.parametrize("label", [None, "kept"])
def test_an_assessment_is_told_by_the_one_before(
    before: Snapshot | None, now: Snapshot, failing: bool, event: str, text: str, label: str | None
) -> None:
    told = assessment_event(now, before, label, failing=failing)
    assert told.event == event
    assert text in told.text
    assert told.text.endswith(f": {told.message}")
    assert (told.target, told.at, told.healthy, told.findings, told.snapshot) == (
        TARGET,
        now.at,
        now.healthy,
        now.findings,
        label,
    )
    assert is_changed(before, now) is (before is None or event == "changed")


def test_each_change_is_told_in_one_line() -> None:
    both = spoilt("plan/properties/numberOfWorkers", 3)
    both["site"]["properties"]["state"] = "Stopped"
    told = assessment_event(taken(both), BEFORE, None, failing=False)
    assert told.message == "the app is Stopped; the plan has more instances"
    assert [one.path for one in told.changes] == ["site.state", "plan.numberOfWorkers"]


def test_a_failure_is_told_with_its_message_and_claims_nothing() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    told = failure_event(TARGET, at, "no network")
    assert (told.event, told.healthy, told.findings, told.changes, told.snapshot) == (
        "failed",
        None,
        (),
        (),
        None,
    )
    assert told.text == told.message == "orders could not be assessed: no network"
    assert (told.target, told.at) == (TARGET, at)


@pytest.mark.parametrize(
    ("now", "kept"),
    [({"site": "denied"}, {"site", "subnet"}), ({}, {"subnet"}), ({"subnet": "failed"}, {"subnet"})],
)
def test_only_what_could_not_be_read_keeps_its_former_facts(now: Any, kept: set[str]) -> None:
    former = replace(BEFORE, facts={"site": "found", "site.state": "Running", "subnet": "old"}, unread={})
    latter = replace(BEFORE, facts={} if "subnet" in now else {"subnet": "new"}, unread=now)
    found = with_known_facts(former, latter)
    assert {path.partition(".")[0] for path in found.facts} == kept
    assert found.facts["subnet"] == ("old" if "subnet" in now else "new")
    assert found == replace(latter, facts=found.facts)
    assert with_known_facts(None, latter) == latter
