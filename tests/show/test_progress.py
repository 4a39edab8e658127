from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pyte
import pytest
from msgspec.structs import replace

from remediate.model import StepResult
from remediate.show.progress import LiveProgress, PlainProgress, SpokenProgress

from .samples import AT, ORDERS, Page, disconnect, page, planned

STEP = disconnect(4, ORDERS)
WAIT = next(step for step in planned().steps if step.do == "wait-link-gone")
UNTIL = AT + timedelta(minutes=15)


def ended(status: str = "succeeded", **changes: object) -> StepResult:
    return StepResult(STEP.n, STEP.do, STEP.target, status, **changes)  # type: ignore[arg-type]


class Ticking:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def moment(self) -> datetime:
        return AT + timedelta(seconds=self.seconds)


def plain() -> tuple[PlainProgress, Page, Ticking]:
    result, clock = page(40), Ticking()
    return PlainProgress(result.console, clock.moment), result, clock


def test_plain_progress_writes_one_timestamped_line_an_event() -> None:
    progress, result, clock = plain()
    progress.step_started(STEP)
    clock.seconds = 8.25
    progress.step_ended(STEP, ended(seconds=8.25))
    clock.seconds = 9
    progress.step_started(WAIT)
    progress.waiting(WAIT, "the link is still there", UNTIL)
    clock.seconds = 11
    progress.step_ended(WAIT, ended("failed", detail="the link did not go"))
    progress.note("reconnecting first")
    progress.close()
    assert result.lines == [
        "2026-01-01T03:00:00Z step 4 disconnect orders-func: Disconnecting orders-func (usually 1 to 53 s)",
        "2026-01-01T03:00:08Z step 4 disconnect orders-func: succeeded after 8.2 s",
        "2026-01-01T03:00:09Z step 3 wait-link-gone vnet-prod/snet-apps: "
        "Waiting for the link to be removed (usually seconds, at times 15 min)",
        "2026-01-01T03:00:09Z step 3 wait-link-gone vnet-prod/snet-apps: the link is still there, "
        "until 2026-01-01T03:15:00Z",
        "2026-01-01T03:00:11Z step 3 wait-link-gone vnet-prod/snet-apps: failed: the link did not go",
        "2026-01-01T03:00:11Z reconnecting first",
    ]


def test_plain_progress_repeats_a_reason_only_once_it_changed() -> None:
    progress, result, _ = plain()
    for reason in ("still there", "still there", "busy", "busy", "still there"):
        progress.waiting(WAIT, reason, None)
    assert [line.rpartition(": ")[2] for line in result.lines] == ["still there", "busy", "still there"]


def test_plain_progress_keeps_a_message_of_azure_on_one_line() -> None:
    progress, result, _ = plain()
    progress.note("one\ntwo\x1b[31m")
    assert result.lines == [r"2026-01-01T03:00:00Z one\ntwo\x1b[31m"]


def screen(text: str) -> list[str]:
    terminal = pyte.Screen(80, 24)
    pyte.Stream(terminal).feed(text.replace("\n", "\r\n"))
    return [line.rstrip() for line in terminal.display if line.strip()]


def live() -> tuple[LiveProgress, Page, Ticking]:
    result, clock = page(80, color=True), Ticking()
    return LiveProgress(result.console, lambda: clock.seconds), result, clock


def test_live_progress_shows_the_running_step_and_what_it_waits_for() -> None:
    progress, result, clock = live()
    clock.seconds = 100
    progress.step_started(WAIT)
    progress.waiting(WAIT, "the link is still there", UNTIL)
    progress.note("a note")
    clock.seconds = 142
    progress.waiting(WAIT, "the link is still there", UNTIL)
    try:
        lines = screen(result.text)
    finally:
        progress.close()
    assert lines[0] == "  a note"
    assert lines[1].endswith("Waiting for the link to be removed · 42 s · usually seconds, at times 15 min")
    assert lines[2] == "  until 03:15:00 UTC at the latest"


