from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from remediate.model import Requests, Routing, Run, RunStatus, StepResult, TargetResult
from remediate.show.run import DELETION_WARNING, print_run, result_line

from .samples import (
    BILLING,
    FLAGS,
    LINK_MISSING,
    LOCKED,
    MAIL,
    ORDERS,
    STAGING,
    UNREAD,
    VNET,
    Page,
    outcome,
    page,
)

ALL = (ORDERS, STAGING, BILLING, MAIL)


def shown(done: Run, width: int = 80) -> Page:
    it = page(width)
    print_run(it.console, done)
    return it


def first(done: Run) -> str:
    return result_line(page().console, done).plain


def target(**changes: Any) -> TargetResult:
    return replace(outcome().targets[0], **changes)


def unverified() -> tuple[StepResult, ...]:
    return tuple(step for step in outcome().steps if step.do != "verify")


def test_a_success_names_what_was_read_back() -> None:
    assert first(outcome()) == "✓ succeeded: orders-func is connected and healthy, read back from Azure"
    assert first(outcome(*ALL)) == "✓ succeeded: 4 apps are connected and healthy, read back from Azure"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"steps": unverified()}, "? done, but not everything could be read back"),
        ({"findings_after": (UNREAD,)}, "? done, but not everything could be read back"),
        ({"targets": (target(status="unknown"),)}, "? done, but not everything could be read back"),
        ({"findings_after": (LINK_MISSING,)}, "! done, and verify still finds 1 error"),
        ({"targets": (target(routing_after=Routing()),)}, "! done, but routing is not as it was before"),
    ],
)
def test_success_is_not_claimed_for_what_was_not_read_back_or_is_not_right(changes: Any, line: str) -> None:
    assert first(outcome(**changes)) == line


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("failed", "✗ not finished: 1 of 2 apps reconnected"),
        ("interrupted", "! interrupted: 1 of 2 apps reconnected"),
        ("rolled-back", "! rolled back: 1 of 2 apps reconnected"),
    ],
)
def test_every_other_end_says_how_far_it_came(status: RunStatus, line: str) -> None:
    targets = (target(), target(id=BILLING, status="disconnected"))
    assert first(outcome(status=status, targets=targets)) == line


def test_a_denial_of_which_verify_sees_nothing_does_not_spoil_the_success() -> None:
    denied = replace(LOCKED, code="policy-denies", severity="warning")
    result = outcome(findings_after=(denied,))
    assert first(result) == "✓ succeeded: orders-func is connected and healthy, read back from Azure"
    text = " ".join(shown(result).text.split())
    assert "policy-denies ? not looked for ! warning" in text


def test_each_app_has_its_status_and_its_seconds_without_network() -> None:
    text = " ".join(shown(outcome(*ALL)).text.split())
    assert "On vnet-prod/snet-apps" in text
    assert "billing-web ✓ reconnected 12 s unchanged" in text


def test_apps_on_different_subnets_each_say_which() -> None:
    other = target(id=BILLING, subnet=f"{VNET}/subnets/snet-data")
    text = shown(outcome(targets=(target(), other))).text
    assert "vnet-prod/snet-data" in text
    assert "vnet-prod/snet-apps" in text


def test_a_routing_flag_that_changed_is_named_as_azure_names_it() -> None:
    after = replace(FLAGS, content_share_traffic=False)
    text = shown(outcome(targets=(target(routing_after=after),))).text
    assert "✗ differs" in text
    assert "✗ orders-func: contentShareTraffic was true, is false" in text


def test_routing_that_was_not_read_back_is_not_called_unchanged() -> None:
    text = shown(outcome(targets=(target(routing_after=None),))).text
    assert "? not read back" in text
    assert "unchanged" not in text


def test_findings_are_shown_before_and_after() -> None:
    text = " ".join(shown(outcome(findings_after=(LOCKED,))).text.split())
    assert "link-missing ✗ error ✓ not found" in text
    assert "locked ✓ not found ✗ error" in text


def test_without_a_verification_no_finding_is_said_to_be_gone() -> None:
    text = shown(outcome(status="failed", steps=unverified())).text
    assert "not found" not in text


def test_a_run_that_did_not_finish_says_what_to_do_next() -> None:
    done = outcome(status="failed", message="The link did not come.", resume="remediate resume 7f3a")
    text = shown(done).text
    assert "The link did not come." in text
    assert "→ remediate resume 7f3a" in text
    assert DELETION_WARNING[:40] not in text


def test_a_refusal_shows_its_reasons() -> None:
    done = outcome(status="refused", targets=(), steps=(), findings_before=(LOCKED,), findings_after=())
    assert LOCKED.title in shown(done).text


def test_a_success_ends_with_the_warning_about_deleting() -> None:
    text = " ".join(shown(outcome()).text.split())
    assert DELETION_WARNING in text
    assert text.endswith("Run 20260101-030000-7f3a: 31 reads, 2 writes, 74 s.")


@pytest.mark.parametrize("width", [80, 160])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    lines = shown(outcome(*ALL, findings_after=(LINK_MISSING,)), width).lines
    assert max(map(len, lines)) <= width
    assert not any(line != line.rstrip() for line in lines)


def test_a_subnet_that_is_not_known_is_none() -> None:
    targets = (target(), target(id=BILLING, subnet=None, status="untouched", routing_after=None))
    assert "none" in shown(outcome(targets=targets)).text


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("planned", "· planned: nothing was changed"),
        ("refused", "✗ refused: nothing was changed"),
        ("failed", "✗ not finished: nothing was changed"),
        ("interrupted", "! interrupted: nothing was changed"),
    ],
)
def test_a_run_that_sent_no_write_says_that_nothing_was_changed(status: RunStatus, line: str) -> None:
    assert first(outcome(status=status, requests=Requests(20, 0), changed=False)) == line


def test_findings_of_a_verification_that_failed_are_shown() -> None:
    steps = (*unverified(), StepResult(9, "verify", ORDERS, "failed", 900.0))
    done = outcome(status="failed", steps=steps, findings_after=(LINK_MISSING,))
    assert first(done) == "✗ not finished: 1 of 1 app reconnected; verify finds 1 error"
    assert "link-missing  ✗ error    ✗ error" in shown(done).text


def test_a_command_in_the_message_stays_in_one_piece_to_be_copied() -> None:
    command = f"az rest --method patch --url {ORDERS} --body '{{}}'"
    lines = shown(outcome(status="failed", message=f"reconnect orders-func: no\x1b[2J\n{command}")).lines
    assert f"  {command}" in lines
    assert r"  reconnect orders-func: no\x1b[2J" in lines
