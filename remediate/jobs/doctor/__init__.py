"""`remediate doctor`: what would keep a repair from working, before there is an outage. Sends only reads."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from remediate.azure.clock import Clock
from remediate.azure.network_path import network_path
from remediate.azure.session import Session, default_subscription, open_session
from remediate.azure.time_limit import TimeLimit
from remediate.errors import Exit, RemediateError, UsageError
from remediate.jobs.context import CommandContext, open_azure
from remediate.jobs.doctor import cloud, machine, permissions
from remediate.jobs.doctor.outcome import host_of, is_wrong_use, no_answer, outcome, skipped
from remediate.jobs.invocation import Invocation
from remediate.jobs.output import print_document
from remediate.jobs.store import cloud_of, is_shared
from remediate.jobs.subscription import find_subscription
from remediate.jobs.target import resolve_app
from remediate.model import Check, Doctor
from remediate.model.failure import RequestFailed
from remediate.redaction import one_line
from remediate.show.console import open_consoles, warn
from remediate.show.doctor import print_doctor
from remediate.state.local import LocalStore

Result = TypeVar("Result")
LIMIT = 5.0
"""Seconds for all checks together; `--timeout` sets another limit."""


class Target:
    """The arguments that name an app; none of them is given where only the machine is looked at."""

    def __init__(self, target: str | None, group: str | None, name: str | None, slot: str | None) -> None:
        self._arguments = (target, group, name, slot)

    @property
    def given(self) -> bool:
        """Whether an app is named."""
        return any(one is not None for one in self._arguments)

    def access(self, invocation: Invocation, session: Session) -> permissions.TargetAccess:
        """Find the app, and read what the account may do there. Raises UsageError and RequestFailed."""
        nowhere = LocalStore(Path(tempfile.gettempdir()) / "remediate-doctor")  # finding an app keeps nothing
        named = default_subscription(invocation.options.subscription)
        wanted = find_subscription(session, named) if named else None
        consoles = open_consoles(no_color=invocation.options.no_color)
        context = CommandContext(invocation, consoles, session, nowhere, wanted)
        return permissions.read_access(session, context.reader.app(resolve_app(context, *self._arguments)))


def doctor(
    invocation: Invocation,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    role_file: Path | None,
) -> Exit:
    """Look at everything side by side, print a line for each check, and return the exit code."""
    named = Target(target, group, name, slot)
    if role_file and not named.given:
        raise UsageError("--role-file needs TARGET: the app that the role is for")
    consoles = open_consoles(no_color=invocation.options.no_color)
    with (
        open_azure(invocation, consoles.err) as clock,
        TimeLimit(invocation.options.timeout or LIMIT) as limit,
    ):
        found = Examination(invocation, named, limit, clock).document()
    written = _write(role_file, found.role) if role_file and found.role else None
    if role_file and not written:
        warn(consoles.err, f"{role_file} was not written: the app could not be read")
    print_document(invocation.options, found, lambda console: print_doctor(console, found, written))
    return Exit.DONE if found.ready else Exit.FOUND_SOMETHING


def _write(file: Path, role: object) -> Path:
    try:
        file.write_text(json.dumps(role, indent=2) + "\n", encoding="utf-8", newline="\n")
        return file
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {one_line(error.strerror or str(error))}") from error


class Examination:
    """The checks of one command: they run side by side, and one begins when what it needs is there."""

    def __init__(self, invocation: Invocation, target: Target, limit: TimeLimit, clock: Clock) -> None:
        self._invocation, self._options = invocation, invocation.options
        self._target, self._limit = target, limit
        self._arm, self._authority = cloud.endpoint(self._options)
        # Longer than the limit: what hangs is told by that, with the host and the proxy.
        self._path = limit.start(partial(network_path, self._arm, 2 * limit.seconds))
        self._session = limit.start(lambda: open_session(cloud_of(self._options), clock))
        self._state = limit.start(self._look_at_state)

    def document(self) -> Doctor:
        """Wait for every check, within the limit."""
        signed_in = self._signed_in()
        session = self._session.result() if signed_in.result == "ok" else None
        beyond, access = self._beyond_sign_in(session)
        checks = (
            machine.versions(),
            *self._on_the_way(),
            signed_in,
            machine.az(),
            *beyond,
            *self._state_and_runs(),
        )
        return Doctor(
            ready=all(one.result == "ok" for one in checks),
            checks=checks,
            target=access.app if access else None,
            lacking=access.lacking if access else (),
            role=access.role if access else None,
        )

    def _outcome(
        self, running: Future[Result], name: str, say: Callable[[Result], Check], address: str = ""
    ) -> Check:
        return outcome(self._limit, running, name, host_of(address or self._arm), say)

    def _signed_in(self) -> Check:
        found = self._outcome(self._session, "sign-in", cloud.sign_in, self._authority)
        failed = self._session.exception() if self._session.done() else None
        host = host_of(self._arm)  # which names, for a cloud of its own, the one that signs in
        return skipped("sign-in", f"{host} does not answer") if isinstance(failed, RequestFailed) else found

    def _on_the_way(self) -> tuple[Check, ...]:
        host = host_of(self._arm)
        say = partial(cloud.network, host)
        network = outcome(self._limit, self._path, "network", host, say, broken="problem")
        return (network, cloud.clock(self._path.result())) if network.result == "ok" else (network,)

    def _look_at_state(self) -> tuple[Check, ...]:
        """In a thread: shared state waits there for the sign-in, unless a connection string signs in."""
        session = None
        if is_shared(self._options):
            with suppress(RemediateError):
                session = self._session.result()
        return machine.state_and_runs(self._options, session, self._arm)

    def _state_and_runs(self) -> tuple[Check, ...]:
        try:
            return self._limit.result(self._state)
        except TimeoutError:
            return (no_answer("state", machine.state_name(self._options), self._limit),)

    def _beyond_sign_in(
        self, session: Session | None
    ) -> tuple[tuple[Check, ...], permissions.TargetAccess | None]:
        """The subscription, Resource Graph, and the target with what the account may do there."""
        names = ("subscription", "resource-graph", *(("target",) if self._target.given else ()))
        if session is None:
            return tuple(skipped(one, "there is no sign-in") for one in names), None
        wanted = default_subscription(self._options.subscription)
        subscription = self._limit.start(partial(cloud.subscription, session, self._options))
        graph = self._limit.start(partial(cloud.resource_graph, session, wanted)) if wanted else None
        target = (
            self._limit.start(partial(self._target.access, self._invocation, session))
            if self._target.given
            else None
        )
        checks = [
            self._outcome(subscription, "subscription", lambda found: found),
            self._outcome(graph, "resource-graph", lambda found: found)
            if graph
            else skipped("resource-graph", "there is no subscription"),
        ]
        if target is None:
            return tuple(checks), None
        there = self._outcome(target, "target", permissions.target)
        if target.done() and target.exception() is None:
            return (*checks, there, permissions.permissions(target.result())), target.result()
        if wanted and target.done() and is_wrong_use(target.exception()):
            raise target.exception() or AssertionError
        return (*checks, there), None
