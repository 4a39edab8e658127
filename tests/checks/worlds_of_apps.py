"""Worlds by name about one app: looked at, to be changed, probed."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from remediate.model import (
    FLEX_SERVICE,
    AppServicePlan,
    Connection,
    Connections,
    Delegation,
    Denial,
    DenyAssignment,
    Link,
    Listing,
    Lock,
    Permission,
    Principal,
    Probe,
    ReadStatus,
    Request,
    Resource,
    Routing,
    Worker,
    key,
    listing_key,
)

from .worlds import (
    ASKED,
    ELSEWHERE,
    GROUP,
    NEIGHBOUR,
    NIC,
    NOT_CONNECTED,
    NOT_READABLE,
    NOT_VISIBLE,
    NOWHERE,
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
    LinkedPlan,
    app,
    case,
    document,
    link,
)

SLOT, BLUE = f"{TARGET}/slots/staging", f"{TARGET}/slots/blue"
SECOND = link(OTHER_PLAN.replace("other", "second"))
SQL = Link("Sql", "Succeeded", "Microsoft.Sql/managedInstances", "/subscriptions/x/a-managed-instance")
NAMELESS = Link("Unknown", "Succeeded", None, None)
FLEX_PLAN = AppServicePlan(PLAN, "West Europe", "FC1", "FlexConsumption", 1)
FLEX: dict[str, Any] = {
    "plan": FLEX_PLAN,
    "delegations": (Delegation("flex", FLEX_SERVICE),),
    "links": (link(SUBNET, type_=FLEX_SERVICE),),
}
_BAD = f"{VNET}/subnets/snet_web"
UNDERSCORE: dict[str, Any] = {
    **FLEX,
    "subnet_id": _BAD,
    "site": _BAD,
    "config": _BAD,
    "links": (link(_BAD, type_=FLEX_SERVICE),),
    "connections": (Connection("guid_snet_web", _BAD, True),),
}
ENVIRONMENT_ID = f"{GROUP}/providers/Microsoft.App/managedEnvironments/env"
HELD = AppServicePlan(PLAN, "West Europe", "P1v4", "PremiumV4", 2, subnet=SUBNET)
GATEWAYS = (
    Connection("first", VNET, False),
    Connection("regional", SUBNET, True),
    Connection("second", f"{VNET}-2", False),
)


def of_tier(tier: str, environment: str | None = None) -> AppServicePlan:
    return AppServicePlan(PLAN, "West Europe", "X1", tier, 1, environment=environment)


def sized(workers: int, elastic: int = 1) -> AppServicePlan:
    return AppServicePlan(PLAN, "West Europe", "EP1", "ElasticPremium", workers, elastic)


def two_plans(status: Any, apps: tuple[str, ...] | None = ()) -> dict[str, Any]:
    """Two links, of two plans that are not the app's."""
    plans = tuple(LinkedPlan(one, status, apps) for one in (OTHER_PLAN, SECOND.target or ""))
    return {"links": (link(OTHER_PLAN), replace(SECOND, name="Second")), "linked_plans": plans}


def elsewhere() -> dict[str, Any]:
    """The link names a plan that has its only app on another subnet."""
    return {
        "links": (link(OTHER_PLAN),),
        "linked_plans": (LinkedPlan(OTHER_PLAN, "found", (), elsewhere=(STRANGER,)),),
    }


def other(status: Any, apps: tuple[str, ...] | None = (), workers: int | None = None) -> dict[str, Any]:
    return {"links": (link(OTHER_PLAN),), "linked_plans": (LinkedPlan(OTHER_PLAN, status, apps, workers),)}


