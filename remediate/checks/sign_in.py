"""What to do where the account cannot see something: the tenant to sign in to, the role to ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from remediate import ids
from remediate.checks.advice import assign, command, listed, typed
from remediate.model import Document, Integration, Question, World

_TENANT = re.compile(r"must match the tenant 'https://[^/']+/([^/']+)")
"""How Azure's 401 `InvalidAuthenticationTokenTenant` names the tenant of the subscription."""
_ANY_TENANT = "TENANT_ID"


def sign_in(hidden: Iterable[Document]) -> str:
    """The commands after which these reads may be answered, as a sentence without its full stop."""
    hidden = tuple(hidden)
    named = [found.group(1) for one in hidden if (found := _TENANT.search(one.message or ""))]
    if tenants := sorted(set(named)):
        return f"Sign in to the tenant of the subscription: {listed(_login(one) for one in tenants)}"
    subscriptions = sorted({one for read in hidden if (one := _subscription(read.path))})
    roles = [assign("Reader", f"/subscriptions/{one}") for one in subscriptions]
    which = listed(subscriptions) if subscriptions else "the subscription"
    ask = f", or have the role Reader given to the account: {listed(roles)}" if roles else ""
    return (
        f"List what the account can see: {typed(['az', 'account', 'list', '--all', '--refresh'])}. If "
        f"{which} is not in the list, sign in to its tenant: {_login(_ANY_TENANT)}{ask}"
    )


def _login(tenant: str) -> str:
    return typed(["az", "login", "--tenant", tenant])


def look_again(world: World, question: Question, hidden: Iterable[Document]) -> str:
    """The command that reads the same again, and that ends well whatever it finds.

    Only the checks before a change read locks, permissions and the like, so a dry run looks for these.
    """
    of_change = all(one.preflight for one in hidden)
    if question.kind in ("look", "change"):
        seen = Integration(world, question)
        if question.kind == "change" and of_change and not seen.other_subnets:
            return command(seen, "reconnect", "--dry-run")
        return command(seen, "verify")
    return typed(["remediate", "guard", question.target])


def _subscription(path: str) -> str | None:
    """The subscription that a read was about, None for one that is about none, such as Resource Graph's."""
    try:
        return ids.parse(path.partition("?")[0]).subscription
    except ids.InvalidId:
        return None
