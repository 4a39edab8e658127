"""Resource Manager itself: subscriptions and what is in them, tenants, providers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import network, plan, site
from remediate.sandbox.documents.regions import NAMES
from remediate.sandbox.login import TENANT
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.resources import Group, Subscription, region
from remediate.sandbox.routes.call import GROUP, SUBSCRIPTION, Call, Route, route

PROVIDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Microsoft.Web": ("2025-05-01", ("serverfarms", "sites", "sites/slots")),
    "Microsoft.Network": ("2024-05-01", ("virtualNetworks", "virtualNetworks/subnets")),
    "Microsoft.App": ("2025-01-01", ("managedEnvironments",)),
    "Microsoft.Authorization": ("2022-04-01", ("denyAssignments", "locks", "permissions")),
    "Microsoft.ResourceGraph": ("2022-10-01", ("resources",)),
}
"""Each provider's api-version and resource types, from which `az resource` finds out how to ask."""
_FURTHER = """Batch Cache Compute ContainerInstance ContainerRegistry ContainerService DBforMySQL
    DBforPostgreSQL DocumentDB EventGrid EventHub Insights KeyVault Logic ManagedIdentity Management
    OperationalInsights PowerPlatform Relay Resources ServiceBus Sql Storage"""
NAMESPACES = {
    one.casefold(): one for one in (*PROVIDERS, *(f"Microsoft.{name}" for name in _FURTHER.split()))
}
"""Namespaces that Azure has, as they are spelled, by their names in lower case; not all of them."""
LIST_API_VERSION = "2024-11-01"
"""The api-version of the documents that the list of resources is taken from."""
_IN_LIST = ("id", "name", "type", "kind", "location", "tags")
_CONDITION = re.compile(
    r"(resourceType|name|location|resourceGroup|tagName|tagValue) (eq|ne) '((?:[^']|'')*)'", re.IGNORECASE
)


def _subscription(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": TENANT,
        "displayName": subscription.name,
        "state": "Enabled",
        "subscriptionPolicies": {"quotaId": "Sandbox", "spendingLimit": "Off"},
    }


async def list_subscriptions(call: Call) -> Response:
    """GET /subscriptions: those that the caller sees."""
    return call.page([_subscription(one) for one in call.state.subscriptions.values() if one.visible])


async def get_subscription(call: Call) -> Response:
    """GET of a subscription."""
    return json_response(_subscription(call.state.subscriptions[call.params["subscription"].casefold()]))


async def list_tenants(call: Call) -> Response:
    """GET /tenants."""
    return call.page([{"id": f"/tenants/{TENANT}", "tenantId": TENANT, "displayName": "Sandbox"}])


async def list_locations(call: Call) -> Response:
    """GET locations of a subscription."""
    scope = f"/subscriptions/{call.params['subscription']}/locations"
    return json_response(
        {
            "value": [
                {"id": f"{scope}/{region(name)}", "name": region(name), "type": "Region", "displayName": name}
                for name in NAMES
            ]
        }
    )


def group_document(group: Group) -> dict[str, Any]:
    """A resource group's body."""
    return {
        "id": group.id,
        "name": ids.name(group.id),
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.location,
        "tags": group.tags,
        "properties": {"provisioningState": group.state},
    }


async def list_groups(call: Call) -> Response:
    """GET resource groups of a subscription."""
    scope = f"/subscriptions/{call.params['subscription']}"
    groups = [
        one for one in call.state.groups.values() if ids.within(one.id, scope) and call.may_read(one.id)
    ]
    return call.page([group_document(one) for one in groups])


async def get_group(call: Call) -> Response:
    """GET of a resource group."""
    return json_response(group_document(call.state.group(call.group)))


async def head_group(call: Call) -> Response:
    """HEAD of a resource group: 204 where it exists."""
    return Response(status_code=204)


