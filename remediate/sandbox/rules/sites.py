"""Writing apps, slots and plans from the bodies that clients send (azure-facts.md, 1 and 2)."""

from __future__ import annotations

import re
from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.resources import Routing, ServerFarm, Site, new_version, region
from remediate.sandbox.rules.connect import connect, connect_plan, disconnect, disconnect_plan
from remediate.sandbox.rules.preconditions import UNSUPPORTED_TIERS
from remediate.sandbox.state import key
from remediate.sandbox.world import World

ROUTING_FIELDS = {
    "allTraffic": "all_traffic",
    "applicationTraffic": "application_traffic",
    "contentShareTraffic": "content_share_traffic",
    "imagePullTraffic": "image_pull_traffic",
    "backupRestoreTraffic": "backup_restore_traffic",
    "managedIdentityTraffic": "managed_identity_traffic",
}
"""`outboundVnetRouting`, api-version 2024-11-01 and later."""
OLD_FLAGS = {
    "vnetRouteAllEnabled": "application_traffic",
    "vnetContentShareEnabled": "content_share_traffic",
    "vnetImagePullEnabled": "image_pull_traffic",
    "vnetBackupRestoreEnabled": "backup_restore_traffic",
}
"""The same flags in older api-versions."""
_PLAN_ID = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Web/serverfarms/[^/]+", re.IGNORECASE
)
TIERS = {
    "F": "Free", "D": "Shared", "Y": "Dynamic", "B": "Basic", "S": "Standard", "EP": "ElasticPremium",
    "WS": "WorkflowStandard", "I": "Isolated", "FC": "FlexConsumption",
}  # fmt: skip


def names_subnet(body: dict[str, Any]) -> bool:
    """Whether a body names a subnet, also the one that the site has: Azure checks it like a new one."""
    return bool((body.get("properties") or {}).get("virtualNetworkSubnetId"))


def subnet_asked(body: dict[str, Any], replace: bool, current: str | None) -> str | None:
    """Where a body wants the site to be connected; None is nowhere.

    [?] A PUT without `virtualNetworkSubnetId` disconnects here, as it drops the routing flags; nobody
    recorded one. A PATCH without it leaves the site where it is.
    """
    properties = body.get("properties") or {}
    if "virtualNetworkSubnetId" in properties:
        return properties["virtualNetworkSubnetId"] or None
    return None if replace else current


def routing_asked(body: dict[str, Any]) -> Routing | None:
    """The routing flags that a body carries; the ones it leaves out are false. None if it carries none."""
    properties = body.get("properties") or {}
    config = properties.get("siteConfig") or {}
    new = properties.get("outboundVnetRouting") or {}
    carried = {name: bool(new[field]) for field, name in ROUTING_FIELDS.items() if new.get(field) is not None}
    for field, name in OLD_FLAGS.items():
        value = properties.get(field) if properties.get(field) is not None else config.get(field)
        if value is not None:
            carried.setdefault(name, bool(value))
    return Routing(**carried) if carried else None


def new_site(world: World, site_id: str, body: dict[str, Any]) -> Site:
    """The site that a first PUT makes, not connected yet. Raises the 404 of its plan or of a slot's app."""
    properties = body.get("properties") or {}
    parent = world.state.site(site_id.rpartition("/slots/")[0]) if "/slots/" in site_id else None
    named = str(properties.get("serverFarmId") or (parent.plan if parent else ""))
    plan = world.state.plan(_plan_id(site_id, named))
    kind = body.get("kind") or (parent.kind if parent else "app")
    return Site(site_id, kind, body.get("location") or plan.location, plan.id, config=_config(body))


def _plan_id(site_id: str, named: str) -> str:
    """A body may name its plan by id, or by name alone within the site's own group. Raises 400."""
    if named.startswith("/") and _PLAN_ID.fullmatch(named):
        return named
    if not named or "/" in named:
        raise refusal.web(400, "BadRequest", f"The parameter serverFarmId has an invalid value: '{named}'.")
    parsed = ids.parse(site_id)
    group = f"/subscriptions/{parsed.subscription}/resourceGroups/{parsed.group}"
    return f"{group}/providers/Microsoft.Web/serverfarms/{named}"


def put_site(world: World, site: Site, body: dict[str, Any]) -> None:
    """Replace a site as the body says: flags that it does not carry are dropped (azure-facts.md, 2)."""
    change_plan(world, site, body)
    move(world, site, subnet_asked(body, replace=True, current=site.subnet))
    site.kind = body.get("kind") or site.kind
    site.tags = dict(body.get("tags") or {})
    site.config = {**site.config, **_config(body)}
    site.settings = _settings(body, site.settings)
    site.routing = routing_asked(body) or Routing()
    site.touch()


def patch_site(world: World, site: Site, body: dict[str, Any]) -> None:
    """Change what the body carries, and nothing else."""
    change_plan(world, site, body)
    if "virtualNetworkSubnetId" in (body.get("properties") or {}):
        move(world, site, subnet_asked(body, replace=False, current=site.subnet))
    if "tags" in body:
        site.tags = dict(body["tags"] or {})
    site.config = {**site.config, **_config(body)}
    site.settings = _settings(body, site.settings)
    carried = routing_asked(body)
    if carried:
        site.routing = carried
    site.touch()


