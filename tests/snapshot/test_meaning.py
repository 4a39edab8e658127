"""What each change means, in one short sentence: every kind of fact, from nothing, to nothing, to another."""

from __future__ import annotations

from typing import Any

import pytest

from remediate.model import WEB_LINK
from remediate.snapshot.meaning import describe_change

OURS, ALIEN = {"linkedResourceType": WEB_LINK}, {"linkedResourceType": "Microsoft.Sql/managedInstances"}
LINK, APP = "subnet.serviceAssociationLinks.Name", "apps.billing"
SITE, CONFIG = "site.virtualNetworkSubnetId", "networkConfig.subnetResourceId"
MEANINGS: list[tuple[str, Any, Any, str]] = [
    ("site", "found", "absent", "the app was removed"),
    ("networkConfig", "found", "absent", "the app's networkConfig was removed"),
    ("connections", "found", "absent", "the list of connections was removed"),
    ("plan", "found", "absent", "the plan was removed"),
    ("subnet", "found", "absent", "the subnet was removed"),
    ("vnet", "found", "absent", "the network was removed"),
    ("graph", "found", "absent", "the network's row in Resource Graph was removed"),
    ("other", "found", "absent", "other was removed"),
    ("subnet", "absent", "found", "the subnet was added"),
    (SITE, "/a", None, "the site lost its subnet"),
    (SITE, None, "/a", "the site names a subnet"),
    (SITE, "/a", "/b", "the site names another subnet"),
    (CONFIG, "/a", None, "networkConfig lost its subnet"),
    (CONFIG, None, "/a", "networkConfig names a subnet"),
    (CONFIG, "/a", "/b", "networkConfig names another subnet"),
    ("site.outboundVnetRouting.allTraffic", False, True, "routing of all traffic switched on"),
    ("site.outboundVnetRouting.applicationTraffic", False, True, "route-all switched on"),
    (
        "site.outboundVnetRouting.contentShareTraffic",
        False,
        True,
        "routing of content share traffic switched on",
    ),
    ("site.outboundVnetRouting.imagePullTraffic", False, True, "routing of image pulls switched on"),
    (
        "site.outboundVnetRouting.backupRestoreTraffic",
        False,
        True,
        "routing of backup and restore traffic switched on",
    ),
    (
        "site.outboundVnetRouting.managedIdentityTraffic",
        False,
        True,
        "routing of managed identity traffic switched on",
    ),
    ("site.outboundVnetRouting.x", False, True, "x switched on"),
    ("site.outboundVnetRouting.allTraffic", True, False, "routing of all traffic switched off"),
    ("site.outboundVnetRouting.allTraffic", True, None, "routing of all traffic is not reported any more"),
    ("site.outboundVnetRouting.allTraffic", True, "x", "routing of all traffic is not reported any more"),
    (f"{APP}.outboundVnetRouting.allTraffic", False, True, "routing of all traffic switched on for billing"),
    (
        f"{APP}.outboundVnetRouting.allTraffic",
        True,
        None,
        "routing of all traffic for billing is not reported any more",
    ),
    ("site.serverFarmId", "/a", "/b", "the app is on another plan"),
    ("site.state", "Running", "Stopped", "the app is Stopped"),
    ("site.state", "Running", None, "the app is not reported"),
    ("site.dnsConfiguration", None, {"a": 1}, "the app's DNS settings changed"),
    ("connections.regional", [], ["/a"], "a connection was added"),
    ("connections.regional", ["/a"], [], "the connection was removed"),
    ("connections.regional", ["/a"], ["/b"], "the connection is to another subnet"),
    ("connections.gateway", [], ["/a"], "gateway connection added"),
    ("connections.gateway", ["/a"], [], "gateway connection removed"),
    ("connections.gateway", ["/a"], ["/b"], "another gateway connection"),
    ("plan.sku.name", "a", "b", "the plan's size is b"),
    ("plan.numberOfWorkers", 1, 2, "the plan has more instances"),
    ("plan.numberOfWorkers", 2, 1, "the plan has fewer instances"),
    ("plan.numberOfWorkers", 2, None, "the plan's instances are not reported any more"),
    ("plan.numberOfWorkers", None, 2, "the plan's instances: 2"),
    ("plan.vnetConnectionsUsed", 1, 2, "the plan's connections in use: 2"),
    (LINK, OURS, None, "the link was removed"),
    (LINK, None, OURS, "the link was added"),
    (LINK, ALIEN, None, "Name, another service's link, was removed"),
    (LINK, None, ALIEN, "Name, another service's link, was added"),
    (f"{LINK}.link", "/a", None, "the link names no plan any more"),
    (f"{LINK}.link", "/a", "/b", "the link names another plan"),
    (f"{LINK}.provisioningState", "a", "b", "the link is b"),
    (f"{LINK}.linkedResourceType", "a", "b", "the link is another service's"),
    ("subnet.delegations", None, "a", "delegation added"),
    ("subnet.delegations", "a", None, "delegation removed"),
    ("subnet.delegations", "a", "b", "delegated to another service"),
    ("subnet.networkSecurityGroup.id", None, "a", "network security group added"),
    ("subnet.networkSecurityGroup.id", "a", None, "network security group removed"),
    ("subnet.networkSecurityGroup.id", "a", "b", "another network security group"),
    ("subnet.routeTable.id", None, "a", "route table added"),
    ("subnet.routeTable.id", "a", None, "route table removed"),
    ("subnet.routeTable.id", "a", "b", "another route table"),
    ("subnet.natGateway.id", None, "a", "NAT gateway added"),
    ("subnet.natGateway.id", "a", None, "NAT gateway removed"),
    ("subnet.natGateway.id", "a", "b", "another NAT gateway"),
    ("subnet.provisioningState", "a", "b", "the subnet is b"),
    ("subnet.addressPrefixes", "a", "b", "the subnet has other addresses"),
    ("subnet.serviceEndpoints", "a", "b", "the subnet's service endpoints changed"),
    ("subnet.serviceEndpointPolicies", "a", "b", "the subnet's service endpoint policies changed"),
    ("vnet.resourceGuid", "a", "b", "the network was deleted and created again"),
    ("vnet.dhcpOptions.dnsServers", "a", "b", "the network's DNS servers changed"),
    ("vnet.addressSpace.addressPrefixes", "a", "b", "the network has other addresses"),
    ("vnet.virtualNetworkPeerings", "a", "b", "the network's peerings changed"),
    ("graph.link", "a", "b", "Resource Graph, which may lag behind, differs from the link"),
    ("vnet.location", "a", "b", "vnet.location changed"),
    ("site.kind", "a", "b", "site.kind changed"),
    (APP, {}, None, "billing left the subnet"),
    (APP, None, {}, "billing came to the subnet"),
]


