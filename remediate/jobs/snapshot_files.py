"""The files that `remediate snapshot` is given: snapshots, and what other tools printed or saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from remediate import ids
from remediate.errors import RemediateError, UsageError
from remediate.jobs.assessment import assess, origin
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.invocation import Invocation
from remediate.jobs.target import resolve_app
from remediate.model import Snapshot
from remediate.snapshot.conversion import convert
from remediate.snapshot.decoding import MAX_BYTES, Unrecognised
from remediate.snapshot.recognise import recognise
from remediate.snapshot.resources import ImportedResource
from remediate.snapshot.secrets import redact_snapshot

Content = Snapshot | tuple[ImportedResource, ...]
"""What a label or file holds: a snapshot, or resources as another tool printed them."""


class OtherApp(UsageError):
    """The snapshot that is to be kept or compared belongs to another app."""

    code = "other-app"


def read_file(file: str) -> Content:
    """What a file holds; a snapshot is labelled with the file's name. Raises UsageError."""
    try:
        with Path(file).open("rb") as opened:
            content = recognise(opened.read(MAX_BYTES + 1))
    except Unrecognised as error:
        raise _not_imported(file, error, _how_to_save()) from error
    except OSError as error:
        raise UsageError(f"{file[:200]} cannot be read: {error.strerror or error}") from error
    return replace(content, label=Path(file).name) if isinstance(content, Snapshot) else content


def as_snapshot_of(
    context: CommandContext, file: str, content: Content, app: str, subnet: str | None, label: str
) -> Snapshot:
    """The content of a file as a snapshot of an app. Azure is read for the app's subnet and plan.

    Raises UsageError for a file about something else.
    """
    if isinstance(content, Snapshot):
        if not ids.same(content.target, app):
            raise OtherApp(f"{file} is about {content.target}, and not about {ids.app_name(app)}")
        return replace(redact_snapshot(content), label=label)
    integration = assess(context, app).integration
    try:
        return convert(content, integration, subnet, label, context.session.clock.now(), origin(context))
    except Unrecognised as error:
        hint = _how_to_save(app, subnet or integration.subnet_id)
        raise _not_imported(file, error, hint) from error


def _not_imported(file: str, error: Unrecognised, hint: str) -> Unrecognised:
    return Unrecognised(f"{file[:200]} cannot be imported: {error}", hint=hint)


def _how_to_save(app: str | None = None, subnet: str | None = None) -> str:
    """The commands that save what can be imported, with the names of the app where they are known."""
    which = f"--ids {subnet}" if subnet else "-g GROUP --vnet-name VNET -n SUBNET"
    name = ids.app_name(app) if app else "TARGET"
    return (
        f"`az network vnet subnet show {which} -o json > saved.json` saves what can be imported, "
        f"and `remediate snapshot save {name}` all there is"
    )


def load_for(invocation: Invocation, target: str | None, load: Callable[[], Content]) -> Content:
    """What is loaded. The error for another file names the app's own subnet, if Azure tells it."""
    try:
        return load()
    except Unrecognised as error:
        if target is None:
            raise
        try:
            with open_context(invocation) as context:
                app = resolve_app(context, target, None, None, None)
                subnet = assess(context, app).integration.subnet_id
        except RemediateError:
            raise error from None
        raise Unrecognised(str(error), hint=_how_to_save(app, subnet)) from error
