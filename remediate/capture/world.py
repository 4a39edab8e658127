"""Everything that was read → the description of one world."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from remediate import ids
from remediate.capture import access, unread
from remediate.capture.apps import Apps
from remediate.capture.bodies import NETWORK, PLAN, SITE, SLOT, SUBNET, Bodies, Body, properties, text
from remediate.capture.graph import graph
from remediate.capture.names import Shortening
from remediate.capture.networks import Networks
from remediate.capture.rules import Rules
from remediate.model import World, key, region


class Captured(Struct, frozen=True):
    """A world as a world file describes it, and what of the real one could not be read, line by line."""

    described: Body
    notes: tuple[str, ...] = ()


def capture(world: World, target: str) -> Captured:
    """The world around an app, from everything that was read of it; unread things stay unread there.

    `world` holds the documents of every question that the served world is to answer the same.
    """
    return _Capture(world, target).captured()


class _Capture:
    def __init__(self, world: World, target: str) -> None:
        self._world = world
        self._target = target
        self._bodies = Bodies(world.documents)
        found = world.app(target)
        self._location = region(found.location) if found else "westeurope"
        self._around = dict(self._networks_around())
        subnets = [str(one["id"]) for id_, body in self._around.items() for one in self._subnets(id_, body)]
        self._names = Shortening(ids.group_of(target), subnets)
        self._apps = Apps(self._names, self._location)
        self._networks = Networks(self._names, self._location)

    def captured(self) -> Captured:
        """The description, in the order in which a reader wants it."""
        silent = unread.unread(self._world.documents)
        hidden = unread.hidden_subscriptions(self._world.documents)
        networks, apps = self._described_networks(), self._described_apps()
        described: Body = {
            "summary": f"{ids.app_name(self._target)} as it was read.",
            "extends": None,
            "group": self._names.group,
            "location": self._location,
            "subscriptions": {one: {"visible": False} for one in hidden},
            "groups": {one: {} for one in self._groups_named()},
            "networks": networks,
            "plans": self._described_plans(),
            "apps": apps,
            "graph": graph(self._world, networks, apps, self._names, self._networks),
            "locks": access.locks(self._world.locks, self._names),
            "permissions": access.permissions(self._world.permissions, self._names),
            "deny-assignments": access.deny_assignments(self._world.deny_assignments.values(), self._names),
            "unregistered": access.unregistered(self._world.registrations),
            "faults": [*Rules(self._world, self._bodies).rules(silent, hidden, self._listed_subnets())],
        }
        kept = {name: value for name, value in described.items() if value or name == "extends"}
        return Captured(kept, tuple(f"{one.path.partition('?')[0]}: {one.message}" for one in silent))

    def _networks_around(self) -> Iterator[tuple[str, Body]]:
        """The networks that were read by themselves, and those around a subnet that was."""
        subnets = [id_ for id_, _ in self._bodies.of_type(SUBNET)]
        wanted = {key(ids.vnet_of(one)): ids.vnet_of(one) for one in subnets}
        for id_, body in self._bodies.of_type(NETWORK):
            if self._bodies.is_alone(id_) or key(id_) in wanted:
                wanted.pop(key(id_), None)
                yield id_, body
        for id_ in wanted.values():  # the network itself could not be read: its subnets tell what they can
            yield id_, {"id": id_}

    def _subnets(self, network: str, body: Body) -> list[Body]:
        """The subnets of a network: each as it was read by itself, else as the network lists it."""
        found = {key(str(one["id"])): one for one in properties(body).get("subnets") or []}
        found |= {key(id_): one for id_, one in self._bodies.of_type(SUBNET) if ids.within(id_, network)}
        return [one for id_, one in found.items() if self._world.status(id_) != "absent"]

    def _listed_subnets(self) -> Iterator[Body]:
        for id_, body in self._around.items():
            yield from self._subnets(id_, body)

    def _described_networks(self) -> Body:
        described: Body = {}
        for id_, body in self._around.items():
            subnets = {ids.name(str(one["id"])): one for one in self._subnets(id_, body)}
            entries = {name: self._networks.subnet(one) for name, one in subnets.items()}
            described[self._names.resource(id_)] = self._networks.network(body, entries)
        return described

    def _described_plans(self) -> Body:
        plans = {self._names.resource(id_): self._apps.plan(body) for id_, body in self._bodies.of_type(PLAN)}
        naming: dict[str, list[Body]] = {}
        for _, body in self._bodies.of_type(SITE, SLOT):
            if plan := text(properties(body).get("serverFarmId")):
                naming.setdefault(key(plan), []).append(body)
        for apps in naming.values():
            plan = str(properties(apps[0])["serverFarmId"])
            if self._bodies.get(plan) is None:
                plans[self._names.resource(plan)] = self._apps.unread_plan(apps)
        return plans

    def _described_apps(self) -> Body:
        """Apps with their slots; the app of a slot is there also where only the slot could be read."""
        described: dict[str, Body] = {}
        for id_, body in self._bodies.of_type(SITE, SLOT):
            entry, slot = self._app(id_, body), ids.parse(id_).named("slots")
            app = ids.production(id_)
            at = described.setdefault(key(app), {"name": self._names.resource(app), "slots": {}})
            if slot is None:
                at["own"] = entry
            else:
                at["slots"][slot] = entry
        return {one["name"]: _with_slots(one.get("own"), one["slots"]) for one in described.values()}

    def _app(self, id_: str, body: Body) -> Body:
        listed = [one for one in self._world.documents if one.kind == "connections" and one.status == "found"]
        own = (one.body for one in listed if key(one.path.partition("/virtualNetworkConn")[0]) == key(id_))
        return self._apps.app(body, self._world.network_configs.get(key(id_)), next(own, None))

    def _groups_named(self) -> list[str]:
        """The groups of what is gone, where the group is not."""
        gone = [one for one in self._world.documents if one.status == "absent"]
        paths = [one.path.partition("?")[0] for one in gone if "ResourceNotFound" in (one.message or "")]
        known = {key(ids.group_of(id_)) for id_, _ in self._bodies.of_type(SITE, SLOT, PLAN, NETWORK, SUBNET)}
        groups = {key(one): one for one in map(_group, paths) if one}
        return [one for id_, one in groups.items() if id_ not in known and id_ != key(self._names.group)]


def _with_slots(own: Body | None, slots: Body) -> Body:
    """An app with its slots; where it could not be read itself, it has the plan of its first slot."""
    entry = own if own is not None else {"plan": next(iter(slots.values())).get("plan")}
    return {**entry, "slots": slots} if slots else entry


def _group(path: str) -> str | None:
    try:
        return ids.group_of(path) if ids.parse(path).group else None
    except ids.InvalidId:
        return None
