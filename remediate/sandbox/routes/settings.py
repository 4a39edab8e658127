"""An app's settings, and which of them stay with a slot: what `az … config appsettings` asks for."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents.regions import display_name
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.resources import Site
from remediate.sandbox.routes.call import Call, Route, route
from remediate.sandbox.routes.sites import SITE, of_both, site_of, write
from remediate.sandbox.rules.access import check_action

NAMES = ("connectionStringNames", "appSettingNames", "azureStorageConfigNames")


async def list_settings(call: Call) -> Response:
    """POST config/appsettings/list: they can be secrets, so a GET does not tell them."""
    site = site_of(call)
    check_action(call.state.governance, f"{ids.parse(site.id).type}/config/list/action", site.id)
    return json_response(_settings(site))


async def put_settings(call: Call) -> Response:
    """PUT config/appsettings: replaces all of them."""
    body, site = await call.body(), site_of(call)
    asked = {name: str(value) for name, value in (body.get("properties") or {}).items() if value is not None}

    def effect() -> None:
        site.settings = asked
        site.touch()

    await write(call, site, site.subnet, effect, None)
    return json_response(_settings(site))


def _settings(site: Site) -> dict[str, Any]:
    return {
        "id": f"{site.id}/config/appsettings",
        "name": "appsettings",
        "type": "Microsoft.Web/sites/config",
        "location": display_name(site.location),
        "properties": site.settings,
    }


async def slot_settings(call: Call) -> Response:
    """GET config/slotConfigNames: null where nobody ever wrote them, as recorded."""
    return json_response(_slot_settings(site_of(call)))


async def put_slot_settings(call: Call) -> Response:
    """PUT config/slotConfigNames: what the body leaves out becomes an empty list, as recorded."""
    body, site = await call.body(), site_of(call)
    asked = {name: (body.get("properties") or {}).get(name) or [] for name in NAMES}
    if not all(isinstance(one, str) for names in asked.values() for one in names):
        raise refusal.arm(400, "InvalidRequestContent", "The names must be lists of texts.")

    def effect() -> None:
        site.slot_settings = asked

    await write(call, site, site.subnet, effect, None)
    return json_response(_slot_settings(site))


def _slot_settings(site: Site) -> dict[str, Any]:
    return {
        "id": None,
        "name": site.app,
        "type": "Microsoft.Web/sites",
        "location": display_name(site.location),
        "properties": site.slot_settings or dict.fromkeys(NAMES),
    }


ROUTES: list[Route] = [
    *of_both("/config/appsettings/list", post=list_settings),
    *of_both("/config/appsettings", put=put_settings),
    route(SITE + "/config/slotConfigNames", get=slot_settings, put=put_slot_settings),
]
