"""Microsoft.Web/sites and slots: reads, and the slow writes that hold a site's lock (azure-facts.md, 2)."""

from __future__ import annotations

from collections.abc import Callable

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import configuration as configurations
from remediate.sandbox.documents import integration
from remediate.sandbox.documents import site as documents
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.resources import Site
from remediate.sandbox.routes.call import GROUP, SUBSCRIPTION, Call, Handler, Route, route
from remediate.sandbox.rules import access
from remediate.sandbox.rules import connect as integrations
from remediate.sandbox.rules import sites as rules
from remediate.sandbox.rules.location import check_location
from remediate.sandbox.rules.preconditions import check
from remediate.sandbox.rules.remove import delete_site
from remediate.sandbox.state import key

SITE = GROUP + "/providers/Microsoft.Web/sites/{site}"
JOIN = "join/action"
"""What a PATCH or PUT of a site needs at the subnet (azure-facts.md, 2)."""
WRITE = "write"
"""What a PUT of networkConfig needs there."""


def site_id(call: Call) -> str:
    """The id of the app or slot in the path."""
    slot = f"/slots/{call.params['slot']}" if "slot" in call.params else ""
    return f"{call.group}/providers/Microsoft.Web/sites/{call.params['site']}{slot}"


def site_of(call: Call) -> Site:
    """The app or slot in the path. Raises its 404."""
    return call.state.site(site_id(call))


def answer(call: Call, site: Site, etag: str | None = None) -> Response:
    """A site's body with its ETag; a write answers with the one from before it, as recorded."""
    body = documents.document(call.state, site, call.api_version)
    return json_response(body, headers=etag_header(etag or site.etag))


def answer_to_put(call: Call, site: Site, etag: str, integrated: bool = True) -> Response:
    """The answer to a PUT, with the ETag from before it."""
    body = documents.answer_to_put(call.state, site, call.api_version, integrated)
    return json_response(body, headers=etag_header(etag))


def etag_header(etag: str) -> dict[str, str]:
    """An ETag as Microsoft.Web writes it."""
    return {"ETag": f'"{etag}"'}


async def get(call: Call) -> Response:
    """GET of an app or slot."""
    return answer(call, site_of(call))


async def put(call: Call) -> Response:
    """PUT of an app or slot: creates or replaces it."""
    body = await call.body()
    site = call.state.sites.get(key(site_id(call)))
    check_location(site_id(call), body, site.location if site else None)
    if site is None:
        return await _create(call, body)
    etag = site.etag
    target = rules.subnet_asked(body, replace=True, current=site.subnet)
    access.check_policy(call.state.governance, target)
    rules.check_plan(call.world, site, body)
    await write(call, site, target, lambda: rules.put_site(call.world, site, body), JOIN)
    return answer_to_put(call, site, etag)


async def _create(call: Call, body: dict[str, object]) -> Response:
    site = rules.new_site(call.world, site_id(call), body)
    target = rules.subnet_asked(body, replace=True, current=None)
    access.check_policy(call.state.governance, target)
    inherits = site.slot is not None and target is None
    etag = site.etag

    def effect() -> None:
        call.world.state.add(site)
        rules.put_site(call.world, site, body)
        if inherits:
            rules.inherit(call.world, site)

    await write(call, site, target, effect, JOIN)
    # The answer to a slot's first PUT does not show what the slot has inherited, as recorded.
    return answer_to_put(call, site, etag, integrated=not inherits)


async def patch(call: Call) -> Response:
    """PATCH of an app or slot: changes what the body carries."""
    body = await call.body()
    site = site_of(call)
    etag = site.etag
    target = rules.subnet_asked(body, replace=False, current=site.subnet)
    access.check_policy(call.state.governance, target)
    rules.check_plan(call.world, site, body)
    at_subnet = JOIN if rules.names_subnet(body) else None
    await write(call, site, target, lambda: rules.patch_site(call.world, site, body), at_subnet)
    return answer(call, site, etag)


async def delete(call: Call) -> Response:
    """DELETE of an app or slot."""
    site = site_of(call)
    keep_plan = call.request.query.get("deleteEmptyServerFarm", "true").casefold() == "false"
    await write(call, site, site.subnet, lambda: delete_site(call.world, site, not keep_plan), None)
    return Response(status_code=200, headers=etag_header(site.etag))


async def write(
    call: Call, site: Site, target: str | None, effect: Callable[[], None], at_subnet: str | None
) -> None:
    """Hold the site's lock for as long as the write takes, then let it happen. Raises what refuses it.

    `at_subnet` is the permission that the write needs at the subnet `target`; None where its body names
    no subnet. The subnet that the site already has is checked like a new one (azure-facts.md, 2 and 4).
    [?] ARM reads the linked subnet from the body, so a write that names none is not checked here.
    """
    if target is not None and at_subnet is not None:
        access.check_join(call.state, site.id, target, at_subnet)
        check(call.state, site, target)
    joined = target if target is not None and not ids.same(site.subnet, target) else None
    with call.world.writing(site):
        if joined:
            _start_join(call, joined)
        try:
            await call.wait(integrations.seconds(call.world, site, target))
            call.world.remember()
            effect()
        finally:
            if joined:
                call.world.joining.discard(key(joined))


