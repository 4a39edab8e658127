"""What people save of a subnet, rendered from what ARM says of it and its network."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import yaml

from .shapes import flattened, pascal, powershell

Render = Callable[[dict[str, Any], dict[str, Any]], bytes]
"""From the documents of a subnet and of its network to the bytes of a file."""
_PROMPT = "PS C:\\Users\\ops> Get-AzVirtualNetworkSubnetConfig -Name snet -VirtualNetwork $vnet"
_SUBNET = (
    *("Name", "Id", "Etag", "ProvisioningState", "AddressPrefix", "IpConfigurations"),
    *("ResourceNavigationLinks", "ServiceAssociationLinks", "NetworkSecurityGroup", "RouteTable"),
    *("NatGateway", "ServiceEndpoints", "ServiceEndpointPolicies", "PrivateEndpoints", "Delegations"),
)
_NETWORK = (
    *("Name", "ResourceGroupName", "Location", "Id", "Etag", "ResourceGuid", "ProvisioningState", "Tags"),
    *("AddressSpace", "DhcpOptions", "Subnets", "VirtualNetworkPeerings", "EnableDdosProtection"),
)
_JSON_OBJECTS = ("NetworkSecurityGroup", "RouteTable", "NatGateway", "AddressSpace", "DhcpOptions")


def printed(body: dict[str, Any], width: int = 120, colour: bool = False) -> str:
    """What PowerShell prints of a subnet or a network in a console of a width."""
    names = _NETWORK if "addressSpace" in body["properties"] else _SUBNET
    made = {key: one for key, one in powershell(body).items() if not key.endswith("Text")}
    longest = max(len(name) for name in names)
    lines = [
        line for name in names for line in _property(name.ljust(longest), _shown(name, made.get(name)), width)
    ]
    if colour:
        lines = [f"\x1b[32;1m{line[: longest + 3]}\x1b[0m{line[longest + 3 :]}" for line in lines]
    return "\n".join(["", *lines, ""])


def _shown(name: str, value: Any) -> str:
    if name == "AddressPrefix":
        return "{" + ", ".join(value) + "}"
    if name in _JSON_OBJECTS:
        return json.dumps(value, indent=2)
    if name in ("Name", "Id", "Etag", "ProvisioningState", "Location", "ResourceGuid", "Tags"):
        return str(value or "")
    return json.dumps(_without_texts(value or []), indent=2)


def _without_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_texts(one) for key, one in value.items() if not key.endswith("Text")}
    return [_without_texts(one) for one in value] if isinstance(value, list) else value


def _property(name: str, value: str, width: int) -> list[str]:
    """`Name : value`, broken at the width of the console, each further line below the value."""
    room = max(width - len(name) - 3, 10)
    pieces = [line[at : at + room] for line in value.split("\n") for at in range(0, max(len(line), 1), room)]
    return [f"{name} : {pieces[0]}", *(f"{' ' * (len(name) + 3)}{piece}" for piece in pieces[1:])]


def links_of(subnet: dict[str, Any]) -> list[Any]:
    return list(subnet["properties"].get("serviceAssociationLinks", []))


def coloured(value: Any) -> str:
    """`az -o jsonc`: the colours of each name and text."""
    text = json.dumps(value, indent=2)
    return "\n".join(f"\x1b[34;01m{line}\x1b[39;49;00m" for line in text.split("\n"))


def table(rows: list[dict[str, Any]], separator: str = ",") -> str:
    """Resource Graph Explorer's download."""
    held = io.StringIO()
    writer = csv.writer(held, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(json.dumps(one) if isinstance(one, dict | list) else one for one in row.values())
    return held.getvalue()


def row(vnet: dict[str, Any], subnet: dict[str, Any]) -> dict[str, Any]:
    """A row of Resource Graph."""
    properties = {**vnet["properties"], "subnets": [subnet]}
    columns = {"tenantId": "t", "subscriptionId": "s", "kind": "", "location": vnet["location"]}
    return {"id": vnet["id"], "name": vnet["name"], **columns, "properties": properties}


def in_rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Resource Graph's answer as a table."""
    columns = [{"name": name, "type": "object"} for name in rows[0]]
    return {
        "totalRecords": len(rows),
        "count": len(rows),
        "data": {"columns": columns, "rows": [list(one.values()) for one in rows]},
        "facets": [],
    }


def others(subnet: dict[str, Any]) -> list[dict[str, Any]]:
    """Subnets beside the one: without a link, and with that of another plan."""
    other = json.loads(json.dumps(subnet).replace(subnet["name"], "snet-other"))
    other["properties"]["serviceAssociationLinks"] = [{"name": "x", "properties": {"link": "/other"}}]
    return [other, subnet]


def dump(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()


def template(subnet: dict[str, Any], vnet: dict[str, Any], *, default: bool = True) -> dict[str, Any]:
    """An exported template: names are parameters, and the subnet stands in it twice."""
    held = f"virtualNetworks_{vnet['name'].replace('-', '_')}_name"
    name = f"parameters('{held}')"
    inner = {"name": subnet["name"], "properties": _writable(subnet["properties"], name)}
    inner["id"] = f"[resourceId('Microsoft.Network/virtualNetworks/subnets', {name}, '{subnet['name']}')]"
    network = {
        "type": "Microsoft.Network/virtualNetworks",
        "apiVersion": "2024-05-01",
        "name": f"[{name}]",
        "location": vnet["location"],
        "properties": {"addressSpace": vnet["properties"]["addressSpace"], "subnets": [inner]},
    }
    own = {
        "type": "Microsoft.Network/virtualNetworks/subnets",
        "apiVersion": "2024-05-01",
        "name": f"[concat({name}, '/{subnet['name']}')]",
        "dependsOn": [f"[resourceId('Microsoft.Network/virtualNetworks', {name})]"],
        "properties": inner["properties"],
    }
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {held: {"type": "String", **({"defaultValue": vnet["name"]} if default else {})}},
        "variables": {},
        "resources": [network, own],
    }


def _writable(properties: dict[str, Any], vnet: str) -> dict[str, Any]:
    """What an export has of a subnet: ids are expressions, and links are left out."""
    kept = ("addressPrefix", "addressPrefixes", "serviceEndpoints")
    delegation = (
        f"[concat(resourceId('Microsoft.Network/virtualNetworks', {vnet}), '/subnets/delegations/web')]"
    )
    delegations = [
        {
            "name": one.get("name"),
            "id": delegation,
            "properties": {"serviceName": one["properties"]["serviceName"]},
        }
        for one in properties.get("delegations", [])
    ]
    return {key: properties[key] for key in kept if key in properties} | {"delegations": delegations}


def bicep(subnet: dict[str, Any], vnet: dict[str, Any]) -> dict[str, Any]:
    """A template that Bicep compiled, with symbolic names."""
    properties = _writable(subnet["properties"], "parameters('vnetName')")
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "languageVersion": "2.0",
        "contentVersion": "1.0.0.0",
        "metadata": {"_generator": {"name": "bicep", "version": "0.30.3.12046"}},
        "parameters": {
            "vnetName": {"type": "string", "defaultValue": vnet["name"]},
            "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
        },
        "resources": {
            "vnet": {
                "existing": True,
                "type": "Microsoft.Network/virtualNetworks",
                "name": "[parameters('vnetName')]",
            },
            "subnet": {
                "type": "Microsoft.Network/virtualNetworks/subnets",
                "name": f"[format('{{0}}/{{1}}', parameters('vnetName'), '{subnet['name']}')]",
                "properties": properties,
            },
        },
    }


