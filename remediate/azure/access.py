"""Locks, permissions, deny assignments and registrations: what Azure would let through, as it is read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from remediate import ids
from remediate.azure import parse
from remediate.azure.deny_assignments import deny_assignments
from remediate.azure.documents import Documents, Read, parsed
from remediate.model import (
    Deletion,
    DenyAssignment,
    Document,
    Integration,
    Lock,
    Permission,
    World,
    is_subnet,
    key,
    once,
)


class Access:
    """That part of a World, which grows with every read. None of the reads raises."""

    def __init__(self, documents: Documents, known: World) -> None:
        self._documents = documents
        self._locks = list(known.locks)
        self._asked = {key(_scope(one)) for one in known.documents if one.kind == "locks"}
        self._permissions = dict(known.permissions)
        self._denied = dict(known.deny_assignments)
        self._registrations = dict(known.registrations)

    @property
    def known(self) -> dict[str, Any]:
        """What was read so far, by the names that it has in a World."""
        return {
            "locks": tuple({(key(one.id), key(one.scope)): one for one in self._locks}.values()),
            "permissions": self._permissions,
            "deny_assignments": self._denied,
            "registrations": self._registrations,
        }

    def preflight(self, seen: Integration) -> list[Read]:
        """Everything of it that is read before a change, to be made side by side."""
        question = seen.question
        if question.kind == "purge":
            network = f"/subscriptions/{ids.parse(question.target).subscription}"
            scopes, held = [question.target], [network]
            return [*self.locks(scopes), *self.permissions(held), *self.deny_assignments([*held, *scopes])]
        subnet = seen.subnet if question.kind == "change" else None
        scopes = [*question.apps, *([subnet.id] if subnet else [])]
        needed = seen.registrations_needed if subnet else ()
        return [
            *self.locks(scopes),
            *self.permissions(scopes),
            *self.deny_assignments(scopes),
            *(self.registration(*one) for one in needed),
        ]

    def before_deletion(self, deletion: Deletion) -> list[Read]:
        """What is read before a deletion: of all that goes, and of what has to be done before it."""
        networks = once(f"/subscriptions/{ids.parse(one).subscription}" for one in deletion.cleared)
        before = (*deletion.disconnected, *deletion.cleared)
        scopes = once((deletion.question.target, *deletion.taken, *before))
        return [
            *self.locks(scopes),
            *self.deny_assignments([*scopes, *networks]),
            *self.permissions([*deletion.disconnected, *networks]),
        ]

    def locks(self, scopes: Iterable[str]) -> list[Read]:
        """The locks that lie on one of these, or above it."""

        def keep(scope: str, document: Document) -> None:
            self._asked.add(key(scope))
            found: tuple[Lock, ...] = parsed(document, lambda body: parse.locks(body, scope)) or ()
            self._locks += found

        wanted = (one for one in lock_scopes(scopes) if key(one) not in self._asked)
        return [Read(partial(self._documents.locks, one), partial(keep, one)) for one in wanted]

    def permissions(self, scopes: Iterable[str]) -> list[Read]:
        """What the caller may do at each of these."""

        def keep(scope: str, document: Document) -> None:
            held: tuple[Permission, ...] | None = parsed(document, parse.permissions)
            self._permissions[key(scope)] = held

        wanted = (one for one in once(scopes) if key(one) not in self._permissions)
        return [Read(partial(self._documents.permissions, one), partial(keep, one)) for one in wanted]

    def deny_assignments(self, scopes: Iterable[str]) -> list[Read]:
        """What nobody may do at each of these, whatever a role allows."""

        def keep(scope: str, document: Document) -> None:
            held: tuple[DenyAssignment, ...] | None = parsed(document, deny_assignments)
            self._denied[key(scope)] = held

        wanted = (one for one in once(scopes) if key(one) not in self._denied)
        return [Read(partial(self._documents.deny_assignments, one), partial(keep, one)) for one in wanted]

    def registration(self, subscription: str, namespace: str) -> Read:
        """Whether a resource provider is registered in a subscription."""

        def keep(document: Document) -> None:
            self._registrations[subscription, namespace] = parsed(document, parse.registration)

        return Read(partial(self._documents.provider, subscription, namespace), keep)


def lock_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Where to ask for locks: at each resource, at the app of a slot or the network of a subnet, and at
    the resource groups. Whether an answer holds the locks of the scopes above is not documented [?].
    """
    wanted: list[str] = []
    for scope in scopes:
        parent = ids.vnet_of(scope) if is_subnet(scope) else ids.production(scope)
        wanted += [scope, parent, ids.group_of(scope)]
    return once(wanted)


def _scope(document: Document) -> str:
    return document.what.partition(":")[2]
