"""What a signal does next: by what the command is doing, and by how many came. In this process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from remediate.run.interruption import GRACE, Interruption, StopNow

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the signals of POSIX")
INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    interruption = Interruption()
    with interruption.installed():
        yield interruption


def raised(*numbers: int) -> type[BaseException] | None:
    """What the last of these signals ends the command with."""
    for number in numbers[:-1]:
        signal.raise_signal(number)
    try:
        signal.raise_signal(numbers[-1])
    except (KeyboardInterrupt, StopNow) as error:
        return type(error)
    return None


@pytest.mark.parametrize("number", [INT, TERM, HUP])
def test_while_nothing_was_sent_a_signal_ends_the_command(interruption: Interruption, number: int) -> None:
    assert raised(number) is KeyboardInterrupt
    assert (interruption.requested, interruption.stopped) == (True, True)
    assert raised(INT, TERM, HUP) is None  # it is ending already


@pytest.mark.parametrize(
    ("numbers", "ends", "reported"),
    [
        ((INT,), None, [INT]),
        ((TERM,), None, [TERM]),
        ((HUP,), None, [HUP]),
        ((INT, TERM), StopNow, [INT]),
        ((INT, INT), StopNow, [INT]),
        ((HUP, HUP), None, [HUP]),
        ((HUP, HUP, INT), None, [HUP]),
        ((INT, HUP), None, [INT]),
        ((HUP, INT, TERM), StopNow, [HUP]),
        ((INT, HUP, INT), StopNow, [INT]),
    ],
)
def test_during_a_run_the_second_signal_ends_it_and_a_hangup_never_is_the_second(
    interruption: Interruption,
    numbers: tuple[int, ...],
    ends: type[BaseException] | None,
    reported: list[int],
) -> None:
    told: list[int] = []
    interruption.defer(told.append, KeyboardInterrupt)
    assert not interruption.requested
    assert raised(*numbers) is ends
    assert told == reported
    assert (interruption.requested, interruption.stopped) == (True, ends is not None)


def test_a_report_that_fails_fails_nothing(interruption: Interruption) -> None:
    def lost(_: int) -> None:
        raise OSError("the terminal is gone")

    interruption.defer(lost, KeyboardInterrupt)
    assert raised(INT) is None
    assert interruption.requested


def test_while_the_result_is_printed_no_signal_ends_anything(interruption: Interruption) -> None:
    told: list[int] = []
    interruption.defer(told.append, KeyboardInterrupt)
    interruption.report()
    assert raised(INT, INT, HUP, TERM) is None
    assert (interruption.requested, interruption.stopped, told) == (True, False, [])


@pytest.mark.parametrize(
    ("number", "read"), [(INT, None), (TERM, None), (HUP, "read"), (None, "read")], ids=str
)
def test_what_is_good_to_have_is_given_up_for_a_signal(
    interruption: Interruption, number: int | None, read: str | None
) -> None:
    def reading() -> str:
        if number is not None:
            signal.raise_signal(number)
        return "read"

    assert interruption.optionally(reading) == read
    assert interruption.stopped is (read is None)
    assert raised(INT, INT) is None
    assert interruption.optionally(reading) == (None if read is None else read)


def test_what_is_good_to_have_is_not_read_once_the_command_was_stopped(interruption: Interruption) -> None:
    assert raised(INT) is KeyboardInterrupt
    asked: list[int] = []
    assert interruption.optionally(lambda: asked.append(1)) is None
    assert asked == []


def test_a_block_that_defers_a_signal_ends_before_the_command_does(interruption: Interruption) -> None:
    with interruption.deferring(KeyboardInterrupt):
        pass
    assert raised(INT) is KeyboardInterrupt
    again = Interruption()
    with again.installed():
        with again.deferring(KeyboardInterrupt):
            assert raised(INT) is None
        assert again.requested
        assert raised(INT) is None
        assert not again.stopped


def test_a_signal_is_handled_within_and_as_before_afterwards() -> None:
    before = {number: signal.getsignal(number) for number in (INT, TERM, HUP)}
    with Interruption().installed():
        assert all(signal.getsignal(number) != before[number] for number in before)
    assert {number: signal.getsignal(number) for number in before} == before


def test_where_the_process_ends_with_the_command_signals_are_ignored_afterwards() -> None:
    before = {number: signal.getsignal(number) for number in (INT, TERM, HUP)}
    try:
        with Interruption(lambda _: None).installed():
            pass
        assert {signal.getsignal(number) for number in before} == {signal.SIG_IGN}
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_command_that_was_started_to_ignore_hangups_goes_on_ignoring_them() -> None:
    before = signal.signal(HUP, signal.SIG_IGN)
    try:
        interruption = Interruption()
        with interruption.installed():
            assert raised(HUP) is None
            assert not interruption.requested
        assert signal.getsignal(HUP) is signal.SIG_IGN
    finally:
        signal.signal(HUP, before)


def test_in_another_thread_no_handler_is_installed() -> None:
    before, seen = signal.getsignal(INT), []

    def work() -> None:
        with Interruption().installed():
            seen.append(signal.getsignal(INT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool], list[BaseException]]]:
    """Stop a command, and say what its process was ended with once its time was up."""
    before = {number: signal.getsignal(number) for number in (INT, TERM, HUP)}

    def stop(reports: bool) -> list[BaseException]:
        ended: list[BaseException] = []
        over = threading.Event()
        slept: list[float] = []
        interruption = Interruption(ended.append)

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if reports:
                interruption.report()

        monkeypatch.setattr("remediate.run.interruption.time.sleep", sleep)
        watch = interruption._watch

        def watched() -> None:
            watch()
            over.set()

        monkeypatch.setattr(interruption, "_watch", watched)
        with interruption.installed():
            interruption.explain = lambda: ValueError("stopped")
            assert raised(INT) is KeyboardInterrupt
            assert over.wait(30)
        assert slept == [GRACE]
        return ended

    yield stop
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_command_that_does_not_end_by_itself_is_ended(
    ending: Callable[[bool], list[BaseException]],
) -> None:
    assert [str(one) for one in ending(False)] == ["stopped"]
    assert ending(True) == []
    assert GRACE == 0.6  # a command that was stopped is gone within a second
