"""Microsoft.Authorization: locks, permissions and deny assignments of any scope (azure-facts.md, 1, 4)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.governance import DenyAssignment, Lock
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.routes.call import Call, Route, route
from remediate.sandbox.rules.access import permissions_at

LEVELS = ("CanNotDelete", "ReadOnly")
EVERYONE = {
    "id": "00000000-0000-0000-0000-000000000000",
    "displayName": "All Principals",
    "type": "SystemDefined",
}
"""Whom a deny assignment of a blueprint, a managed application or a deployment stack is for."""


async def list_locks(call: Call) -> Response:
    """GET locks at a scope, above it and below it; whoever asks has to tell them apart [?]."""
    scope = f"/{call.params['scope']}"
    locks = call.state.governance.locks
    return call.page(
        [_lock(one) for one in locks if ids.within(one.scope, scope) or ids.within(scope, one.scope)]
    )


async def get_lock(call: Call) -> Response:
    """GET of a lock."""
    found = _find(call)
    if found is None:
        raise refusal.arm(404, "LockNotFound", f"The lock '{call.params['lock']}' could not be found.")
    return json_response(_lock(found))


async def put_lock(call: Call) -> Response:
    """PUT of a lock: 201 for a new one, 200 for one that is there. Raises 400 for another level."""
    body = await call.body()
    level = (body.get("properties") or {}).get("level")
    if level not in LEVELS:
        raise refusal.arm(400, "InvalidLockLevel", f"The level of a lock is one of {', '.join(LEVELS)}.")
    old = _find(call)
    lock = old or Lock(f"/{call.params['scope']}", level, call.params["lock"])
    lock.level = level
    if old is None:
        call.state.governance.locks.append(lock)
    return json_response(_lock(lock), 200 if old else 201)


async def delete_lock(call: Call) -> Response:
    """DELETE of a lock: 200, and 204 where there is none."""
    found = _find(call)
    if found is None:
        return Response(status_code=204)
    call.state.governance.locks.remove(found)
    return Response(status_code=200)


def _find(call: Call) -> Lock | None:
    scope, name = f"/{call.params['scope']}", call.params["lock"]
    there = (one for one in call.state.governance.locks if ids.same(one.scope, scope))
    return next((one for one in there if ids.same(one.name, name)), None)


def _lock(lock: Lock) -> dict[str, Any]:
    return {
        "id": lock.id,
        "name": lock.name,
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": lock.level},
    }


async def list_permissions(call: Call) -> Response:
    """GET permissions at a scope, assignment by assignment."""
    held = permissions_at(call.state.governance, f"/{call.params['scope']}")
    return call.page([{name: one[name] for name in one if name != "scope"} for one in held])


async def list_deny_assignments(call: Call) -> Response:
    """GET deny assignments at a scope, above it, and below it unless the filter says `atScope()`."""
    scope = f"/{call.params['scope']}"
    below = "atscope()" not in call.request.query.get("$filter", "").casefold()
    return call.page(
        [
            _deny_assignment(one)
            for one in call.state.governance.deny_assignments
            if ids.within(scope, one.scope) or (below and ids.within(one.scope, scope))
        ]
    )


def _deny_assignment(one: DenyAssignment) -> dict[str, Any]:
    permission = {
        "actions": one.actions,
        "notActions": one.not_actions,
        "dataActions": [],
        "notDataActions": [],
    }
    return {
        "properties": {
            "denyAssignmentName": one.name,
            "description": "",
            "permissions": [permission],
            "scope": one.scope,
            "doNotApplyToChildScopes": False,
            "principals": [EVERYONE],
            "excludePrincipals": [
                {"id": each, "displayName": each, "type": "ServicePrincipal"}
                for each in one.exclude_principals
            ],
            "isSystemProtected": True,
        },
        "id": one.id,
        "type": "Microsoft.Authorization/denyAssignments",
        "name": one.guid,
    }


ROUTES: list[Route] = [
    route("/{scope:path}/providers/Microsoft.Authorization/locks", get=list_locks),
    route(
        "/{scope:path}/providers/Microsoft.Authorization/locks/{lock}",
        get=get_lock,
        put=put_lock,
        delete=delete_lock,
    ),
    route("/{scope:path}/providers/Microsoft.Authorization/permissions", get=list_permissions),
    route("/{scope:path}/providers/Microsoft.Authorization/denyAssignments", get=list_deny_assignments),
]
