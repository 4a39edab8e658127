"""ARM → Estate: what a deletion takes with it, and everybody on the subnets that it touches.

Resource Graph finds, ARM decides: whatever a listing or a cached view names is read by itself.
"""

from __future__ import annotations

from functools import partial

from remediate import ids
from remediate.azure import parse
from remediate.azure.documents import failure
from remediate.azure.linked import Read
from remediate.azure.session import Session
from remediate.azure.surroundings import Notes, once, surroundings
from remediate.model import App, AppServicePlan, Deletable, Departure, Document, Estate, Surroundings


def read(session: Session, target: str, kind: Deletable) -> Estate:
    """Everything that a deletion takes and touches. Raises RequestFailed when the target cannot be read."""
    return _Look(session, target, kind).estate()


def departure(session: Session, found: Estate, around: Surroundings, apps: tuple[App, ...]) -> Departure:
    """The same apps on their way out of one subnet, with what Azure asks of whoever disconnects them.

    Raises nothing: what could not be read is in the documents.
    """
    notes, scopes = Notes(session), [app.id for app in apps]
    locks, permissions = notes.locks(scopes), notes.permissions(scopes)
    return Departure(
        around=around,
        apps=apps,
        held=found.holding(around),
        locks=locks,
        permissions=permissions,
        documents=tuple(notes.documents),
    )


class _Look:
    """One look; it collects every document that it was made of."""

    def __init__(self, session: Session, target: str, kind: Deletable) -> None:
        self._notes = Notes(session)
        self._read = self._notes.read
        self._target = target
        self._kind: Deletable = kind
        self._plans: dict[str, AppServicePlan] = {}
        self._apps: dict[str, App] = {}
        self._subnets: tuple[str, ...] = ()

    def estate(self) -> Estate:
        """Begin with what the id names, and follow everything that goes with it."""
        begin = {
            "app": self._app,
            "slot": self._app,
            "plan": self._plan,
            "subnet": self._subnet,
            "vnet": self._vnet,
            "group": self._group,
        }
        begin[self._kind]()
        self._add_slots()
        if self._kind != "slot":
            self._add_plans_that_go_too()
        apps = self._notes.integrated(self._apps.values())
        plans = tuple(self._plans.values())
        named = [subnet for one in apps for subnet in one.subnets]
        named += [one.subnet for one in plans if one.subnet and parse.is_subnet(one.subnet)]
        named += [one for one in self._linked(plans) if parse.is_subnet(one)]
        taken = [*(one.app.id for one in apps), *(one.id for one in plans), *self._subnets]
        return Estate(
            target=self._target,
            kind=self._kind,
            apps=apps,
            plans=plans,
            subnets=self._subnets,
            around=tuple(surroundings(self._notes, one, apps) for one in once([*self._subnets, *named])),
            locks=self._notes.locks([self._target, *taken]),
            documents=tuple(self._notes.documents),
        )

    def _app(self) -> None:
        site = self._required(self._read.site(self._target))
        self._add(parse.app(site.body))

    def _plan(self) -> None:
        plan = self._required(self._read.plan(self._target))
        self._plans[self._target.casefold()] = parse.plan(plan.body)
        self._add(*self._apps_of(self._target))

    def _subnet(self) -> None:
        self._required(self._read.subnet(self._target))
        self._subnets = (self._target,)

    def _vnet(self) -> None:
        network = self._required(self._read.vnet(self._target))
        self._subnets = tuple(one.id for one in parse.subnets(network.body))

    def _group(self) -> None:
        """A plan of the group cannot go without its apps, also where they are in another group."""
        read, group = self._read, self._target
        reads: list[Read] = [partial(one, group) for one in (read.apps_in, read.plans_in, read.vnets_in)]
        apps, plans, networks = self._notes.all(reads)
        self._check_there(apps)
        self._add(*(parse.apps(apps.body) if apps.status == "found" else ()))
        for plan in parse.plans(plans.body) if plans.status == "found" else ():
            self._plans[plan.id.casefold()] = plan
            self._add(*self._apps_of(plan.id))
        found = parse.vnets(networks.body) if networks.status == "found" else ()
        self._subnets = tuple(one.id for subnets in found for one in subnets)

    def _add(self, *apps: App) -> None:
        self._apps.update((app.id.casefold(), app) for app in apps)

    def _add_slots(self) -> None:
        """A slot goes with its app."""
        apps = [app.id for app in self._apps.values() if not app.is_slot]
        for document in self._notes.all(partial(self._read.slots, app) for app in apps):
            self._add(*(parse.apps(document.body) if document.status == "found" else ()))

    def _add_plans_that_go_too(self) -> None:
        """With the last app of a plan goes the plan, by default (azure-facts.md, 2)."""
        named = once(app.plan for app in self._apps.values() if app.plan)
        for plan in (one for one in named if one.casefold() not in self._plans):
            apps = self._apps_of(plan)
            if apps and all(app.id.casefold() in self._apps for app in apps):
                document = self._notes.one(partial(self._read.plan, plan))
                if document.status == "found":
                    self._plans[plan.casefold()] = parse.plan(document.body)

    def _apps_of(self, plan: str) -> tuple[App, ...]:
        document = self._notes.one(partial(self._read.apps_of, plan))
        return parse.apps(document.body) if document.status == "found" else ()

    def _linked(self, plans: tuple[AppServicePlan, ...]) -> list[str]:
        """The subnets whose link names one of the plans: those need no app that is still there.

        Resource Graph sees every subscription; ARM is asked for the plan's own, where it knows better.
        """
        scopes = once(f"/subscriptions/{ids.parse(one.id).subscription}" for one in plans)
        reads: list[Read] = [partial(self._read.vnets_naming, one.id) for one in plans]
        reads += [partial(self._read.vnets_in, scope) for scope in scopes]
        found = [one for one in self._notes.all(reads) if one.status == "found"]
        subnets = [subnet for one in found for several in parse.vnets(one.body) for subnet in several]
        return [
            subnet.id
            for subnet in subnets
            if any(ids.same(link.target, plan.id) for link in subnet.links for plan in plans)
        ]

    def _required(self, document: Document) -> Document:
        """The target's own document, without which there is nothing to say. Raises RequestFailed."""
        self._notes.documents.append(document)
        if document.status != "found":
            raise failure(document)
        return document

    def _check_there(self, listing: Document) -> None:
        """Raise RequestFailed for a resource group that is not there."""
        if listing.status == "absent":
            raise failure(listing)
