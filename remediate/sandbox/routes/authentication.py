"""What a client reads before it has a token: the cloud's metadata, the authority, the token itself."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from urllib.parse import parse_qs

from remediate.sandbox.login import LIFETIME, TENANT
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.routes.call import Call, Route, route

WRONG_SECRET = (
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
    "not the client secret ID, for a secret added to app '{client}'."
)
UNKNOWN_CLIENT = (
    f"Application with identifier '{{client}}' was not found in the directory '{TENANT}'. This can happen if "
    "the application has not been installed by the administrator of the tenant or consented to by any user "
    "in the tenant. You may have sent your authentication request to the wrong tenant."
)


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
    """POST for a token (client_credentials), refused with Microsoft Entra's codes.

    A wrong secret is AADSTS7000215 (401), an unknown application AADSTS700016 (400).
    """
    form = {name: values[0] for name, values in parse_qs((call.request.body).decode()).items()}
    if form.get("grant_type") != "client_credentials":
        return _denied(400, "unsupported_grant_type", "Only client_credentials is supported.")
    client, login = form.get("client_id", ""), call.service.login
    if client != login.client_id:
        return _refused(400, "unauthorized_client", 700016, UNKNOWN_CLIENT.format(client=client[:80]))
    if not login.accepts(client, form.get("client_secret")):
        return _refused(401, "invalid_client", 7000215, WRONG_SECRET.format(client=client))
    granted = call.service.login.issue(call.service.origin)
    return json_response({"token_type": "Bearer", "expires_in": LIFETIME, "access_token": granted})


def _refused(status: int, error: str, code: int, text: str) -> Response:
    """A refusal as Microsoft Entra words it: the code before the text, and again as a number."""
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
    ids = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"
    body = {
        "error": error,
        "error_description": f"AADSTS{code}: {text} {ids}",
        "error_codes": [code],
        "timestamp": at,
        "trace_id": trace,
        "correlation_id": correlation,
    }
    return json_response(body, status)


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
