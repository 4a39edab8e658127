"""Operators at their terminals, in this process: what they type, and the moment in which it is cut off."""

from __future__ import annotations

import io
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import strategies as st

from remediate.azure.pipeline import is_read
from remediate.azure.transport import ClockedTransport
from remediate.cli.app import run
from remediate.state.local import LocalStore
from tests.conftest import Azure
from tests.faults.test_sweep import ARM, FAULTS, answer

Kind = Literal["request", "write", "trial", "line"]
MET = {
    **FAULTS,
    "429 quota": {"answer": answer(429, "TooManyRequests", **{"Retry-After": "0.05"})},
    "403": {"answer": answer(403, "AuthorizationFailed", "no longer")},
}


@dataclass(frozen=True)
class Cut:
    """The `nth` request, write or line of the journal is the last thing before the end.

    A write of a trial changes nothing and counts by itself, as a `trial`.
    `during` ends while the write is under way in Azure. Ctrl-C once, or twice in a row, is no end.
    """

    how: Literal["killed", "ctrl-c", "ctrl-c twice"]
    kind: Kind
    nth: int
    when: Literal["before", "during", "after"]


@dataclass(frozen=True)
class Fault:
    """One of the sweep's faults, on the nth request of a method and some after it."""

    name: str
    method: str
    nth: int
    times: int = 1

    @property
    def rule(self) -> dict[str, Any]:
        """The rule for the sandbox."""
        match = {"path": ARM, "nth": self.nth, "method": self.method}
        return {"match": match, "times": self.times, **MET[self.name]}


@dataclass(frozen=True)
class Typed:
    """How a command ended: its exit code, None where it was killed, and its one document."""

    arguments: tuple[str, ...]
    code: int | None
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Stdout as the one document that it is."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def faults() -> st.SearchStrategy[list[Fault]]:
    """Up to two faults: on a write, anywhere, or a permission that is gone from some write on."""
    name = st.sampled_from(sorted(FAULTS))
    written = st.builds(Fault, name, st.sampled_from(("DELETE", "PATCH")), st.integers(1, 4))
    anywhere = st.builds(Fault, name, st.just(".*"), st.integers(8, 60))
    taken_away = st.builds(Fault, st.just("403"), st.just("PATCH|PUT"), st.integers(1, 4), st.just(0))
    return st.lists(written | anywhere | taken_away, max_size=2)


def cuts() -> st.SearchStrategy[Cut | None]:
    """No cut, or one at a write, a line of the journal or any request."""
    how = st.sampled_from(("killed", "killed", "ctrl-c", "ctrl-c twice"))
    around = st.sampled_from(("before", "after"))
    write = st.builds(Cut, how, st.just("write"), st.integers(1, 8), around)
    flying = st.builds(Cut, st.just("killed"), st.just("write"), st.integers(1, 8), st.just("during"))
    line = st.builds(Cut, how, st.just("line"), st.integers(1, 30), around)
    request = st.builds(Cut, st.just("killed"), st.just("request"), st.integers(1, 60), around)
    return st.none() | write | flying | line | request


class _Killed(BaseException):
    """Stands for SIGKILL: nothing of the product catches it, and nothing is sent or kept after it."""


class _Knife:
    def __init__(self, cut: Cut | None, azure: Azure) -> None:
        self._cut = cut
        self._azure = azure
        self._lock = threading.Lock()
        self._passed = 0
        self.dead = self.announced_trial = False

    def around(self, kinds: tuple[Kind, ...], action: Callable[[], Any]) -> Any:
        """The action, unless it or what came before it was the last."""
        due = self._due(kinds)
        if due and self._cut and self._cut.when == "before":
            self._end(self._cut)
        elif due and self._cut and self._cut.when == "during":
            self._let_fly(action)
            self._end(self._cut)
        done = action()
        if due and self._cut and self._cut.when == "after":
            self._end(self._cut)
        return done

    def _due(self, kinds: tuple[Kind, ...]) -> bool:
        with self._lock:
            if self.dead:
                raise _Killed
            if self._cut is None or self._cut.kind not in kinds:
                return False
            self._passed += 1
            return self._passed == self._cut.nth

    def _end(self, cut: Cut) -> None:
        if cut.how == "killed":
            self.dead = True
            raise _Killed
        for _ in range(2 if cut.how == "ctrl-c twice" else 1):
            signal.raise_signal(signal.SIGINT)

    def _let_fly(self, action: Callable[[], Any]) -> None:
        """Send, and go on as soon as the request has arrived."""
        before = len(self._azure.writes)
        flying = threading.Thread(target=_unheard, args=(action,), daemon=True)
        flying.start()
        while flying.is_alive() and len(self._azure.writes) == before:
            pass


def _unheard(action: Callable[[], Any]) -> None:
    """Nobody is left to hear the answer, or that there is none."""
    with suppress(Exception):
        action()


def typed(azure: Azure, *arguments: str, cut: Cut | None = None, bad: list[Fault] | None = None) -> Typed:
    """Run a command among faults, and cut it off; what it had sent when it was killed goes on in Azure."""
    out, err, code = io.StringIO(), io.StringIO(), None
    knife = _Knife(cut, azure)
    azure.fault(*(one.rule for one in bad or []))
    with redirect_stdout(out), redirect_stderr(err), _held(knife):
        try:
            code = run(arguments)
        except _Killed:
            code = None
    azure.fault()
    return Typed(arguments, None if knife.dead else code, out.getvalue(), err.getvalue())


@contextmanager
def _held(knife: _Knife) -> Iterator[None]:
    send, append = ClockedTransport.send, LocalStore.append

    def cut_send(transport: Any, request: Any, **options: Any) -> Any:
        writes: Kind = "trial" if knife.announced_trial else "write"
        kinds: tuple[Kind, ...] = ("request",) if is_read(request) else ("request", writes)
        return knife.around(kinds, lambda: send(transport, request, **options))

    def cut_append(store: LocalStore, name: str, line: bytes) -> None:
        if b'"kind":"intent"' in line:
            knife.announced_trial = b'"do":"trial"' in line
        knife.around(("line",), lambda: append(store, name, line))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClockedTransport, "send", cut_send)
        patch.setattr(LocalStore, "append", cut_append)
        yield
