"""The findings no-read-permission and not-visible: what is not known, because a read was not answered."""

from __future__ import annotations

from collections.abc import Iterator

from remediate import ids
from remediate.checks.advice import ALLOW, assign, command, listed, typed
from remediate.checks.permissions import or_allow
from remediate.checks.sign_in import look_again, sign_in
from remediate.checks.unread import not_listed, unread_preflight, unread_reads
from remediate.checks.unused_link import unknown_links
from remediate.model import (
    CLEARABLE,
    Document,
    Evidence,
    Finding,
    Integration,
    Occupancy,
    Question,
    World,
)

_NAMES = {
    "apps": "the apps there",
    "connections": "the connections of the app",
    "deny-assignments": "deny assignments",
    "detector": "Microsoft's detector",
    "environment": "the Container Apps environment",
    "graph": "Resource Graph",
    "groups": "the resource groups",
    "instances": "the instances of the app",
    "link": "who uses the link",
    "linked-plan": "the plan",
    "linked-plan-apps": "the apps of the plan that the link names",
    "networkConfig": "the network configuration of the app",
    "plan": "the plan",
    "plan-apps": "the apps of the plan",
    "plan-connections": "the connections of the plan",
    "plans": "the plans there",
    "provider": "resource providers",
    "site": "the app",
    "slots": "slots",
    "subnet": "the subnet",
    "vnet": "the virtual network",
    "vnets": "the virtual networks there",
}
"""What a read is called in a title, by its key; a key that is a word of its own is called that."""
_NOT_KNOWN = "it is not known whether this plan exists and has apps on the subnet"
_NO_PLAN = "neither this slot nor its app names a plan"


def no_read_permission(world: World, question: Question) -> Finding | None:
    """A read was denied or failed whose answer would have told something about the integration."""
    facts = _facts(world, question)
    unpermitted = tuple(one for one in unread_preflight(world, question) if not one.hidden)
    if not facts and not unpermitted:
        return None
    named = [
        *(_plain(one.view) for one in facts),
        *(_name(one, question) for one in unpermitted),
    ]
    detail, action = _words(world, question, facts, unpermitted)
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title=f"Could not read {listed(dict.fromkeys(named))}",
        detail=detail,
        action=action,
        evidence=(*facts, *(_fact(one, question) for one in unpermitted)),
    )


def not_visible(world: World, question: Question) -> Finding | None:
    """Azure answers as it does for everything in a subscription or tenant that the account cannot see."""
    reads = (*unread_reads(world, question), *unread_preflight(world, question))
    hidden = tuple(one for one in reads if one.hidden)
    if not hidden:
        return None
    return Finding(
        code="not-visible",
        severity="unknown",
        title=f"Cannot see {listed(dict.fromkeys(_name(one, question) for one in hidden))}: "
        "not visible to the signed-in account",
        detail="Azure gives this answer for everything in a subscription or tenant that the account cannot "
        "see, whether it is there or not. So this is neither a clean result nor a fault: it is not known.",
        action=f"{sign_in(hidden)}. Then run {look_again(world, question, hidden)}",
        evidence=tuple(_fact(one, question) for one in hidden),
    )


def app_not_read(world: World, question: Question) -> Finding:
    """The one finding about an app whose own document was not read: all that is not known depends on it."""
    hidden = not_visible(world, question)
    if hidden:
        return hidden
    _, action = _look(Integration(world, question))
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title=f"Could not read {ids.app_name(question.target)}",
        detail="Without the app's own document nothing is known about its integration.",
        action=action,
        evidence=tuple(_fact(one, question) for one in world.unread),
    )


def _facts(world: World, question: Question) -> tuple[Evidence, ...]:
    """What was denied or failed, and why it is not known whose the links are; all of it, or why not.

    A link that names no plan is another finding (`link-not-ready`).
    """
    unread = unread_reads(world, question)
    facts = [_fact(one, question) for one in unread if not one.hidden]
    if question.kind == "leave":
        return tuple(facts)
    links = [(subnet, link.target) for subnet, link in unknown_links(world, question) if link.target]
    doubts = [one for subnet, plan in links for one in _doubts(world, question, subnet, plan)]
    told = [one for one in doubts if one not in facts]
    last = [Evidence("link", plan, _NOT_KNOWN) for _, plan in links]
    return (*facts, *(told if unread or told else last))