BESIDE: dict[str, Any] = {"others": (app(STRANGER), app(NEIGHBOUR), app(f"{NEIGHBOUR}/slots/staging"))}
BARE = Worker("bbb", False, None, True, "Connected")
LOST = Worker("ccc", True, "10.1.0.5", False, "Connection timed out.", "never stored")
LIMITED = replace(PREMIUM, connections_used=2, connections_max=2)
LOOK: dict[str, dict[str, Any]] = {
    "healthy": {},
    "connected nowhere": NOWHERE,
    "connected nowhere, a subnet asked for": ASKED,
    "connected elsewhere than asked": {**ASKED, "config": ELSEWHERE},
    "a subnet asked for, the plan at its limit": {
        **ASKED,
        "plan": replace(PREMIUM, connections_used=2, connections_max=2),
    },
    "connected nowhere, the plan at its limit": {
        **NOWHERE,
        "plan": LIMITED,
        "others": (app(NEIGHBOUR, ELSEWHERE),),
    },
    "connected to two subnets, none of them the one asked for": {
        **ASKED,
        "site": f"{VNET}/subnets/a",
        "config": ELSEWHERE,
    },
    "connected elsewhere than asked, on a plan that holds another subnet": {
        **ASKED,
        "config": ELSEWHERE,
        "plan": replace(HELD, subnet=f"{VNET}/subnets/held"),
    },
    "two gateways beside a regional connection": {"connections": GATEWAYS},
    "plan in an App Service Environment": {"plan": of_tier("PremiumV3", "/an/environment")},
    "plan in an App Service Environment by its tier": {"plan": of_tier("IsolatedV2")},
    "app in an App Service Environment, plan unread": {"plan": None, "target": app(environment="/an/env")},
    "Consumption plan": {"plan": of_tier("Dynamic")},
    "subnet gone": {"subnet_status": "absent"},
    "subnet that was asked for gone": {**ASKED, "subnet_status": "absent"},
    "network in another region": {"region": "northeurope"},
    "network with IPv6": {"space": ("10.1.0.0/16", "fd00:db8::/48")},
    "no delegation": {"delegations": ()},
    "delegated to two other services": {
        "delegations": (Delegation("sql", "Microsoft.Sql/managedInstances"), Delegation("a", "A/b"))
    },
    "more instances than addresses": {"plan": sized(12), "prefixes": ("10.1.0.0/28",)},
    "more instances than addresses, of two plans": {
        **other("found", (STRANGER,), 6),
        "plan": sized(6),
        "prefixes": ("10.1.0.0/28",),
    },
    "more instances than addresses, prefix with host bits": {
        "plan": sized(12),
        "prefixes": ("10.1.0.3/28",),
    },
    "more instances than addresses, room for one beside another plan": {
        **other("found", (STRANGER,), 10),
        "plan": sized(2),
        "prefixes": ("10.1.0.0/28",),
    },
    "more instances than addresses, no room beside another plan": {
        **other("found", (STRANGER,), 11),
        "plan": sized(1),
        "prefixes": ("10.1.0.0/28",),
    },
    "no address for anybody": {"plan": sized(1), "prefixes": ("10.1.0.0/30",)},
    "enough addresses for today": {"plan": sized(6, 30), "prefixes": ("10.1.0.0/28", "fd00::/64")},
    "enough addresses for today, of two plans, one elastic": {
        **other("found", (STRANGER,), 3),
        "plan": sized(3, 20),
        "prefixes": ("10.1.0.0/28",),
    },
    "link missing": {"links": ()},
    "link missing, another service's is there": {"links": (SQL,)},
    "link missing, one neighbour": {"links": (), "others": (app(NEIGHBOUR),)},
    "link missing, neighbours": {"links": (), **BESIDE},
    "link missing, plan holds the subnet": {"links": (), "plan": HELD, **BESIDE},
    "link missing, Flex": {**FLEX, "links": (), **BESIDE},
    "links unfinished": {"links": (link(), link(state="Updating"), replace(link(None), name="Nameless"))},
    "link unfinished, neighbours": {"links": (link(state="Deleting"),), **BESIDE},
    "link unfinished, Flex": {**FLEX, "links": (link(SUBNET, "Updating", FLEX_SERVICE),), **BESIDE},
    "links of other services": {"links": (SQL, link(), NAMELESS)},
    "link of another service, Flex": {**FLEX, "links": (SQL, link(SUBNET, type_=FLEX_SERVICE))},
    "links of plans that are gone, app connected": two_plans("absent", None),
    "links of plans that are gone, subnet asked for": {**ASKED, **two_plans("absent", None)},
    "links of plans that are gone, app asked for and others on the subnet": {
        **ASKED,
        **two_plans("absent", None),
        "others": (app(NEIGHBOUR), app(STRANGER)),
    },
    "links of plans that have no app, app connected": two_plans("found"),
    "link of a plan that has its apps elsewhere": elsewhere(),
    "link of a plan that has its apps elsewhere, app asked for and others on the subnet": {
        **ASKED,
        **elsewhere(),
        "others": (app(NEIGHBOUR), app(f"{NEIGHBOUR}/slots/staging")),
    },
    "link of another plan that is gone beside a Flex app": {**FLEX, **other("absent", None)},
    "link of another plan that is gone, Flex app asked for": {**FLEX, **ASKED, **other("absent", None)},
    "link missing, apps of another plan": {
        "links": (),
        "others": (app(NEIGHBOUR, plan=OTHER_PLAN), app(STRANGER, plan=OTHER_PLAN)),
        "prefixes": ("10.1.0.0/26",),
    },
    "link missing, neighbours and an app of another plan": {
        "links": (),
        "others": (app(NEIGHBOUR), app(STRANGER, plan=OTHER_PLAN)),
        "prefixes": ("10.1.0.0/26",),
    },
    "other resources in the subnet": {"occupants": (NIC, NOT_READABLE)},
    "other resources in the subnet that was asked for": {**ASKED, "occupants": (NIC,)},
    "subnet shared, link names the own plan": {
        "others": (app(STRANGER, plan=OTHER_PLAN),),
        "prefixes": ("10.1.0.0/26",),
    },
    "more addresses than instances, Windows containers": {
        "plan": replace(PREMIUM, workers=4, windows_containers=True),
        "others": (app(NEIGHBOUR),),
        "prefixes": ("10.1.0.0/28",),
    },
    "links of other plans that are not there, subnet asked for": {**ASKED, **two_plans("found")},
    "subnet shared with two plans": {
        **two_plans("found"),
        "linked_plans": (
            LinkedPlan(OTHER_PLAN, "found", (STRANGER, NEIGHBOUR)),
            LinkedPlan(SECOND.target or "", "found", (f"{STRANGER}-2",)),
        ),
    },
    "subnet shared and large enough": {**other("found", (STRANGER,)), "prefixes": ("10.1.0.0/26",)},
    "plans that links name unread": {
        **two_plans("denied", None),
        "unread": {"linked-plan:a": "denied", "linked-plan:b": "failed"},
    },
    "plans that links name, apps not listed": two_plans("found", None),
    "lists of the linked plan's apps and slots answered with a 404": {
        **other("found", None),
        "unread": {f"graph:{SUBNET}": "absent"},
    },
    "Flex": FLEX,
    "Flex, underscore in the name of the subnet": UNDERSCORE,
    "Flex, plan unread": {**FLEX, "plan": None, "target": app(tier="FlexConsumption")},
    "Managed Instance": {"plan": HELD},
    "Managed Instance, app names no subnet": {**NOT_CONNECTED, "plan": HELD},
    "slots elsewhere": {"others": (app(SLOT, ELSEWHERE), app(BLUE, None), app(f"{TARGET}/slots/same"))},
    "slot looked at, its app on no subnet": {"target": app(SLOT), "others": (app(BLUE), app(TARGET, None))},
    "views disagree": {"config": None, "connections": (Connection("other", ELSEWHERE, True),)},
    "views disagree, the plan counts nothing": {
        "site": None,
        "plan": replace(PREMIUM, connections_used=0),
        "connections": (),
    },
    "views disagree, the plan holds another subnet": {"plan": HELD, "site": ELSEWHERE, "connections": ()},
    "Resource Graph lags behind, link gone": {"links": (), "graph": ("found", (link(),))},
    "Resource Graph lags behind, Flex": {**FLEX, "graph": ("found", ())},
    "routing flags contradict": {"target": app(routing=Routing(all_traffic=True, application_traffic=False))},
    "app and subnet busy": {"target": app(operation="an-operation"), "state": "Updating"},
    "templates": {
        "bodies": {
            "site": {"tags": {"azd-env-name": "prod", "Team": "shop"}, "systemData": {}},
            "plan": {"systemData": {"lastModifiedByType": "ManagedIdentity"}},
            "vnet": {"tags": {"Managed_By": "Terraform"}, "systemData": {"lastModifiedByType": "User"}},
        }
    },
    "views unread": {"unread": {"plan": "denied", "vnet": "failed"}},
    "views failed": {"unread": {"plan": "failed"}},
}
"""Changes of a healthy world, looked at."""


