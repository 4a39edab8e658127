"""An operator who does what the product prints, on copies of the world in which it was printed."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from remediate.sandbox.resources import Delegation, Subnet, VirtualNetwork
from remediate.sandbox.state import State
from tests.advice import az
from tests.advice.commands import alternatives, commands, not_set_off, texts, words
from tests.conftest import APP, GROUP, SUBNET, Azure, Ran

NEW_NETWORK = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-new"
NEW_SUBNET = f"{NEW_NETWORK}/subnets/snet-new"
PLACEHOLDERS = {
    "SUBNET_ID": NEW_SUBNET,
    "RESOURCE_ID": SUBNET,
    "TARGET": "orders-func",
    "ACCOUNT": "sandbox-operator",
    "TENANT_ID": "adfs",
    "HOST:PORT": "sql.internal:1433",
}
"""What an operator puts in the place of the words that a command leaves open."""
QUICK = ("--poll-interval", "0.02", "--timeout", "2")
PREFLIGHT = {"locked", "no-permission", "deny-assignment", "provider-unregistered", "plan-limit"}
NOT_READ = {
    "verify": PREFLIGHT,
    "watch": PREFLIGHT,
    "guard": PREFLIGHT | {"network-ipv6", "no-read-permission"},
}
"""What a command does not look for, and what may refuse a change that it advises."""
WORKS = (0, 3)
"""Exit codes of a command that did what it is for."""


@dataclass(frozen=True)
class Printed:
    """What one command printed: its texts, and how Azure and the journals were at that moment."""

    by: tuple[str, ...]
    texts: tuple[str, ...]
    state: State
    journals: Path


def _ends_open(ran: Ran) -> bool:
    """Whether a command went on as far as Azure let it: it tells what is open, or what the trial met."""
    steps = ran.document.get("steps", [])
    return ran.code == 5 or any((one["do"], one["status"]) == ("trial", "failed") for one in steps)


@dataclass
class Operator:
    """Runs commands in one simulated Azure, and collects and follows what they print.

    `folder` is the state folder of the commands. `may_wait` says that no repair is finished in this world.
    """

    remediate: Callable[..., Ran]
    azure: Azure
    folder: Path
    may_wait: bool = False
    problems: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def collect(self, *arguments: str) -> Printed:
        """Run a command, and take the texts with commands in them from what it printed."""
        ran = self.remediate(*arguments, *QUICK, "-o", "json")
        printed = [*texts(ran.document if ran.out else {}), *ran.err.splitlines()]
        self.problems += [f"{arguments} prints without backticks: {one}" for one in _strays(printed)]
        kept = tuple(dict.fromkeys(one for one in printed if commands(one)))
        journals = self.folder.with_name("journals-then")
        shutil.rmtree(journals, ignore_errors=True)
        if self.folder.exists():
            shutil.copytree(self.folder, journals)
        return Printed(arguments, kept, copy.deepcopy(self.azure.world.state), journals)

    def look(self, *arguments: str) -> None:
        """Run a command that changes nothing, and follow each text that no command printed before it."""
        printed = self.collect(*arguments)
        new = tuple(one for one in printed.texts if one not in self._known)
        self._known |= set(new)
        self.follow(Printed(arguments, new, printed.state, printed.journals))

    def follow(self, printed: Printed) -> None:
        """Do what each text says, each way on a copy of the world as it was then; note what did not work."""
        for text in printed.texts:
            for way in alternatives(text):
                self._restore(printed)
                if any("SUBNET_ID" in command for command in way):
                    self._make_subnet()
                if why := self._try(way, printed.by):
                    self.problems.append(f"{' '.join(printed.by)}\n  says: {text}\n  but: {why}")
        self._restore(printed)

    def _restore(self, printed: Printed) -> None:
        self.azure.world.state = copy.deepcopy(printed.state)
        self.azure.fault(*self.azure.world.faults)
        shutil.rmtree(self.folder, ignore_errors=True)
        if printed.journals.exists():
            shutil.copytree(printed.journals, self.folder)

    def _make_subnet(self) -> None:
        """A subnet that the app may be connected to, for a command that leaves it to be named."""
        state = self.azure.world.state
        app = state.site(APP)
        subnet = Subnet(NEW_SUBNET, ["10.99.0.0/24"])
        subnet.delegations.append(Delegation("delegation", state.plan(app.plan).delegation))
        network = VirtualNetwork(NEW_NETWORK, app.location, ["10.99.0.0/16"])
        network.subnets.append(subnet)
        state.add(network)

    def _try(self, way: list[str], by: tuple[str, ...]) -> str | None:
        """Carry out the commands of one way in order, the last one as a dry run; what did not work."""
        for n, command in enumerate(way, 1):
            program, *arguments = words(command, PLACEHOLDERS)
            if not arguments:
                continue  # the wizard, which is for a terminal
            if tuple(arguments) == by:
                continue  # the same once more, when what made it fail has passed
            if program == "az":
                why = az.carry_out(self.azure, arguments)
                if why and not (az.deletes(arguments) and "AuthorizationFailed" in why):
                    return f"{command}: {why}"
                continue  # who may delete is not looked at (docs/how-to/guard.md)
            how = ("--dry-run",) if n == len(way) else ("--yes",)
            ran = self.remediate(*arguments, *how, *QUICK, "-o", "json")
            if self.not_looked_for(ran, by):
                return None
            if ran.code not in WORKS and not (self.may_wait and _ends_open(ran)):
                return f"{command} {how[0]} ended with {ran.code}: {ran.err}{ran.out}"
        return None

    @staticmethod
    def not_looked_for(ran: Ran, by: tuple[str, ...]) -> bool:
        """Whether a command is refused for what the one that printed it does not look for."""
        unread = NOT_READ.get(by[0], set()) if by else set()
        if not unread or ran.code != 4:
            return False
        refused = {one["code"] for one in ran.document.get("findings_before", [])}
        return not refused.isdisjoint(unread)


def _strays(printed: list[str]) -> Iterator[str]:
    for text in printed:
        yield from not_set_off(text)
