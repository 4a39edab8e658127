"""Why a plan is refused: with what was found, or could not be read, an app might not come back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from remediate import ids
from remediate.checks.advice import command, with_obstacle
from remediate.model import (
    PREVENTS_RECONNECT,
    PREVENTS_UNLESS_INFO,
    Document,
    Evidence,
    Finding,
    Integration,
    Scope,
)

PREFLIGHT = frozenset(
    {
        "deny-assignment",
        "locked",
        "network-ipv6",
        "no-permission",
        "no-read-permission",
        "not-visible",
        "plan-limit",
        "provider-unregistered",
    }
)
"""Findings about what Azure would let through; they say nothing about how the integration is now."""
_CAUTIONS = frozenset({"gateway-in-plan"})
"""Findings that refuse nothing, and that the operator has to know before the answer."""
_OF_WORKERS = frozenset({"worker-without-ip", "probe-failed"})
"""Findings about what the workers answered, which is shown by itself."""
_APP_ONLY = {
    "flex-consumption": (
        "names the subnet and no plan",
        "It disappears with the last Flex app on the subnet, and no view names the apps of other plans. "
        "To disconnect the apps of this plan would interrupt them, and Azure might not create the link "
        "again.",
    ),
    "subnet-shared": (
        "names another plan that is on the subnet too",
        "To disconnect the apps of this plan would interrupt them, and the link would remain with the "
        "other plan.",
    ),
}
"""Findings with which only an app can be rebuilt, and why the link cannot."""
_OF_LINK = frozenset({"link-missing", "link-not-ready"})
"""Findings that nothing cures but a link that Azure creates anew."""
_WHOSE = {False: "a plan's first integration", True: "the first Flex Consumption app"}
_NO_READ, _NOT_VISIBLE = "no-read-permission", "not-visible"


def refuses(finding: Finding, blocking: frozenset[str], allowed: frozenset[str]) -> bool:
    """Whether a finding stands in the way; what is unknown does, unless its code is in `allowed`."""
    if finding.severity == "unknown":
        return finding.code not in allowed
    return finding.code in blocking


def cautions(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What the operator has to know before a change: a danger that refuses nothing, and what is not known
    and was allowed to be.
    """
    unknown = {one.code for one in findings if one.severity == "unknown"} - _OF_WORKERS
    return tuple(one for one in findings if one.code in unknown | _CAUTIONS)


def refusals_for(
    seen: Integration, findings: tuple[Finding, ...], scope: Scope, allowed: frozenset[str]
) -> Iterator[Finding]:
    """The findings with which nothing is disconnected, in words that say what they mean for this scope."""
    for finding in findings:
        if refuses(finding, PREVENTS_RECONNECT, allowed):
            yield finding
        elif finding.severity == "unknown":
            continue
        elif finding.code == "not-integrated" and not seen.subnet_asked:
            yield finding
        elif finding.code in _OF_LINK and (scope == "app" or seen.flex or not seen.connected):
            yield from _link_stays_as_it_is(seen, finding)
        elif finding.code in PREVENTS_UNLESS_INFO and finding.severity != "info":
            yield finding
        elif finding.code in _APP_ONLY and scope == "link" and (seen.flex or seen.shared_links):
            yield with_obstacle(_app_only(seen, finding), findings, allowed)
    if missing := tuple(
        one for one in seen.world.unread if not one.about_others and _code_of(one) in allowed
    ):
        # The run reads all of it again and again, so nobody can allow it to be unknown.
        yield _unknown(missing)


def _link_stays_as_it_is(seen: Integration, finding: Finding) -> Iterator[Finding]:
    """The link is made by a plan's first integration on a subnet (azure-facts.md, 2)."""
    others = [app.name for app in seen.keeping_link]
    if others:
        verb = "Reconnecting" if seen.connected else "Connecting"
        missing = finding.code == "link-missing"
        yield msgspec.structs.replace(
            finding,
            title=f"{verb} {seen.target.name} alone will not "
            f"{'bring the link back' if missing else 'finish the link'}",
            detail=(
                f"Azure creates the link with {_WHOSE[seen.flex]} on a subnet. While {', '.join(others)} "
                f"are connected, there is no first one, and the link remains "
                f"{'missing' if missing else 'as it is'}."
            ),
        )


def _app_only(seen: Integration, finding: Finding) -> Finding:
    """The link cannot be rebuilt; the app can be reconnected alone, if that does not need the link anew."""
    title, detail = _APP_ONLY[finding.code]
    return msgspec.structs.replace(
        finding,
        title=f"The link of {ids.name(seen.subnet_id)} cannot be rebuilt: it {title}",
        detail=detail,
        action=f"Reconnect the app alone: {command(seen, 'reconnect', '--scope', 'app')}"
        if not seen.needs_all_disconnected
        else "",
    )


def _code_of(unread: Document) -> str:
    """The finding that tells of a read without an answer."""
    return _NOT_VISIBLE if unread.status == "not-visible" else _NO_READ


def _unknown(missing: tuple[Document, ...]) -> Finding:
    return Finding(
        code=_NO_READ,
        severity="unknown",
        title=f"Could not read {', '.join(one.what for one in missing)}",
        detail="Without it it is not known whether a disconnected app could be connected again.",
        evidence=tuple(Evidence(one.what, "read", one.message or one.status) for one in missing),
        action="Ask for the role Reader on the app, its plan and its virtual network, then try again.",
    )
