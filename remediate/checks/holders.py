"""Who holds what is to be deleted: integrations that would leave an orphan, links that stop a deletion."""

from __future__ import annotations

from collections.abc import Iterator

from remediate import ids
from remediate.model import App, Deletion, Finding, Holder, Link, healthy, key


def holders(deletion: Deletion) -> tuple[Holder, ...]:
    """Everybody who is integrated and would go, and everybody on a subnet that would go.

    An integrated app counts whether or not its link can be seen right now: to delete before disconnecting
    is how orphans are born (azure-facts.md, 2). On a subnet that is gone (404) there is nothing to hold.
    """
    kept: dict[tuple[str, str], Holder] = {}
    for one in (*_apps(deletion), *_neighbours(deletion), *_plans(deletion), *_links(deletion)):
        kept.setdefault((key(one.id), key(one.subnet or "")), one)
    return tuple(kept.values())


def is_safe(found: tuple[Holder, ...], findings: tuple[Finding, ...]) -> bool | None:
    """Whether the deletion leaves no orphan and nothing stops it; None where that could not be seen."""
    return False if found else healthy(findings)


def _apps(deletion: Deletion) -> Iterator[Holder]:
    for app in deletion.apps:
        for subnet in deletion.world.places(app.id):
            if deletion.world.status(subnet) != "absent":
                yield _holder(deletion, app, subnet)


def _neighbours(deletion: Deletion) -> Iterator[Holder]:
    """Apps that no id of the deletion names, on a subnet that goes or of a plan that goes."""
    there = (one for one in deletion.touched if deletion.world.status(one) != "absent")
    for subnet in there:
        yield from (_holder(deletion, app, subnet) for app in deletion.in_the_way(subnet))


def _plans(deletion: Deletion) -> Iterator[Holder]:
    """Managed Instance plans hold a subnet themselves."""
    own = ((plan.id, plan.subnet) for plan in deletion.plans if plan.subnet)
    there = ((plan, subnet) for subnet in deletion.touched for plan in deletion.holding(subnet))
    for plan, subnet in (*own, *there):
        links = (one for one in deletion.world.links(subnet) if ids.same(one.target, plan))
        yield Holder(plan, "plan", subnet, plan, next((_link_id(subnet, one) for one in links), None))


def _links(deletion: Deletion) -> Iterator[Holder]:
    """Links that no known app uses, those of plans and of other services; and what else is in a subnet."""
    world = deletion.world
    for subnet in deletion.touched:
        for link in world.links(subnet):
            unused = not deletion.occupancy(subnet).apps_using(link)
            if link.is_web and unused and deletion.concerns(subnet, link):
                there = _link_id(subnet, link)
                yield Holder(link.target or there, "plan", subnet, link.target, there)
        for link in deletion.foreign(subnet):
            there = _link_id(subnet, link)
            yield Holder(link.target or there, "service", subnet, None, there)
        for one in deletion.occupants(subnet):
            yield Holder(one.id, "service", subnet, None, None)


def _holder(deletion: Deletion, app: App, subnet: str) -> Holder:
    world = deletion.world
    links = (one for one in world.links(subnet) if app in deletion.occupancy(subnet).apps_using(one))
    own = (_link_id(subnet, one) for one in links)
    return Holder(app.id, "slot" if app.is_slot else "app", subnet, app.plan, next(own, None))


def _link_id(subnet: str, link: Link) -> str:
    return f"{subnet}/serviceAssociationLinks/{link.name}"
