"""Everything there is in the simulated Azure at one moment, and the questions that its rules ask of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.governance import Behavior, Governance
from remediate.sandbox.resources import Group, ServerFarm, Site, Subnet, Subscription, VirtualNetwork

Resource = TypeVar("Resource", Group, ServerFarm, Site, VirtualNetwork)


def key(id_: str) -> str:
    """How a table spells an id: ids are matched without regard to case."""
    return "/" + id_.strip("/").casefold()


@dataclass
class State:
    """The tables of resources, by id in lower case.

    `operations` has the simulated second at which a long-running operation is done, `leaving` the
    same for a resource that is being deleted. `activity` is what the Activity Log holds, `changes` what
    Resource Graph's `resourcechanges` holds: records as a world file writes them, with `at` in ISO 8601.
    """

    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    plans: dict[str, ServerFarm] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    vnets: dict[str, VirtualNetwork] = field(default_factory=dict)
    operations: dict[str, float] = field(default_factory=dict)
    leaving: dict[str, float] = field(default_factory=dict)
    governance: Governance = field(default_factory=Governance)
    behavior: Behavior = field(default_factory=Behavior)
    activity: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def add(self, *resources: Subscription | Group | ServerFarm | Site | VirtualNetwork) -> None:
        """Put resources into their tables, replacing those of the same id."""
        for one in resources:
            if isinstance(one, Subscription):
                self.subscriptions[one.id.casefold()] = one
            elif isinstance(one, Group):
                self.groups[key(one.id)] = one
            elif isinstance(one, ServerFarm):
                self.plans[key(one.id)] = one
            elif isinstance(one, Site):
                self.sites[key(one.id)] = one
            else:
                self.vnets[key(one.id)] = one

    def check_scope(self, subscription: str, group: str | None = None) -> None:
        """Raise the 404 of a subscription or a resource group that is not there."""
        if not self.is_visible(f"/subscriptions/{subscription}"):
            raise refusal.subscription_not_found(subscription)
        if (
            group is not None
            and key(f"/subscriptions/{subscription}/resourceGroups/{group}") not in self.groups
        ):
            raise refusal.group_not_found(group)

    def check_stays(self, group: str) -> None:
        """Raise the 409 of a write into a resource group that is being deleted."""
        if self.group(group).state == "Deleting":
            raise refusal.arm(
                409,
                "ResourceGroupBeingDeleted",
                f"The resource group '{ids.name(group)}' is in deprovisioning state and cannot perform this "
                "operation.",
            )

    def is_visible(self, id_: str) -> bool:
        """Whether the caller sees the subscription of a resource, or a subscription itself, by its id."""
        found = self.subscriptions.get(ids.parse(id_).subscription.casefold())
        return found is not None and found.visible

    def is_hidden(self, id_: str) -> bool:
        """Whether an id is of a subscription that is there, and that the caller does not see."""
        hidden = (one for one in self.subscriptions.values() if not one.visible)
        return any(ids.within(id_, f"/subscriptions/{one.id}") for one in hidden)

    def site(self, id_: str) -> Site:
        """The app or slot of that id. Raises its 404."""
        return _found(self.sites, id_)

    def plan(self, id_: str) -> ServerFarm:
        """The App Service plan of that id. Raises its 404."""
        return _found(self.plans, id_)

    def vnet(self, id_: str) -> VirtualNetwork:
        """The virtual network of that id. Raises its 404."""
        return _found(self.vnets, id_)

    def group(self, id_: str) -> Group:
        """The resource group of that id. Raises its 404."""
        return _found(self.groups, id_)

    def subnet(self, id_: str) -> Subnet:
        """The subnet of that id. Raises the 404 of the network or of the subnet."""
        found = self.find_subnet(id_)
        if found is None:
            self.vnet(ids.vnet_of(id_))
            if self.behavior.subnet_not_found:
                raise refusal.network(404, "NotFound", f"Resource {id_} not found.")
            raise refusal.resource_not_found(id_)
        return found

    def find_subnet(self, id_: str | None) -> Subnet | None:
        """The subnet of that id, or None."""
        if id_ is None or "/subnets/" not in id_.casefold():
            return None
        vnet = self.vnets.get(key(ids.vnet_of(id_)))
        return next((one for one in vnet.subnets if ids.same(one.id, id_)), None) if vnet else None

    def apps_of(self, plan: str) -> list[Site]:
        """The plan's apps, without their slots."""
        return [one for one in self.all_of(plan) if one.slot is None]

    def all_of(self, plan: str) -> list[Site]:
        """The plan's apps and slots."""
        return [one for one in self.sites.values() if ids.same(one.plan, plan)]

    def slots_of(self, app: str) -> list[Site]:
        """An app's slots."""
        prefix = key(app) + "/slots/"
        return [site for name, site in self.sites.items() if name.startswith(prefix)]

    def integrations(self, plan: str, subnet: str | None) -> list[Site]:
        """The plan's apps and slots that are connected to the subnet."""
        return [one for one in self.all_of(plan) if ids.same(one.subnet, subnet)]

    def in_use(self, plan: str, subnet: str) -> bool:
        """Whether the plan's link on the subnet is used: by an app, a slot, or the plan itself.

        The one link of Flex names the subnet, so every Flex plan on it uses it [?].
        """
        own = self.plans.get(key(plan))
        if own is None:
            return False
        plans = [one for one in self.plans.values() if one.flex] if own.flex else [own]
        return any(ids.same(one.subnet, subnet) or self.integrations(one.id, subnet) for one in plans)

    def plans_on(self, subnet: str) -> set[str]:
        """The keys of the plans on a subnet: of the apps and slots that name it, and those that hold it."""
        return {
            *(key(one.plan) for one in self.sites.values() if ids.same(one.subnet, subnet)),
            *(name for name, one in self.plans.items() if ids.same(one.subnet, subnet)),
        }

    def is_unregistered(self, namespace: str) -> bool:
        """Whether the subscriptions do not know a resource provider."""
        return namespace.casefold() in (one.casefold() for one in self.governance.unregistered)

    def subnets_used(self, plan: str) -> set[str]:
        """The subnets that the plan's apps and slots are connected to, and the one that it holds itself."""
        own = self.plans.get(key(plan))
        held = [one.subnet for one in self.all_of(plan)] + [own.subnet if own else None]
        return {key(one) for one in held if one}

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return asdict(self)


def _found(table: dict[str, Resource], id_: str) -> Resource:
    try:
        return table[key(id_)]
    except KeyError:
        raise refusal.resource_not_found(id_) from None
