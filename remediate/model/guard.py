"""What a deletion would take, who holds a link there, and the verdict that follows."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from remediate import ids
from remediate.model.azure import App, AppServicePlan, Document, LinkedPlan, Lock, Permission, ReadStatus
from remediate.model.finding import Finding
from remediate.model.network import Link, Subnet, VirtualNetwork
from remediate.model.run import Requests, Run

Deletable = Literal["app", "slot", "plan", "subnet", "vnet", "group"]
"""What can be guarded before it is deleted."""
HolderKind = Literal["app", "slot", "plan", "service"]

_TYPES: dict[str, Deletable] = {
    "microsoft.web/sites": "app",
    "microsoft.web/sites/slots": "slot",
    "microsoft.web/serverfarms": "plan",
    "microsoft.network/virtualnetworks/subnets": "subnet",
    "microsoft.network/virtualnetworks": "vnet",
}


def deletable(resource: str) -> Deletable | None:
    """What kind of thing an id names, None where it is nothing that can be guarded. Raises InvalidId."""
    parsed = ids.parse(resource)
    if parsed.group is None:
        return None
    return _TYPES.get(parsed.type.casefold()) if parsed.namespace else "group"


class Holder(Struct, frozen=True):
    """Somebody who holds a subnet, and with it what is to be deleted.

    `id` is the app's or slot's that is integrated; the plan's, where the plan itself is, or where a link
    names it and no app of it is there; for kind `service` what the link of another service names, or the
    link itself. `subnet`, `plan` and `link` are ids; null where there is none or none could be read.
    """

    id: str
    kind: HolderKind
    subnet: str | None
    plan: str | None
    link: str | None


class Integrated(Struct, frozen=True):
    """An app or slot, and every subnet that its site or its networkConfig names: often one, or none."""

    app: App
    subnets: tuple[str, ...] = ()


class Surroundings(Struct, frozen=True):
    """A subnet that the deletion is about, and everybody who is on it.

    `status` is how the read of the subnet ended, and `subnet` what it found. `plans` are those that App
    Service's links name, `apps` all apps and slots that ARM says are connected to it, whoever named them.
    """

    id: str
    status: ReadStatus
    subnet: Subnet | None
    vnet: VirtualNetwork | None
    plans: tuple[LinkedPlan, ...]
    apps: tuple[App, ...]

    @property
    def links(self) -> tuple[Link, ...]:
        """The links on the subnet, of every service."""
        return self.subnet.links if self.subnet else ()

    def plan(self, link: Link) -> LinkedPlan | None:
        """What is known of the plan that App Service's link names."""
        return next((one for one in self.plans if ids.same(one.id, link.target)), None)

    def behind(self, link: Link) -> tuple[App, ...]:
        """The apps and slots on the subnet that a link is there for; none for another service's."""
        if link.is_flex:
            return tuple(app for app in self.apps if app.flex)
        own = (app for app in self.apps if link.is_web and not app.flex)
        return tuple(app for app in own if ids.same(app.plan, link.target))


class Estate(Struct, frozen=True):
    """What a deletion takes with it (apps with their slots, plans, subnets), and what hangs on that.

    `plans` includes a plan that goes with its last app, which is Azure's default
    (azure-facts.md, 2: `deleteEmptyServerFarm`). `around` holds every subnet that any of this is on.
    """

    target: str
    kind: Deletable
    apps: tuple[Integrated, ...]
    plans: tuple[AppServicePlan, ...]
    subnets: tuple[str, ...]
    around: tuple[Surroundings, ...]
    locks: tuple[Lock, ...]
    documents: tuple[Document, ...]

    def takes(self, id_: str | None) -> bool:
        """Whether the deletion takes this app, slot, plan or subnet."""
        return any(ids.same(one, id_) for one in self.taken)

    @property
    def taken(self) -> tuple[str, ...]:
        """The ids of everything that goes, apps first."""
        apps = (one.app.id for one in self.apps)
        return (*apps, *(one.id for one in self.plans), *self.subnets)

    def holding(self, around: Surroundings) -> tuple[str, ...]:
        """The Managed Instance plans that hold a subnet themselves, where the deletion is about them."""
        plans = [one.id for one in self.plans if ids.same(one.subnet, around.id)]
        if self.takes(around.id):
            plans += [one.id for one in around.plans if one.holds]
        return tuple({one.casefold(): one for one in plans}.values())

    def surroundings(self, subnet: str | None) -> Surroundings | None:
        """What was read of a subnet."""
        return next((one for one in self.around if ids.same(one.id, subnet)), None)


class Departure(Struct, frozen=True):
    """Which apps and slots are to leave one subnet, and what Azure asks of whoever disconnects them.

    `held` are the Managed Instance plans that hold the subnet themselves. None stands for permissions
    that were not read.
    """

    around: Surroundings
    apps: tuple[App, ...]
    held: tuple[str, ...] = ()
    locks: tuple[Lock, ...] = ()
    permissions: dict[str, tuple[Permission, ...] | None] = {}
    documents: tuple[Document, ...] = ()


class Guard(Struct, frozen=True):
    """The document `remediate.guard/1`.

    `safe` is null where something could not be read. `takes` are the ids of all that goes with the
    target. `order` are commands to paste, one after the other; empty where none is known to work. `runs`
    are the disconnects that were made, or under `dry_run` would be.
    """

    target: str
    kind: Deletable
    safe: bool | None
    takes: tuple[str, ...]
    holders: tuple[Holder, ...]
    findings: tuple[Finding, ...]
    order: tuple[str, ...]
    requests: Requests
    runs: tuple[Run, ...] = ()
    schema: Literal["remediate.guard/1"] = "remediate.guard/1"
