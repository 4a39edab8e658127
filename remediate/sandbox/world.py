"""A simulated Azure as it moves: its state, its clock, and what is under way in it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

from remediate import ids
from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.quota import GraphQuota, RateLimits
from remediate.sandbox.refusal import Refusal, arm, exclusive_lock, plan_lock
from remediate.sandbox.resources import Link, Site, Subnet, VirtualNetwork, new_guid
from remediate.sandbox.state import State, key


@dataclass(frozen=True)
class Durations:
    """How long things take, in simulated seconds; `link` is None where a link never comes.

    As recorded in July 2025: 1 to 17 s for a disconnect, 20 s and more for an app's connect. From 2020 to
    2024 they took up to 53 and 34 s, as in the scenario `slow` (azure-facts.md, 2). `address` is how long
    after a connect an instance has its private address, `history` how long after a write the Activity Log and
    Resource Graph's changes tell of it: 3 to 5 minutes in Azure, at once here unless a world says otherwise.
    """

    disconnect_last: float = 11.0
    disconnect: float = 1.0
    connect: float = 20.0
    site: float = 1.0
    subnet: float = 2.0
    link: float | None = 1.0
    address: float = 0.0
    history: float = 0.0


class World:
    """A state that changes with its clock.

    `previous` is the state before the last write, for a read that comes back stale. `graph` is what
    Resource Graph goes on showing, from the start or after `freeze_graph`; `faults` are the rules of
    misbehaviour in force from the start, as plain data; `page_size` is how many entries a page holds;
    `unreachable` are the HOST:PORT that a firewall lets no app reach. `writes` counts what changed the
    state, and `noted` is called after the effect of a long-running operation.
    """

    def __init__(
        self,
        state: State,
        clock: SimulatedClock,
        durations: Durations | None = None,
        faults: list[dict[str, Any]] | None = None,
        page_size: int = 100,
        graph: State | None = None,
        unreachable: frozenset[str] = frozenset(),
    ) -> None:
        self.state = state
        self.clock = clock
        self.durations = durations or Durations()
        self.faults = faults or []
        self.page_size = page_size
        self.unreachable = unreachable
        self.previous = copy.deepcopy(state)
        self.graph = graph
        self.joining: set[str] = set()
        self.failures: dict[str, Refusal] = {}
        self.writes = 0
        self.noted: Callable[[], None] = lambda: None
        self._held: set[str] = set()
        self.limits = RateLimits(clock.now)
        self._pending: list[tuple[float, str, Callable[[], None]]] = []
        self.graph_quota = GraphQuota(clock.now)
        self._initial = copy.deepcopy(state), graph

    def reset(self) -> None:
        """Go back to how it was in the beginning."""
        state, self.graph = self._initial
        self.state, self.previous = copy.deepcopy(state), copy.deepcopy(state)
        self.joining.clear()
        self.limits.reset()
        self.failures.clear()
        self.graph_quota.reset()
        self._held.clear()
        self._pending.clear()

    def freeze_graph(self) -> None:
        """From now on Resource Graph shows the present state, whatever happens."""
        self.settle()
        self.graph = copy.deepcopy(self.state)

    def remember(self) -> None:
        """Keep the present state as the one before the write that is about to happen."""
        self.previous = copy.deepcopy(self.state)
        self.writes += 1

    def settle(self) -> None:
        """Let happen what was due by now: links that arrive, resources that are gone."""
        now = self.clock.now()
        for vnet in self.state.vnets.values():
            for subnet in vnet.subnets:
                if subnet.arriving and subnet.arriving[1] <= now:
                    self._arrive(vnet, subnet, subnet.arriving[0])
        for id_, when in list(self.state.leaving.items()):
            if when <= now:
                self._leave(id_)
        self._finish(now)

    def _finish(self, now: float) -> None:
        """Carry out the effects of the operations that are done."""
        done = [one for one in self._pending if one[0] <= now]
        self._pending = [one for one in self._pending if one[0] > now]
        for _, operation, effect in done:
            self.remember()
            try:
                effect()
            except Refusal as refused:
                self.failures[operation] = refused

    def _effect(self, effect: Callable[[], None]) -> None:
        effect()
        self.noted()

    def _arrive(self, vnet: VirtualNetwork, subnet: Subnet, link: Link) -> None:
        subnet.arriving = None
        if not subnet.links:
            subnet.links.append(link)
            vnet.touch(subnet)

    def _leave(self, id_: str) -> None:
        del self.state.leaving[id_]
        self.state.vnets.pop(id_, None)
        for vnet in self.state.vnets.values():
            kept = [one for one in vnet.subnets if key(one.id) != id_]
            if len(kept) < len(vnet.subnets):
                vnet.subnets = kept
                vnet.touch()

    def expect_link(self, subnet: Subnet, link: Link) -> None:
        """A plan made its first integration on the subnet: its link will come."""
        if self.durations.link is not None:
            subnet.arriving = (link, self.clock.now() + self.durations.link)

    def start_operation(self, seconds: float) -> str:
        """Begin a long-running operation; returns the name under which it can be polled."""
        name = new_guid()
        self.state.operations[name] = self.clock.now() + seconds
        return name

    def carry_out(self, seconds: float, effect: Callable[[], None]) -> str:
        """Begin a long-running operation whose effect comes at its end; returns the operation's name.

        `failures` has the refusal that an effect raised. The effect happens in the context of the request
        that began it.
        """
        operation = self.start_operation(seconds)
        ascribed = partial(copy_context().run, self._effect, effect)
        self._pending.append((self.clock.now() + seconds, operation, ascribed))
        return operation

    def is_done(self, operation: str) -> bool:
        """Whether a long-running operation is done. Raises 404 for one that is not known."""
        done = self.state.operations.get(operation)
        if done is None:
            raise arm(404, "OperationNotFound", f"The operation {operation} is not known.")
        if done > self.clock.now():
            return False
        self.settle()  # it may have become due during this request, and its effect comes first
        return True

    def is_busy(self, what: Subnet | VirtualNetwork) -> bool:
        """Whether a long-running operation on it is under way (`provisioningState` Updating)."""
        return what.busy_until > self.clock.now()

    def vnet_of(self, subnet: Subnet) -> VirtualNetwork:
        """The virtual network around a subnet."""
        return self.state.vnet(ids.vnet_of(subnet.id))

    @contextmanager
    def writing(self, site: Site) -> Iterator[None]:
        """Hold the lock of a site, also of one that is being made. Raises 429 where another write has it."""
        with self._holding(site.id, exclusive_lock()):
            site.operation = new_guid()
            try:
                yield
            finally:
                site.operation = None

    def writing_plan(self, plan_id: str) -> AbstractContextManager[None]:
        """Hold the lock of a plan, also of one that is being made. Raises 429 where another write has it."""
        return self._holding(plan_id, plan_lock())

    @contextmanager
    def _holding(self, id_: str, refused: Refusal) -> Iterator[None]:
        if key(id_) in self._held:
            raise refused
        self._held.add(key(id_))
        try:
            yield
        finally:
            self._held.discard(key(id_))
