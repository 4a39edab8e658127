"""Apps, slots and plans as a world file describes them: their integration, and no setting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from remediate.capture.bodies import Body, entries, properties, text
from remediate.capture.names import Shortening
from remediate.checks.ownership import owner_tags
from remediate.model import Routing, View, is_subnet, region

_FLAGS = Routing.__struct_encode_fields__


class Apps:
    """Bodies of apps and plans → entries of a world file."""

    def __init__(self, names: Shortening, location: str) -> None:
        self._names = names
        self._location = region(location)

    def app(self, body: Body, config: View | None, connections: Any) -> Body:
        """An app or slot, with what its networkConfig says, and its connections as Azure answered them."""
        said = properties(body)
        subnet, routing = text(said.get("virtualNetworkSubnetId")), said.get("outboundVnetRouting")
        configured = config.subnet if config and config.status == "found" else None
        lost = bool(config and config.status == "found" and config.subnet is None and subnet)
        here = subnet or configured
        return _given(
            kind=text(body.get("kind")),
            plan=self._optional(said.get("serverFarmId")),
            subnet=self._names.subnet(here) if here and is_subnet(here) else None,
            routing=[one for one in _FLAGS if routing.get(one)] if isinstance(routing, dict) else None,
            gateway=self._gateway(connections),
            network_config="lost" if lost else None,
            operation=text(said.get("inProgressOperationId")),
            state=_unless(text(said.get("state")), "Running"),
            location=self._elsewhere(body),
            tags=owner_tags(body) or None,
        )

    def plan(self, body: Body) -> Body:
        """An App Service plan."""
        said, sku = properties(body), body.get("sku") or {}
        held = said.get("network") or {}
        return _given(
            sku=text(sku.get("name")) or "unknown",
            tier=text(sku.get("tier")),
            workers=_count(said.get("numberOfWorkers"), sku.get("capacity")),
            elastic_workers=_unless(said.get("maximumElasticWorkerCount"), 1),
            linux=said.get("reserved") or None,
            windows_containers=said.get("hyperV") or said.get("isXenon") or None,
            connections_max=_unless(said.get("vnetConnectionsMax"), 2),
            subnet=self._subnet(held.get("virtualNetworkSubnetId")),
            managed_instance=held.get("virtualNetworkSubnetId") == "" or None,
            location=self._elsewhere(body),
            tags=owner_tags(body) or None,
        )

    def unread_plan(self, apps: Iterable[Body]) -> Body:
        """A plan that could not be read: only what its apps tell of it."""
        said = [properties(one) for one in apps]
        tiers = [tier for one in said if (tier := text(one.get("sku")))]
        linux = any(one.get("reserved") for one in said)
        return _given(sku="unknown", tier=tiers[0] if tiers else "unknown", linux=linux or None)

    def _optional(self, plan: Any) -> str | None:
        found = text(plan)
        return self._names.resource(found) if found else None

    def _subnet(self, subnet: Any) -> str | None:
        found = text(subnet)
        return self._names.subnet(found) if found and is_subnet(found) else None

    def _gateway(self, connections: Any) -> Body | None:
        """A gateway-required connection: its network, and the thumbprint, which is public."""
        for one in entries(connections):
            said = properties(one)
            network = text(said.get("vnetResourceId"))
            if said.get("isSwift") is False and network and not is_subnet(network):
                thumbprint = text(said.get("certThumbprint")) or "unknown"
                return {"network": self._names.resource(network), "thumbprint": thumbprint}
        return None

    def _elsewhere(self, body: Body) -> str | None:
        location = text(body.get("location"))
        return location if location and region(location) != self._location else None


def _given(**settings: Any) -> Body:
    """The settings that are there, by their names in a world file."""
    return {
        name.replace("_", "-"): value for name, value in settings.items() if value is not None and value != []
    }


def _unless(value: Any, default: Any) -> Any:
    return value if value not in (None, "", default) else None


def _count(*numbers: Any) -> int | None:
    return next((one for one in numbers if isinstance(one, int) and not isinstance(one, bool)), None)
