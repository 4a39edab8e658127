"""Where Azure says that the apps of a run are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from remediate.azure.waiting import Waiter
from remediate.errors import RemediateError
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.invocation import Invocation
from remediate.model import Where
from remediate.model.failure import RequestFailed
from remediate.run.current_state import read_current_state
from remediate.run.journal import Record
from remediate.show.console import open_consoles, warn
from remediate.show.unfinished import AppNow

_PATIENCE = 5.0
"""Seconds to wait for an operation that Azure has not finished: an operator waits for the first line."""


def apps_now(context: CommandContext, record: Record) -> tuple[AppNow, ...]:
    """Where Azure says that each app of a run is, and since when it is disconnected; `unclear` if unread."""
    plan = record.begin.plan
    waiter = Waiter(context.session.clock, context.options.poll_interval, _PATIENCE)
    try:
        where = read_current_state(context.reader, plan, waiter).apps
    except RequestFailed:
        where = {}
    return tuple(
        AppNow(app.id, where.get(app.id, "unclear"), _since(record, app.id, where.get(app.id)))
        for app in plan.apps
    )


def apps_of_runs(invocation: Invocation, records: Iterable[Record]) -> Mapping[str, tuple[AppNow, ...]]:
    """The same for each of some runs, by run: signs in if there is one, and never raises for what is unread.

    An app is `unclear` where the sign-in fails, and where its run was on another Azure than this one.
    """
    waiting = [one for one in records if one.begin.plan.apps]
    unread = {one.begin.run: _unread(one) for one in waiting}
    if not waiting:
        return unread
    try:
        with open_context(invocation) as context:
            arm = context.session.cloud.arm.casefold()
            here = [one for one in waiting if one.begin.arm.casefold() == arm]
            return unread | {one.begin.run: apps_now(context, one) for one in here}
    except RemediateError as error:
        console = open_consoles(no_color=invocation.options.no_color).err
        warn(console, f"Which apps are without network now could not be read: {error}")
        return unread


def _unread(record: Record) -> tuple[AppNow, ...]:
    return tuple(AppNow(app.id, "unclear", None) for app in record.begin.plan.apps)


def _since(record: Record, app: str, where: Where | None) -> datetime | None:
    """When the run sent the request that disconnected an app, if it is disconnected."""
    sent = record.first_disconnect(app)
    return sent.at if sent and where == "disconnected" else None