@pytest.mark.parametrize(("path", "was", "now", "meaning"), MEANINGS)
def test_a_change_is_told_by_what_it_means(path: str, was: Any, now: Any, meaning: str) -> None:
    assert describe_change(path, was, now, {path: was}, {path: now}) == meaning


BESIDE: list[tuple[str, str, Any, str]] = [
    ("/a", "/A/", None, "{view} lost its subnet, {other} still has it"),
    ("/a", "/b", None, "{view} lost its subnet"),
    ("/a", None, None, "{view} lost its subnet"),
    ("/a", "/b", "/b", "{view} names another subnet"),
    ("/a", "/a", "/b", "{view} names another subnet, {other} does not"),
    ("/a", None, "/b", "{view} names another subnet, {other} does not"),
    (None, "/b", "/b", "{view} names a subnet"),
]


@pytest.mark.parametrize(("was", "other", "now", "meaning"), BESIDE)
@pytest.mark.parametrize("turned", [False, True])
def test_a_view_that_changes_alone_is_told_beside_the_other(
    was: Any, other: Any, now: Any, meaning: str, turned: bool
) -> None:
    path, beside = (CONFIG, SITE) if turned else (SITE, CONFIG)
    names = {SITE: "the site", CONFIG: "networkConfig"}
    told = describe_change(path, was, now, {path: was}, {path: now, beside: other})
    assert told == meaning.format(view=names[path], other=names[beside])
