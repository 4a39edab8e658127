"""The meaning of each change, in words for an operator of apps and networks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from remediate import ids
from remediate.snapshot.facts import Facts, is_web

Describe = Callable[[re.Match[str], Any, Any, Facts, Facts], str]
"""Path (as matched), value before and after, all facts before and after → the meaning."""

PART_NAMES = {
    "site": "the app",
    "networkConfig": "the app's networkConfig",
    "connections": "the list of connections",
    "plan": "the plan",
    "subnet": "the subnet",
    "vnet": "the network",
    "graph": "the network's row in Resource Graph",
}
_TRAFFIC = {
    "allTraffic": "routing of all traffic",
    "applicationTraffic": "route-all",
    "contentShareTraffic": "routing of content share traffic",
    "imagePullTraffic": "routing of image pulls",
    "backupRestoreTraffic": "routing of backup and restore traffic",
    "managedIdentityTraffic": "routing of managed identity traffic",
}


def describe_change(path: str, was: Any, now: Any, before: Facts, after: Facts) -> str:
    """The meaning of one change, without a full stop."""
    for pattern, tell in _TOLD:
        found = pattern.fullmatch(path)
        if found:
            return tell(found, was, now, before, after)
    return f"{path} changed"


def _part(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
    name = PART_NAMES.get(found[0], found[0])
    return f"{name} was removed" if now == "absent" else f"{name} was added"


def _subnet_of(view: str, other_view: str, other_path: str) -> Describe:
    """The change of the subnet in one of the app's views, and whether the other view agrees."""

    def tell(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
        other = after.get(other_path)
        if now is None:
            still = f", {other_view} still has it" if _same(other, was) else ""
            return f"{view} lost its subnet{still}"
        parting = f", {other_view} does not" if other_path in after and not _same(other, now) else ""
        return f"{view} names {'a subnet' if was is None else 'another subnet'}{parting}"

    return tell


def _traffic(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
    name = _TRAFFIC.get(found["flag"], found["flag"])
    whose = f" for {found['app']}" if "app" in found.groupdict() else ""
    if not isinstance(now, bool):
        return f"{name}{whose} is not reported any more"
    return f"{name} switched {'on' if now else 'off'}{whose}"


def _delegations(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
    if was and now:
        return "delegated to another service"
    return "delegation added" if now else "delegation removed"


def _link(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
    what = "the link" if is_web(was or now) else f"{found['name']}, another service's link,"
    return f"{what} was removed" if now is None else f"{what} was added"


def _link_target(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
    return "the link names no plan any more" if now is None else "the link names another plan"


def _app(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
    return f"{found['app']} {'left' if now is None else 'came to'} the subnet"


def _regional(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
    if was and now:
        return "the connection is to another subnet"
    return "a connection was added" if now else "the connection was removed"


def _fixed(text: str) -> Describe:
    return lambda found, was, now, before, after: text


def _now(text: str) -> Describe:
    """A sentence that ends with the value after the change."""
    return lambda found, was, now, before, after: f"{text} {now if now is not None else 'not reported'}"


def _came(what: str) -> Describe:
    def tell(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
        if was and now:
            return f"another {what}"
        return f"{what} added" if now else f"{what} removed"

    return tell


def _instances(found: re.Match[str], was: Any, now: Any, before: Facts, after: Facts) -> str:
    if not isinstance(now, int):
        return "the plan's instances are not reported any more"
    if not isinstance(was, int):
        return f"the plan's instances: {now}"
    return f"the plan has {'more' if now > was else 'fewer'} instances"


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, str) and isinstance(other, str) and ids.same(one, other)


_SITE, _CONFIG = "site.virtualNetworkSubnetId", "networkConfig.subnetResourceId"
_TOLD: tuple[tuple[re.Pattern[str], Describe], ...] = tuple(
    (re.compile(pattern), tell)
    for pattern, tell in (
        (r"[^.]+", _part),
        (re.escape(_SITE), _subnet_of("the site", "networkConfig", _CONFIG)),
        (re.escape(_CONFIG), _subnet_of("networkConfig", "the site", _SITE)),
        (r"site\.outboundVnetRouting\.(?P<flag>.+)", _traffic),
        (r"site\.serverFarmId", _fixed("the app is on another plan")),
        (r"site\.state", _now("the app is")),
        (r"site\.dnsConfiguration", _fixed("the app's DNS settings changed")),
        (r"connections\.regional", _regional),
        (r"connections\.gateway", _came("gateway connection")),
        (r"plan\.sku\.name", _now("the plan's size is")),
        (r"plan\.numberOfWorkers", _instances),
        (r"plan\.vnetConnectionsUsed", _now("the plan's connections in use:")),
        (r"subnet\.serviceAssociationLinks\.(?P<name>[^.]+)", _link),
        (r"subnet\.serviceAssociationLinks\..+\.link", _link_target),
        (r"subnet\.serviceAssociationLinks\..+\.provisioningState", _now("the link is")),
        (r"subnet\.serviceAssociationLinks\..+\.linkedResourceType", _fixed("the link is another service's")),
        (r"subnet\.delegations", _delegations),
        (r"subnet\.provisioningState", _now("the subnet is")),
        (r"subnet\.addressPrefixes", _fixed("the subnet has other addresses")),
        (r"subnet\.networkSecurityGroup\.id", _came("network security group")),
        (r"subnet\.routeTable\.id", _came("route table")),
        (r"subnet\.natGateway\.id", _came("NAT gateway")),
        (r"subnet\.serviceEndpoints", _fixed("the subnet's service endpoints changed")),
        (r"subnet\.serviceEndpointPolicies", _fixed("the subnet's service endpoint policies changed")),
        (r"vnet\.resourceGuid", _fixed("the network was deleted and created again")),
        (r"vnet\.dhcpOptions\.dnsServers", _fixed("the network's DNS servers changed")),
        (r"vnet\.addressSpace\.addressPrefixes", _fixed("the network has other addresses")),
        (r"vnet\.virtualNetworkPeerings", _fixed("the network's peerings changed")),
        (r"graph\.link", _fixed("Resource Graph, which may lag behind, differs from the link")),
        (r"apps\.(?P<app>[^.]+)", _app),
        (r"apps\.(?P<app>[^.]+)\.outboundVnetRouting\.(?P<flag>.+)", _traffic),
    )
)
