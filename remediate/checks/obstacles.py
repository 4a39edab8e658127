"""What stands in the way of any change, in one wording: locks, permissions, operations, what was not read.

The preflights of a reconnect, a disconnect for good and a purge share it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from remediate.checks.advice import listed, typed
from remediate.model import App, Document, Evidence, Finding, Lock, Permission, Severity

ALLOW = "--allow-unknown"
"""The option of `reconnect` and `purge` that lets them go on without knowing."""
_ROLES = {"Microsoft.Web": "Website Contributor", "Microsoft.Network": "Network Contributor"}
"""The smallest built-in roles that hold what is needed."""


def lock_in_the_way(
    locks: Sequence[Lock], *, severity: Severity, detail: str, remove: str, then: str = ""
) -> Finding | None:
    """The finding about these locks; `remove` leads in the command that removes them, `then` follows it."""
    if not locks:
        return None
    names = dict.fromkeys(f"{one.name} ({one.level})" for one in locks)
    unlock = typed(["az", "lock", "delete", "--ids", *dict.fromkeys(one.id for one in locks)])
    return Finding(
        code="locked",
        severity=severity,
        title=f"A management lock is in the way: {listed(names)}",
        detail=detail,
        action=f"{remove}: {unlock}{then}",
        evidence=tuple(Evidence("locks", one.id, one.level) for one in locks),
    )


def on_site(app: App, *actions: str) -> tuple[str, ...]:
    """Actions of a site by their full names; a slot has its own."""
    kind = "Microsoft.Web/sites/slots" if app.is_slot else "Microsoft.Web/sites"
    return tuple(f"{kind}/{action}" for action in actions)


def lacking(
    needed: Mapping[str, Iterable[str]], given: Mapping[str, tuple[Permission, ...] | None]
) -> list[tuple[str, str]]:
    """Each scope with an action that is not allowed there; where permissions were not read, none is."""
    return [
        (scope, action)
        for scope, actions in needed.items()
        for action in actions
        if (held := given.get(scope)) is not None and not allowed(action, held)
    ]


def allowed(action: str, permissions: tuple[Permission, ...]) -> bool:
    """Whether any one assignment allows an action: its actions match, and its own notActions do not."""
    return any(_matches(action, one.actions) and not _matches(action, one.not_actions) for one in permissions)


def _matches(action: str, patterns: tuple[str, ...]) -> bool:
    """Azure's one wildcard is `*`, which stands for any text; case does not count."""
    expressions = (re.escape(pattern).replace(r"\*", ".*") for pattern in patterns)
    return any(re.fullmatch(one, action, re.IGNORECASE | re.DOTALL) for one in expressions)


def permission_lacking(
    lacks: Sequence[tuple[str, str]], *, severity: Severity, detail: str, where: str = ""
) -> Finding | None:
    """The finding about actions that are not allowed, with one command for each scope."""
    if not lacks:
        return None
    actions = list(dict.fromkeys(action for _, action in lacks))
    what = "a permission" if len(actions) == 1 else f"{len(actions)} permissions"
    return Finding(
        code="no-permission",
        severity=severity,
        title=f"The signed-in account lacks {what} that this takes",
        detail=f"It lacks {listed(actions)}{where}. {detail}",
        action=f"Have the role given to the account that is signed in: {_assign(lacks)}",
        evidence=tuple(Evidence("permissions", scope, f"{action}: not allowed") for scope, action in lacks),
    )


def _assign(lacks: Sequence[tuple[str, str]]) -> str:
    wanted = {scope: _ROLES[action.partition("/")[0]] for scope, action in lacks}
    return listed(assign(role, scope) for scope, role in wanted.items())


def assign(role: str, scope: str) -> str:
    """The command that gives a role to the account that is signed in."""
    words = ["az", "role", "assignment", "create", "--assignee", "ACCOUNT", "--role", role, "--scope", scope]
    return typed(words)


def operation_not_over(apps: Sequence[App], *, severity: Severity, detail: str) -> Finding | None:
    """The finding about apps and slots that Azure is at work on."""
    busy = [app for app in apps if app.operation]
    if not busy:
        return None
    show = shlex.join(["az", "resource", "show", "--ids", *(app.id for app in busy)])
    return Finding(
        code="operation-in-progress",
        severity=severity,
        title=f"An operation is not finished on {listed(app.name for app in busy)}",
        detail=detail,
        action="Wait until this prints nothing, then try again: "
        f"`{show} --query properties.inProgressOperationId`",
        evidence=tuple(Evidence("site", f"{app.name}.inProgressOperationId", app.operation) for app in busy),
    )


def not_read(facts: Sequence[Evidence], *, severity: Severity, detail: str, action: str) -> Finding | None:
    """The finding about reads that were denied or failed, each one of the facts."""
    if not facts:
        return None
    return Finding(
        code="no-read-permission",
        severity=severity,
        title=f"Could not read {listed(dict.fromkeys(fact.view for fact in facts))}",
        detail=detail,
        action=action,
        evidence=tuple(facts),
    )


def unread(documents: Iterable[Document]) -> list[Evidence]:
    """How each of these reads ended."""
    return [Evidence(one.kind, one.path, one.message or one.status) for one in documents]
