"""Who may write what: management locks, permissions, deny assignments, policies (azure-facts.md, 3 and 4)."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents.fields import SUBSCRIPTION, type_of
from remediate.sandbox.governance import DenyAssignment, Governance, Lock
from remediate.sandbox.state import State

_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}
_SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
_LOCKS = "/providers/microsoft.authorization/locks/"
_UNCHECKED = re.compile(r"/operationResults/[^/]+$|^/subscriptions/[^/]+(/locations)?$", re.IGNORECASE)
"""Reads of how a deletion ended, and of a visible subscription itself: what they need was not tried [?]."""
_PROVIDERS = re.compile(r"/subscriptions/[^/]+/providers(/[^/]+)?", re.IGNORECASE)
"""Resource providers of a subscription: users saw `subscriptions/providers/read` refused (azurerm 2678)."""
_OF_SUBSCRIPTION = re.compile(
    r"/subscriptions/[^/]+(/providers/(?!Microsoft\.Authorization/)[^/]+/[^/]+|/resourceGroups|/resources)$",
    re.IGNORECASE,
)
"""Lists of a whole subscription: they are not refused, but leave out what may not be read."""


def check_write(governance: Governance, method: str, path: str) -> None:
    """Raise 403 or 409 where Resource Manager itself does not let a write through to its resource.

    A lock keeps no lock from being written or removed.
    """
    if method not in _VERBS:
        return
    if _LOCKS in path.casefold():
        check_action(governance, f"Microsoft.Authorization/locks/{_VERBS[method]}", path)
        return
    try:
        resource = ids.parse(path)
    except ids.InvalidId:
        return  # an action or a list; what locks do to those is not simulated
    if resource.namespace is None:
        return
    check_locks(governance, path, deletes=method == "DELETE")
    check_action(governance, f"{resource.type}/{_VERBS[method]}", path)


def check_read(governance: Governance, path: str) -> None:
    """Raise 403 for a read that no role allows.

    Deny assignments are left out: those that Azure makes by itself never deny reads. That one's own
    permissions and operations are refused as well was seen by users (azure-xplat-cli 2051 for operations).
    """
    if not path.casefold().startswith("/subscriptions/") or _UNCHECKED.search(path):
        return
    of_providers = _PROVIDERS.fullmatch(path)
    action = f"{SUBSCRIPTION}/providers/read" if of_providers else f"{type_of(path)}/read"
    if not _OF_SUBSCRIPTION.fullmatch(path) and not is_allowed(governance, action, path):
        raise _not_allowed(governance, action, path)


def reads_everything(governance: Governance) -> bool:
    """Whether one assignment allows every read everywhere."""
    return any(
        "scope" not in one and not one["notActions"] and {"*", "*/read"} & {*one["actions"]}
        for one in governance.permissions
    )


def may_read(governance: Governance, id_: str) -> bool:
    """Whether a role allows to read a resource."""
    resource = id_.partition("/providers/Microsoft.Resources/changes/")[0]
    return is_allowed(governance, f"{type_of(resource)}/read", resource)


def check_action(governance: Governance, action: str, scope: str) -> None:
    """Raise 403 where no role allows an action on a scope, or a deny assignment forbids it."""
    if not is_allowed(governance, action, scope):
        raise _not_allowed(governance, action, scope)
    for denied in deny_assignments(governance, action, scope):
        raise refusal.arm(
            403,
            "DenyAssignmentAuthorizationFailed",
            f"The client '{governance.principal}' with object id '{governance.principal}' has permission to "
            f"perform action '{action}' on scope '{scope}'; however, the access is denied because of the "
            f"deny assignment with name '{denied.name}' and Id '{denied.guid}' at scope '{denied.scope}'.",
        )


def _not_allowed(governance: Governance, action: str, scope: str) -> refusal.Refusal:
    return refusal.arm(
        403,
        "AuthorizationFailed",
        f"The client '{governance.principal}' with object id '{governance.principal}' does not have "
        f"authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access "
        "was recently granted, please refresh your credentials.",
    )


def deny_assignments(governance: Governance, action: str, scope: str) -> list[DenyAssignment]:
    """The deny assignments that forbid the principal an action on a scope."""
    return [
        one
        for one in governance.deny_assignments
        if ids.within(scope, one.scope)
        and _named(action, one.actions)
        and not _named(action, one.not_actions)
        and governance.principal.casefold() not in (each.casefold() for each in one.exclude_principals)
    ]


def check_join(state: State, writer: str, subnet: str, action: str) -> None:
    """Raise what a connect of `writer` meets at the subnet: a missing permission, or a lock.

    A PATCH or PUT of a site asks for `join/action`, a PUT of networkConfig for `write` (azure-facts.md, 2).
    That a ReadOnly lock on the network stops a join is our choice [?].
    """
    check_linked(state, writer, subnet, action)
    governance, needed = state.governance, f"{_SUBNETS}/{action}"
    if deny_assignments(governance, needed, subnet):
        raise _linked(
            governance,
            writer,
            f"permission to perform action '{needed}' on the '0' linked scope(s) '' or the linked scope(s) "
            f"are invalid and is blocked by deny assignments on the '1' linked scope(s) '{subnet}'.",
        )
    check_locks(governance, subnet, deletes=False)


def check_linked(state: State, writer: str, subnet: str, action: str) -> None:
    """Raise 403 where no role of whoever writes `writer` allows this at the subnet that the body names.

    In a subscription that the caller does not see nothing is allowed.
    """
    governance, needed = state.governance, f"{_SUBNETS}/{action}"
    if state.is_hidden(subnet) or not is_allowed(governance, needed, subnet):
        raise _linked(
            governance,
            writer,
            f"permission to perform action(s) '{needed}' on the linked scope(s) '{subnet}' or the linked "
            "scope(s) are invalid.",
        )


def _linked(governance: Governance, writer: str, missing: str) -> refusal.Refusal:
    """403 of a resource that the written one names (recorded by users: ARO-RP 423 for a deny assignment)."""
    return refusal.arm(
        403,
        "LinkedAuthorizationFailed",
        f"The client '{governance.principal}' with object id '{governance.principal}' has permission to "
        f"perform action '{type_of(writer)}/write' on scope '{writer}'; however, it does not have {missing}",
    )


def check_policy(governance: Governance, target: str | None) -> None:
    """Raise 403 for a site write that leaves the site without a subnet, where a policy wants one."""
    if governance.subnet_required and target is None:
        raise refusal.arm(
            403,
            "RequestDisallowedByPolicy",
            "Resource was disallowed by policy: App Service apps should be injected into a virtual network.",
        )


def check_locks(governance: Governance, path: str, *, deletes: bool) -> None:
    """Raise 409 ScopeLocked: ReadOnly stops every write, CanNotDelete only deletes."""
    held = [one for one in governance.locks if ids.within(path, one.scope) and _stops(one, deletes)]
    if held:
        scopes = "', '".join(one.scope for one in held)
        raise refusal.arm(
            409,
            "ScopeLocked",
            f"The scope '{path}' cannot perform {'delete' if deletes else 'write'} operation because "
            f"following scope(s) are locked: '{scopes}'. Please remove the lock and try again.",
        )


def _stops(lock: Lock, deletes: bool) -> bool:
    return deletes or lock.level == "ReadOnly"


def is_allowed(governance: Governance, action: str, scope: str = "") -> bool:
    """Whether an assignment at a scope allows an action; `*` is anything, and case does not count."""
    return any(
        _named(action, one["actions"]) and not _named(action, one["notActions"])
        for one in permissions_at(governance, scope)
    )


def permissions_at(governance: Governance, scope: str) -> list[dict[str, Any]]:
    """The assignments that hold at a scope: those without a scope of their own hold everywhere."""
    return [one for one in governance.permissions if "scope" not in one or ids.within(scope, one["scope"])]


def _named(action: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(action.casefold(), pattern.casefold()) for pattern in patterns)
