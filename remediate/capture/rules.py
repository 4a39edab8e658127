"""What a world file has no word for, as rules: the read is answered as Azure answered it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediate import ids
from remediate.capture import access, unread
from remediate.capture.bodies import GRAPH, NETWORK, PLAN, RESOURCES, Bodies, Body, properties, type_of
from remediate.capture.networks import plans_named
from remediate.model import Document, World, key


class Rules:
    """The rules that go with a captured world."""

    def __init__(self, world: World, bodies: Bodies) -> None:
        self._world = world
        self._bodies = bodies

    def rules(
        self, silent: Iterable[Document], hidden: Iterable[str], subnets: Iterable[Body]
    ) -> Iterator[Body]:
        """One for each read: `silent` are those without an answer, but for the `hidden` subscriptions."""
        scopes = [f"/subscriptions/{one}" for one in hidden]
        yield from unread.rules(
            one for one in silent if not any(ids.within(one.path, scope) for scope in scopes)
        )
        yield from unread.rules(self._missing_parts())
        yield from self._networks_in_part()
        yield from self._denials()
        yield from self._registrations()
        yield from self._plans_beside(subnets)

    def _missing_parts(self) -> Iterator[Document]:
        """What is not there of a resource that is: a list of its slots, its networkConfig."""
        there = [key(id_) for id_, _ in self._bodies.of_type(*RESOURCES)]
        newest = {one.path: one for one in self._world.documents if one.kind != GRAPH}
        for one in (one for one in newest.values() if one.status == "absent"):
            path = key(one.path.partition("?")[0])
            within = any(path.startswith(f"{id_}/") for id_ in there)
            if within and type_of(path) not in RESOURCES:
                yield one

    def _networks_in_part(self) -> Iterator[Body]:
        """Networks that were answered without a list of subnets, which does not say that they have none."""
        for id_, body in self._bodies.of_type(NETWORK):
            if self._bodies.is_alone(id_) and not isinstance(properties(body).get("subnets"), list):
                kept = {name: body.get(name) for name in ("id", "name", "type", "location")}
                told = {"addressSpace": space} if (space := properties(body).get("addressSpace")) else {}
                yield unread.answered(id_, {"status": 200, "body": {**kept, "properties": told}})

    def _denials(self) -> Iterator[Body]:
        """Deny assignments for some principals only, or under a condition."""
        for one in self._world.documents:
            if one.kind == "deny-assignments" and one.status == "found":
                held = self._world.deny_assignments.get(key(one.what.partition(":")[2])) or ()
                if not all(access.is_plain(each) for each in held):
                    yield unread.answered(one.path.partition("?")[0], {"status": 200, "body": one.body})

    def _registrations(self) -> Iterator[Body]:
        """A provider that one subscription knows and another does not."""
        everywhere = access.unregistered(self._world.registrations)
        for (subscription, namespace), state in self._world.registrations.items():
            if state not in (None, "Registered") and namespace not in everywhere:
                path = f"/subscriptions/{subscription}/providers/{namespace}"
                body = {"namespace": namespace, "registrationState": state}
                yield unread.answered(path, {"status": 200, "body": body})

    def _plans_beside(self, subnets: Iterable[Body]) -> Iterator[Body]:
        """Plans that links on other subnets name: nobody asked whether they are there."""
        known = {key(id_) for id_, _ in self._bodies.of_type(PLAN)}
        asked = {key(one.path.partition("?")[0]) for one in self._world.documents}
        for id_, plan in {key(one): one for subnet in subnets for one in plans_named(subnet)}.items():
            if id_ not in known and id_ not in asked:
                yield unread.rule(plan, 403, "NotCaptured", "Nobody asked for this plan at the capture.")
