"""What has to hold whatever happened: the promises of the product, read from Azure and from its log."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tests.conftest import GROUP, PLAN, SUBNET, Azure

APPS = (
    f"{GROUP}/Microsoft.Web/sites/orders-func",
    f"{GROUP}/Microsoft.Web/sites/orders-func/slots/staging",
    f"{GROUP}/Microsoft.Web/sites/billing-web",
    f"{GROUP}/Microsoft.Web/sites/mail-web",
)


def sites(azure: Azure, apps: tuple[str, ...] = APPS) -> dict[str, dict[str, Any]]:
    """The properties of every app as they are now."""
    return {app: azure.ask("GET", f"{app}?api-version=2025-05-01").json()["properties"] for app in apps}


def link(azure: Azure) -> str | None:
    """The plan that the subnet's link names now."""
    properties = azure.ask("GET", f"{SUBNET}?api-version=2024-05-01").json()["properties"]
    links = properties.get("serviceAssociationLinks") or []
    return str(links[0]["properties"]["link"]) if links else None


def check_whole(azure: Azure, before: dict[str, dict[str, Any]]) -> None:
    """Every app is on its subnet with its flags unchanged, and the link names the plan."""
    now = sites(azure, tuple(before))
    for app, properties in before.items():
        assert now[app]["virtualNetworkSubnetId"] == SUBNET, app
        assert now[app]["outboundVnetRouting"] == properties["outboundVnetRouting"], app
    assert link(azure) == PLAN


def check_left(azure: Azure, before: dict[str, dict[str, Any]]) -> None:
    """Every app is off the subnet with its flags unchanged, and no link is left behind."""
    now = sites(azure, tuple(before))
    for app, properties in before.items():
        assert now[app]["virtualNetworkSubnetId"] is None, app
        assert now[app]["outboundVnetRouting"] == properties["outboundVnetRouting"], app
    assert link(azure) is None


def check_purged(azure: Azure, before: dict[str, dict[str, Any]]) -> None:
    """The link is gone, and no app was changed."""
    assert sites(azure, tuple(before)) == before
    assert link(azure) is None


def check_no_blind_repetition(log: list[dict[str, Any]]) -> None:
    """Between two equal writes to one app its state was read."""
    for app in APPS:
        mine = [entry for entry in log if _app_of(entry["path"]) == app and not _is_listing(entry["path"])]
        writes = [at for at, entry in enumerate(mine) if entry["mutating"]]
        for first, second in pairwise(writes):
            if (mine[first]["method"], mine[first]["path"]) == (mine[second]["method"], mine[second]["path"]):
                assert any(not entry["mutating"] for entry in mine[first + 1 : second]), mine[second]


def _app_of(path: str) -> str | None:
    """The app or slot that a request is about."""
    plain = path.partition("?")[0].removesuffix("/networkConfig/virtualNetwork")
    plain = plain.removesuffix("/virtualNetworkConnections")
    return next((app for app in APPS if app == plain), None)


def _is_listing(path: str) -> bool:
    return path.partition("?")[0].endswith(("/sites", "/slots"))
