"""The finding no-read-permission: what could not be read, so that the result is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediate import ids
from remediate.checks.advice import ALLOW, assign, command, listed, typed
from remediate.checks.permissions import or_allow
from remediate.checks.unused_link import unknown_links
from remediate.model import Deletion, Document, Evidence, Finding, Integration, Question, World, key, once

_PREFLIGHT = {
    "locks": "locks",
    "permissions": "permissions",
    "deny-assignments": "deny assignments",
    "provider": "resource providers",
}
"""What the reads of a preflight are called."""
_NOT_KNOWN = "it is not known whether this plan exists and has apps on the subnet"
_NO_PLAN = "neither this slot nor its app names a plan"
_NEVER_DECIDES = ("vnet",)
"""Before a deletion: reads that tell where the network is, and nothing about who is on it."""


def no_read_permission(world: World, question: Question) -> Finding | None:
    """A read was denied or failed whose answer would have told something about the integration."""
    facts = _unread(world, question)
    unpermitted = _preflight_unread(world, question)
    if not facts and not unpermitted:
        return None
    named = [*(one.view for one in facts), *(_name(one, question) for one in unpermitted)]
    detail, action = _words(world, question, facts, unpermitted)
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title=f"Could not read {listed(dict.fromkeys(named))}",
        detail=detail,
        action=action,
        evidence=(*facts, *(_fact(one) for one in unpermitted)),
    )


def _unread(world: World, question: Question) -> tuple[Evidence, ...]:
    """What tells who is integrated where, and was not read."""
    if question.kind == "purge":
        return _with_doubts(world, question, [_fact(one) for one in world.unread])
    if question.kind == "delete":
        documents = (one for one in world.documents if one.unread and one.what not in _NEVER_DECIDES)
        return _with_doubts(world, question, [_fact(one) for one in documents])
    if question.kind == "leave":
        return tuple(_unread_before_leaving(world, question))
    documents_read = [Evidence(one.what, one.path, one.message or one.status) for one in world.unread]
    return _with_doubts(world, question, documents_read)


def _unread_before_leaving(world: World, question: Question) -> Iterator[Evidence]:
    """The subnet, and the apps that keep it: while one of them has to stay, none needs to be disconnected."""
    subnet = question.subnet or ""
    status = world.status(subnet)
    if status in ("denied", "failed"):
        yield Evidence("subnet", subnet, status)
    for app in Deletion(world, question).unread(subnet):
        found = world.resource(app.id)
        yield Evidence("site", app.id, found.reason if found and found.reason else "not read by itself")


def _with_doubts(world: World, question: Question, facts: list[Evidence]) -> tuple[Evidence, ...]:
    """The same facts, and why it is not known whose the links are. There is always one where that is so.

    A link that names no plan is another finding (`link-not-ready`).
    """
    links = [(subnet, link.target) for subnet, link in unknown_links(world, question) if link.target]
    told = [one for subnet, plan in links for one in _doubts(world, subnet, plan)]
    last = [Evidence("link", plan, _NOT_KNOWN) for _, plan in links]
    return (*facts, *(told if facts or told else last))


def _doubts(world: World, subnet: str, plan: str) -> Iterator[Evidence]:
    yield from (_fact(one) for one in _not_listed(world, plan, subnet))
    yield from (Evidence("plan", app.id, _NO_PLAN) for app in world.without_plan(subnet))


def _not_listed(world: World, plan: str, subnet: str) -> Iterator[Document]:
    """The lists that say whether a plan is on a subnet, and that Azure answered with a 404."""
    roots = once(ids.production(app.id) for app in world.apps_of(plan))
    paths = {key(f"{one}/slots") for one in roots} | ({key(f"{plan}/sites")} if world.plan(plan) else set())
    for one in world.documents:
        asked = key(one.path.partition("?")[0]) in paths or one.what == f"graph:{subnet}"
        if asked and one.status == "absent":
            yield one


def _preflight_unread(world: World, question: Question) -> tuple[Document, ...]:
    """The locks, permissions and registrations that were asked for and not found."""
    if question.kind in ("look", "delete"):
        return ()
    wanted = (one for one in world.documents if one.preflight and one.status != "found")
    return tuple(one for one in wanted if question.kind != "leave" or _is_about(one, question.apps))


def _is_about(document: Document, apps: Iterable[str]) -> bool:
    """Whether a lock or permission was looked for at one of these apps, or above it."""
    scope = document.what.partition(":")[2]
    return any(ids.within(app, scope) for app in apps)


def _fact(document: Document) -> Evidence:
    return Evidence(document.kind, document.path, document.message or document.status)


def _name(document: Document, question: Question) -> str:
    return _PREFLIGHT[document.kind] if question.kind == "change" else document.kind


def _words(
    world: World, question: Question, facts: tuple[Evidence, ...], unpermitted: tuple[Document, ...]
) -> tuple[str, str]:
    """Detail and action, for what the question is."""
    if question.kind == "leave":
        return _before_leaving()
    if question.kind == "delete":
        return _before_deletion(question)
    names = dict.fromkeys(_name(one, question) for one in unpermitted)
    what = listed(names) if names else ""
    if question.kind == "purge":
        return _whose_link(question, what) if facts else _before_purge(question)
    seen = Integration(world, question)
    told = [_look(seen)] if facts else []
    told += [_before_change(seen, unpermitted[0], what if facts else "them")] if unpermitted else []
    details, actions = zip(*told, strict=True)
    return " ".join(details), ". ".join(actions)


def _look(seen: Integration) -> tuple[str, str]:
    denied = any(one.status == "denied" for one in seen.world.unread)
    who = "Sign in as someone with the Reader role on these resources, then" if denied else "Then"
    return (
        "Some of the views that show whether the integration is right could not be read, so this is "
        "neither a clean result nor a fault: it is not known.",
        f"{who} look again: {command(seen, 'verify')}",
    )


def _before_change(seen: Integration, first: Document, what: str) -> tuple[str, str]:
    scope = first.path.partition("/providers/Microsoft.")[0]
    return (
        f"Without {what} it is not known whether Azure would let the app be connected again once it is "
        "disconnected.",
        f"Have the role given to the account that is signed in: {assign('Reader', scope)}, then look "
        f"again: {command(seen, 'reconnect', '--dry-run')}{or_allow(seen, 'no-read-permission')}",
    )


def _before_leaving() -> tuple[str, str]:
    return (
        "Without that it is not known whether Azure would let all of the apps be disconnected, or "
        "whether the link would be removed with them.",
        "Have the role Reader given to the account that is signed in, then try again.",
    )


def _before_deletion(question: Question) -> tuple[str, str]:
    return (
        "It is not known whether the deletion is safe: not everything that it would delete or affect "
        "could be read.",
        "Sign in as someone with the Reader role on all of it, then look again: "
        + typed(["remediate", "guard", question.target]),
    )


def _whose_link(question: Question, unpermitted: str) -> tuple[str, str]:
    again = ["remediate", "purge", question.target, "--dry-run"]
    also = f" Without {unpermitted} it is not known whether Azure would clear it." if unpermitted else ""
    return (
        "Whether an app or plan uses the link is not known, and a link that may be in use is not "
        f"cleared. This cannot be allowed.{also}",
        "Sign in as someone with the Reader role on the network, on the plan that the link names, and "
        f"on the apps there, then look again: {typed(again)}",
    )


def _before_purge(question: Question) -> tuple[str, str]:
    again = ["remediate", "purge", question.target, ALLOW, "no-read-permission"]
    return (
        "Without them it is not known whether Azure would clear the link. No app is affected.",
        f"Sign in as someone with the Reader role, or go on without knowing: {typed(again)}",
    )