def check_plan(world: World, site: Site, body: dict[str, Any]) -> ServerFarm | None:
    """The other plan that a body wants for the site, or None. Raises 404 and 409.

    Microsoft's page says that an integrated app keeps its plan, users changed it within the webspace, and
    the link went on naming the old plan (azure-docs 63282, 114731): allowed here [?].
    """
    named = str((body.get("properties") or {}).get("serverFarmId") or "")
    if not named or ids.same(_plan_id(site.id, named), site.plan):
        return None
    plan = world.state.plan(_plan_id(site.id, named))
    here, there = (one.webspace(region(one.location)) for one in (world.state.plan(site.plan), plan))
    if here.casefold() != there.casefold():
        cause = "it uses regional VNET integration and " if site.subnet else ""
        raise refusal.web(
            409,
            "Conflict",
            f"Cannot move the app {ids.app_name(site.id)} to App Service Plan {ids.name(plan.id)}: "
            f"{cause}the plan is in another webspace, {there}.",
        )
    return plan


def change_plan(world: World, site: Site, body: dict[str, Any]) -> None:
    """Put an app with its slots, or a slot, on the plan that the body names; links stay as they are."""
    plan = check_plan(world, site, body)
    if plan is not None:
        for one in (site, *world.state.slots_of(site.id)):
            one.plan = plan.id


def patch_configuration(site: Site, body: dict[str, Any]) -> None:
    """Change an app's own configuration; what says how it is connected is not written this way here [?]."""
    site.config = {**site.config, **_kept(body.get("properties") or {})}
    site.touch()


def move(world: World, site: Site, subnet: str | None) -> None:
    """Connect the site to the subnet, or with None disconnect it."""
    if subnet is None:
        disconnect(world, site)
    else:
        connect(world, site, subnet)


def inherit(world: World, slot: Site) -> None:
    """A new slot of an integrated function app takes over its subnet and flags; a web app's does not."""
    app = world.state.site(slot.id.rpartition("/slots/")[0])
    if slot.is_function and app.subnet:
        connect(world, slot, app.subnet)
        slot.routing = Routing(**vars(app.routing))


def put_plan(world: World, plan_id: str, body: dict[str, Any]) -> ServerFarm:
    """Create or change a plan."""
    sku = sku_asked(body)
    properties = body.get("properties") or {}
    plan = world.state.plans.get(key(plan_id)) or ServerFarm(plan_id, body.get("location") or "")
    named = str(sku.get("name") or plan.sku)
    name = named[:2] + named[2:].lower()
    tier = tier_of(name)
    _check_integrations(world, plan, tier)
    plan.sku, plan.tier = name, tier
    plan.workers = int(sku.get("capacity") or plan.workers)
    plan.linux = bool(properties.get("reserved", plan.linux))
    plan.elastic_workers = int(properties.get("maximumElasticWorkerCount") or plan.elastic_workers)
    plan.windows_containers = bool(properties.get("hyperV", plan.windows_containers))
    if "tags" in body:
        plan.tags = dict(body["tags"] or {})
    plan.etag = new_version()
    if properties.get("isCustomMode") and not plan.managed_instance:
        plan.subnet = ""
    world.state.add(plan)
    return plan


def sku_asked(body: dict[str, Any]) -> dict[str, Any]:
    """The SKU that the body of a plan names. Raises 400 where it is no object."""
    sku = body.get("sku") or {}
    if not isinstance(sku, dict):
        raise refusal.arm(400, "InvalidRequestContent", "The request content was invalid: 'sku'.")
    return sku


def _check_integrations(world: World, plan: ServerFarm, tier: str) -> None:
    """The message was reported, its status was never seen (azure-facts.md, 4): 409 is our choice [?]."""
    if tier.casefold() in UNSUPPORTED_TIERS and any(one.subnet for one in world.state.all_of(plan.id)):
        raise refusal.web(
            409,
            "Conflict",
            "The new SKU does not support Regional VNET integration which some apps are still using. "
            "Please disconnect apps from Regional VNET integration and try again",
        )


def plan_subnet_asked(plan: ServerFarm | None, body: dict[str, Any]) -> str | None:
    """The subnet that a body wants a Managed Instance plan to hold; "" is none, None as it is.

    Raises 400 for a plan of another kind: nobody recorded what Azure answers then [?].
    """
    properties = body.get("properties") or {}
    asked: str | None = (properties.get("network") or {}).get("virtualNetworkSubnetId")
    if asked and not (properties.get("isCustomMode") or (plan and plan.managed_instance)):
        raise refusal.web(400, "BadRequest", "Only a Managed Instance plan can hold a subnet itself.")
    return asked


def move_plan(world: World, plan: ServerFarm, subnet: str) -> None:
    """Let a Managed Instance plan hold the subnet, or with "" none."""
    if subnet:
        connect_plan(world, plan, subnet)
    else:
        disconnect_plan(world, plan)


def tier_of(sku: str) -> str:
    """The tier of a SKU's name: `P1v3` is PremiumV3. Raises 400 for an unknown one."""
    letters = sku.upper().rstrip("0123456789V").rstrip("M").rstrip("0123456789")
    version = sku.lower().partition("v")[2]
    if letters == "P":
        return f"PremiumV{version}" if version else "Premium"
    if letters not in TIERS:
        raise refusal.web(400, "BadRequest", f"The SKU '{sku}' is not valid.")
    return TIERS[letters] + (f"V{version}" if letters == "I" and version else "")


def _settings(body: dict[str, Any], current: dict[str, str]) -> dict[str, str]:
    """The settings that a body carries, which replace the present ones; those, where it carries none."""
    asked = ((body.get("properties") or {}).get("siteConfig") or {}).get("appSettings")
    if not isinstance(asked, list):
        return current
    return {str(one.get("name")): str(one.get("value")) for one in asked if isinstance(one, dict)}


def _config(body: dict[str, Any]) -> dict[str, Any]:
    return _kept((body.get("properties") or {}).get("siteConfig") or {})


def _kept(config: dict[str, Any]) -> dict[str, Any]:
    kept = ("alwaysOn", "http20Enabled", "linuxFxVersion", "minimumElasticInstanceCount")
    return {name: config[name] for name in kept if config.get(name) is not None}