def _start_join(call: Call, subnet: str) -> None:
    """Parallel joins of one subnet collide (azure-facts.md, 2); that it is a 409 is our choice [?]."""
    if key(subnet) in call.world.joining:
        raise refusal.web(
            409, "Conflict", f"Another operation is in progress on subnet {subnet}. Retry the request later."
        )
    call.world.joining.add(key(subnet))


async def network_config(call: Call) -> Response:
    """GET networkConfig/virtualNetwork."""
    return json_response(integration.network_config(site_of(call)))


async def connect(call: Call) -> Response:
    """PUT networkConfig/virtualNetwork: connects the site to `subnetResourceId`."""
    properties = (await call.body()).get("properties") or {}
    target = properties.get("subnetResourceId")
    if not target:
        raise refusal.web(400, "BadRequest", "The parameter SubnetResourceId has an invalid value.")
    site = site_of(call)
    await write(call, site, target, lambda: integrations.connect(call.world, site, target), WRITE)
    site.touch()
    return json_response(integration.network_config(site))


async def disconnect(call: Call) -> Response:
    """DELETE networkConfig/virtualNetwork: 200 and no body, also for a site that is not connected [?]."""
    site = site_of(call)
    etag = site.etag
    await write(call, site, None, lambda: integrations.disconnect(call.world, site), None)
    site.touch()
    return Response(status_code=200, headers=etag_header(etag))


async def connections(call: Call) -> Response:
    """GET virtualNetworkConnections: a bare array."""
    return json_response(integration.connections(call.state, site_of(call)))


async def configuration(call: Call) -> Response:
    """GET config/web."""
    return json_response(configurations.document(call.state, site_of(call)))


async def patch_configuration(call: Call) -> Response:
    """PATCH config/web: the little that the sandbox keeps of an app's configuration."""
    body = await call.body()
    site = site_of(call)
    etag = site.etag
    await write(call, site, site.subnet, lambda: rules.patch_configuration(site, body), None)
    return json_response(configurations.answer_to_patch(call.state, site), headers=etag_header(etag))


async def restart(call: Call) -> Response:
    """POST restart, start or stop: 200 and no body; a restart leaves the state as it is."""
    site, action = site_of(call), call.request.path.rpartition("/")[2].casefold()
    access.check_action(call.state.governance, f"{ids.parse(site.id).type}/{action}/action", site.id)
    access.check_locks(call.state.governance, site.id, deletes=False)
    call.world.remember()
    site.state = {"start": "Running", "stop": "Stopped"}.get(action, site.state)
    site.touch()
    return Response(status_code=200)


async def publishing_profile(call: Call) -> Response:
    """POST publishxml, which `az … show` asks for. Nothing can be published here: it holds no secret."""
    host = f"{site_of(call).app}.invalid"
    profiles = "".join(
        f'<publishProfile profileName="{method}" publishMethod="{method}" publishUrl="{scheme}://{host}" />'
        for method, scheme in (("MSDeploy", "https"), ("FTP", "ftps"))
    )
    return Response(f"<publishData>{profiles}</publishData>", media_type="application/xml")


async def list_slots(call: Call) -> Response:
    """GET slots of an app; the ETag is the last one's, as recorded."""
    slots = call.state.slots_of(site_of(call).id)
    response = call.page([documents.in_slots(call.state, one, call.api_version) for one in slots])
    if slots:
        response.headers |= etag_header(slots[-1].etag)
    return response


async def list_sites(call: Call) -> Response:
    """GET apps of the subscription, or of one group; slots only of a group, with `includeSlots=true`."""
    scope = call.group if "group" in call.params else f"/subscriptions/{call.params['subscription']}"
    with_slots = call.request.query.get("includeSlots", "").casefold() == "true" and "group" in call.params
    kept = (one for one in call.state.sites.values() if with_slots or one.slot is None)
    apps = [one for one in kept if ids.within(one.id, scope) and call.may_read(one.id)]
    return call.page([documents.document(call.state, one, call.api_version) for one in apps])


def of_both(path: str, **handlers: Handler) -> list[Route]:
    """The same route under an app and under a slot."""
    return [route(SITE + path, **handlers), route(SITE + "/slots/{slot}" + path, **handlers)]


ROUTES: list[Route] = [
    route(SUBSCRIPTION + "/providers/Microsoft.Web/sites", get=list_sites),
    route(GROUP + "/providers/Microsoft.Web/sites", get=list_sites),
    route(SITE + "/slots", get=list_slots),
    *of_both("", get=get, put=put, patch=patch, delete=delete),
    *of_both(
        "/networkConfig/virtualNetwork", get=network_config, put=connect, patch=connect, delete=disconnect
    ),
    *of_both("/config/virtualNetwork", get=network_config, put=connect, patch=connect, delete=disconnect),
    *of_both("/virtualNetworkConnections", get=connections),
    *of_both("/config/web", get=configuration, patch=patch_configuration),
    *(one for action in ("restart", "start", "stop") for one in of_both(f"/{action}", post=restart)),
    *of_both("/publishxml", post=publishing_profile),
]