def _doubts(world: World, question: Question, subnet: str, plan: str) -> Iterator[Evidence]:
    yield from (_fact(one, question) for one in not_listed(world, plan, subnet))
    yield from (Evidence("plan", app.id, _NO_PLAN) for app in Occupancy(world, subnet).without_plan)


def _fact(document: Document, question: Question) -> Evidence:
    return Evidence(_view(document, question), document.path, document.message or document.status)


def _view(document: Document, question: Question) -> str:
    """What was read; about one app with its name, of which there may be several, but with no whole id."""
    about_app = question.kind in ("look", "change") and not document.preflight
    return document.what if about_app and "/" not in document.what else document.kind


def _name(document: Document, question: Question) -> str:
    """The same in a title."""
    return _plain(_view(document, question))


def _plain(view: str) -> str:
    """`linked-plan:a` is plan a, and `linked-plan:a:apps` the apps of plan a."""
    kind, _, of = view.partition(":")
    name, apps = of.removesuffix(":apps"), of.endswith(":apps")
    plain = _NAMES.get(kind, kind)
    words = f"{plain.removeprefix('the ')} {name}" if name else plain
    return f"the apps of {words}" if apps else words


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
        return _whose_link(question, what) if facts else _before_purge(world, question)
    seen = Integration(world, question)
    may = _may_be_allowed(world, question)
    told = [_about_others(seen) if may else _look(seen)] if facts else []
    told += [_before_change(seen, unpermitted, what if facts else "them", may)] if unpermitted else []
    details, actions = zip(*told, strict=True)
    return " ".join(details), ". ".join(actions)


def _may_be_allowed(world: World, question: Question) -> bool:
    """Whether a change could go on without what was not read: it tells only who else is on the subnet."""
    return question.kind == "change" and all(one.about_others for one in world.unread)


def _about_others(seen: Integration) -> tuple[str, str]:
    return (
        "Without it it is not known who else is on the subnet, and whether there is an address for the app "
        "once it was disconnected.",
        f"Try again in a minute{or_allow(seen, 'no-read-permission')}",
    )


def _look(seen: Integration) -> tuple[str, str]:
    denied = any(one.status == "denied" for one in seen.world.unread)
    who = "Sign in as someone with the Reader role on these resources, then" if denied else "In a minute"
    return (
        "Some of the views that show whether the integration is right could not be read, so this is "
        "neither a clean result nor a fault: it is not known.",
        f"{who} look again: {command(seen, 'verify')}",
    )


def _before_change(seen: Integration, unread: tuple[Document, ...], what: str, may: bool) -> tuple[str, str]:
    """Detail and action; no role helps where a read failed. `may` says whether a change can go on without."""
    denied = next((one for one in unread if one.status != "failed"), None)
    scope = denied.path.partition("/providers/Microsoft.")[0] if denied else ""
    role = f"Have the role given to the account that is signed in: {assign('Reader', scope)}, then run"
    return (
        f"Without {what} it is not known whether Azure would let the app be connected again once it is "
        "disconnected.",
        f"{role if denied else 'In a minute run'} {command(seen, 'reconnect', '--dry-run')}"
        + (or_allow(seen, "no-read-permission") if may else ""),
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
    again = ["remediate", "guard", question.target]
    also = f" Without {unpermitted} it is not known whether Azure would clear it." if unpermitted else ""
    return (
        "Whether an app or plan uses the link is not known, and a link that may be in use is not "
        f"cleared. This cannot be allowed.{also}",
        "Sign in as someone with the Reader role on the network, on the plan that the link names, and "
        f"on the apps there, then look again: {typed(again)}",
    )


def _before_purge(world: World, question: Question) -> tuple[str, str]:
    """Nothing can be allowed where there is no link that could be cleared."""
    occupancy = Occupancy(world, question.target)
    clearable = any(occupancy.use(link) in CLEARABLE for link in occupancy.links)
    again = typed(["remediate", "purge", question.target, ALLOW, "no-read-permission"])
    return (
        "Without them it is not known whether Azure would clear the link. No app is affected.",
        "Sign in as someone with the Reader role"
        + (f", or go on without knowing: {again}" if clearable else "."),
    )