def test_live_progress_says_what_a_step_waits_for_that_its_own_line_does_not_say() -> None:
    progress, result, _ = live()
    progress.step_started(STEP)
    progress.waiting(STEP, "the app to be disconnected", UNTIL)
    progress.note("a note")
    try:
        lines = screen(result.text)
    finally:
        progress.close()
    assert lines[2] == "  the app to be disconnected, until 03:15:00 UTC at the latest"


def test_brief_progress_leaves_no_line_of_a_look_and_one_of_each_change() -> None:
    result, clock = page(80, color=True), Ticking()
    progress = LiveProgress(result.console, lambda: clock.seconds, brief=True)
    look = replace(STEP, do="verify", tell="Reading everything again")
    for step, status in ((look, "succeeded"), (STEP, "succeeded"), (look, "failed")):
        progress.step_started(step)
        progress.step_ended(step, ended(status, seconds=8.0))
    progress.close()
    assert screen(result.text) == [
        "✓ Disconnecting orders-func  8 s",
        "✗ Reading everything again  failed  8 s",
    ]


def test_live_progress_leaves_only_the_ticked_lines_behind() -> None:
    progress, result, _ = live()
    progress.step_started(STEP)
    progress.waiting(STEP, "busy", None)
    progress.step_ended(STEP, ended(seconds=8.0))
    progress.step_started(WAIT)
    progress.step_ended(WAIT, ended("failed", seconds=900.0, detail="the link did not go"))
    progress.close()
    assert screen(result.text) == [
        "✓ Disconnecting orders-func  8 s",
        "✗ Waiting for the link to be removed  failed  15 min",
        "  the link did not go",
    ]


def test_spoken_progress_has_a_sentence_for_each_change_and_each_failure() -> None:
    result = page(80)
    progress = SpokenProgress(result.console)
    look = replace(STEP, do="verify", tell="Reading everything again")
    for step in (look, STEP, WAIT):
        progress.step_started(step)
        progress.waiting(step, "Azure", UNTIL)
    progress.step_ended(STEP, ended())
    progress.step_ended(WAIT, ended("failed", detail="the link did not go"))
    progress.close()
    assert result.text.split("\n") == [
        "Disconnecting orders-func, usually 1 to 53 s.",
        "Waiting for the link to be removed, usually seconds, at times 15 min.",
        "Waiting for the link to be removed: failed. the link did not go",
        "",
    ]


def test_live_progress_gives_the_cursor_back() -> None:
    progress, result, _ = live()
    progress.step_started(STEP)
    progress.close()
    progress.close()
    assert result.text.rindex("\x1b[?25h") > result.text.rindex("\x1b[?25l")
    assert screen(result.text) == []


@pytest.mark.parametrize("do", ["confirm", "delegate", "pause"])
def test_live_progress_does_not_redraw_while_a_question_is_open(do: str) -> None:
    progress, result, _ = live()
    progress.step_started(replace(STEP, do=do))
    assert result.text == ""


@pytest.mark.parametrize("made", [live, plain])
def test_a_skipped_step_is_called_skipped(
    made: Callable[[], tuple[LiveProgress | PlainProgress, Page, Ticking]],
) -> None:
    progress, result, _ = made()
    progress.step_ended(STEP, ended("skipped"))
    assert "skipped" in result.text


def test_live_progress_cannot_be_moved_by_what_azure_says() -> None:
    progress, result, _ = live()
    progress.step_ended(STEP, ended("failed", detail="\x1b[2Jgone\r"))
    assert screen(result.text)[1] == r"  \x1b[2Jgone\r"


def test_live_progress_names_the_app_where_a_line_stands_for_several() -> None:
    progress, result, _ = live()
    progress.step_ended(replace(STEP, tell="Disconnecting all"), ended())
    assert screen(result.text) == ["✓ Disconnecting all: orders-func"]