def check_namespace(name: str) -> str:
    """The namespace as Azure spells it. Raises its 404 for one that there is not."""
    if name.casefold() not in NAMESPACES:
        raise refusal.arm(404, "InvalidResourceNamespace", f"The resource namespace '{name}' is invalid.")
    return NAMESPACES[name.casefold()]


def _provider(call: Call, namespace: str) -> dict[str, Any]:
    known = (found for name, found in PROVIDERS.items() if ids.same(name, namespace))
    version, types = next(known, ("", ()))
    return {
        "id": f"/subscriptions/{call.params['subscription']}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": "NotRegistered" if call.state.is_unregistered(namespace) else "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [
            {"resourceType": one, "locations": list(NAMES), "apiVersions": [version]} for one in types
        ],
    }


async def list_providers(call: Call) -> Response:
    """GET resource providers of a subscription."""
    return call.page([_provider(call, one) for one in PROVIDERS])


async def get_provider(call: Call) -> Response:
    """GET of a resource provider."""
    return json_response(_provider(call, check_namespace(call.params["namespace"])))


async def register_provider(call: Call) -> Response:
    """POST register: done at once."""
    namespace, unregistered = call.params["namespace"], call.state.governance.unregistered
    unregistered[:] = [one for one in unregistered if one.casefold() != namespace.casefold()]
    return await get_provider(call)


async def list_resources(call: Call) -> Response:
    """GET resources of a subscription or a group: apps, slots, plans and networks, without properties."""
    wanted = _conditions(call.request.query.get("$filter", ""))
    scope, state = f"/subscriptions/{call.params['subscription']}", call.state
    scope = call.group if "group" in call.params else scope
    documents = [
        *(site.document(state, one, LIST_API_VERSION) for one in state.sites.values()),
        *(plan.document(state, one, LIST_API_VERSION) for one in state.plans.values()),
        *(network.vnet(one, call.world.clock.now(), LIST_API_VERSION) for one in state.vnets.values()),
    ]
    found = [{key: one.get(key) for key in _IN_LIST} for one in documents if ids.within(one["id"], scope)]
    return call.page(
        [one for one in found if call.may_read(str(one["id"])) and all(fits(one) for fits in wanted)],
        call.top(),
    )


def _conditions(text: str) -> list[Callable[[dict[str, Any]], bool]]:
    """What a filter asks of a resource. Raises 400 for a filter of another form."""
    parts = [one for one in re.split(r"\s+and\s+", text) if one]
    found = [_CONDITION.fullmatch(one) for one in parts]
    if not all(found):
        raise refusal.arm(400, "InvalidFilterInQueryString", f"Invalid $filter '{text[:200]}'.")
    return [_condition(*one.groups()) for one in found if one]


def _condition(field: str, operator: str, quoted: str) -> Callable[[dict[str, Any]], bool]:
    field, value, equal = field.casefold(), quoted.replace("''", "'"), operator.casefold() == "eq"

    def fits(one: dict[str, Any]) -> bool:
        tags = one.get("tags") or {}
        told = {
            "resourcetype": [one["type"]],
            "name": [one["name"]],
            "location": [region(one["location"])],
            "resourcegroup": [ids.parse(one["id"]).group or ""],
            "tagname": list(tags),
            "tagvalue": list(tags.values()),
        }
        return any(ids.same(each, value) for each in told[field]) is equal

    return fits


ROUTES: list[Route] = [
    route("/subscriptions", get=list_subscriptions),
    route("/tenants", get=list_tenants),
    route(SUBSCRIPTION, get=get_subscription),
    route(SUBSCRIPTION + "/locations", get=list_locations),
    route(SUBSCRIPTION + "/resources", get=list_resources),
    route(GROUP + "/resources", get=list_resources),
    route(SUBSCRIPTION + "/resourceGroups", get=list_groups),
    route(GROUP, get=get_group, head=head_group),
    route(SUBSCRIPTION + "/providers", get=list_providers),
    route(SUBSCRIPTION + "/providers/{namespace}", get=get_provider),
    route(SUBSCRIPTION + "/providers/{namespace}/register", post=register_provider),
]
