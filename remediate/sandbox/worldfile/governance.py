"""What a world file says about who may do what: locks, permissions, deny assignments, policy, providers."""

from __future__ import annotations

from typing import Any

from remediate.sandbox.governance import DenyAssignment, Governance, Lock
from remediate.sandbox.worldfile.layers import Described
from remediate.sandbox.worldfile.names import Names


def governance(whole: Described, names: Names) -> Governance:
    """Locks and deny assignments lie on the group unless they name another scope."""
    made = Governance(
        unregistered=list(whole.get("unregistered") or []),
        subnet_required=whole.get("policy") == "subnet-required",
    )
    made.locks = [
        Lock(names.scope(one.get("resource")), one["level"], one["name"]) for one in whole.get("locks") or []
    ]
    made.deny_assignments = [_denial(one, names) for one in whole.get("deny-assignments") or []]
    if "permissions" in whole:
        made.permissions = [_assignment(one, names) for one in whole["permissions"]]
    return made


def _assignment(body: Described, names: Names) -> dict[str, Any]:
    scope = {"scope": names.scope(body["scope"])} if body.get("scope") else {}
    return {"actions": body["actions"], "notActions": body.get("not-actions") or [], **scope}


def _denial(body: Described, names: Names) -> DenyAssignment:
    return DenyAssignment(
        body["name"],
        names.scope(body.get("scope")),
        list(body["actions"]),
        list(body.get("not-actions") or []),
        list(body.get("exclude-principals") or []),
    )