def look_worlds() -> dict[str, Case]:
    """Worlds that are looked at; the last has reads with Azure's own words."""
    worlds = {name: case(**changes) for name, changes in LOOK.items()}
    said = (document("plan", "denied", "403 AuthorizationFailed"), document("vnet", "failed"))
    worlds["views unread, in Azure's words"] = case().knowing(*said)
    worlds["subnet and plan not visible"] = case(subnet_status="not-visible").knowing(
        *(
            replace(document(what, "not-visible", NOT_VISIBLE), path=f"{id_}?api-version=2025-05-01")
            for what, id_ in (("subnet", SUBNET), ("plan", PLAN))
        )
    )
    worlds["plan in another tenant, Resource Graph denied"] = case().knowing(
        document("plan", "not-visible", WRONG_TENANT), document(f"graph:{SUBNET}", "denied", "403")
    )
    worlds["Resource Graph not visible"] = case().knowing(document("graph:x", "not-visible", NOT_VISIBLE))
    astray = Probe(TARGET, "db", 1433, "tcpping", (LOST, BARE))
    worlds["probed and denied by policy"] = case().reading(
        probes=(astray,), denials=(denial("DELETE", TARGET),)
    )
    worlds["on a subnet that is gone, another one asked for"] = lost_subnet()
    worlds["on a subnet that could not be read, another one asked for"] = lost_subnet("denied")
    in_graph = {listing_key("environments-in-graph", SUBNET): Listing("found", (ENVIRONMENT_ID,))}
    environment = case(**FLEX)
    worlds["Flex beside a Container Apps environment"] = environment.reading(
        listings=environment.world.listings | in_graph
    )
    gone = {key(ENVIRONMENT_ID): Resource(ENVIRONMENT_ID, "absent")}
    worlds["Flex, a Container Apps environment is gone"] = environment.reading(
        listings=environment.world.listings | in_graph, resources=environment.world.resources | gone
    )
    worlds["missed while connected nowhere"] = case(**ASKED).reading(probes=(astray,))
    lost = case(links=(), others=(app(NEIGHBOUR),)).knowing(
        replace(document("slots:orders", "absent"), path=f"{TARGET}/slots")
    )
    worlds["link missing, slots answered with a 404"] = lost
    seen = case(**other("found", None))
    worlds["nobody knows whose the link is, lists absent"] = seen.knowing(
        replace(document("linked-plan-apps", "absent"), path=f"{OTHER_PLAN}/sites?api-version=1"),
        document(f"graph:{SUBNET}", "absent", "404 Not Found"),
        document("graph:elsewhere", "absent"),
    )
    return worlds


