"""`remediate guard`: is it safe to delete this, and with `--disconnect`: make it safe."""

from __future__ import annotations

import sys

import click

from remediate import ids
from remediate.cli.conduct import tell_unfinished
from remediate.cli.deletion import Outcome, conclude, look, make_safe
from remediate.cli.desk import desk
from remediate.cli.options import asked
from remediate.errors import UsageError
from remediate.model import deletable

_WANTED = "an app, a slot, a plan, a subnet, a virtual network or a resource group"


def guard(context: click.Context, resource: str | None, disconnect: bool) -> None:
    """Carry out `remediate guard`."""
    options = asked(context)
    target = guarded(resource)
    with desk(options) as here:
        tell_unfinished(here)
        sight = look(here, target)
        outcome = make_safe(here, sight) if disconnect else Outcome()
        code = conclude(here, sight, outcome)
    sys.exit(code)


def guarded(text: str | None) -> str:
    """The id of something that can be guarded. Raises UsageError."""
    if text is None:
        raise UsageError(
            f"before you delete what? pass the id of {_WANTED}",
            hint="remediate without arguments lets you choose",
        )
    if not text.strip():
        raise UsageError("RESOURCE_ID is empty", hint="a variable that is not set?")
    _check_whole(text)
    try:
        found = ids.from_address(text)
        kind = deletable(found)
    except ids.InvalidId as error:
        raise UsageError(f"RESOURCE_ID: {error}") from error
    if kind is not None:
        return found
    if ids.parse(found).group is None:
        raise UsageError("a whole subscription is not looked at: guard its resource groups one by one")
    raise UsageError(f"not {_WANTED}: {found[:200]!r}")


def _check_whole(text: str) -> None:
    """A script whose variable is empty means one slot or subnet, not everything around it. Raises UsageError.

    The address of a portal page may end so: it is the page of all of them.
    """
    if text.strip().casefold().startswith("https://"):
        return
    for segment, what in (("/slots", "slot"), ("/subnets", "subnet")):
        if text.strip().rstrip("/").casefold().endswith(segment):
            raise UsageError(
                f"RESOURCE_ID ends before the name of the {what}", hint="a variable that is not set?"
            )
