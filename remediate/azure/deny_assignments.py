"""Azure's list of deny assignments → the words of the model (azure-facts.md, 4). Pure."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from remediate.azure.fields import MalformedDocument
from remediate.converter import Converter
from remediate.model import EVERYBODY, DenyAssignment, Permission, Principal

_SINGLE = ("user", "serviceprincipal")
"""The types of principals that are one account; any other may have members."""


class _Principal(Struct, frozen=True):
    id: str
    type: str | None = None


class _Permission(Struct, frozen=True, rename="camel"):
    actions: list[str] | None = None
    not_actions: list[str] | None = None
    condition: str | None = None


class _Properties(Struct, frozen=True, rename="camel"):
    permissions: list[_Permission]
    deny_assignment_name: str | None = None
    scope: str | None = None
    principals: list[_Principal] | None = None
    exclude_principals: list[_Principal] | None = None
    do_not_apply_to_child_scopes: bool | None = None
    condition: str | None = None


class _Entry(Struct, frozen=True):
    properties: _Properties
    name: str | None = None


class _Page(Struct, frozen=True):
    value: list[_Entry]


_PAGE = Converter(_Page)


def deny_assignments(body: Any) -> tuple[DenyAssignment, ...]:
    """The deny assignments in an answer. Raises MalformedDocument.

    One that names no scope holds for what was asked about, and one that names no principals for everybody.
    """
    try:
        return tuple(_assignment(one) for one in _PAGE.convert(body).value)
    except msgspec.ValidationError as error:
        raise MalformedDocument(f"the deny assignments cannot be read: {error}") from error


def _assignment(entry: _Entry) -> DenyAssignment:
    properties = entry.properties
    return DenyAssignment(
        name=properties.deny_assignment_name or entry.name or "one without a name",
        scope=properties.scope or "/",
        permissions=tuple(
            Permission(tuple(one.actions or ()), tuple(one.not_actions or ()))
            for one in properties.permissions
        ),
        principals=_principals(properties.principals) or (Principal(EVERYBODY, single=False),),
        excluded=_principals(properties.exclude_principals),
        only_there=properties.do_not_apply_to_child_scopes is True,
        conditional=bool(properties.condition) or any(one.condition for one in properties.permissions),
    )


def _principals(named: list[_Principal] | None) -> tuple[Principal, ...]:
    return tuple(Principal(one.id, (one.type or "").casefold() in _SINGLE) for one in named or ())
