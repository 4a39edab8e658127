"""What the account may not do at an app, its plan and its network, of what a repair needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from remediate import ids
from remediate.azure import parse
from remediate.azure.documents import Documents, parsed
from remediate.azure.session import Session
from remediate.checks.advice import called, listed, typed
from remediate.checks.permissions import allowed
from remediate.model import App, Check, LackingAction, Permission, once
from remediate.roles import definition, of_role
from remediate.roles.action import Action, Scope
from remediate.show.words import plural, resource_name


class TargetAccess(Struct, frozen=True):
    """An app, and what the account may not do there; `unread` are scopes whose permissions were not read.

    `subnet_read` is false where `subnet` is None because Azure did not say which it is.
    """

    app: str
    subnet: str | None
    subnet_read: bool
    lacking: tuple[LackingAction, ...]
    unread: tuple[str, ...]
    subscriptions: tuple[str, ...]

    @property
    def role(self) -> dict[str, Any]:
        """The custom role to repair, for the subscriptions of the app and of its network."""
        return definition("repair", self.subscriptions)


def read_access(session: Session, app: App) -> TargetAccess:
    """Read what the account may do around an app, and compare. What cannot be read is in `unread`."""
    documents = Documents(session)
    config = None if app.subnet else documents.network_config(app.id)
    subnet = app.subnet or (parsed(config, parse.network_config) if config else None)
    scopes = _scopes(app, subnet)
    wanted = once(one for several in scopes.values() for one in several)
    answers = session.side_by_side([partial(documents.permissions, one) for one in wanted])
    held = {one: parsed(answer, parse.permissions) for one, answer in zip(wanted, answers, strict=True)}
    return TargetAccess(
        app.id,
        subnet,
        config is None or not config.unread,
        lacking(scopes, held),
        tuple(one for one in wanted if held[one] is None),
        scopes["subscription"],
    )


def _scopes(app: App, subnet: str | None) -> dict[Scope, tuple[str, ...]]:
    """Where the actions of each kind have to be allowed, of this app."""
    own = f"/subscriptions/{ids.parse(app.id).subscription}"
    network = f"/subscriptions/{ids.parse(subnet).subscription}" if subnet else own
    return {
        "app": (ids.production(app.id),),
        "slot": (app.id,),
        "plan": (app.plan,) if app.plan else (),
        "subnet": (subnet,) if subnet else (),
        "network": (ids.vnet_of(subnet),) if subnet else (),
        "subscription": once((own, network)),
        "network-subscription": (network,),
    }


def lacking(
    scopes: Mapping[Scope, tuple[str, ...]], held: Mapping[str, tuple[Permission, ...] | None]
) -> tuple[LackingAction, ...]:
    """The actions to repair that are not allowed at a scope; where permissions were not read, none is."""
    return tuple(
        LackingAction(one.name, scope, one.use, one.needed)
        for one in of_role("repair")
        for scope in scopes[one.scope]
        if _is_lacking(one, held.get(scope))
    )


def _is_lacking(one: Action, held: tuple[Permission, ...] | None) -> bool:
    return held is not None and not allowed(one.asked, held)


def target(found: TargetAccess) -> Check:
    """That the app is there, and the subnet that it is on."""
    if not found.subnet_read:
        detail = f"{ids.app_name(found.app)} is there; which subnet it is on could not be read"
        return Check("target", "unknown", detail, "Try again, or have the role Reader assigned on the app.")
    subnet = f"is on {resource_name(found.subnet)}" if found.subnet else "is on no subnet"
    return Check("target", "ok", f"{ids.app_name(found.app)} is there, and {subnet}")


def permissions(found: TargetAccess) -> Check:
    """Whether the account may do all that a repair of the app needs."""
    needed = [one for one in found.lacking if one.needed]
    cure = f"Have a role assigned that holds them: {_command(found)} writes one."
    if needed:
        number = plural(len(needed), "action")
        return Check("permissions", "problem", f"lacks {number} that a repair needs", cure)
    if found.unread:
        where = listed(resource_name(one) for one in found.unread)
        return Check("permissions", "unknown", f"could not be read at {where}", cure)
    if not found.subnet_read:
        return Check("permissions", "unknown", "not known at the subnet of the app", cure)
    others = list(dict.fromkeys(one.action for one in found.lacking))
    beside = f"; lacks {listed(others)}, which a repair can do without" if others else ""
    unasked = "" if found.subnet else "; at a subnet they are not checked"
    return Check("permissions", "ok", f"everything that a repair needs{beside}{unasked}")


def _command(found: TargetAccess) -> str:
    return typed(["remediate", "doctor", called(found.app), "--role-file", "role.json"])
