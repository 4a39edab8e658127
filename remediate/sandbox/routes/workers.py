"""The workers behind an app, and what they say about the network (azure-facts.md, 1, worker evidence)."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents.regions import display_name
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.resources import Site
from remediate.sandbox.routes.call import Call, Route, route
from remediate.sandbox.routes.sites import SITE, site_of
from remediate.sandbox.rules.access import check_action

VARIABLE = "%WEBSITE_PRIVATE_IP%"
TCPPING = re.compile(r"tcpping (?:-[nw] \d+ )*([^ :]+):(\d+)")
FIRST_ADDRESS = 4
"""Azure keeps the first four addresses of a subnet for itself, and the last one."""


def _instances(call: Call, site: Site) -> list[str]:
    workers = call.state.plan(site.plan).workers
    return [hashlib.sha256(f"{site.plan}/{n}".casefold().encode()).hexdigest() for n in range(workers)]


async def list_instances(call: Call) -> Response:
    """GET instances of an app or slot: one for each worker of its plan."""
    site = site_of(call)
    return call.page([_instance(site, name) for name in _instances(call, site)])


def _instance(site: Site, name: str) -> dict[str, Any]:
    return {
        "id": f"{site.id}/instances/{name}",
        "name": name,
        "type": "Microsoft.Web/sites/instances",
        "location": display_name(site.location),
        "properties": {
            "state": "READY",
            "statusUrl": None,
            "detectorUrl": None,
            "consoleUrl": None,
            "healthCheckUrl": None,
        },
    }


async def ping(call: Call) -> Response:
    """POST tcpPingCheck: whether the app reaches a port; which of its instances tried is not told.

    Azure's list of actions has none for it: which permission it needs is not known [?], so none is asked.
    """
    site = site_of(call)
    asked = (await call.body()).get("properties") or {}
    reached = _reaches(call, site, str(asked.get("Host")), str(asked.get("Port")))
    details = "Connection attempt succeeded." if reached else "Connection attempt failed: timed out."
    return json_response(
        {
            "id": f"{site.id}/tcpPingCheck",
            "name": ids.name(site.id),
            "type": "Microsoft.Web/sites",
            "properties": {
                "connectionStatus": "Success" if reached else "Timeout",
                "connectionStatusDetails": details,
            },
        }
    )


def _reaches(call: Call, site: Site, host: str, port: str) -> bool:
    """A private host answers only a worker that is in the network, and nobody what a firewall closes."""
    inside = _private_address(call, site) is not None
    return f"{host}:{port}" not in call.world.unreachable and (inside or not _is_private(host))


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.casefold().endswith((".internal", ".local"))


async def command(call: Call) -> Response:
    """POST extensions/api/command: Kudu on a Windows instance; the sandbox has two of its commands.

    It needs `extensions/api/action`, "Invoke App Service Extensions APIs" in Azure's list of actions.
    """
    site = site_of(call)
    check_action(call.state.governance, f"{ids.parse(site.id).type}/extensions/api/action", site.id)
    asked = str((await call.body()).get("command"))
    ping = TCPPING.fullmatch(asked)
    if call.state.plan(site.plan).linux or not (ping or VARIABLE in asked):
        raise refusal.web(400, "BadRequest", "The sandbox runs no such command on an instance of this app.")
    lines = _tcpping(call, site, *ping.groups()) if ping else [_private_address(call, site) or VARIABLE]
    output = "".join(f"{line}\r\n" for line in lines)
    return json_response({"Output": output, "Error": "", "ExitCode": 0})


def _tcpping(call: Call, site: Site, host: str, port: str) -> list[str]:
    """What the tool prints; the words are those that Microsoft's network troubleshooter looks for."""
    if _reaches(call, site, host, port):
        return [
            f"Connected to {host}:{port}, time taken: 12ms",
            "Complete: 1/1 successful attempts (100%). Average success time: 12ms",
        ]
    return ["Connection timed out.", "Complete: 0/1 successful attempts (0%). Average success time: 0ms"]


def _private_address(call: Call, site: Site) -> str | None:
    subnet = call.state.find_subnet(site.subnet)
    if subnet is None or site.addressed_from is None or call.world.clock.now() < site.addressed_from:
        return None
    instance = call.request.query.get("instance", "")
    names = _instances(call, site)
    position = names.index(instance) if instance in names else 0
    network = ipaddress.ip_network(subnet.prefixes[0], strict=False)
    at = FIRST_ADDRESS + position
    return str(network[at]) if at < network.num_addresses - 1 else None


ROUTES: list[Route] = [
    made
    for site in (SITE, SITE + "/slots/{slot}")
    for made in (
        route(site + "/instances", get=list_instances),
        route(site + "/tcpPingCheck", post=ping),
        route(site + "/extensions/api/command", post=command),
    )
]
