"""The findings no-read-permission and not-visible: what could not be read, so that it is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediate import ids
from remediate.checks.advice import ALLOW, assign, command, listed, typed
from remediate.checks.permissions import or_allow
from remediate.checks.sign_in import look_again, sign_in
from remediate.checks.unused_link import unknown_links
from remediate.model import (
    CLEARABLE,
    Deletion,
    Document,
    Evidence,
    Finding,
    Integration,
    Occupancy,
    Question,
    World,
    key,
    once,
)

_PREFLIGHT = {
    "locks": "locks",
    "permissions": "permissions",
    "deny-assignments": "deny assignments",
    "provider": "resource providers",
    "plan-connections": "connections of the plan",
}
"""What the reads of a preflight are called."""
_NOT_KNOWN = "it is not known whether this plan exists and has apps on the subnet"
_NO_PLAN = "neither this slot nor its app names a plan"
_LISTS = ("graph", "slots", "plan-apps", "apps", "plans", "vnets")
"""The reads that list apps, slots, plans and networks, which tell who there is to disconnect."""


def no_read_permission(world: World, question: Question) -> Finding | None:
    """A read was denied or failed whose answer would have told something about the integration."""
    facts = _facts(world, question)
    unpermitted = tuple(one for one in _preflight_unread(world, question) if not one.hidden)
    if not facts and not unpermitted:
        return None
    named = [
        *(_PREFLIGHT.get(one.view, one.view) for one in facts),
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
    reads = (*_unread(world, question), *_preflight_unread(world, question))
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
    unread = _unread(world, question)
    facts = [_fact(one, question) for one in unread if not one.hidden]
    if question.kind == "leave":
        return tuple(facts)
    links = [(subnet, link.target) for subnet, link in unknown_links(world, question) if link.target]
    doubts = [one for subnet, plan in links for one in _doubts(world, question, subnet, plan)]
    told = [one for one in doubts if one not in facts]
    last = [Evidence("link", plan, _NOT_KNOWN) for _, plan in links]
    return (*facts, *(told if unread or told else last))


def _unread(world: World, question: Question) -> tuple[Document, ...]:
    """The reads that tell who is integrated where, and that were not answered."""
    if question.kind == "delete":
        deletion = Deletion(world, question)
        unread = (one for one in world.documents if one.unread and _affects_deletion(one, deletion))
        return (*unread, *_contradicted(world), *_without_subnets(world, question))
    if question.kind == "leave":
        return tuple(_unread_before_leaving(world, question))
    return world.unread


def _affects_deletion(document: Document, deletion: Deletion) -> bool:
    """Whether the verdict depends on a read. Of a network only the region is used, and only by a purge."""
    if document.what != "vnet" or deletion.kind == "vnet":
        return document.what != "detector"
    network = key(document.path.partition("?")[0])
    return any(key(ids.vnet_of(subnet)) == network for subnet in deletion.cleared)


def _unread_before_leaving(world: World, question: Question) -> Iterator[Document]:
    """The subnet, the apps that keep it, and the lists that tell of them.

    While one app has to stay, none needs to be disconnected.
    """
    subnet = question.subnet or ""
    read = world.resource(subnet)
    if read and read.unread:
        yield Document("subnet", subnet, read.status, message=read.reason)
    deletion = Deletion(world, question)
    unseen = deletion.occupancy(subnet).unseen if deletion.takes(subnet) else ()
    for app in once([*(one.id for one in deletion.unread(subnet)), *unseen]):
        found = world.resource(app)
        status = found.status if found and found.unread else "failed"
        yield Document("site", app, status, message=(found and found.reason) or "not read by itself")
    yield from (one for one in world.documents if one.unread and one.kind in _LISTS)
    yield from _contradicted(world)


def _contradicted(world: World) -> Iterator[Document]:
    """Lists that were answered with a 404 although that of which they are was found: nobody knows them."""
    for one in world.documents:
        parent = one.path.partition("?")[0].rpartition("/")[0]
        lives = one.kind == "graph" or world.was_read(parent)
        if one.status == "absent" and one.kind in _LISTS and lives:
            yield one


def _without_subnets(world: World, question: Question) -> Iterator[Document]:
    """A network whose answer has no list of subnets: none is not what that says."""
    target = question.target
    if Deletion(world, question).kind == "vnet" and world.listing("subnets", target).status == "failed":
        yield Document("vnet", target, "failed", message="the answer has no list of subnets")


def _doubts(world: World, question: Question, subnet: str, plan: str) -> Iterator[Evidence]:
    yield from (_fact(one, question) for one in _not_listed(world, plan, subnet))
    yield from (Evidence("plan", app.id, _NO_PLAN) for app in Occupancy(world, subnet).without_plan)


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
    if question.kind == "look":
        return ()
    wanted = (one for one in world.documents if one.preflight and one.status != "found")
    if question.kind == "delete":  # those that were denied or failed are among the other reads
        return tuple(one for one in wanted if not one.unread)
    return tuple(one for one in wanted if question.kind != "leave" or _is_about(one, question.apps))


def _is_about(document: Document, apps: Iterable[str]) -> bool:
    """Whether a lock or permission was looked for at one of these apps, or above it."""
    scope = document.what.partition(":")[2]
    return any(ids.within(app, scope) for app in apps)


def _fact(document: Document, question: Question) -> Evidence:
    return Evidence(_view(document, question), document.path, document.message or document.status)


def _view(document: Document, question: Question) -> str:
    """What was read; about one app with its name, of which there may be several, but with no whole id."""
    about_app = question.kind in ("look", "change") and not document.preflight
    return document.what if about_app and "/" not in document.what else document.kind


def _name(document: Document, question: Question) -> str:
    """The same in a title, where the reads of a preflight have plainer names."""
    view = _view(document, question)
    return _PREFLIGHT.get(view, view)


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
