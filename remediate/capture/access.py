"""Locks, permissions, deny assignments and providers as a world file describes them."""

from __future__ import annotations

from collections.abc import Iterable

from remediate import ids
from remediate.capture.bodies import Body
from remediate.capture.names import Shortening
from remediate.model import EVERYBODY, DenyAssignment, Lock, Permission, key

EVERYTHING = (Permission(("*",)),)


def locks(found: Iterable[Lock], names: Shortening) -> list[Body]:
    """The locks, each with what it lies on; on the group where that is left out."""
    each = {(key(one.scope), one.name): one for one in found}
    return [
        {"name": lock.name, "level": lock.level, **_scope("resource", lock.scope, names)}
        for lock in each.values()
    ]


def permissions(found: dict[str, tuple[Permission, ...] | None], names: Shortening) -> list[Body] | None:
    """What the account may do, everywhere or by scope; None where it may do everything."""
    read = {scope: held for scope, held in found.items() if held is not None}
    if len(set(read.values())) <= 1:
        held = next(iter(read.values()), EVERYTHING)
        return None if held == EVERYTHING else [_permission(one) for one in held]
    return [
        {**_scope("scope", f"/{scope}", names, group=names.group), **_permission(one)}
        for scope, held in read.items()
        for one in held
    ]


def deny_assignments(found: Iterable[tuple[DenyAssignment, ...] | None], names: Shortening) -> list[Body]:
    """The deny assignments that a world file can say: see `is_plain`."""
    plain = [one for held in found for one in held or () if is_plain(one)]
    return [
        {
            "name": one.name,
            **_scope("scope", one.scope, names),
            **_permission(permission),
            **({"exclude-principals": [each.id for each in one.excluded]} if one.excluded else {}),
        }
        for one in {(key(one.scope), one.name): one for one in plain}.values()
        for permission in one.permissions
    ]


def unregistered(states: dict[tuple[str, str], str | None]) -> list[str]:
    """The resource providers that no subscription knows of which it was read."""
    known: dict[str, set[bool]] = {}
    for (_, namespace), state in states.items():
        if state is not None:
            known.setdefault(namespace, set()).add(state == "Registered")
    return [namespace for namespace, registered in known.items() if registered == {False}]


def is_plain(one: DenyAssignment) -> bool:
    """Whether it holds for everybody, at its scope and below, without a condition."""
    everybody = any(each.id == EVERYBODY for each in one.principals)
    return everybody and not one.only_there and not one.conditional and one.scope != "/"


def _scope(name: str, scope: str, names: Shortening, group: str | None = None) -> Body:
    short = names.scope(str(ids.parse(scope))) or group
    return {name: short} if short else {}


def _permission(one: Permission) -> Body:
    without = {"not-actions": list(one.not_actions)} if one.not_actions else {}
    return {"actions": list(one.actions), **without}