def _pascal_links(subnet: dict[str, Any]) -> Any:
    return pascal(flattened(links_of(subnet)))


WITH_LINKS: dict[str, Render] = {
    "printed by PowerShell": lambda subnet, vnet: printed(subnet).encode(),
    "printed, a narrow console": lambda subnet, vnet: printed(subnet, 80).replace("\n", "\r\n").encode(),
    "printed, redirected": lambda subnet, vnet: b"\xff\xfe" + printed(subnet, 100).encode("utf-16-le"),
    "printed, with prompts": lambda subnet, vnet: (
        f"{_PROMPT}\n{printed(subnet)}\n\nPS C:\\Users\\ops> exit\n".encode()
    ),
    "printed, in colour": lambda subnet, vnet: printed(subnet, colour=True).encode(),
    "printed, without indentation": lambda subnet, vnet: "\n".join(
        line.strip() for line in printed(subnet).split("\n")
    ).encode(),
    "printed, the network": lambda subnet, vnet: printed(vnet, 90).encode(),
    "printed, several": lambda subnet, vnet: "".join(map(printed, others(subnet))).encode(),
    "ConvertTo-Json": lambda subnet, vnet: dump(powershell(subnet)),
    "az json": lambda subnet, vnet: dump(flattened(subnet)),
    "az jsonc": lambda subnet, vnet: coloured(flattened(subnet)).encode(),
    "az yaml": lambda subnet, vnet: yaml.safe_dump(flattened(subnet)).encode(),
    "az yaml, the network": lambda subnet, vnet: yaml.safe_dump(flattened(vnet)).encode(),
    "az subnet list": lambda subnet, vnet: dump(flattened(others(subnet))),
    "az vnet list, yaml": lambda subnet, vnet: yaml.safe_dump(flattened([vnet])).encode(),
    "ARM listing": lambda subnet, vnet: dump({"value": others(subnet)}),
    "in a console": lambda subnet, vnet: (
        b"ops@host:~$ az network vnet subnet show\nWARNING: x\n" + dump(flattened(subnet)) + b"\nops@host:~$ "
    ),
    "PowerShell's prompt behind": lambda subnet, vnet: dump(subnet) + b"\nPS /home/ops> ",
    "broken by a console": lambda subnet, vnet: broken(dump(subnet).decode(), 60).encode(),
    "several documents": lambda subnet, vnet: dump(flattened(vnet)) + b"\n" + dump(flattened(subnet)),
    "Windows-1252": lambda subnet, vnet: json.dumps(
        {**subnet, "tags": {"owner": "Büro"}}, ensure_ascii=False
    ).encode("cp1252"),
    "Get-AzResource": lambda subnet, vnet: dump(
        {**pascal({key: one for key, one in vnet.items() if key != "properties"}), "ResourceId": vnet["id"]}
        | {"Properties": vnet["properties"]}
    ),
    "Invoke-AzRestMethod": lambda subnet, vnet: dump(
        {"StatusCode": 200, "Method": "GET", "Content": json.dumps(subnet), "Headers": {"Key": "x"}}
    ),
    "Invoke-AzRestMethod, printed": lambda subnet, vnet: "\n".join(
        line
        for name, one in {"StatusCode": "200", "Content": json.dumps(subnet, indent=2)}.items()
        for line in _property(name.ljust(10), one, 80)
    ).encode(),
    "the links of az": lambda subnet, vnet: dump(flattened(links_of(subnet))),
    "the links of ARM": lambda subnet, vnet: dump({"value": links_of(subnet)}),
    "the links, yaml": lambda subnet, vnet: yaml.safe_dump(flattened(links_of(subnet))).encode(),
    "the links of PowerShell": lambda subnet, vnet: dump(_pascal_links(subnet)),
    "a link that PowerShell printed": lambda subnet, vnet: "\n".join(
        line
        for key, one in _pascal_links(subnet)[0].items()
        for line in _property(key.ljust(20), str(one), 70)
    ).encode(),
    "a selection": lambda subnet, vnet: dump(
        {"links": flattened(links_of(subnet)), "prefix": subnet["properties"].get("addressPrefix")}
    ),
    "a selection with the id": lambda subnet, vnet: dump(
        {"id": subnet["id"], "links": flattened(links_of(subnet))}
    ),
    "Resource Graph": lambda subnet, vnet: dump(
        {"count": 1, "data": [row(vnet, subnet)], "skip_token": None, "total_records": 1}
    ),
    "Resource Graph, yaml": lambda subnet, vnet: yaml.safe_dump(
        {"count": 1, "data": [row(vnet, subnet)], "total_records": 1}
    ).encode(),
    "Resource Graph, expanded": lambda subnet, vnet: dump({"count": 1, "data": [{"subnets": subnet}]}),
    "Resource Graph, a table": lambda subnet, vnet: dump(in_rows([row(vnet, subnet)])),
    "Resource Graph, CSV": lambda subnet, vnet: b"\xef\xbb\xbf" + table([row(vnet, subnet)]).encode(),
    "Resource Graph, CSV with semicolons": lambda subnet, vnet: table([row(vnet, subnet)], ";").encode(),
}
"""Files that hold the link of the subnet."""
WITHOUT_LINKS: dict[str, Render] = {
    "an exported template": lambda subnet, vnet: dump(template(subnet, vnet)),
    "an exported template without values": lambda subnet, vnet: dump(template(subnet, vnet, default=False)),
    "the answer of exportTemplate": lambda subnet, vnet: dump({"template": template(subnet, vnet)}),
    "a compiled Bicep file": lambda subnet, vnet: dump(bicep(subnet, vnet)),
    "the delegations": lambda subnet, vnet: dump(
        [
            {**one, "id": f"{subnet['id']}/delegations/{one['name']}"}
            for one in flattened(subnet["properties"]["delegations"])
        ]
    ),
}
"""Files that hold the delegations, and say nothing of links."""


def broken(text: str, width: int) -> str:
    """A text as a console of a width shows it."""
    return "\n".join(
        line[at : at + width] for line in text.split("\n") for at in range(0, max(len(line), 1), width)
    )
