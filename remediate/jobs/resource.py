"""Which subnet, or which resource that is to be deleted, an argument names: by an id in it, or by a name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from remediate import ids
from remediate.azure import discover
from remediate.azure.inventory import inventory
from remediate.errors import NotFound, UsageError
from remediate.jobs.context import CommandContext
from remediate.jobs.target import UNSET, fitting, held_id
from remediate.model import Deletable, deletable
from remediate.show.words import resource_name

_DELETABLE = "an app, a slot, a plan, a subnet, a virtual network or a resource group"
_NAMED: tuple[Deletable, ...] = ("plan", "vnet", "subnet")
"""What is searched by name beside the apps and slots."""


def check_subnet(flag: str, text: str | None) -> None:
    """Refuse, before the sign-in, what names no subnet whatever there is. Raises UsageError."""
    if text is None:
        return
    _check_given(flag, text)
    held = ids.ids_in(text)
    for one in () if fitting(held, _is_on_subnet) else held:
        _subnet_of(flag, one)


def find_subnet(context: CommandContext, flag: str, text: str) -> str:
    """The id of the subnet that a text names. Raises UsageError.

    It holds an id, of the subnet or of anything below it, or is `VNET/SUBNET`: the name of a subnet alone is
    often that of many.
    """
    if identifier := held_id(context, flag, text, _is_on_subnet):
        return _subnet_of(flag, identifier)
    found = {
        one.id: resource_name(one.id) for one in inventory(context.session, context.subscription, "subnet")
    }
    return _only(text, "subnet", found)


def find_optional_subnet(context: CommandContext, text: str | None) -> str | None:
    """The id of the subnet given with --subnet. Raises UsageError."""
    return None if text is None else find_subnet(context, "--subnet", text)


def check_deletable(text: str | None) -> str:
    """What is to be deleted, as it was typed; refused before the sign-in where it can name nothing.

    Raises UsageError.
    """
    if text is None:
        raise UsageError(
            f"before you delete what? pass the id of {_DELETABLE}",
            hint="`remediate` without arguments lets you choose",
        )
    _check_given("RESOURCE_ID", text)
    for one in ids.ids_in(text):
        _deletable_of(one)
    return text


def find_deletable(context: CommandContext, text: str) -> str:
    """The id of the resource that a text names. Raises UsageError.

    It holds an id, of the resource or of anything below it, or is the name of an app, plan or network, or
    `APP/SLOT` or `VNET/SUBNET`, that is unique in the subscription.
    """
    if identifier := held_id(context, "RESOURCE_ID", text):
        return _deletable_of(identifier)
    apps = discover.apps(context.session, context.subscription)
    found = {one.id: one.name for one in apps}
    for kind in _NAMED:
        entries = inventory(context.session, context.subscription, kind)
        found |= {one.id: resource_name(one.id) for one in entries}
    return _only(text, "app, plan, network or subnet", found)


def _check_given(flag: str, text: str) -> None:
    """Refuse an id that ends before a name: a script with an unset variable means one slot or subnet.

    The address of a portal page may end so: it is the page that lists them.
    """
    given = text.strip()
    if not given:
        raise UsageError(f"{flag} is empty", hint=UNSET)
    if given.casefold().startswith("https://"):
        return
    for segment, what in (("/slots", "slot"), ("/subnets", "subnet")):
        if given.rstrip("/").casefold().endswith(segment):
            raise UsageError(f"{flag} ends before the name of the {what}", hint=UNSET)


def _subnet_of(flag: str, identifier: str) -> str:
    """The subnet that an id names, or that it is below of."""
    found = _subnets_around(identifier)
    if not found:
        raise UsageError(f"{flag}: not a subnet's id: {identifier[:200]!r}")
    return found[0]


def _is_on_subnet(identifier: str) -> bool:
    """Whether an id names a subnet or something below one."""
    return bool(_subnets_around(identifier))


def _subnets_around(identifier: str) -> list[str]:
    return [one for one in ids.with_parents(identifier) if deletable(one) == "subnet"]


def _deletable_of(identifier: str) -> str:
    """The resource that an id names, or that it is below of: the subnet of a link, the app of a setting."""
    parsed = ids.parse(identifier)
    if parsed.group is None:
        raise UsageError("a whole subscription is not assessed: guard its resource groups one by one")
    if parsed.namespace is None:
        return identifier
    found = next((one for one in ids.with_parents(identifier) if deletable(one) not in (None, "group")), None)
    if found is None:
        raise UsageError(f"not {_DELETABLE}: {identifier[:200]!r}")
    return found


def _only(text: str, what: str, found: dict[str, str]) -> str:
    """The one resource of that name; `found` has the names by id. Raises UsageError with the candidates."""
    wanted = text.strip().casefold()
    named = [one for one, name in found.items() if name.casefold() == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        candidates = ", ".join(named[:10])
        raise UsageError(f"{len(named)} resources are called {text!r}", hint=f"one of: {candidates}")
    hint = _nearest(wanted, found.values())
    raise NotFound(f"no {what} in the subscription is called {text[:80]!r}", hint=hint)


def _nearest(wanted: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(wanted, sorted(set(names)), n=3, cutoff=0.5)
    return f"did you mean {', '.join(close)}?" if close else "pass its id, or look in another --subscription"
