"""Microsoft.Network: virtual networks, subnets, links, and the operations on them (azure-facts.md, 2)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox.documents import network as documents
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.resources import Subnet, VirtualNetwork, region
from remediate.sandbox.routes.call import GROUP, SUBSCRIPTION, Call, Route, route
from remediate.sandbox.rules.networks import check_idle, put_subnet, put_vnet
from remediate.sandbox.rules.remove import delete_link, delete_subnet, delete_vnet
from remediate.sandbox.state import key

VNET = GROUP + "/providers/Microsoft.Network/virtualNetworks/{vnet}"
SUBNET = VNET + "/subnets/{subnet}"
LOCATION = SUBSCRIPTION + "/providers/Microsoft.Network/locations/{location}"


def vnet_id(call: Call) -> str:
    """The id of the virtual network in the path."""
    return f"{call.group}/providers/Microsoft.Network/virtualNetworks/{call.params['vnet']}"


def subnet_id(call: Call) -> str:
    """The id of the subnet in the path."""
    return f"{vnet_id(call)}/subnets/{call.params['subnet']}"


def _vnet(call: Call, vnet: VirtualNetwork) -> dict[str, Any]:
    return documents.vnet(vnet, call.world.clock.now(), call.api_version)


def _subnet(call: Call, subnet: Subnet) -> dict[str, Any]:
    return documents.subnet(subnet, call.world.clock.now(), call.api_version)


async def get_vnet(call: Call) -> Response:
    """GET of a virtual network."""
    vnet = call.state.vnet(vnet_id(call))
    return json_response(_vnet(call, vnet), headers={"ETag": documents.etag(vnet.etag)})


async def write_vnet(call: Call) -> Response:
    """PUT of a virtual network: a long-running operation; If-Match is honoured."""
    body = await call.body()
    call.world.remember()
    vnet, new = put_vnet(call.world, vnet_id(call), body, call.request.headers.get("if-match"))
    operation = call.world.start_operation(call.world.durations.subnet)
    headers = _polling(call, operation, vnet.location)
    return json_response(_vnet(call, vnet), 201 if new else 200, headers)


async def remove_vnet(call: Call) -> Response:
    """DELETE of a virtual network: 400 at once where a link is in it, else 202."""
    vnet = call.world.state.vnets.get(key(vnet_id(call)))
    if vnet is None:
        return Response(status_code=204)
    check_idle(call.world, vnet)
    call.world.remember()
    return _accepted(call, delete_vnet(call.world, vnet.id), vnet.location)


async def list_vnets(call: Call) -> Response:
    """GET virtual networks of the subscription, or of one resource group."""
    scope = call.group if "group" in call.params else f"/subscriptions/{call.params['subscription']}"
    vnets = [one for one in call.state.vnets.values() if ids.within(one.id, scope) and call.may_read(one.id)]
    return call.page([_vnet(call, one) for one in vnets])


async def get_subnet(call: Call) -> Response:
    """GET of a subnet."""
    subnet = call.state.subnet(subnet_id(call))
    body = _subnet(call, subnet)
    return json_response(body, headers={"ETag": documents.etag(subnet.etag)})


async def list_subnets(call: Call) -> Response:
    """GET subnets of a virtual network."""
    return call.page([_subnet(call, one) for one in call.state.vnet(vnet_id(call)).subnets])


async def usages(call: Call) -> Response:
    """GET usages of a network. Delegated subnets read 0, whatever is in them (azure-facts.md, 4)."""
    return call.page(
        [
            {
                "currentValue": 0.0 if one.delegations else float(len(one.occupants)),
                "id": one.id,
                "limit": float(one.usable),
                "name": {"localizedValue": "Subnet size and usage", "value": "SubnetSpace"},
                "unit": "Count",
            }
            for one in call.state.vnet(vnet_id(call)).subnets
        ]
    )


async def write_subnet(call: Call) -> Response:
    """PUT of a subnet: a long-running operation; If-Match is honoured."""
    body = await call.body()
    call.world.remember()
    subnet, new = put_subnet(call.world, subnet_id(call), body, call.request.headers.get("if-match"))
    operation = call.world.start_operation(call.world.durations.subnet)
    headers = _polling(call, operation, call.world.vnet_of(subnet).location)
    return json_response(_subnet(call, subnet), 201 if new else 200, headers)


async def remove_subnet(call: Call) -> Response:
    """DELETE of a subnet: 400 at once where a link holds it, else 202."""
    subnet = call.world.state.find_subnet(subnet_id(call))
    if subnet is None:
        return Response(status_code=204)
    vnet = call.world.vnet_of(subnet)
    check_idle(call.world, vnet)
    call.world.remember()
    return _accepted(call, delete_subnet(call.world, subnet), vnet.location)


async def list_links(call: Call) -> Response:
    """GET ServiceAssociationLinks of a subnet."""
    return json_response({"value": documents.links(call.state.subnet(subnet_id(call)), call.api_version)})


async def remove_link(call: Call) -> Response:
    """DELETE of a link: 200 where its owner lets it go, 204 where there is none."""
    subnet = call.world.state.subnet(subnet_id(call))
    call.world.remember()
    return Response(status_code=200 if delete_link(call.world, subnet, call.params["link"]) else 204)


async def operation(call: Call) -> Response:
    """GET of the address in `Azure-AsyncOperation`."""
    done = call.world.is_done(call.params["operation"])
    status = "Succeeded" if done else "InProgress"
    return json_response({"status": status}, headers={} if done else {"Retry-After": "1"})


async def operation_result(call: Call) -> Response:
    """GET of the address in `Location`: 202 while a delete is under way, then 204."""
    if call.world.is_done(call.params["operation"]):
        return Response(status_code=204)
    return Response(status_code=202, headers={"Location": call.request.url, "Retry-After": "1"})


def _polling(call: Call, operation: str, location: str) -> dict[str, str]:
    return {
        "Azure-AsyncNotification": "Enabled",
        "Azure-AsyncOperation": _address(call, "operations", operation, location),
        "Retry-After": "1",
    }


def _accepted(call: Call, operation: str, location: str) -> Response:
    headers = _polling(call, operation, location)
    headers["Location"] = _address(call, "operationResults", operation, location)
    return Response(status_code=202, headers=headers)


def _address(call: Call, kind: str, operation: str, location: str) -> str:
    scope = f"{call.service.origin}/subscriptions/{call.params['subscription']}"
    place = f"{scope}/providers/Microsoft.Network/locations/{region(location)}"
    return f"{place}/{kind}/{operation}?api-version={call.api_version}"


ROUTES: list[Route] = [
    route(SUBSCRIPTION + "/providers/Microsoft.Network/virtualNetworks", get=list_vnets),
    route(GROUP + "/providers/Microsoft.Network/virtualNetworks", get=list_vnets),
    route(VNET, get=get_vnet, put=write_vnet, delete=remove_vnet),
    route(VNET + "/subnets", get=list_subnets),
    route(VNET + "/usages", get=usages),
    route(SUBNET, get=get_subnet, put=write_subnet, delete=remove_subnet),
    route(SUBNET + "/ServiceAssociationLinks", get=list_links),
    route(SUBNET + "/serviceAssociationLinks/{link}", delete=remove_link),
    route(
        SUBNET + "/providers/Microsoft.ContainerInstance/serviceAssociationLinks/{link}", delete=remove_link
    ),
    route(LOCATION + "/operations/{operation}", get=operation),
    route(LOCATION + "/operationResults/{operation}", get=operation_result),
]
