"""The finding about our own sight: what could not be read, and so is neither right nor wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediate import ids
from remediate.checks.advice import ALLOW, assign, command, listed, typed
from remediate.checks.permissions import or_allow
from remediate.model import Deletion, Document, Evidence, Finding, Integration, Link, Question, World

_PREFLIGHT = {"locks": "locks", "permissions": "permissions", "provider": "resource providers"}
"""What the reads of a preflight are called."""
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
        return tuple(_fact(one) for one in world.unread)
    if question.kind == "delete":
        documents = (one for one in world.documents if one.unread and one.what not in _NEVER_DECIDES)
        return tuple(_fact(one) for one in documents)
    if question.kind == "leave":
        return tuple(_unread_before_leaving(world, question))
    documents_read = [Evidence(one.what, one.path, one.message or one.status) for one in world.unread]
    return (*documents_read, *_unknown_plans(Integration(world, question)))


def _unread_before_leaving(world: World, question: Question) -> Iterator[Evidence]:
    """The subnet, and whoever is in the way there: while one of them has to stay, nobody need go."""
    subnet = question.subnet or ""
    status = world.status(subnet)
    if status in ("denied", "failed"):
        yield Evidence("subnet", subnet, status)
    for app in Deletion(world, question).unread(subnet):
        found = world.resource(app.id)
        yield Evidence("site", app.id, found.reason if found and found.reason else "not read by itself")


def _unknown_plans(seen: Integration) -> Iterable[Evidence]:
    """The other plans that links name, and of which too little could be read to judge the link."""
    said = "it is not known whether this plan lives and has apps on the subnet"
    for link in seen.other_links:
        paths = (one.path.partition("?")[0] for one in seen.world.unread)
        if _is_unknown(seen, link) and not any(ids.within(one, link.target or "") for one in paths):
            yield Evidence("link", link.target or "", said)


def _is_unknown(seen: Integration, link: Link) -> bool:
    return seen.world.use(link, seen.subnet_id) == "unknown"


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
        "Some of the places that say whether the integration is right could not be read, so this is "
        "neither a clean result nor a fault: it is not known.",
        f"{who} look again: {command(seen, 'verify')}",
    )


def _before_change(seen: Integration, first: Document, what: str) -> tuple[str, str]:
    scope = first.path.partition("/providers/Microsoft.")[0]
    return (
        f"Without {what} nobody can say whether Azure would let the app be connected again once it is "
        "disconnected.",
        f"Have the role given to the account that is signed in: {assign('Reader', scope)}, then look "
        f"again: {command(seen, 'reconnect', '--dry-run')}{or_allow(seen, 'no-read-permission')}",
    )


def _before_leaving() -> tuple[str, str]:
    return (
        "Without that nobody can say whether Azure would let all of the apps be disconnected, or "
        "whether the link goes with them.",
        "Have the role Reader given to the account that is signed in, then try again.",
    )


def _before_deletion(question: Question) -> tuple[str, str]:
    return (
        "Nobody can say whether the deletion is safe without having looked at everything that it "
        "takes and touches.",
        "Sign in as someone with the Reader role on all of it, then look again: "
        + typed(["remediate", "guard", question.target]),
    )


def _whose_link(question: Question, unpermitted: str) -> tuple[str, str]:
    again = ["remediate", "purge", question.target, "--dry-run"]
    also = f" Without {unpermitted} nobody can say whether Azure would clear it." if unpermitted else ""
    return (
        "Whether anybody stands behind the link is not known, and a link that may be in use is not "
        f"cleared. This cannot be allowed.{also}",
        "Sign in as someone with the Reader role on the network, on the plan that the link names, and "
        f"on the apps there, then look again: {typed(again)}",
    )


def _before_purge(question: Question) -> tuple[str, str]:
    again = ["remediate", "purge", question.target, ALLOW, "no-read-permission"]
    return (
        "Without them nobody can say whether Azure would clear the link. No app is at stake.",
        f"Sign in as someone with the Reader role, or go on without knowing: {typed(again)}",
    )
