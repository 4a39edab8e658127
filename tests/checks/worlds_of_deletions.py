"""Worlds by name about a link to purge, a deletion, and apps that are to be disconnected for good."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from remediate import ids
from remediate.model import (
    FLEX_SERVICE,
    App,
    Link,
    Listing,
    Question,
    Resource,
    Subnet,
    VirtualNetwork,
    World,
    key,
    listing_key,
)

from .worlds import (
    DELEGATED,
    ELSEWHERE,
    GROUP,
    NEIGHBOUR,
    NIC,
    NOT_READABLE,
    NOT_VISIBLE,
    OTHER_PLAN,
    PLAN,
    PREMIUM,
    STRANGER,
    SUBNET,
    SUBSCRIPTION,
    TARGET,
    VNET,
    WRONG_TENANT,
    Case,
    app,
    document,
    link,
    resources,
)
from .worlds_of_apps import (
    FLEX_PLAN,
    FREEZE,
    GROUPED,
    HELD,
    KEEP,
    NAMELESS,
    READER,
    SECOND,
    SLOT,
    SQL,
    denial,
    denying,
    lock,
)


def subnet(identifier: str, *links: Link) -> Subnet:
    return Subnet(identifier, ("10.0.0.0/27",), (DELEGATED,), links, "Succeeded")


def known(*values: Any, absent: tuple[str, ...] = (), **lists: Any) -> World:
    """What was read: these resources, these plans that are gone, and the lists by `kind of`."""
    found: dict[str, Resource] = resources(VirtualNetwork(VNET, "West Europe"), *values)
    found |= {key(one): Resource(one, "absent") for one in absent}
    listed = {listing_key(*NAMED_LISTS[name]): Listing("found", one) for name, one in lists.items()}
    return World(resources=found, listings=listed)


NAMED_LISTS: dict[str, tuple[Any, str]] = {
    "apps": ("apps", PLAN),
    "other_apps": ("apps", OTHER_PLAN),
    "second_apps": ("apps", SECOND.target or ""),
    "slots": ("slots", TARGET),
    "neighbour_slots": ("slots", NEIGHBOUR),
    "stranger_slots": ("slots", STRANGER),
    "group_apps": ("apps", GROUP),
    "group_plans": ("plans", GROUP),
    "group_subnets": ("subnets", GROUP),
    "vnet_subnets": ("subnets", VNET),
    "linked": ("subnets-with-link-to-plan", PLAN),
    "other_linked": ("subnets-with-link-to-plan", OTHER_PLAN),
}
OTHER = replace(PREMIUM, id=OTHER_PLAN)
ALIEN = app(STRANGER, plan=OTHER_PLAN)
LISTS: dict[str, Any] = {
    "apps": (TARGET, NEIGHBOUR),
    "other_apps": (STRANGER,),
    "slots": (SLOT,),
    "neighbour_slots": (),
    "stranger_slots": (),
}
FAR_NIC = replace(NIC, id=NIC.id.replace("rg-shop", "rg-far"))
HOME = ids.app(SUBSCRIPTION, "rg-home", "web")


def purge_worlds() -> dict[str, Case]:
    """Subnets of which the link is to be purged."""
    second = replace(SECOND, name="Second")
    gone, flex = (OTHER_PLAN, SECOND.target or ""), link(SUBNET, type_=FLEX_SERVICE)
    of_flex = tuple(app(one, tier="FlexConsumption") for one in (TARGET, NEIGHBOUR))
    worlds = {
        "links of plans that are gone": known(subnet(SUBNET, second, link(OTHER_PLAN)), absent=gone),
        "links of plans that are gone, apps on the subnet": known(
            subnet(SUBNET, link(OTHER_PLAN), second), PREMIUM, app(), app(NEIGHBOUR), absent=gone, **LISTS
        ),
        "link of a plan that is not there": known(subnet(SUBNET, link(OTHER_PLAN)), OTHER, other_apps=()),
        "one link in use, the other unused": known(
            subnet(SUBNET, link(), link(OTHER_PLAN)), PREMIUM, OTHER, app(), app(NEIGHBOUR), **LISTS
        ),
        "link of a plan elsewhere, apps on the subnet": known(
            subnet(SUBNET, link(OTHER_PLAN)),
            PREMIUM,
            OTHER,
            app(),
            app(STRANGER, ELSEWHERE, plan=OTHER_PLAN),
            **LISTS,
        ),
        "in use by the plan itself": known(subnet(SUBNET, link()), HELD, apps=()),
        "links of other services": known(subnet(SUBNET, SQL, NAMELESS)),
        "Flex": known(subnet(SUBNET, flex, SQL), FLEX_PLAN, *of_flex, **LISTS),
        "Flex without an app": known(subnet(SUBNET, flex)),
        "link names no plan": known(subnet(SUBNET, link(None))),
        "link missing, one app": known(subnet(SUBNET), PREMIUM, app(), **LISTS),
        "link missing, two apps": known(subnet(SUBNET), PREMIUM, app(NEIGHBOUR), app(), **LISTS),
        "nobody knows whose the link is": known(subnet(SUBNET, link(OTHER_PLAN))),
        "slot tells no plan": known(subnet(SUBNET, link(OTHER_PLAN)), OTHER, app(SLOT, plan=None)),
        "nothing to purge": known(subnet(SUBNET)),
    }
    cases = {name: Case(one, Question("purge", SUBNET)) for name, one in worlds.items()}
    orphan = cases["links of plans that are gone"]
    cases["locked above and beside"] = orphan.reading(locks=(KEEP, lock(ELSEWHERE, "x")))
    cases["no permission"] = orphan.reading(permissions={key(f"/subscriptions/{SUBSCRIPTION}"): (READER,)})
    scopes = (f"/subscriptions/{SUBSCRIPTION}", SUBNET)
    purging = {key(one): (denying(scopes[0], "Microsoft.Web/*"),) for one in scopes}
    cases["denied by a deny assignment"] = orphan.reading(deny_assignments=purging)
    writing = {key(one): (denying(VNET, "Microsoft.Network/*/write"),) for one in scopes}
    cases["denied to write the subnet"] = orphan.reading(deny_assignments=writing)
    cases["locks unread"] = orphan.knowing(document(f"locks:{SUBNET}", "denied"))
    unread = (document("site:orders", "failed", "500"), document(f"permissions:{SUBNET}", "denied"))
    cases["an app and permissions unread"] = orphan.knowing(*unread)
    cases["an app not visible"] = orphan.knowing(document("site:orders", "not-visible", NOT_VISIBLE))
    cases["denied by policy"] = orphan.reading(denials=(denial("POST", SUBNET),))
    return cases


def delete_worlds() -> dict[str, Case]:
    """What is to be deleted, with all that is known of it."""
    shop = (PREMIUM, OTHER, app(), app(SLOT), app(NEIGHBOUR), subnet(SUBNET, link()), subnet(ELSEWHERE))
    whole = known(*shop, ALIEN, **LISTS, linked=(SUBNET,))
    group: dict[str, Any] = {**LISTS, "group_apps": (TARGET,), "group_plans": (PLAN,), "group_subnets": ()}
    both = {"group_subnets": (SUBNET, ELSEWHERE), "vnet_subnets": (SUBNET, ELSEWHERE)}
    left = (subnet(SUBNET, link()), subnet(ELSEWHERE, link(OTHER_PLAN)))
    away = app(HOME, ELSEWHERE, kind="app,linux")
    elsewhere = app(STRANGER, ELSEWHERE, plan=OTHER_PLAN)
    alone: dict[str, Any] = {"apps": (TARGET,), "slots": ()}
    worlds: dict[str, tuple[World, str]] = {
        "app": (whole, TARGET),
        "slot": (whole, SLOT),
        "plan": (whole, PLAN),
        "subnet that two plans share": (whole, SUBNET),
        "group, apps stay on a shared subnet": (known(*shop, ALIEN, **group, linked=(SUBNET,)), GROUP),
        "group with its subnets": (known(*shop, ALIEN, away, **{**group, **both}, linked=(SUBNET,)), GROUP),
        "group whose plan has an app of another group": (
            known(
                PREMIUM,
                app(),
                away,
                *left,
                **{**group, "apps": (TARGET, HOME)},
                linked=(SUBNET,),
                absent=(OTHER_PLAN,),
            ),
            GROUP,
        ),
        "network with links of plans that are gone": (
            known(*left, absent=(PLAN, OTHER_PLAN), vnet_subnets=(SUBNET, ELSEWHERE)),
            VNET,
        ),
        "app beside a link of a plan that is gone": (
            known(*shop[:5], subnet(SUBNET, link(OTHER_PLAN)), absent=(OTHER_PLAN,), **LISTS),
            TARGET,
        ),
        "app beside a link of a plan that is gone, all of them": (
            known(PREMIUM, app(), subnet(SUBNET, link(OTHER_PLAN)), absent=(OTHER_PLAN,), **alone),
            TARGET,
        ),
        "subnet beside whose apps a link names a plan elsewhere": (
            known(PREMIUM, OTHER, app(), elsewhere, subnet(SUBNET, link(OTHER_PLAN)), **LISTS),
            SUBNET,
        ),
        "plan whose link is beside the apps of another": (
            known(
                PREMIUM, OTHER, app(), subnet(SUBNET, link(OTHER_PLAN)), other_apps=(), other_linked=(SUBNET,)
            ),
            OTHER_PLAN,
        ),
        "subnet with other resources in it": (
            known(replace(subnet(SUBNET), occupants=(NIC, NOT_READABLE))),
            SUBNET,
        ),
        "group with other resources in its subnet, one of another group": (
            known(
                replace(subnet(SUBNET), occupants=(NIC, FAR_NIC)),
                group_apps=(),
                group_plans=(),
                group_subnets=(SUBNET,),
            ),
            GROUP,
        ),
        "network with links of plans that are gone, apps on it": (
            known(*left, app(), absent=(PLAN, OTHER_PLAN), vnet_subnets=(SUBNET, ELSEWHERE)),
            VNET,
        ),
        "network with links of plans that are not there": (
            known(PREMIUM, OTHER, *left, apps=(), other_apps=(), vnet_subnets=(SUBNET, ELSEWHERE)),
            VNET,
        ),
        "plan whose link stayed behind": (known(PREMIUM, left[0], apps=(), linked=(SUBNET,)), PLAN),
        "subnet with links of other services": (known(subnet(SUBNET, SQL, NAMELESS)), SUBNET),
        "network whose links name no plan": (
            known(
                subnet(SUBNET, link(None)), subnet(ELSEWHERE, link(None)), vnet_subnets=(SUBNET, ELSEWHERE)
            ),
            VNET,
        ),
        "Flex apps": (
            known(
                FLEX_PLAN,
                *(app(one, tier="FlexConsumption", kind="functionapp,linux") for one in (TARGET, NEIGHBOUR)),
                subnet(SUBNET, link(SUBNET, type_=FLEX_SERVICE)),
                apps=(TARGET, NEIGHBOUR),
                slots=(),
                neighbour_slots=(),
            ),
            PLAN,
        ),
        "plan that holds a subnet": (known(HELD, subnet(SUBNET, link()), apps=()), PLAN),
        "subnet that a plan holds": (known(HELD, subnet(SUBNET, link()), apps=()), SUBNET),
        "subnet that a plan holds, the link names another one": (
            known(HELD, subnet(SUBNET, link(OTHER_PLAN)), apps=(), absent=(OTHER_PLAN,)),
            SUBNET,
        ),
        "subnet that a plan holds, link missing": (known(HELD, subnet(SUBNET), apps=()), SUBNET),
        "plan that holds a subnet, link missing": (known(HELD, subnet(SUBNET), apps=()), PLAN),
        "subnet that is gone": (known(PREMIUM, app(), **LISTS, absent=(SUBNET,)), TARGET),
        "nobody knows whose the link is": (known(left[0]), SUBNET),
        "empty subnet": (known(subnet(SUBNET)), SUBNET),
        "empty network": (known(vnet_subnets=()), VNET),
        "empty plan": (known(PREMIUM, apps=()), PLAN),
        "empty group": (known(group_apps=(), group_plans=(), group_subnets=()), GROUP),
    }
    cases = {name: Case(world, Question("delete", target)) for name, (world, target) in worlds.items()}
    cases["locked above, at and below"] = cases["subnet that two plans share"].reading(
        locks=(FREEZE, lock(SUBNET, "at"), lock(f"{SUBNET}/x", "below"), lock(ELSEWHERE, "beside"))
    )
    busy = (PREMIUM, OTHER, app(operation="an-operation"), app(NEIGHBOUR), subnet(SUBNET, link()))
    cases["an app that Azure is at work on"] = Case(known(*busy, **LISTS), Question("delete", TARGET))
    scopes = (GROUP, TARGET, SLOT, PLAN, SUBNET)
    for name, one in (
        ("group with its subnets", denying(SUBNET, "*/delete")),
        ("plan", denying("/", "Microsoft.Web/*", principals=GROUPED)),
    ):
        held = {key(scope): (one,) for scope in scopes}
        cases[f"{name}, denied by a deny assignment"] = cases[name].reading(
            deny_assignments=held, caller="me"
        )
    gone = app(TARGET, None, tier="FlexConsumption", kind="functionapp,linux")
    flex = subnet(SUBNET, link(SUBNET, type_=FLEX_SERVICE))
    cases["Flex app that left, the link remains"] = Case(
        known(FLEX_PLAN, gone, flex, **alone), Question("delete", TARGET, left=(SUBNET,))
    )
    may = {key(one): (READER,) for one in (TARGET, f"/subscriptions/{SUBSCRIPTION}")}
    before = cases["network with links of plans that are gone, apps on it"].reading(permissions=may)
    cases["what comes before the deletion is not permitted"] = before
    cases["an app unread"] = cases["app"].knowing(
        document("site:x", "denied", "403"), document("vnet", "failed")
    )
    cases["an app not visible"] = cases["app"].knowing(document("site:x", "not-visible", WRONG_TENANT))
    return cases


def leave_worlds() -> dict[str, Case]:
    """Apps that are to be disconnected from one subnet for good."""
    everybody = (NEIGHBOUR, TARGET, SLOT)
    apps: tuple[App, ...] = tuple(app(one) for one in everybody)
    whole = known(PREMIUM, OTHER, *apps, ALIEN, subnet(SUBNET, link()), **LISTS)

    def leaving(world: World, which: tuple[str, ...] = everybody, target: str = PLAN) -> Case:
        return Case(world, Question("leave", target, SUBNET, which))

    busy = tuple(app(one, operation=f"op-{n}") for n, one in enumerate(everybody))
    both = subnet(SUBNET, link(), link(OTHER_PLAN))
    unread = Resource(NEIGHBOUR, "denied", app(NEIGHBOUR), reason="403 AuthorizationFailed")
    seen = known(PREMIUM, *apps, subnet(SUBNET, link()), **LISTS)
    listed = Resource(NEIGHBOUR, "found", app(NEIGHBOUR), listed=True)
    return {
        "everybody of the plan": leaving(whole),
        "only some of the plan": leaving(whole, (TARGET, SLOT), TARGET),
        "everybody on a subnet with two links": leaving(
            known(PREMIUM, OTHER, *apps, ALIEN, both, **LISTS), (*everybody, STRANGER), SUBNET
        ),
        "locked": leaving(replace(whole, locks=(lock(SLOT, "slot"), lock(VNET, "net")))),
        "no permission": leaving(replace(whole, permissions={key(one): (READER,) for one in everybody})),
        "denied by a deny assignment": leaving(
            replace(whole, deny_assignments={key(one): (denying(SLOT, "*/delete"),) for one in everybody})
        ),
        "may be denied by a deny assignment": leaving(
            replace(
                whole, deny_assignments={key(TARGET): (denying(GROUP, "*", principals=GROUPED),)}, caller="me"
            )
        ),
        "busy": leaving(replace(whole, resources=whole.resources | resources(*busy))),
        "the plan holds the subnet": leaving(known(HELD, *apps, subnet(SUBNET, link()), **LISTS)),
        "subnet unread": leaving(
            replace(whole, resources=whole.resources | {key(SUBNET): Resource(SUBNET, "denied")})
        ),
        "subnet not visible": leaving(
            replace(whole, resources=whole.resources | {key(SUBNET): Resource(SUBNET, "not-visible")})
        ),
        "an app unread": leaving(replace(seen, resources=seen.resources | {key(NEIGHBOUR): unread})),
        "an app only listed": leaving(replace(seen, resources=seen.resources | {key(NEIGHBOUR): listed})),
        "locks unread, here and elsewhere": leaving(
            replace(
                whole,
                documents=(
                    document(f"locks:{TARGET}", "denied", "403"),
                    document("permissions:/elsewhere", "denied"),
                ),
            )
        ),
        "denied by policy": leaving(replace(whole, denials=(denial("DELETE", SLOT),))),
    }