READER, WEB = Permission(("*/read",)), Permission(("Microsoft.Web/*",))
EVERYTHING = (Permission(("*",)),)


def lock(scope: str, name: str, level: str = "ReadOnly") -> Lock:
    return Lock(f"{scope}/providers/Microsoft.Authorization/locks/{name}", level, scope)


def registered(state: str | None, namespace: str = "Microsoft.Web") -> dict[tuple[str, str], str | None]:
    """The registration of a resource provider in the one subscription."""
    return {(SUBSCRIPTION, namespace): state}


def changing(changes: dict[str, Any] | None = None, **found: Any) -> Case:
    """A change of everybody of the plan."""
    seen = case(**(changes or {}))
    permissions = found.pop("permissions", {TARGET: EVERYTHING, SUBNET: EVERYTHING})
    registrations = registered(found.pop("registration", "Registered")) | found.pop("registrations", {})
    given = {key(scope): one for scope, one in permissions.items()}
    seen = seen.knowing(*found.pop("documents", ()))
    seen = seen.reading(permissions=given, registrations=registrations, **found)
    return seen.asking(kind="change", apps=tuple(one.id for one in seen.integration.apps))


ME, GROUPED = Principal("me", True), (Principal("them", False),)
IPV6: dict[str, Any] = {"space": ("10.1.0.0/16", "fd00:db8::/48")}
BUSY = {"others": (app(NEIGHBOUR, operation="one"), app(STRANGER, operation="two"))}
KEEP, FREEZE = lock(VNET, "freeze", "CanNotDelete"), lock(GROUP, "keep")


def denying(
    scope: str, *actions: str, but: tuple[str, ...] = (), name: str = "stack", **other: Any
) -> DenyAssignment:
    """A deny assignment that holds for everybody unless said otherwise."""
    return DenyAssignment(name, scope, (Permission(actions, but),), **other)


def denied(*assignments: DenyAssignment, caller: str | None = None, **changes: Any) -> Case:
    """A change of everybody, where these were read at each scope."""
    seen = changing(changes)
    scopes = (*(one.id for one in seen.integration.apps), SUBNET)
    return seen.reading(deny_assignments={key(one): assignments for one in scopes}, caller=caller)


def beside_gateways(*connections: Connection, **changes: Any) -> Case:
    """A change, where the plan has these connections."""
    seen = changing(changes)
    found = {**seen.world.connections, key(PLAN): Connections("found", connections)}
    return seen.reading(connections=found)


