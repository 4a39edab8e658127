"""Pure judgement of a subnet's links: whose they are, and what stands against purging them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from remediate import ids
from remediate.checks.advice import listed, named, owners, purge_command, typed
from remediate.checks.obstacles import ALLOW, lacking, lock_in_the_way, not_read, permission_lacking, unread
from remediate.model import Evidence, Finding, Link, LinkReading, LinkUse

PURGE = "Microsoft.Web/locations/purgeUnusedVirtualNetworkIntegration/action"
"""What the purge asks of the caller in the network's subscription, by the rule that Resource Manager has for
every POST. Whether the platform asks for more, such as a permission on the subnet, is not documented [?].
"""
_FACTS: dict[LinkUse, str] = {"orphaned": "404", "unused": "no app or slot of it on the subnet"}


def judge_links(reading: LinkReading) -> tuple[Finding, ...]:
    """What is worth saying about the links of a subnet, the most severe first."""
    return tuple(one for check in LINKS for one in [check(reading)] if one)


def judge_purge(reading: LinkReading) -> tuple[Finding, ...]:
    """What would keep Azure from purging, the most severe first; `reading` with its preflight."""
    return tuple(one for check in PURGING for one in [check(reading)] if one)


def link_orphaned(reading: LinkReading) -> Finding | None:
    """The link names a plan that is gone (404)."""
    return _abandoned(reading, "orphaned", "which is gone", "The plan was deleted while an app of it was on")


def link_unused(reading: LinkReading) -> Finding | None:
    """The link names a plan that lives, and has no app or slot on the subnet."""
    words = "which has no app there", "The plan lives, and none of its apps and slots is on"
    return _abandoned(reading, "unused", *words)


def _abandoned(reading: LinkReading, use: LinkUse, title: str, detail: str) -> Finding | None:
    links, subnet = _of(reading, use), ids.name(reading.around.id)
    if not links:
        return None
    return Finding(
        code=f"link-{use}",
        severity="error",
        title=f"The link of {subnet} names {listed(ids.name(one.target) for one in links)}, {title}",
        detail=f"{detail} the subnet: the link stayed behind. It keeps other plans off the subnet, and the "
        "subnet cannot be deleted while it is there.",
        action=f"Clear it: {purge_command(reading.around.id)}",
        evidence=tuple(_facts(links, _FACTS[use])),
        playbook="purge-orphan",
    )


def _facts(links: list[Link], said: str) -> Iterator[Evidence]:
    for link in links:
        yield Evidence("link", f"{link.name}.link", link.target)
        yield Evidence("plan", link.target or "", said)


def link_missing(reading: LinkReading) -> Finding | None:
    """Apps are on the subnet, and App Service has no link there."""
    apps = [app for app in reading.around.apps if not app.flex]
    if reading.around.subnet is None or not apps or any(link.is_web for link in reading.around.links):
        return None
    return Finding(
        code="link-missing",
        severity="error",
        title=f"The service association link of {ids.name(reading.around.id)} is missing",
        detail=f"{named(app.id for app in apps)} {'is' if len(apps) == 1 else 'are'} on the subnet, and "
        "no link says so.",
        action=f"Rebuild it: {typed(['remediate', 'reconnect', apps[0].id, '--scope', 'link'])}",
        evidence=tuple(Evidence("site", f"{app.name}.virtualNetworkSubnetId", app.subnet) for app in apps),
        playbook="rebuild-link",
    )


def link_foreign(reading: LinkReading) -> Finding | None:
    """Another service's link; to Flex Consumption's, too, the purge does nothing (azure-facts.md, 2)."""
    links = _of(reading, "foreign")
    if not links:
        return None
    subnet = ids.name(reading.around.id)
    flex = [app for link in links for app in reading.around.behind(link)]
    return Finding(
        code="flex-consumption" if flex else "link-foreign",
        severity="error",
        title=f"The link of {subnet} belongs to {'Flex Consumption' if flex else owners(links)}",
        detail="Azure's purge is for the links of App Service plans, and does nothing for this one. It goes "
        "when its owner leaves the subnet.",
        action=f"Disconnect {named(app.id for app in flex)}; the link goes with the last Flex app."
        if flex
        else "Remove that service's resources from the subnet, in that service.",
        evidence=tuple(Evidence("link", f"{one.name}.linkedResourceType", one.type) for one in links),
    )


def no_read_permission(reading: LinkReading) -> Finding | None:
    """A read was denied or failed, so nobody can say who stands behind the link."""
    again = ["remediate", "purge", reading.around.id, "--dry-run"]
    return not_read(
        unread(reading.unread),
        severity="unknown",
        detail="Whether anybody stands behind the link is not known, and a link that may be in use is not "
        "cleared. This cannot be allowed.",
        action="Sign in as someone with the Reader role on the network, on the plan that the link names, and "
        f"on the apps there, then look again: {typed(again)}",
    )


def locked(reading: LinkReading) -> Finding | None:
    """A management lock lies on the subnet or above it. What it does to a purge is not documented [?]."""
    here = f"{reading.around.id}/serviceAssociationLinks/x"
    return lock_in_the_way(
        [lock for lock in reading.locks if ids.within(here, lock.scope)],
        severity="error",
        detail="Somebody wants the network to stay as it is. Whether Azure clears a link under a lock is not "
        "documented, so it is not tried.",
        remove="If the link is meant to go, remove the lock for the time of the change",
    )


def no_permission(reading: LinkReading) -> Finding | None:
    """The signed-in account may not ask for a purge in the network's subscription."""
    scope = f"/subscriptions/{ids.parse(reading.around.id).subscription}"
    return permission_lacking(
        lacking({scope: (PURGE,)}, {scope: reading.permissions}),
        severity="error",
        detail="What Azure asks for beyond that is not documented.",
        where=" in the subscription of the network",
    )


def no_preflight(reading: LinkReading) -> Finding | None:
    """Locks or permissions could not be read, so nobody knows if Azure would do it."""
    again = ["remediate", "purge", reading.around.id, ALLOW, "no-read-permission"]
    return not_read(
        unread(one for one in reading.documents if one.preflight and one.status != "found"),
        severity="unknown",
        detail="Without them nobody can say whether Azure would clear the link. No app is at stake.",
        action=f"Sign in as someone with the Reader role, or go on without knowing: {typed(again)}",
    )


def _of(reading: LinkReading, use: LinkUse) -> list[Link]:
    return [link for link in reading.around.links if reading.use(link) == use]


Check = Callable[[LinkReading], Finding | None]
LINKS: tuple[Check, ...] = (link_foreign, link_orphaned, link_unused, link_missing, no_read_permission)
"""Every check of a subnet's links."""
PURGING: tuple[Check, ...] = (locked, no_permission, no_preflight)
"""Every check of a purge's preflight."""
