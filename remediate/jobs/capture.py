"""`remediate sandbox capture`: write a world file from what is really there; sends only reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from remediate import __version__, ids
from remediate.capture.combined import combined
from remediate.capture.text import to_text
from remediate.capture.world import capture
from remediate.errors import UsageError
from remediate.jobs.assessment import assess
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.invocation import Invocation
from remediate.jobs.output import print_document
from remediate.jobs.resource import check_subnet, find_optional_subnet
from remediate.jobs.target import resolve_app
from remediate.model import Integration, Question, World, is_subnet, once
from remediate.model.failure import RequestFailed
from remediate.sandbox.scenarios import is_file
from remediate.show.console import safe, warn
from remediate.show.lists import CapturedWorld


def capture_world(
    invocation: Invocation,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    subnet: str | None,
    file: Path | None,
) -> None:
    """Read everything about an app, and write it as a world file. Raises NotFound and UsageError."""
    check_subnet("--subnet", subnet)
    with open_context(invocation) as context:
        app = resolve_app(context, target, group, name, slot)
        found = capture(read_everything(context, app, find_optional_subnet(context, subnet)), app)
        for note in found.notes:
            warn(context.consoles.err, f"could not be read, and is refused in the file as well: {note}")
        now = context.session.clock.now()
        text = to_text(found, ids.app_name(app), context.session.cloud.arm, __version__, now)
        if file is not None:
            _write(file, text)

        def page(console: Console) -> None:
            if file is None:
                console.out(text, highlight=False, end="")
            else:
                command = shlex.join(["remediate", "verify", app, "--sandbox", _as_world(file)])
                console.out(f"Written to {safe(file)}. Look at it: `{safe(command)}`", highlight=False)

        result = CapturedWorld(str(file) if file else None, found.described, found.notes)
        print_document(context.options, result, page)


def read_everything(context: CommandContext, target: str, subnet: str | None = None) -> World:
    """What every command reads about an app, its plan and its subnets, in one World.

    Raises NotFound when there is no such app.
    """
    assessment = assess(context, target, subnet)
    seen = assessment.integration
    apps = once(app.id for app in (seen.target, *seen.on_subnet))
    change = Question("change", target, subnet, apps)
    worlds = [context.reader.preflight(assessment.world, change)]
    if Integration(worlds[0], change).gateways_in_plan:  # whose they are, only each app's own list tells
        for app in worlds[0].apps_of(seen.target.plan):
            worlds += _read(context, Question("look", app.id))
    for resource in (seen.target.id, seen.target.plan):
        worlds += _read(context, Question("delete", resource)) if resource else ()
    for one in _subnets(seen, combined(worlds)):
        purge = Question("purge", one)
        worlds += [context.reader.preflight(world, purge) for world in _read(context, purge)]
        worlds += _read(context, Question("delete", one))
    return combined(worlds)


def _read(context: CommandContext, question: Question) -> Iterator[World]:
    """The World of a question; none where what it is about cannot be read, which another World tells."""
    try:
        yield context.reader.read(question)
    except RequestFailed:
        return


def _subnets(seen: Integration, world: World) -> tuple[str, ...]:
    """Every subnet that the app, its plan, or an app of its plan has to do with."""
    plan = seen.target.plan
    named = [place for app in world.apps_of(plan) for place in world.places(app.id)]
    held = [seen.plan.subnet] if seen.plan and seen.plan.subnet else []
    asked = [seen.subnet_id] if seen.subnet_id else []
    linked = world.listing("subnets-with-link-to-plan", plan).ids
    return once(one for one in (*asked, *named, *held, *linked) if is_subnet(one))


def _as_world(file: Path) -> str:
    """The file as `--sandbox` takes it: a name without a folder or an ending would name a scenario."""
    return str(file) if is_file(str(file)) else f"./{file}"


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{file} cannot be written: {reason}") from error