def change_worlds() -> dict[str, Case]:
    """Worlds in which a change is asked for."""
    return {
        "nothing in the way": changing(),
        "two locks, one above both": changing(locks=(FREEZE, lock(TARGET, "own", "CanNotDelete"), FREEZE)),
        "lock on the network alone": changing(locks=(KEEP,)),
        "lock on the network alone, subnet asked for": changing(ASKED, locks=(lock(VNET, "read"), KEEP)),
        "no permission at all": changing(
            {"delegations": ()}, permissions={TARGET: (), SUBNET: (READER, WEB)}
        ),
        "permission to join lacking": changing(permissions={TARGET: EVERYTHING, SUBNET: (READER, WEB)}),
        "permissions of apps lacking": changing(
            {"others": (app(SLOT),)}, permissions={TARGET: (READER,), SLOT: (READER,), SUBNET: EVERYTHING}
        ),
        "provider unregistered": changing(registration="NotRegistered"),
        "provider of Flex unregistered": changing(
            FLEX, registrations=registered("NotRegistered", "Microsoft.App")
        ),
        "both providers of Flex unregistered": changing(
            FLEX, registration="Registering", registrations=registered("NotRegistered", "Microsoft.App")
        ),
        "network with IPv6": changing(IPV6),
        "network with IPv6, subnet asked for": changing({**IPV6, **ASKED}),
        "denied everything": denied(denying(GROUP, "*"), others=(app(SLOT),)),
        "denied at the network and at the app": denied(
            denying(VNET, "Microsoft.Network/*", but=("*/read",)),
            denying(TARGET, "*/networkConfig/delete", name="app"),
        ),
        "denied to a group": denied(denying(GROUP, "*/write", principals=GROUPED), caller="me"),
        "denied, and the caller unknown": denied(denying(VNET, "*", excluded=(ME,))),
        "deny assignments unread": changing(
            documents=(document(f"deny-assignments:{SUBNET}", "denied", "403 Forbidden"),)
        ),
        "another app of the plan behind a gateway": beside_gateways(
            Connection("vnet-hub", f"{VNET}-hub", False), Connection("guid_snet-web", SUBNET, True)
        ),
        "connections of the plan unread": changing(
            documents=(document("plan-connections", "denied", "403"),)
        ),
        "Flex, underscore in the name of the subnet": changing(UNDERSCORE),
        "Flex, underscore in the name of the subnet that was asked for": changing({**UNDERSCORE, **ASKED}),
        "plan at its limit": changing({**ASKED, "plan": LIMITED}),
        "neighbours busy": changing(BUSY),
        "one neighbour busy, one idle, one unread": changing(
            {"others": (app(NEIGHBOUR, operation="one"), app(STRANGER))}
        ).asking(apps=(TARGET, STRANGER, SLOT, NEIGHBOUR)),
        "target and neighbour busy": changing({**BUSY, "target": app(operation="mine")}),
        "target busy": changing({"target": app(operation="mine")}),
        "locks unread": changing(documents=(document(f"locks:{TARGET}", "denied", "403 Forbidden"),)),
        "two kinds of a preflight unread": changing(
            documents=(
                replace(
                    document(f"permissions:{SUBNET}", "failed"), path=f"{SUBNET}/providers/Microsoft.A/p"
                ),
                document("provider:x", "absent"),
                document(f"locks:{SUBNET}", "denied"),
            )
        ),
        "views and locks unread": changing(
            {"unread": {"plan": "denied"}}, documents=(document(f"locks:{SUBNET}", "denied"),)
        ),
        "locks not visible": changing(
            documents=(
                document(f"locks:{SUBNET}", "not-visible", NOT_VISIBLE),
                document("provider:x", "denied"),
            )
        ),
        "one way denied by policy": changing(denials=(denial("PATCH", TARGET, True),)),
        "everything denied by policy": changing(
            denials=(denial("PATCH", TARGET, True), denial("PUT", NEIGHBOUR), denial("PATCH", TARGET, True))
        ),
    }


def denial(method: Any, target: str, other_way: bool = False) -> Denial:
    return Denial(target, Request(method, f"{target}?x", None), f"said to {method}", other_way)


def lost_subnet(status: ReadStatus = "absent") -> Case:
    """The app names a subnet that is gone, or whose read ended so, and is to be connected to another one."""
    seen = case(**{**ASKED, "site": ELSEWHERE, "config": ELSEWHERE})
    read = (document("subnet", status),) if status in ("denied", "failed") else ()
    gone = {key(ELSEWHERE): Resource(ELSEWHERE, status)}
    return seen.knowing(*read).reading(resources={**seen.world.resources, **gone})
