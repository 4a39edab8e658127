"""Where a command works: signed in, on the right Azure (real or private sandbox), with consoles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click
from rich.console import Console

from remediate import ids
from remediate.azure.clock import Clock, ScaledClock, SystemClock
from remediate.azure.deadline import READ, READ_WHILE_AWAY, read_limit
from remediate.azure.reader import Reader
from remediate.azure.session import Session, default_subscription, open_session, subscription_name
from remediate.cli.cloud import cloud_of
from remediate.cli.deferred import load
from remediate.cli.options import Options
from remediate.cli.parameters import INTERRUPTION
from remediate.cli.state import opened, shared
from remediate.cli.terminal import interactive
from remediate.errors import UsageError
from remediate.run.interruption import Interruption
from remediate.show.console import Look, look, safe, signs
from remediate.state.store import Store


class Desk:
    """What every command has at hand."""

    def __init__(
        self,
        options: Options,
        consoles: Look,
        session: Session,
        store: Store,
        subscription: str | None,
        interruption: Interruption,
    ) -> None:
        self.options = options
        self.look = consoles
        self.session = session
        self.store = store
        self.reader: Reader = Reader(session)
        self.interruption = interruption
        self._subscription = subscription

    @property
    def subscription(self) -> str:
        """The subscription to look things up in. Raises UsageError when none is known."""
        if self._subscription is None:
            raise UsageError(
                "no subscription is known", hint="pass --subscription ID, or choose one with: az account set"
            )
        return self._subscription

    @property
    def interactive(self) -> bool:
        """Whether somebody is there to answer."""
        return interactive() and not self.options.yes


@contextmanager
def desk(options: Options) -> Iterator[Desk]:
    """Sign in and say who that is, before anything else. Raises UsageError."""
    consoles = look(no_color=options.no_color)
    shared(options)  # an address that is wrong is told before anybody signs in
    with ExitStack() as stack:
        clock = stack.enter_context(_azure(options, consoles.err))
        stack.enter_context(read_limit(lambda: max(options.timeout or READ, READ_WHILE_AWAY)))
        session = stack.enter_context(open_session(cloud_of(options), clock))
        subscription = default_subscription(options.subscription)
        _introduce(consoles.err, session, subscription)
        store = stack.enter_context(opened(options, session))
        interruption: Interruption = click.get_current_context().ensure_object(dict)[INTERRUPTION]
        yield Desk(options, consoles, session, store, subscription, interruption)


@contextmanager
def _azure(options: Options, console: Console) -> Iterator[Clock]:
    """The clock of the real Azure, or of a private sandbox that lives as long as the command."""
    if options.sandbox is None:
        yield SystemClock()
        return
    before = dict(os.environ)
    sandbox = load("remediate.cli.sandbox:private")(options.sandbox, options.sandbox_speed)
    speed = options.sandbox_speed
    with sandbox:
        os.environ.update(sandbox.environment, NO_PROXY="localhost,127.0.0.1")
        console.print(f"Sandbox {options.sandbox}: a simulated Azure, its time {speed:g} times faster.")
        try:
            yield ScaledClock(speed)
        finally:
            os.environ.clear()
            os.environ.update(before)


def _introduce(console: Console, session: Session, subscription: str | None) -> None:
    dot = f" {signs(console).dot} "
    parts = [f"Signed in as {safe(session.signed_in.who)}", safe(session.cloud.name)]
    if subscription:
        _check_subscription(subscription)
        name = subscription_name(session, subscription)
        told = safe(name) if name == subscription else f"{safe(name)} ({safe(subscription)})"
        parts.insert(1, f"subscription {told}")
    console.print(dot.join(parts), style="quiet")


def _check_subscription(subscription: str) -> None:
    try:
        ids.parse(f"/subscriptions/{subscription}")
    except ids.InvalidId as error:
        raise UsageError(f"not a subscription id: {subscription[:80]!r}") from error


def ask_for_terminal(flag: str) -> UsageError:
    """What a command says that would need an answer and has nobody to ask."""
    return UsageError(f"this needs an answer and there is no terminal: pass {flag}")
