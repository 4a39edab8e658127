"""The reads that a question depends on and that were not answered: denied, failed, or contradicted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediate import ids
from remediate.model import Deletion, Document, Question, World, key, once

_LISTS = ("graph", "slots", "plan-apps", "apps", "plans", "vnets")
"""The reads that list apps, slots, plans and networks, which tell who there is to disconnect."""


def unread_reads(world: World, question: Question) -> tuple[Document, ...]:
    """The reads that tell who is integrated where, and that were not answered."""
    if question.kind == "delete":
        deletion = Deletion(world, question)
        unread = (one for one in world.documents if one.unread and _affects_deletion(one, deletion))
        return (*unread, *_contradicted(world), *_without_subnets(world, question))
    if question.kind == "leave":
        return tuple(_unread_before_leaving(world, question))
    return world.unread


def unread_preflight(world: World, question: Question) -> tuple[Document, ...]:
    """The locks, permissions and registrations that were asked for and not found."""
    if question.kind == "look":
        return ()
    wanted = (one for one in world.documents if one.preflight and one.status != "found")
    if question.kind == "delete":  # those that were denied or failed are among the other reads
        return tuple(one for one in wanted if not one.unread)
    return tuple(one for one in wanted if question.kind != "leave" or _is_about(one, question.apps))


def not_listed(world: World, plan: str, subnet: str) -> Iterator[Document]:
    """The lists that say whether a plan is on a subnet, and that Azure answered with a 404."""
    roots = once(ids.production(app.id) for app in world.apps_of(plan))
    paths = {key(f"{one}/slots") for one in roots} | ({key(f"{plan}/sites")} if world.plan(plan) else set())
    for one in world.documents:
        asked = key(one.path.partition("?")[0]) in paths or one.what == f"graph:{subnet}"
        if asked and one.status == "absent":
            yield one


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


def _is_about(document: Document, apps: Iterable[str]) -> bool:
    """Whether a lock or permission was looked for at one of these apps, or above it."""
    scope = document.what.partition(":")[2]
    return any(ids.within(app, scope) for app in apps)
