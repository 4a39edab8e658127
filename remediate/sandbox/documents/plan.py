"""An App Service plan as Microsoft.Web shows it (azure-facts.md, 1)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox.documents import null
from remediate.sandbox.documents.regions import display_name
from remediate.sandbox.resources import ServerFarm, region
from remediate.sandbox.state import State

ZONES_SINCE = "2024-11-01"
"""The first api-version with these fields that was recorded; 2023-01-01 has none."""
CONNECTIONS_SINCE = "2023-01-01"
"""`vnetConnectionsUsed` and `vnetConnectionsMax` are absent before this api-version."""
NULL = null(
    """workerTierName adminSiteName hostingEnvironment hostingEnvironmentProfile adminRuntimeSiteName siteMode
    hostingEnvironmentId spotExpirationTime freeOfferExpirationTime tags webSiteId existingServerFarmIds
    kubeEnvironmentProfile"""
)


def document(state: State, plan: ServerFarm, api_version: str) -> dict[str, Any]:
    """A plan's body."""
    properties = {**NULL, **_properties(state, plan)}
    if api_version >= CONNECTIONS_SINCE:
        properties |= {
            "migrateToVMSS": None,
            "vnetConnectionsUsed": len(state.subnets_used(plan.id)),
            "vnetConnectionsMax": plan.connections_max,
            "createdTime": plan.created,
        }
    if api_version >= ZONES_SINCE:
        properties |= {
            "maximumNumberOfZones": 1,
            "currentNumberOfZonesUtilized": 1,
            "asyncScalingEnabled": False,
        }
    if plan.managed_instance:
        properties |= _managed_instance(plan)
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


def answer_to_put(state: State, plan: ServerFarm, api_version: str, new: bool) -> dict[str, Any]:
    """The answer to a PUT, with the SKU in its properties too; of a new plan without its connections yet."""
    body = document(state, plan, api_version)
    body["location"] = plan.location
    body["properties"]["sku"] = body["sku"]
    if new:
        counted = ("vnetConnectionsUsed", "vnetConnectionsMax")
        body["properties"] |= {name: None for name in counted if name in body["properties"]}
        body["properties"]["maximumNumberOfWorkers"] = 0
    return body


def _managed_instance(plan: ServerFarm) -> dict[str, Any]:
    """What only a Managed Instance plan was recorded with, in October 2025."""
    return {
        "targetWorkerSku": "",
        "isCustomMode": True,
        "registryAdapters": [],
        "installScripts": [],
        "storageMounts": [],
        "network": {"virtualNetworkSubnetId": plan.subnet},
        "powerState": "Running",
        "eligibleLogCategories": "AppServicePlatformLogs,AppServiceConsoleLogs",
    }


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
        "hyperV": plan.windows_containers,
        "mdmId": f"sandbox-{region(plan.location)}_1",
        "targetWorkerCount": 0,
        "targetWorkerSizeId": 0,
        "provisioningState": "Succeeded",
        "zoneRedundant": False,
    }
