"""ARM → World: everything that a question needs to have read, from any id that it may be about.

Resource Graph finds, ARM decides: whatever a list or a cached view names is read by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from remediate import ids
from remediate.azure import parse
from remediate.azure.documents import Documents, Read, failure
from remediate.azure.expansion import Expansion
from remediate.azure.occupancy import each_by_itself, first_reads, read_occupancy, slots_of
from remediate.azure.session import Session
from remediate.azure.workers import Workers
from remediate.model import (
    App,
    Deletion,
    Document,
    Endpoint,
    Integration,
    Probe,
    Question,
    Subnet,
    World,
    is_subnet,
    once,
)
from remediate.model.failure import RequestFailed

Parsed = TypeVar("Parsed")


class Reader:
    """Reads that answer a question of the product, each made of as many requests as that takes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._documents = Documents(session)
        self._workers = Workers(session, self._documents)
        self._side_by_side = session.side_by_side

    def read(self, question: Question) -> World:
        """Everything around the target of a question; a preflight is read by itself.

        Raises RequestFailed when the app cannot be read, or what is to be deleted is not there: then there is
        nothing to say about it.
        """
        expansion = Expansion(self._session)
        if question.kind == "purge":
            read_occupancy(expansion, question.target)
        elif question.kind in ("delete", "leave"):
            _deletion(expansion, question)
        else:
            _integration(expansion, question)
        return expansion.world

    def preflight(self, world: World, question: Question) -> World:
        """The same World with what Azure requires for this change: locks, permissions, deny assignments, and
        for a connect the registrations of resource providers and the plan's other connections
        (azure-facts.md, 1 and 4).

        The purge is an action on the network's subscription; what else it asks for is not documented [?].
        Raises nothing: what could not be read is in the documents.
        """
        expansion, seen = Expansion(self._session, world), Integration(world, question)
        plan = seen.plan if question.kind == "change" and not seen.flex else None
        beside = [expansion.plan_connections(plan.id)] if plan else []
        expansion.make([*expansion.access.preflight(seen), *beside])
        return expansion.world

    def app(self, target: str) -> App:
        """An app or slot as it is now. Raises RequestFailed."""
        return _required(self._documents.site(target), parse.app)

    def subnet(self, subnet: str) -> Subnet:
        """A subnet as it is now. Raises RequestFailed."""
        return _required(self._documents.subnet(subnet), parse.subnet)

    def subnet_by_any_view(self, subnet: str) -> Subnet:
        """A subnet as it is now; where it cannot be read, as its virtual network holds it.

        Raises RequestFailed.
        """
        expansion = Expansion(self._session)
        document = expansion.make_alone(expansion.subnet(subnet))
        if document.unread:
            network = expansion.make_alone(expansion.vnet(ids.vnet_of(subnet)))
            held = parse.subnets(network.body) if network.status == "found" else ()
            for one in held:
                if ids.same(one.id, subnet):
                    return one
            document = expansion.world.document("subnet") or document
        return _required(document, parse.subnet)

    def link_and_apps(
        self, subnet: str | None, apps: tuple[str, ...]
    ) -> tuple[Subnet | None, tuple[str, ...]]:
        """A subnet, if one is asked for, and which apps are still connected by the first view that answers.

        Raises RequestFailed.
        """
        reads: list[Callable[[], Any]] = [partial(self._named_by_any_view, app) for app in apps]
        if subnet:
            reads.append(partial(self.subnet_by_any_view, subnet))
        seen = self._side_by_side(reads)
        staying = [app for app, named in zip(apps, seen, strict=False) if named]
        return seen[-1] if subnet else None, tuple(staying)

    def _named_by_any_view(self, app: str) -> str | None:
        """The subnet that networkConfig names, else the site, else the connections list.

        Raises RequestFailed.
        """
        read = self._documents
        config = read.network_config(app)
        if config.status == "found":  # one that is not connected answers 200 as well (azure-facts.md, 1)
            return _required(config, parse.network_config)
        site = read.site(app)
        if not site.unread:
            return _required(site, parse.app).subnet
        listed = read.connections(app)
        return _required(config if listed.unread else listed, _regional)

    def probe(self, app: App, endpoint: Endpoint) -> Probe:
        """Whether the workers of an app have an address and reach a port. Raises nothing."""
        return self._workers.probe(app, endpoint)

    def connected_to(self, target: str) -> str | None:
        """The subnet that both the site and its networkConfig name; None when both name none.

        Where one of the two has no answer, the connections list is read in its place. Raises
        RequestFailed: of kind `busy` while the two disagree, which passes.
        """
        reads = [partial(self._documents.site, target), partial(self._documents.network_config, target)]
        site, config = self._side_by_side(reads)
        views = [("site", site, _subnet_of_app), ("networkConfig", config, parse.network_config)]
        answered = [one for one in views if one[1].status == "found"]
        if len(answered) == 1 and site.status != "absent":
            listed = self._documents.connections(target)
            views = [*answered, ("connections list", listed, _regional)]
        (one, first, parse_first), (other, second, parse_second) = views
        named, configured = _required(first, parse_first), _required(second, parse_second)
        if not ids.alike(named, configured):
            raise RequestFailed("busy", f"the {one} names {named}, its {other} {configured}")
        return named


