"""Pure judgement before a deletion: an Estate in, findings, the verdict and the order that works out."""

from __future__ import annotations

from collections.abc import Callable

from remediate import ids
from remediate.checks.advice import listed, named, owner_facts, owners, purge_command, typed
from remediate.checks.holders import abandoned, foreign, leaving
from remediate.checks.obstacles import lock_in_the_way, not_read, unread
from remediate.model import Estate, Evidence, Finding, Holder, Link, Lock, Surroundings, healthy

_ALL_LEAVE = (
    "Its link can name only one of them, so the holders are found by their own views. All of them have to "
    "leave before the subnet can go."
)
_THEY_STAY = (
    "Its link can name only one of them. Where apps of another plan stay, the link may stay with them, or go "
    "and leave them without one: which of the two is not documented."
)
_NEVER_DECIDES = ("vnet",)
"""Reads that tell where the network is, and nothing about who is on it."""


def judge_deletion(estate: Estate) -> tuple[Finding, ...]:
    """What is worth saying before the deletion, the most severe first."""
    return tuple(one for check in DELETION for one in [check(estate)] if one)


def is_safe(found: tuple[Holder, ...], findings: tuple[Finding, ...]) -> bool | None:
    """Whether the deletion leaves no orphan and nothing stops it; None where that could not be seen."""
    return False if found else healthy(findings)


def managed_instance(estate: Estate) -> Finding | None:
    """A Managed Instance plan holds a subnet itself, and it or its subnet is to be deleted."""
    held = [(plan, around.id) for around in estate.around for plan in estate.holding(around)]
    if not held:
        return None
    plans = listed(dict.fromkeys(ids.name(plan) for plan, _ in held))
    return Finding(
        code="managed-instance",
        severity="error",
        title=f"{plans} holds {listed(dict.fromkeys(ids.name(subnet) for _, subnet in held))} itself",
        detail="This is a Managed Instance plan: the integration is the plan's own, and no app can be "
        "disconnected to end it. How it is taken from the plan is not documented, so this tool does not try, "
        "and cannot say whether deleting the plan takes the link along.",
        action="Ask Azure support how the plan gives up its subnet before you delete either of them.",
        evidence=tuple(Evidence("plan", "network.virtualNetworkSubnetId", subnet) for _, subnet in held),
    )


def link_foreign(estate: Estate) -> Finding | None:
    """The link of another service is on a subnet that is to be deleted (azure-facts.md, 1: other owners)."""
    found = [(around, link) for around in estate.around for link in foreign(estate, around)]
    if not found:
        return None
    return Finding(
        code="link-foreign",
        severity="error",
        title=f"Another service holds {_subnets(found)}: {owners(link for _, link in found)}",
        detail="The subnet cannot be deleted while another service's link is on it, and this tool never "
        "touches such a link. One of the type Microsoft.App/environments belongs to a Container Apps "
        "environment, or to a Flex Consumption app that cannot be seen from here.",
        action="Remove that service's resources from the subnet, in that service; its link goes with them.",
        evidence=tuple(owner_facts(link for _, link in found)),
    )


def link_orphaned(estate: Estate) -> Finding | None:
    """A link names a plan that is gone (404), on a subnet that is to be deleted."""
    found = _abandoned(estate, gone=True)
    if not found:
        return None
    return Finding(
        code="link-orphaned",
        severity="error",
        title=f"The link of {_subnets(found)} names a plan that is gone",
        detail="A plan was deleted while an app of it was connected, and its link stayed behind. The subnet "
        "cannot be deleted while it is there.",
        action=f"Clear it: {_purge(found)}",
        evidence=tuple(owner_facts(link for _, link in found)),
        playbook="purge-orphan",
    )


def link_unused(estate: Estate) -> Finding | None:
    """A link names a plan that lives but has nothing on the subnet; deleting either makes it an orphan."""
    found = _abandoned(estate, gone=False)
    if not found:
        return None
    plans = listed(dict.fromkeys(ids.name(link.target) for _, link in found))
    return Finding(
        code="link-unused",
        severity="error",
        title=f"The link of {_subnets(found)} names {plans}, which has no app there",
        detail="No app or slot of the plan is on the subnet, and its link stayed behind. With the plan gone "
        "it would be an orphan, and the subnet cannot be deleted while it is there.",
        action=f"Clear it: {_purge(found)}",
        evidence=tuple(owner_facts(link for _, link in found)),
        playbook="purge-orphan",
    )


