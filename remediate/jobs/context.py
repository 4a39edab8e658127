"""What a command works with: a session on the right Azure, the state store, consoles and prompts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

from rich.console import Console

from remediate.azure.clock import Clock, ScaledClock, SystemClock
from remediate.azure.deadline import NO_ANSWER, READ, READ_WHILE_AWAY, read_limit, silence_limit
from remediate.azure.outstanding import OUTSTANDING
from remediate.azure.reader import Reader
from remediate.azure.sdk import load_clients
from remediate.azure.session import Session, default_subscription, open_session
from remediate.errors import UsageError
from remediate.jobs.extras import import_extra
from remediate.jobs.invocation import Invocation
from remediate.jobs.store import cloud_of, open_store, shared_state
from remediate.jobs.subscription import UnknownSubscription, VisibleSubscription, find_subscription
from remediate.show.commands import repeat_subscription
from remediate.show.console import Consoles, open_consoles, safe, symbols
from remediate.show.reading import ReadingNotice, Waited
from remediate.state.store import Store


class CommandContext:
    """What every command that reads Azure works with.

    `guided` says that the wizard leads: it has shown the plan and asked, so what is printed is short.
    `goes_back` says that the operator left the last question of a run for the one before it.
    """

    def __init__(
        self,
        invocation: Invocation,
        consoles: Consoles,
        session: Session,
        store: Store,
        subscription: VisibleSubscription | UnknownSubscription | None,
    ) -> None:
        self.options, self.prompts, self.interruption = invocation
        self.consoles = consoles
        self.session = session
        self.store = store
        self.notice: ReadingNotice | None = None
        self.reader: Reader = Reader(session)
        self.guided = False
        self.goes_back = False
        self._subscription = subscription

    @property
    def default_subscription(self) -> str | None:
        """The id of the subscription to search, None when none is configured that is visible."""
        return self._subscription.id if isinstance(self._subscription, VisibleSubscription) else None

    @property
    def unknown_subscription(self) -> UnknownSubscription | None:
        """The one that is configured, where it is not found or not visible."""
        return self._subscription if isinstance(self._subscription, UnknownSubscription) else None

    @property
    def subscription(self) -> str:
        """The id of the subscription to search. Raises UsageError when none is configured or visible."""
        if isinstance(self._subscription, UnknownSubscription):
            raise self._subscription
        if self._subscription is None:
            raise UsageError(
                "no subscription is configured",
                hint="pass --subscription ID, or set one: `az account set --subscription ID`",
            )
        return self._subscription.id

    def told_otherwise(self) -> AbstractContextManager[None]:
        """Within, something else than the notice tells what is being read."""
        return self.notice.paused() if self.notice else nullcontext()

    def check_signed_in(self) -> None:
        """Raise the RequestFailed of a read whose token was not accepted: what was read says nothing."""
        failure, self.session.unauthenticated = self.session.unauthenticated, None
        if failure is not None:
            raise failure

    def choose_subscription(self, chosen: VisibleSubscription) -> None:
        """Search in this one from now on; commands that are printed name it."""
        self._subscription = chosen
        repeat_subscription(chosen.id)

    @property
    def interactive(self) -> bool:
        """Whether the operator is to be asked: there is a terminal, and --yes is not given."""
        return self.prompts.available and not self.options.yes


@contextmanager
def open_context(
    invocation: Invocation, *, may_write: bool = False, may_ask: bool = False
) -> Iterator[CommandContext]:
    """Sign in, and print the account first of all. Raises UsageError, NotSignedIn and StoreError.

    With `may_ask` the caller asks for another subscription where the one asked for is unknown.
    With `may_write` a thread imports the SDK clients during the sign-in; otherwise the first write does.
    """
    options = invocation.options
    consoles = open_consoles(no_color=options.no_color)
    shared_state(options)  # a wrong address is reported before the sign-in
    notice = ReadingNotice(consoles.err, live=consoles.live, waiting=_waited)
    with ExitStack() as stack:
        clock = stack.enter_context(open_azure(invocation, consoles.err))
        if may_write and not options.dry_run:
            load_clients()
        stack.enter_context(read_limit(lambda: max(options.timeout or READ, READ_WHILE_AWAY)))
        stack.enter_context(silence_limit(NO_ANSWER))
        stack.enter_context(_told_by(notice))
        session = stack.enter_context(open_session(cloud_of(options), clock))
        subscription = _subscription(session, options.subscription, needed=not may_ask)
        _print_account(consoles.err, session, subscription)
        store = stack.enter_context(open_store(options, session))
        context = CommandContext(invocation, consoles, session, store, subscription)
        context.notice = notice
        yield context


@contextmanager
def _told_by(notice: ReadingNotice) -> Iterator[None]:
    """Within, what is waited for is told; a spinner goes as soon as the answer is there."""
    before, OUTSTANDING.on_idle = OUTSTANDING.on_idle, notice.hide
    try:
        with notice.shown():
            yield
    finally:
        OUTSTANDING.on_idle = before


def _waited() -> Waited | None:
    longest = OUTSTANDING.longest()
    return Waited(*longest) if longest else None


@contextmanager
def open_azure(invocation: Invocation, console: Console) -> Iterator[Clock]:
    """The clock of the real Azure, or of a private sandbox that is stopped when the command ends."""
    options = invocation.options
    if options.sandbox is None:
        yield SystemClock()
        return
    before = dict(os.environ)
    sandbox = import_extra("remediate.jobs.sandbox", "sandbox", "the sandbox")
    speed = options.sandbox_speed
    with sandbox.private_sandbox(options.sandbox, speed) as running:
        os.environ.update(running.environment, NO_PROXY="localhost,127.0.0.1")
        console.print(f"Sandbox {options.sandbox}: a simulated Azure, its time {speed:g} times faster.")
        try:
            yield ScaledClock(speed)
        finally:
            os.environ.clear()
            os.environ.update(before)


def _subscription(
    session: Session, asked: str | None, *, needed: bool
) -> VisibleSubscription | UnknownSubscription | None:
    """The subscription to search. If `needed`, one that was asked for is visible, or UnknownSubscription.

    One of the environment or of `az` matters only to a command that searches: TARGET may be an id.
    """
    given = default_subscription(asked)
    try:
        return find_subscription(session, given) if given else None
    except UnknownSubscription as unknown:
        if asked and needed:
            raise
        return unknown


def _print_account(
    console: Console, session: Session, subscription: VisibleSubscription | UnknownSubscription | None
) -> None:
    dot = f" {symbols(console).dot} "
    parts = [f"Signed in as {safe(session.signed_in.who)}", safe(session.cloud.name)]
    if isinstance(subscription, VisibleSubscription):
        parts.insert(1, f"subscription {safe(subscription)}")
    elif subscription:
        parts.insert(1, f"subscription {safe(subscription.given)} (not found or not visible)")
    console.print(dot.join(parts), style="quiet")


def needs_terminal(flag: str) -> UsageError:
    """The error of a command that has to ask and has no terminal."""
    return UsageError(f"this needs an answer and there is no terminal: pass {flag}")
