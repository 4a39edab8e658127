"""A simulated Azure as it moves: its state, its clock, and what is under way in it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from remediate import ids
from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.refusal import exclusive_lock
from remediate.sandbox.resources import Link, Site, Subnet, VirtualNetwork, new_guid
from remediate.sandbox.state import State, key


@dataclass(frozen=True)
class Durations:
    """How long things take, in simulated seconds; `link` is None where a link never comes.

    The recorded span: 1 to 53 s for a disconnect, 9 to 34 s for a connect (azure-facts.md, 2).
    """

    disconnect_last: float = 8.0
    disconnect: float = 2.0
    connect: float = 9.0
    site: float = 1.0
    subnet: float = 2.0
    link: float | None = 1.0


class World:
    """A state that changes with its clock.

    `previous` is the state before the last write, for a read that comes back stale. `graph` is what
    Resource Graph goes on showing, from the start or after `freeze_graph`; `faults` are the rules of
    misbehaviour in force from the start, as plain data; `page_size` is how many entries a page holds.
    """

    def __init__(
        self,
        state: State,
        clock: SimulatedClock,
        durations: Durations | None = None,
        faults: list[dict[str, Any]] | None = None,
        page_size: int = 100,
        graph: State | None = None,
    ) -> None:
        self.state = state
        self.clock = clock
        self.durations = durations or Durations()
        self.faults = faults or []
        self.page_size = page_size
        self.previous = copy.deepcopy(state)
        self.graph = graph
        self.joining: set[str] = set()
        self._held: set[str] = set()
        self._initial = copy.deepcopy(state), graph

    def reset(self) -> None:
        """Go back to how it was in the beginning."""
        state, self.graph = self._initial
        self.state, self.previous = copy.deepcopy(state), copy.deepcopy(state)
        self.joining.clear()
        self._held.clear()

    def freeze_graph(self) -> None:
        """From now on Resource Graph shows the present state, whatever happens."""
        self.settle()
        self.graph = copy.deepcopy(self.state)

    def remember(self) -> None:
        """Keep the present state as the one before the write that is about to happen."""
        self.previous = copy.deepcopy(self.state)

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

    def is_busy(self, what: Subnet | VirtualNetwork) -> bool:
        """Whether a long-running operation on it is under way (`provisioningState` Updating)."""
        return what.busy_until > self.clock.now()

    def vnet_of(self, subnet: Subnet) -> VirtualNetwork:
        """The virtual network around a subnet."""
        return self.state.vnet(ids.vnet_of(subnet.id))

    @contextmanager
    def writing(self, site: Site) -> Iterator[None]:
        """Hold the lock of a site, also of one that is being made. Raises 429 where another write has it."""
        if key(site.id) in self._held:
            raise exclusive_lock()
        self._held.add(key(site.id))
        site.operation = new_guid()
        try:
            yield
        finally:
            site.operation = None
            self._held.discard(key(site.id))
