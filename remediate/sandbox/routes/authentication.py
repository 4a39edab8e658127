"""What a client reads before it has a token: the cloud's metadata, the authority, the token itself."""

from __future__ import annotations

from urllib.parse import parse_qs

from remediate.sandbox.login import LIFETIME, TENANT
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.routes.call import Call, Route, route


async def metadata(call: Call) -> Response:
    """GET /metadata/endpoints: one object, as clients of a private cloud accept it (azure-facts.md, 5)."""
    origin = call.service.origin
    return json_response(
        {
            "name": "Sandbox",
            "portal": origin,
            "authentication": {
                "loginEndpoint": f"{origin}/{TENANT}",
                "audiences": [origin],
                "tenant": TENANT,
                "identityProvider": "ADFS",
            },
            "resourceManager": origin,
            "graph": origin,
            "graphAudience": origin,
            "media": "",
            "batch": "",
            "suffixes": {},
        }
    )


async def openid_configuration(call: Call) -> Response:
    """GET the authority's own description."""
    authority = f"{call.service.origin}/{TENANT}"
    return json_response(
        {
            "issuer": authority,
            "authorization_endpoint": f"{authority}/oauth2/authorize",
            "token_endpoint": f"{authority}/oauth2/token",
            "jwks_uri": f"{authority}/discovery/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
    )


async def token(call: Call) -> Response:
    """POST for a token (client_credentials); 401 `invalid_client` for a wrong secret."""
    form = {name: values[0] for name, values in parse_qs((call.request.body).decode()).items()}
    if form.get("grant_type") != "client_credentials":
        return _denied(400, "unsupported_grant_type", "Only client_credentials is supported.")
    if not call.service.login.accepts(form.get("client_id"), form.get("client_secret")):
        return _denied(401, "invalid_client", "Invalid client id or client secret is provided.")
    granted = call.service.login.issue(call.service.origin)
    return json_response({"token_type": "Bearer", "expires_in": LIFETIME, "access_token": granted})


def _denied(status: int, error: str, description: str) -> Response:
    return json_response({"error": error, "error_description": description}, status)


ROUTES: list[Route] = [
    route("/metadata/endpoints", get=metadata),
    route(f"/{TENANT}/.well-known/openid-configuration", get=openid_configuration),
    # `az login` looks a tenant up that is no GUID: under the authority, which ends in the tenant already.
    route(f"/{TENANT}/{TENANT}/v2.0/.well-known/openid-configuration", get=openid_configuration),
    route(f"/{TENANT}/oauth2/token", post=token),
    route(f"/{TENANT}/oauth2/v2.0/token", post=token),
]
