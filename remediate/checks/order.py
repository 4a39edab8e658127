"""The order of a deletion that works, as commands ready to paste."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from remediate import ids
from remediate.model import App, Deletion, Finding

_NO_KNOWN_ORDER = frozenset(
    {
        "deny-assignment",
        "link-foreign",
        "link-not-ready",
        "managed-instance",
        "no-permission",
        "operation-in-progress",
        "subnet-occupied",
    }
)
"""Findings with which no order is known that works."""


def order(deletion: Deletion, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """First what makes it safe, then the deletions. Empty where no order is known that works.

    Empty also while anything is unknown: it could not be checked that the order makes the deletion safe.
    """
    if any(one.code in _NO_KNOWN_ORDER or one.severity == "unknown" for one in findings):
        return ()
    if any(deletion.links_beside_apps(one) and deletion.staying(one) for one in deletion.touched):
        return ()  # the link cannot be cleared while other apps stay
    if any(deletion.occupancy(subnet).foreign_links for subnet in deletion.cleared):
        return ()  # a purge is refused beside a link of another service
    locks = [fact.field for one in findings if one.code == "locked" for fact in one.evidence]
    steps = [["az", "lock", "delete", "--ids", *dict.fromkeys(locks)]] if locks else []
    steps += [["remediate", "guard", deletion.target, "--disconnect"]] if deletion.leaving else []
    steps += [["remediate", "purge", subnet] for subnet in deletion.cleared]
    return tuple(shlex.join(step) for step in (*steps, *_deletions(deletion)))


def _deletions(deletion: Deletion) -> Iterator[list[str]]:
    target, parsed = deletion.target, ids.parse(deletion.target)
    if deletion.kind == "group":
        # A plan keeps its group from being deleted while apps of another group are on it.
        yield from (_app(app) for app in _roots(deletion) if not ids.within(app.id, target))
        yield ["az", "group", "delete", "--subscription", parsed.subscription, "--name", parsed.name]
    elif deletion.kind in ("app", "slot", "plan"):
        yield from (_app(app) for app in _roots(deletion))
    if deletion.kind == "plan" and not _roots(deletion):
        # With its last app the plan goes by itself (azure-facts.md, 2), and could not be deleted again.
        yield ["az", "appservice", "plan", "delete", "--yes", "--ids", target]
    elif deletion.kind == "subnet":
        yield ["az", "network", "vnet", "subnet", "delete", "--ids", target]
    elif deletion.kind == "vnet":
        yield ["az", "network", "vnet", "delete", "--ids", target]


def _roots(deletion: Deletion) -> list[App]:
    """The apps, and those slots whose app stays; the other slots go with theirs."""
    apps = deletion.apps
    roots = {app.id.casefold() for app in apps if not app.is_slot}
    return [app for app in apps if not app.is_slot or ids.production(app.id).casefold() not in roots]


def _app(app: App) -> list[str]:
    family = "functionapp" if "functionapp" in app.kind.casefold() else "webapp"
    if not app.is_slot:
        return ["az", family, "delete", "--ids", app.id]
    parsed = ids.parse(app.id)
    where = ["--subscription", parsed.subscription, "--resource-group", parsed.group or ""]
    site, slot = parsed.named("sites") or "", parsed.named("slots") or ""
    return ["az", family, "deployment", "slot", "delete", *where, "--name", site, "--slot", slot]
