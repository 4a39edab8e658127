"""`remediate watch`: assess apps again and again; keep and report what changed since the last time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from msgspec.structs import replace

from remediate.errors import Exit, RemediateError, StoreError, UnexpectedError
from remediate.jobs.assessment import Assessment, assess, snapshot_of
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.invocation import Invocation
from remediate.jobs.notifications import Receiver, Webhook
from remediate.jobs.recording import snapshot_store
from remediate.jobs.target import resolve_app
from remediate.jobs.verify import build_verification
from remediate.jobs.webhook import check_webhook
from remediate.model import Snapshot, Watched
from remediate.run.interruption import StopNow
from remediate.show.console import warn
from remediate.show.documents import render, render_line
from remediate.show.snapshot import print_watch_event
from remediate.snapshot.events import assessment_event, failure_event, is_changed, with_known_facts
from remediate.state.receivers import CONSOLE
from remediate.state.snapshots import LATEST, time_label


def watch(
    invocation: Invocation, targets: tuple[str, ...], every: float, once: bool, notify: str | None
) -> Exit:
    """Assess apps every so many seconds and print what changed; return the exit code."""
    url = check_webhook(notify) if notify is not None else None
    with open_context(invocation) as context:
        resolved = [resolve_app(context, one, None, None, None) for one in targets]
        watcher = Watcher(context, list({one.casefold(): one for one in resolved}.values()), url)
        if once:
            for result in watcher.round():
                _print_event(context, result.event)
            return watcher.exit
        _watch_until_interrupted(context, watcher, every)
    return Exit.DONE


def _watch_until_interrupted(context: CommandContext, watcher: Watcher, every: float) -> None:
    """Watch until a signal comes. A round is finished and printed first, unless a second signal comes."""
    interruption = context.interruption
    try:
        with suppress(KeyboardInterrupt, StopNow):  # the way to end a watch
            while not interruption.requested:
                with interruption.deferring(lambda: SystemExit(Exit.DONE)):
                    for result in watcher.round():
                        if result.is_new:
                            _print_event(context, result.event)
                if not interruption.requested:
                    context.session.clock.sleep(every)
    finally:
        interruption.report()


def _print_event(context: CommandContext, event: Watched) -> None:
    options, out = context.options, context.consoles.out
    if options.output == "table":
        print_watch_event(out, event)
    elif options.output == "json":
        out.out(render_line(event, options.query), highlight=False)
    else:
        out.out(f"---\n{render(event, 'yaml', options.query)}", highlight=False)


class WatchResult(NamedTuple):
    """The event of one assessment of an app; `is_new` says that it differs from the last one."""

    event: Watched
    is_new: bool


class Watcher:
    """The apps that are watched, and the last snapshot of each, which the store keeps between commands."""

    def __init__(self, context: CommandContext, apps: list[str], url: str | None = None) -> None:
        self._context = context
        self._apps = apps
        self._last: dict[str, Snapshot] = {}
        self._exits: dict[str, Exit] = {}
        self._console = Receiver(context, CONSOLE)
        self._webhook = Webhook(context, url) if url is not None else None

    @property
    def exit(self) -> Exit:
        """The exit code of the last round: that of an error, else what was found, else 0."""
        exits = self._exits.values()
        errors = [one for one in exits if one not in (Exit.DONE, Exit.FOUND_SOMETHING)]
        return errors[0] if errors else max(exits)

    def round(self) -> Iterator[WatchResult]:
        """Assess each app once. An error ends nothing; the webhook is called after the console."""
        reachable = True
        for app in self._apps:
            try:
                yield self._assess(app)
            except Exception as raised:
                error = raised if isinstance(raised, RemediateError) else UnexpectedError(raised)
                self._exits[app] = error.exit
                yield self._failed(app, str(error))
            if self._webhook and reachable:
                reachable = self._webhook.deliver(app)

    def _assess(self, app: str) -> WatchResult:
        assessment = assess(self._context, app)
        verification = build_verification(self._context, assessment)
        self._exits[app] = Exit.DONE if verification.healthy else Exit.FOUND_SOMETHING
        now, before = self._snapshot(assessment), self._last.get(app) or self._kept(app)
        changed = is_changed(before, now)
        label = self._keep_dated(now) if changed else None
        event = assessment_event(now, before, label, failing=self._console.known(app).failing)
        if self._webhook:
            # Before the snapshot is kept as the latest: an event is delivered whatever happens next.
            self._webhook.add_assessment(app, now, before, label)
        self._console.keep_failing(app, failing=False)
        self._last[app] = with_known_facts(before, now)
        if changed:
            self._save(self._last[app])
        return WatchResult(event, event.event != "same")

    def _failed(self, app: str, message: str) -> WatchResult:
        event = failure_event(app, self._context.session.clock.now(), message)
        is_new = not self._console.known(app).failing
        if self._webhook:
            self._webhook.add_failure(app, event)
        self._console.keep_failing(app, failing=True)
        return WatchResult(event, is_new)

    def _snapshot(self, assessment: Assessment) -> Snapshot:
        return snapshot_of(self._context, assessment, LATEST)

    def _kept(self, app: str) -> Snapshot | None:
        """The last snapshot of an app that an earlier command kept."""
        try:
            return snapshot_store(self._context).find(app, LATEST)
        except StoreError as error:
            warn(self._context.consoles.err, f"{error}; this counts as the first look")
            return None

    def _keep_dated(self, now: Snapshot) -> str | None:
        """Keep a snapshot labelled by its time; return the label, None if it was not kept."""
        label = time_label(now.at)
        saved = self._save(replace(now, label=label))
        return label if saved and not self._context.options.ephemeral else None

    def _save(self, snapshot: Snapshot) -> bool:
        try:
            snapshot_store(self._context).save(snapshot)
        except StoreError as error:
            warn(self._context.consoles.err, f"{error}; this look is not kept")
            return False
        return True