def locked(estate: Estate) -> Finding | None:
    """A management lock lies on what is to be deleted, above it, or on something in it."""
    locks = [lock for lock in estate.locks if _stops(lock, estate)]
    return lock_in_the_way(
        locks,
        severity="error",
        detail="Azure refuses a deletion that a lock forbids, also half way: a resource group can be left "
        "with some of its resources gone.",
        remove="If the deletion is meant, remove the lock first",
    )


def flex_consumption(estate: Estate) -> Finding | None:
    """An app on Flex Consumption has to leave: its link is of a kind that no purge can clear."""
    apps = [app for _, leave in leaving(estate) for app in leave if app.flex]
    if not apps:
        return None
    return Finding(
        code="flex-consumption",
        severity="info",
        title=f"{named(app.id for app in apps)} is on Flex Consumption",
        detail="Its link (legionservicelink) names the subnet and no plan, and goes when the last Flex app "
        "leaves. Azure's purge of unused links does nothing for it, so disconnecting first is the one way "
        "that is known.",
        action="Disconnect before you delete.",
        evidence=tuple(Evidence("site", f"{app.name}.sku", app.tier) for app in apps),
    )


def subnet_shared(estate: Estate) -> Finding | None:
    """Several plans are on one subnet, and its link can name only one of them (azure-facts.md, 1)."""
    shared = [(around, plans) for around, _ in leaving(estate) if len(plans := _plans_on(around)) > 1]
    if not shared:
        return None
    stay = any(not estate.takes(around.id) for around, _ in shared)
    return Finding(
        code="subnet-shared",
        severity="info",
        title=f"{listed(ids.name(one.id) for one, _ in shared)} is shared by several plans",
        detail=_THEY_STAY if stay else _ALL_LEAVE,
        action="Verify the apps that stay, afterwards." if stay else "Nothing to do.",
        evidence=tuple(Evidence("subnet", ids.name(one.id), list(plans)) for one, plans in shared),
    )


def no_read_permission(estate: Estate) -> Finding | None:
    """A read was denied or failed, so there may be a holder that nobody sees."""
    documents = [one for one in estate.documents if one.unread and one.what not in _NEVER_DECIDES]
    return not_read(
        unread(documents),
        severity="unknown",
        detail="Nobody can say whether the deletion is safe without having looked at everything that it "
        "takes and touches.",
        action="Sign in as someone with the Reader role on all of it, then look again: "
        + typed(["remediate", "guard", estate.target]),
    )


DELETION: tuple[Callable[[Estate], Finding | None], ...] = (
    managed_instance,
    link_foreign,
    link_orphaned,
    link_unused,
    locked,
    no_read_permission,
    flex_consumption,
    subnet_shared,
)
"""Every check before a deletion, the most severe first."""


def _abandoned(estate: Estate, *, gone: bool) -> list[tuple[Surroundings, Link]]:
    found = ((around, link) for around in estate.around for link in abandoned(estate, around))
    return [(one, link) for one, link in found if (_status(one, link) == "absent") is gone]


def _status(around: Surroundings, link: Link) -> str | None:
    plan = around.plan(link)
    return plan.status if plan else None


def _plans_on(around: Surroundings) -> tuple[str, ...]:
    plans = (app.plan for app in around.apps if app.plan)
    return tuple({plan.casefold(): ids.name(plan) for plan in plans}.values())


def _stops(lock: Lock, estate: Estate) -> bool:
    return any(
        ids.within(one, lock.scope) or ids.within(lock.scope, one) for one in (estate.target, *estate.taken)
    )


def _subnets(found: list[tuple[Surroundings, Link]]) -> str:
    return listed(dict.fromkeys(ids.name(around.id) for around, _ in found))


def _purge(found: list[tuple[Surroundings, Link]]) -> str:
    subnets = dict.fromkeys(around.id for around, _ in found)
    return listed(purge_command(subnet) for subnet in subnets)
