"""Who holds what is to be deleted: integrations that would leave an orphan, links that stop a deletion."""

from __future__ import annotations

from collections.abc import Iterator

from remediate import ids
from remediate.model import App, Estate, Holder, Link, Surroundings


def holders(estate: Estate) -> tuple[Holder, ...]:
    """Everybody who is integrated and would go, and everybody on a subnet that would go.

    An integrated app counts whether or not its link can be seen right now: to delete before disconnecting
    is how orphans are born (azure-facts.md, 2). On a subnet that is gone (404) there is nothing to hold.
    """
    kept: dict[tuple[str, str], Holder] = {}
    for one in (*_apps(estate), *_neighbours(estate), *_plans(estate), *_links(estate)):
        kept.setdefault((one.id.casefold(), (one.subnet or "").casefold()), one)
    return tuple(kept.values())


def leaving(estate: Estate) -> tuple[tuple[Surroundings, tuple[App, ...]], ...]:
    """Which apps and slots have to be disconnected from which subnet, so that nothing is left behind.

    From a subnet that is to be deleted everybody has to go; elsewhere only what the deletion takes, and
    whoever is of a plan that it takes: the listing of a plan's apps may lag behind.
    """
    pairs = [(around, _to_leave(estate, around)) for around in estate.around if around.status != "absent"]
    return tuple((around, apps) for around, apps in pairs if apps)


def abandoned(estate: Estate, around: Surroundings) -> tuple[Link, ...]:
    """App Service's links on a subnet behind which nobody stands, where the deletion is about them."""
    return tuple(
        link
        for link in around.links
        if link.is_web and _concerns(estate, around, link) and not around.behind(link) and _left(around, link)
    )


def foreign(estate: Estate, around: Surroundings) -> tuple[Link, ...]:
    """The links of other services on a subnet that is to be deleted.

    A Flex link without a Flex app is one of them: a Container Apps environment has the same type [?].
    """
    if not estate.takes(around.id):
        return ()
    return tuple(one for one in around.links if not one.is_web and not around.behind(one))


def _to_leave(estate: Estate, around: Surroundings) -> tuple[App, ...]:
    all_of_them = estate.takes(around.id)
    return tuple(app for app in around.apps if all_of_them or estate.takes(app.id) or estate.takes(app.plan))


def _apps(estate: Estate) -> Iterator[Holder]:
    for one in estate.apps:
        for subnet in one.subnets:
            around = estate.surroundings(subnet)
            if around is None or around.status != "absent":
                yield _holder(one.app, subnet, around)


def _neighbours(estate: Estate) -> Iterator[Holder]:
    """Apps that no id of the deletion names, on a subnet that goes or of a plan that goes."""
    for around, apps in leaving(estate):
        yield from (_holder(app, around.id, around) for app in apps)


def _plans(estate: Estate) -> Iterator[Holder]:
    """Managed Instance plans hold a subnet themselves."""
    for plan in estate.plans:
        if plan.subnet:
            around = estate.surroundings(plan.subnet)
            links = around.links if around else ()
            own = (_link_id(plan.subnet, one) for one in links if ids.same(one.target, plan.id))
            yield Holder(plan.id, "plan", plan.subnet, plan.id, next(own, None))


def _links(estate: Estate) -> Iterator[Holder]:
    """Links with nobody known behind them: those of plans, and those of other services."""
    for around in estate.around:
        for link in around.links:
            if link.is_web and _concerns(estate, around, link) and not around.behind(link):
                there = _link_id(around.id, link)
                yield Holder(link.target or there, "plan", around.id, link.target, there)
        for link in foreign(estate, around):
            there = _link_id(around.id, link)
            yield Holder(link.target or there, "service", around.id, None, there)


def _holder(app: App, subnet: str, around: Surroundings | None) -> Holder:
    links = around.links if around else ()
    own = (_link_id(subnet, one) for one in links if around and app in around.behind(one))
    return Holder(app.id, "slot" if app.is_slot else "app", subnet, app.plan, next(own, None))


def _concerns(estate: Estate, around: Surroundings, link: Link) -> bool:
    """Whether a link would stop the deletion, or would be left behind by it."""
    return estate.takes(around.id) or estate.takes(link.target)


def _left(around: Surroundings, link: Link) -> bool:
    """Whether it is known that the plan is gone, or has nothing on the subnet."""
    plan = around.plan(link)
    return plan is not None and (plan.status == "absent" or plan.on_subnet is False)


def _link_id(subnet: str, link: Link) -> str:
    return f"{subnet}/serviceAssociationLinks/{link.name}"
