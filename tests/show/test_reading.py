"""That Azure is being read: a spinner in a terminal, a line elsewhere, and the host where it takes long."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from remediate.azure.outstanding import GAP, Outstanding
from remediate.show.console import open_consoles
from remediate.show.reading import ReadingNotice, Waited


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Now:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def notice(stream: io.StringIO, waited: Callable[[], Waited | None], *, live: bool) -> ReadingNotice:
    return ReadingNotice(open_consoles(err=stream, width=80).err, live=live, waiting=waited)


@pytest.mark.parametrize(
    ("waits", "told"),
    [
        ([Waited("arm", 0.2, 0.2)], []),
        ([Waited("arm", 4.9, 60)], []),
        ([None], []),
        ([Waited("arm", 5, 5), Waited("arm", 6, 6), Waited("arm", 7, 7)], ["arm (5 s)"]),
        ([Waited("arm", 5, 5), Waited("login", 5.2, 9)], ["arm (5 s)", "login (5 s)"]),
        ([Waited("arm", 5, 5), Waited("arm", 1, 9), Waited("arm", 6, 15)], ["arm (5 s)", "arm (6 s)"]),
        ([Waited("a\x1b[31m", 5, 5)], ["a\\x1b[31m (5 s)"]),
    ],
)
def test_elsewhere_a_long_wait_is_one_plain_line(waits: list[Waited | None], told: list[str]) -> None:
    stream, left = io.StringIO(), list(waits)
    one = notice(stream, lambda: left.pop(0), live=False)
    for _ in waits:
        one.look()
    assert stream.getvalue().splitlines() == [f"· Still waiting for {line}" for line in told]


def test_in_a_terminal_a_spinner_names_the_host_after_a_while_and_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    waits = [Waited("arm", 0.2, 0.2)]
    one = notice(stream, lambda: waits[-1], live=True)
    one.look()
    assert stream.getvalue() == ""
    waits.append(Waited("arm", 0.1, 0.4))
    one.look()
    assert "Reading Azure" in stream.getvalue()
    waits.append(Waited("arm", 7, 7))
    one.look()
    one.hide()
    assert "Still waiting for arm (7 s)" in stream.getvalue()
    written = stream.getvalue()
    one.hide()
    assert stream.getvalue() == written


def test_nothing_is_told_where_something_else_tells_it() -> None:
    stream = io.StringIO()
    one = notice(stream, lambda: Waited("arm", 9, 9), live=False)
    with one.paused():
        one.look()
    assert stream.getvalue() == ""
    one.look()
    assert "arm" in stream.getvalue()


def test_the_oldest_request_is_the_one_that_is_waited_for() -> None:
    now, idle = Now(), []
    outstanding = Outstanding(now)
    outstanding.on_idle = lambda: idle.append(now.seconds)
    assert outstanding.longest() is None
    with outstanding.waiting("arm"):
        now.seconds += 3
        with outstanding.waiting("login"):
            assert outstanding.longest() == ("arm", 3, 3)
        assert idle == []
    assert (idle, outstanding.longest()) == ([103.0], None)
    now.seconds += GAP / 2
    with outstanding.waiting("arm"):
        assert outstanding.longest() == ("arm", 0, pytest.approx(3 + GAP / 2))
    now.seconds += 2 * GAP
    with outstanding.waiting("arm"):
        assert outstanding.longest() == ("arm", 0, 0)
