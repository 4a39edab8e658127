"""The words that findings share: lists of names, and the exact commands for the operator to type."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from remediate import ids
from remediate.model import Evidence, Finding, Integration, Link, prevents_reconnect

ALLOW = "--allow-unknown"
"""The option of `reconnect` and `purge` that lets them go on without knowing."""


_RECONNECT = "`remediate reconnect "
_COMMAND = re.compile(r"(`remediate reconnect [^`]*)`")
_CLAUSES = re.compile(r"(?<=[.;]) |, (?=then look again)")
"""Where one thing to do ends and the next one begins."""


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def command(seen: Integration, verb: str, *options: str) -> str:
    """`remediate VERB` for this target, with the subnet where one was asked for.

    An app that is on another subnet is not moved: what can be rebuilt is its own integration.
    """
    named = seen.subnet_asked and not (verb == "reconnect" and seen.is_elsewhere)
    asked = ("--subnet", seen.subnet_id) if named and seen.subnet_id else ()
    scope = ("--scope", "link") if verb == "reconnect" and _takes_all(seen, options) else ()
    return typed(["remediate", verb, called(seen.app_id), *options, *scope, *asked])


def _takes_all(seen: Integration, options: tuple[str, ...]) -> bool:
    """Whether a reconnect has to be told that it is about all apps of the plan: that was asked for, or the
    link is missing or unfinished. A reconnect of the app alone does not cure that, so it is refused.
    """
    if "--scope" in options or seen.flex or not seen.connected:
        return False
    return seen.needs_all_disconnected or len(seen.question.apps) > 1


def called(app: str) -> str:
    """How a command names an app. A slot goes by its id: a bare name can only be an app's."""
    name = ids.app_name(app)
    return app if "/" in name else name


def connect_command(seen: Integration) -> str:
    """The command that connects the target to a subnet, the one asked for or one still to be named."""
    return command(seen, "reconnect", *([] if seen.subnet_asked else ["--subnet", "SUBNET_ID"]))


def with_subnet_in_command(
    seen: Integration, findings: tuple[Finding, ...], subnet: str
) -> tuple[Finding, ...]:
    """The same findings, with this subnet where the command to connect the target leaves it to be named."""
    if seen.subnet_asked:
        return findings
    unnamed, complete = connect_command(seen), command(seen, "reconnect", "--subnet", subnet)
    return tuple(replace(one, action=one.action.replace(unnamed, complete)) for one in findings)


def with_obstacles(
    findings: tuple[Finding, ...], allowed: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """The same findings; what another one prevents is not offered: a reconnect would be refused.

    What is unknown and was `allowed` prevents nothing, once the command allows it too.
    """
    return tuple(with_obstacle(one, findings, allowed) for one in findings)


def with_obstacle(finding: Finding, findings: tuple[Finding, ...], allowed: frozenset[str]) -> Finding:
    """The same finding, with what of its action the other findings leave possible."""
    others = [  # also of the same code: there is more than one finding of flex-consumption
        one
        for one in findings
        if one != finding and f" {ALLOW} {one.code}" not in finding.action and prevents_reconnect(one)
    ]
    codes = dict.fromkeys(one.code for one in others)
    if not codes or _RECONNECT not in finding.action:
        return finding
    offers = f" {ALLOW} " in finding.action
    if all(_may_be_allowed(one) and (offers or one.code in allowed) for one in others):
        return replace(finding, action=_allowing(finding.action, codes))
    left = " ".join(part for part in _CLAUSES.split(finding.action) if _RECONNECT not in part)
    why = f"A reconnect is refused because of {listed(codes)}: resolve that first."
    return replace(finding, action=f"{left.rstrip('.;')}. {why}" if left else why)


def _may_be_allowed(finding: Finding) -> bool:
    """Whether a reconnect can go on without knowing what the finding is about: then its action says so."""
    return finding.severity == "unknown" and f" {ALLOW} {finding.code}" in finding.action


def _allowing(action: str, codes: Iterable[str]) -> str:
    """The same action; each command that changes something allows these to be unknown."""
    options = "".join(f" {ALLOW} {code}" for code in codes)
    return _COMMAND.sub(
        lambda found: found[0] if "--dry-run" in found[0] else f"{found[1]}{options}`", action
    )


def purge_command(subnet_id: str) -> str:
    """The command that proves that a link is unused and clears it."""
    return typed(["remediate", "purge", subnet_id])


def disconnect_command(resource: str) -> str:
    """The command that disconnects for good every app that holds a resource."""
    return typed(["remediate", "guard", resource, "--disconnect"])


def typed(words: list[str]) -> str:
    """A command as it is typed, set off from the sentence around it."""
    return f"`{shlex.join(words)}`"


def assign(role: str, scope: str) -> str:
    """The command that gives a role to the account that is signed in."""
    words = ["az", "role", "assignment", "create", "--assignee", "ACCOUNT", "--role", role, "--scope", scope]
    return typed(words)


def named(identifiers: Iterable[str]) -> str:
    """Ids as a list of app names."""
    return listed(ids.app_name(one) for one in identifiers)


def then_connect(seen: Integration) -> str:
    """What brings the target to the subnet, once no other link is there.

    Nothing where the app is on another subnet: then it is not meant to be on this one.
    """
    return "" if seen.is_elsewhere else f" Then connect the app: {connect_command(seen)}"


def link_facts(links: Iterable[Link]) -> tuple[Evidence, ...]:
    """What each link names."""
    return tuple(Evidence("link", f"{one.name}.link", one.target) for one in links)


def owners(links: Iterable[Link]) -> str:
    """Whose links these are, by their types."""
    return listed(sorted({one.type or "a service that gives no name" for one in links}))


def owner_facts(links: Iterable[Link]) -> Iterator[Evidence]:
    """The type of each link, and what it names."""
    for link in links:
        yield Evidence("link", f"{link.name}.linkedResourceType", link.type)
        yield Evidence("link", f"{link.name}.link", link.target)
