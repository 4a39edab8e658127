"""The words that findings share: lists of names, and the exact commands for the operator to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from remediate import ids
from remediate.model import Evidence, Finding, Link, Topology


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def command(topology: Topology, verb: str, *options: str) -> str:
    """`remediate VERB` for this target, with the subnet where one was asked for."""
    asked = ("--subnet", topology.subnet_id) if topology.subnet_asked and topology.subnet_id else ()
    return typed(["remediate", verb, called(topology.target.id), *options, *asked])


def called(app: str) -> str:
    """How a command names an app. A slot goes by its id: a bare name can only be an app's."""
    name = ids.app_name(app)
    return app if "/" in name else name


def connect_command(topology: Topology) -> str:
    """The command that connects the target to a subnet, the one asked for or one still to be named."""
    return command(topology, "reconnect", *([] if topology.subnet_asked else ["--subnet", "SUBNET_ID"]))


def naming(topology: Topology, findings: tuple[Finding, ...], subnet: str) -> tuple[Finding, ...]:
    """The same findings, with this subnet where the command to connect the target leaves it to be named."""
    if topology.subnet_asked:
        return findings
    unnamed, complete = connect_command(topology), command(topology, "reconnect", "--subnet", subnet)
    return tuple(replace(one, action=one.action.replace(unnamed, complete)) for one in findings)


def purge_command(subnet_id: str) -> str:
    """The command that proves that a link is nobody's and clears it."""
    return typed(["remediate", "purge", subnet_id])


def typed(words: list[str]) -> str:
    """A command as it is typed, set off from the sentence around it."""
    return f"`{shlex.join(words)}`"


def named(identifiers: Iterable[str]) -> str:
    """Ids as a list of app names."""
    return listed(ids.app_name(one) for one in identifiers)


def owners(links: Iterable[Link]) -> str:
    """Whose links these are, by their types."""
    return listed(sorted({one.type or "a service that gives no name" for one in links}))


def owner_facts(links: Iterable[Link]) -> Iterator[Evidence]:
    """The type of each link, and what it names."""
    for link in links:
        yield Evidence("link", f"{link.name}.linkedResourceType", link.type)
        yield Evidence("link", f"{link.name}.link", link.target)
