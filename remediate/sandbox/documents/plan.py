"""An App Service plan as Microsoft.Web shows it (azure-facts.md, 1)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox.documents import null
from remediate.sandbox.documents.regions import display_name
from remediate.sandbox.resources import ServerFarm, region
from remediate.sandbox.state import State

CONNECTIONS_SINCE = "2023-01-01"
"""`vnetConnectionsUsed` and `vnetConnectionsMax` are absent before this api-version."""
NULL = null(
    """workerTierName adminSiteName hostingEnvironment hostingEnvironmentProfile adminRuntimeSiteName siteMode
    hostingEnvironmentId spotExpirationTime freeOfferExpirationTime tags webSiteId existingServerFarmIds
    kubeEnvironmentProfile"""
)


def document(state: State, plan: ServerFarm, api_version: str, answer_to_put: bool = False) -> dict[str, Any]:
    """A plan's body; the answer to a PUT does not count the connections yet."""
    properties = {**NULL, **_properties(state, plan)}
    if api_version >= CONNECTIONS_SINCE:
        used = None if answer_to_put else len(state.subnets_used(plan.id))
        maximum = None if answer_to_put else plan.connections_max
        properties |= {
            "migrateToVMSS": None,
            "vnetConnectionsUsed": used,
            "vnetConnectionsMax": maximum,
            "createdTime": plan.created,
        }
    if plan.subnet:
        properties["network"] = {"virtualNetworkSubnetId": plan.subnet}
    body = {
        "id": plan.id,
        "name": ids.name(plan.id),
        "type": "Microsoft.Web/serverfarms",
        "kind": _kind(plan),
        "location": display_name(plan.location),
        "properties": properties,
        "sku": _sku(plan),
    }
    return {**body, "tags": plan.tags} if plan.tags else body


def _kind(plan: ServerFarm) -> str:
    if plan.tier == "ElasticPremium":
        return "elastic"
    if plan.flex:
        return "functionapp"
    return "linux" if plan.linux else "app"


def _sku(plan: ServerFarm) -> dict[str, Any]:
    family = plan.sku[0] + ("v" + plan.sku.partition("v")[2] if "v" in plan.sku else "")
    return {"name": plan.sku, "tier": plan.tier, "size": plan.sku, "family": family, "capacity": plan.workers}


def _properties(state: State, plan: ServerFarm) -> dict[str, Any]:
    parsed = ids.parse(plan.id)
    place = display_name(plan.location)
    return {
        "serverFarmId": 1,
        "name": ids.name(plan.id),
        "workerSize": "Default",
        "workerSizeId": 0,
        "numberOfWorkers": plan.workers,
        "currentWorkerSize": "Default",
        "currentWorkerSizeId": 0,
        "currentNumberOfWorkers": plan.workers,
        "status": "Ready",
        "webSpace": plan.webspace(place),
        "subscription": parsed.subscription,
        "maximumNumberOfWorkers": 30,
        "planName": "VirtualDedicatedPlan",
        "computeMode": "Dynamic" if plan.tier == "Dynamic" else "Dedicated",
        "geoRegion": place,
        "perSiteScaling": False,
        "elasticScaleEnabled": plan.tier == "ElasticPremium",
        "maximumElasticWorkerCount": plan.elastic_workers,
        "numberOfSites": len(state.apps_of(plan.id)),
        "isSpot": False,
        "kind": _kind(plan),
        "resourceGroup": parsed.group,
        "reserved": plan.linux,
        "isXenon": False,
        "hyperV": False,
        "mdmId": f"sandbox-{region(plan.location)}_1",
        "targetWorkerCount": 0,
        "targetWorkerSizeId": 0,
        "provisioningState": "Succeeded",
        "zoneRedundant": False,
    }