def _integration(expansion: Expansion, question: Question) -> None:
    """An app, its plan with all apps and slots, the subnet looked at, and everybody on it."""
    target = question.target
    expansion.require(expansion.app(target), expansion.network_config(target), expansion.connections(target))
    seen = Integration(expansion.world, question)
    plan, looked_at = seen.target.plan, seen.subnet_id
    around = [expansion.plan(plan), expansion.apps_of(plan)] if plan else []
    expansion.make(
        [expansion.slots(ids.production(seen.target.id)), *around, *_network(expansion, looked_at)]
    )
    if looked_at is None:
        looked_at = Integration(expansion.world, question).subnet_id
        expansion.make(_network(expansion, looked_at))
    if seen.other_subnets:
        # Where the app's own subnet is gone, nothing is lost by connecting the app to another one.
        expansion.make(_where_it_was(expansion, seen))
    slots_of(expansion, Integration(expansion.world, question).apps)
    if looked_at is not None:
        read_occupancy(expansion, looked_at, for_app=True)


def _network(expansion: Expansion, subnet: str | None) -> list[Read]:
    if subnet is None:
        return []
    return [*first_reads(expansion, subnet), expansion.cached_vnet(subnet)]


def _where_it_was(expansion: Expansion, seen: Integration) -> list[Read]:
    """The subnets that an app names beside the one asked for, and their networks, which prove an absence."""
    wanted = [one for place in seen.other_subnets for one in (place, ids.vnet_of(place))]
    unread = (one for one in once(wanted) if not expansion.is_read(one))
    return [expansion.subnet(one) if is_subnet(one) else expansion.vnet(one) for one in unread]


def _deletion(expansion: Expansion, question: Question) -> None:
    """What a deletion takes with it, and everybody on the subnets that it touches."""
    _begin(expansion, question)
    slots_of(expansion, [app for app in _deleted(expansion, question).apps if not app.is_slot])
    if _deleted(expansion, question).kind != "slot":
        named = once(app.plan for app in _deleted(expansion, question).apps if app.plan)
        expansion.make(expansion.apps_of(one) for one in named if not expansion.is_listed("apps", one))
        expansion.make(
            expansion.plan(one) for one in _deleted(expansion, question).emptied if not expansion.is_read(one)
        )
    each_by_itself(expansion, (app.id for app in _deleted(expansion, question).apps))
    plans = tuple(plan.id for plan in _deleted(expansion, question).plans)
    expansion.make(expansion.subnets_linked(plans))
    touched, deleted = _deleted(expansion, question).touched, _deleted(expansion, question).subnets
    for subnet in touched:
        read_occupancy(expansion, subnet, for_deletion=subnet in deleted)
    each_by_itself(expansion, [app.id for subnet in touched for app in expansion.world.apps_on(subnet)])
    expansion.make(expansion.access.before_deletion(_deleted(expansion, question)))


def _deleted(expansion: Expansion, question: Question) -> Deletion:
    return Deletion(expansion.world, question)


def _begin(expansion: Expansion, question: Question) -> None:
    """What the id of a deletion names. Raises RequestFailed where it names nothing (404)."""
    target, kind = question.target, _deleted(expansion, question).kind
    if kind in ("app", "slot"):
        _unless_absent(expansion, expansion.app(target))
    elif kind == "plan":
        _unless_absent(expansion, expansion.plan(target))
        expansion.make([expansion.apps_of(target)])
    elif kind == "subnet":
        _unless_absent(expansion, expansion.subnet(target), expansion.vnet(ids.vnet_of(target)))
    elif kind == "vnet":
        _unless_absent(expansion, expansion.vnet(target))
    else:
        _unless_absent(
            expansion, expansion.apps_in(target), expansion.plans_in(target), expansion.subnets_in(target)
        )
        plans = expansion.world.listing("plans", target).ids
        expansion.make(read(one) for one in plans for read in (expansion.plan, expansion.apps_of))


def _unless_absent(expansion: Expansion, *reads: Read) -> None:
    """Make reads side by side; one that was not answered is part of what was read.

    Raises RequestFailed where the first one says that there is no such thing.
    """
    first = expansion.make(reads)[0]
    if first.status == "absent":
        raise failure(first)


def _required(document: Document, parser: Callable[[Any], Parsed]) -> Parsed:
    if document.status != "found":
        raise failure(document)
    return parser(document.body)


def _subnet_of_app(body: Any) -> str | None:
    return parse.app(body).subnet


def _regional(body: Any) -> str | None:
    """The subnet of the regional connection in a connections list; None when there is none."""
    return next((one.resource for one in parse.connections(body) if one.swift), None)
