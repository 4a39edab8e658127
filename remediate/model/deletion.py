"""What a deletion takes with it in a World, and which subnets it touches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from remediate import ids
from remediate.model.azure import App, AppServicePlan
from remediate.model.guard import Deletable, deletable
from remediate.model.network import Link, Occupant, is_subnet
from remediate.model.occupancy import BESIDE_APPS, CLEARABLE, LinkUse, Occupancy
from remediate.model.world import Question, World, key, once


class Deletion(Struct, frozen=True, dict=True):
    """Questions about a deletion of `question.target`. It holds nothing that the World does not."""

    world: World
    question: Question

    @cached_property
    def target(self) -> str:
        """The id of what is to be deleted, as its own document has it: `…/slots/production` is the app."""
        asked = self.question.target
        found = self.world.app(asked)
        return found.id if found and not ids.same(found.id, asked) else asked

    @cached_property
    def kind(self) -> Deletable:
        """What kind of thing that is. Raises LookupError for a thing that cannot be guarded."""
        found = deletable(self.target)
        if found is None:
            raise LookupError(f"{self.target} is nothing that can be guarded")
        return found

    @cached_property
    def apps(self) -> tuple[App, ...]:
        """The apps and slots that go, apps with their slots; what is gone by now is left out."""
        return tuple(app for one in self._app_ids() if (app := self.world.app(one)))

    @cached_property
    def plans(self) -> tuple[AppServicePlan, ...]:
        """The plans that go, also one whose last app goes, which is Azure's default.

        (azure-facts.md, 2: `deleteEmptyServerFarm`)
        """
        own = self._own_plans()
        left = () if self.kind == "slot" else self.emptied
        return tuple(plan for one in once((*own, *left)) if (plan := self.world.plan(one)))

    @cached_property
    def emptied(self) -> tuple[str, ...]:
        """The ids of the plans that lose their last app."""
        gone = {key(one) for one in self._app_ids()}
        named = once(app.plan for app in self.apps if app.plan)
        lists = [(one, self.world.listing("apps", one).ids) for one in named]
        return tuple(one for one, apps in lists if apps and all(key(app) in gone for app in apps))

    @cached_property
    def subnets(self) -> tuple[str, ...]:
        """The ids of the subnets that go."""
        if self.kind == "subnet":
            return (self.target,)
        return self.world.listing("subnets", self.target).ids if self.kind in ("vnet", "group") else ()

    @cached_property
    def taken(self) -> tuple[str, ...]:
        """The ids of everything that goes, apps first."""
        return (*(app.id for app in self.apps), *(plan.id for plan in self.plans), *self.subnets)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """The ids of every subnet that any of this is or was on, those that go first."""
        return once((*self.subnets, *self._named(), *self.question.left))

    def takes(self, id_: str | None) -> bool:
        """Whether the deletion takes this app, slot, plan or subnet."""
        return any(ids.same(one, id_) for one in self.taken)

    def holding(self, subnet: str) -> tuple[str, ...]:
        """The Managed Instance plans that hold a subnet themselves, where the deletion is about them."""
        there = self.occupancy(subnet).holders
        return tuple(one.id for one in there if self.takes(subnet) or self.takes(one.id))

    @cached_property
    def leaving(self) -> tuple[tuple[str, tuple[App, ...]], ...]:
        """Which apps and slots have to be disconnected from which subnet, so that nothing is left behind.

        From a subnet that is to be deleted every app is disconnected; elsewhere only what is deleted, and the
        apps of a plan that is deleted: the list of a plan's apps may lag behind. On a subnet that is gone
        (404) there is nothing to hold.
        """
        there = (one for one in self.touched if self.world.status(one) != "absent")
        pairs = [(subnet, self.to_leave(subnet)) for subnet in there]
        return tuple((subnet, apps) for subnet, apps in pairs if apps)

    @cached_property
    def occupied(self) -> tuple[str, ...]:
        """The subnets that are in use: by apps and slots, read by themselves or not, or a plan itself."""
        there = (one for one in self.touched if self.world.status(one) != "absent" or self.holding(one))
        return tuple(one for one in there if self.in_the_way(one) or self.holding(one))

    @cached_property
    def disconnected(self) -> tuple[str, ...]:
        """The ids of the apps and slots that have to be disconnected."""
        return once(app.id for _, apps in self.leaving for app in apps)

    @cached_property
    def cleared(self) -> tuple[str, ...]:
        """The subnets with a link that has to be cleared: nobody's now, or when the apps have left."""
        return tuple(one for one in self.touched if self.abandoned(one) or self.links_beside_apps(one))

    def to_leave(self, subnet: str) -> tuple[App, ...]:
        """The apps and slots that have to be disconnected from one subnet; each was read by itself."""
        return tuple(app for app in self.in_the_way(subnet) if self.world.was_read(app.id))

    def unread(self, subnet: str) -> tuple[App, ...]:
        """The others of them: it is not known whether these could be disconnected, so none is."""
        return tuple(app for app in self.in_the_way(subnet) if not self.world.was_read(app.id))

    def in_the_way(self, subnet: str) -> tuple[App, ...]:
        """The apps and slots that would keep one subnet, as far as anything shows them there."""
        all_of_them = self.takes(subnet)
        return tuple(
            app
            for app in self.world.apps_on(subnet)
            if all_of_them or self.takes(app.id) or self.takes(self.world.plan_of(app))
        )

    def staying(self, subnet: str) -> tuple[App, ...]:
        """The apps and slots on a subnet that the deletion leaves there."""
        leaving = self.in_the_way(subnet)
        return tuple(app for app in self.world.apps_on(subnet) if app not in leaving)

    def concerns(self, subnet: str, link: Link) -> bool:
        """Whether a link would stop the deletion, or would be left behind by it.

        Also one that is nobody's once the apps of the deletion have left: it may name a former id.
        """
        if self.takes(subnet) or self.takes(link.target):
            return True
        if not link.is_web or self.staying(subnet):
            return False
        here = self.in_the_way(subnet) or any(ids.same(subnet, one) for one in self.question.left)
        return bool(here) and self.occupancy(subnet).use(link) != "used"

    def occupancy(self, subnet: str) -> Occupancy:
        """Who is on a subnet."""
        return Occupancy(self.world, subnet)

    def abandoned(self, subnet: str) -> tuple[Link, ...]:
        """App Service's links on a subnet that nobody uses, where the deletion is about them."""
        return self._concerned(subnet, CLEARABLE)

    def links_beside_apps(self, subnet: str) -> tuple[Link, ...]:
        """The links beside apps, of a plan that is not there, where the deletion is about them."""
        return self._concerned(subnet, BESIDE_APPS)

    def foreign(self, subnet: str) -> tuple[Link, ...]:
        """The links of other services on a subnet that is to be deleted."""
        return self.occupancy(subnet).foreign_links if self.takes(subnet) else ()

    def occupants(self, subnet: str) -> tuple[Occupant, ...]:
        """What else is in a subnet that is to be deleted; what goes with the same resource group is not."""
        found = self.occupancy(subnet).others if self.takes(subnet) else ()
        return tuple(one for one in found if self.kind != "group" or not ids.within(one.id, self.target))

    def _concerned(self, subnet: str, uses: tuple[LinkUse, ...]) -> tuple[Link, ...]:
        use = self.occupancy(subnet).use
        links = (one for one in self.world.links(subnet) if self.concerns(subnet, one))
        return tuple(one for one in links if use(one) in uses)

    def _named(self) -> Iterator[str]:
        """The subnets that its apps and plans name, and those whose link names one of its plans."""
        places = [one for app in self.apps for one in self.world.places(app.id)]
        held = [plan.subnet for plan in self.plans if plan.subnet]
        linked = [
            one for plan in self.plans for one in self.world.listing("subnets-with-link-to-plan", plan.id).ids
        ]
        yield from (one for one in (*places, *held, *linked) if is_subnet(one))

    def _own_plans(self) -> tuple[str, ...]:
        if self.kind == "plan":
            return (self.target,)
        return self.world.listing("plans", self.target).ids if self.kind == "group" else ()

    def _app_ids(self) -> tuple[str, ...]:
        """A slot goes with its app; a plan cannot go without its apps, also those of another group."""
        begin = [self.target] if self.kind in ("app", "slot") else []
        if self.kind == "group":
            begin += self.world.listing("apps", self.target).ids
        begin += [app for plan in self._own_plans() for app in self.world.listing("apps", plan).ids]
        slots = [slot for app in begin for slot in self.world.listing("slots", app).ids]
        return once((*begin, *slots))
