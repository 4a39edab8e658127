"""Recorded ARM traffic, and the same requests sent again, in order, to a sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.refusal import exclusive_lock
from remediate.sandbox.resources import (
    WEB_DELEGATION,
    Delegation,
    Group,
    ServerFarm,
    Site,
    Subnet,
    Subscription,
    VirtualNetwork,
)
from remediate.sandbox.server import Sandbox
from remediate.sandbox.state import State
from remediate.sandbox.world import World

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "arm-recordings"
NAMES = (
    "webapp-with-slot",
    "functionapp-with-slot",
    "webapp-two-vnets-same-name",
    "functionapp-create-504-then-429",
    "functionapp-vnet-2025-07",
    "webapp-route-all-2025-07",
    "webapp-slot-2025-07",
    "managed-instance-2025-10",
)
"""The recordings of whole lives, which can be sent again."""
needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="there are no recordings in ../shared/arm-recordings"
)
INSTANTLY = 1_000_000.0
"""A speed at which whatever takes seconds is done before the next request."""

KINDS = {
    "site": r"/sites/[^/]+$",
    "slot": r"/slots/[^/]+$",
    "plan": r"/serverfarms/[^/]+$",
    "vnet": r"/virtualNetworks/[^/]+$",
    "subnet": r"/subnets/[^/]+$",
    "slots": r"/slots$",
    "configuration": r"/config/web$",
    "connections": r"/virtualNetworkConnections$",
    "networkConfig": r"/networkConfig/virtualNetwork$",
    "result": r"/operationresults/[^/]+$",
    "operation": r"/operations/[^/]+$",
}
NOT_SIMULATED = {
    "the stacks that az offers": r"/(functionAppStacks|webAppStacks)$",
    "whether a name is free": r"/checknameavailability$",
    "a slot's source control": r"/sourcecontrols/web$",
}
"""Recorded requests that are not sent again, by what they are about."""


@dataclass(frozen=True)
class Event:
    """A recorded request with its recorded answer."""

    recording: str
    i: int
    method: str
    path: str
    request: Any
    status: int
    response: Any
    headers: dict[str, str]

    @property
    def simulated(self) -> bool:
        """Whether the sandbox has such a request; its operations are done before the first look at them."""
        path = self.path.partition("?")[0]
        if self.kind == "result":
            return self.status != 202
        return not any(re.search(end, path, re.IGNORECASE) for end in NOT_SIMULATED.values())

    @property
    def kind(self) -> str:
        """What it is about; empty for anything else."""
        path = self.path.partition("?")[0]
        return next((kind for kind, end in KINDS.items() if re.search(end, path, re.IGNORECASE)), "")

    @property
    def label(self) -> str:
        return f"{self.recording} {self.i}: {self.method} {self.kind}"


@dataclass(frozen=True)
class Pair:
    """A recorded event, and the sandbox's own answer to the same request."""

    event: Event
    status: int
    body: Any
    headers: Mapping[str, str]


@cache
def events(recording: str) -> tuple[Event, ...]:
    """A recording's events, in order."""
    lines = (FOLDER / f"{recording}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = (json.loads(line) for line in lines)
    fields = ("i", "method", "path", "request", "status", "response", "headers")
    return tuple(Event(recording, *(row[field] for field in fields)) for row in rows)


@cache
def replayed(recording: str) -> tuple[Pair, ...]:
    """The recording's requests sent again to a sandbox that had what was there before the first one."""
    sent = tuple(event for event in events(recording) if event.simulated)
    with _serving(_world_before(recording)) as (endpoint, session):
        return tuple(_send(endpoint, session, sent))


def _world_before(recording: str) -> World:
    """The resource groups; and for the Managed Instance its plan, an app on it, and the subnet."""
    state = State()
    for event in events(recording):
        found = re.match(r"(/subscriptions/([^/]+)(?:/resourceGroups/[^/]+)?)", event.path)
        if not found:
            continue  # of no subscription
        state.add(Subscription(found[2], "Recorded"))
        if "/resourceGroups/" in found[1]:
            state.add(Group(found[1], "westeurope"))
    if recording.startswith("managed-instance"):
        _add_managed_instance(state, events(recording)[0])
    return World(state, SimulatedClock(INSTANTLY), faults=_faults(recording))


def _add_managed_instance(state: State, connect: Event) -> None:
    plan = connect.path.partition("?")[0]
    subnet = connect.request["properties"]["network"]["virtualNetworkSubnetId"]
    place = connect.request["location"]
    network = VirtualNetwork(subnet.partition("/subnets/")[0], place, ["10.0.0.0/16"])
    network.subnets.append(Subnet(subnet, ["10.0.1.0/24"], [Delegation("delegation", WEB_DELEGATION)]))
    state.add(network, ServerFarm(plan, place, "P1v4", "PremiumV4", subnet=""))
    state.add(Site(plan.replace("serverfarms/", "sites/app-on-"), "app", place, plan))


def _faults(recording: str) -> list[dict[str, Any]]:
    """The troubles that were recorded are no rule of the platform: they are made on purpose."""
    if not recording.endswith("504-then-429"):
        return []
    match = {"method": "PUT", "path": "/sites/"}
    timeout = {
        "error": {"code": "GatewayTimeout", "message": "The gateway did not receive a response in time."}
    }
    return [
        {"match": match, "answer": {"status": 504, "body": timeout}, "effect": "kept"},
        {"match": match, "answer": {"status": 429, "body": exclusive_lock().body}},
    ]


@contextmanager
def _serving(world: World) -> Iterator[tuple[str, requests.Session]]:
    with Sandbox(world) as sandbox, requests.Session() as session:
        endpoint = sandbox.environment["REMEDIATE_ARM_ENDPOINT"]
        session.verify, session.trust_env = sandbox.environment["REQUESTS_CA_BUNDLE"], False
        form = {
            "grant_type": "client_credentials",
            "client_id": sandbox.environment["AZURE_CLIENT_ID"],
            "client_secret": sandbox.environment["AZURE_CLIENT_SECRET"],
        }
        token = session.post(f"{endpoint}/adfs/oauth2/token", data=form, timeout=30).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        yield endpoint, session


def _send(endpoint: str, session: requests.Session, recorded: tuple[Event, ...]) -> Iterator[Pair]:
    polling = ""
    for event in recorded:
        # The operations of the recording are not ours: ours are polled in their place.
        url = polling if event.kind in ("operation", "result") else endpoint + event.path
        answer = session.request(event.method, url, json=event.request, timeout=30)
        told = answer.headers.get("Azure-AsyncOperation") or answer.headers.get("Location")
        polling = told or polling
        body = answer.json() if answer.content else None
        yield Pair(event, answer.status_code, body, answer.headers)
