"""How the simulated Azure says no: both error envelopes (azure-facts.md, 3)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox.messages import Response, json_response


class Refusal(Exception):
    """A request that is refused: the status, the body in one of the two envelopes, and extra headers."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}

    def response(self) -> Response:
        """The answer that says so."""
        return json_response(self.body, self.status, dict(self.headers))


def web(status: int, code: str, message: str, extended: str = "51021") -> Refusal:
    """Microsoft.Web's envelope, PascalCase. `extended` is its ExtendedCode."""
    entity = {
        "ExtendedCode": extended,
        "MessageTemplate": message,
        "Parameters": [],
        "Code": code,
        "Message": message,
    }
    details = [{"Message": message}, {"Code": code}, {"ErrorEntity": entity}]
    return Refusal(
        status, {"Code": code, "Message": message, "Target": None, "Details": details, "Innererror": None}
    )


def arm(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Refusal:
    """Resource Manager's own envelope; the header says that no resource provider was asked, as recorded."""
    body = {"error": {"code": code, "message": message}}
    return Refusal(status, body, {"x-ms-failure-cause": "gateway", **(headers or {})})


def network(status: int, code: str, message: str) -> Refusal:
    """Microsoft.Network's envelope, which has `details` in any case, as recorded."""
    return Refusal(status, {"error": {"code": code, "message": message, "details": []}})


def exclusive_lock() -> Refusal:
    """429 of a site that another write holds: a lock, not a quota (azure-facts.md, 3)."""
    message = "Cannot acquire exclusive lock to create, update or delete this site. Retry the request later."
    return web(429, "429", message, extended="59206")


def plan_lock() -> Refusal:
    """429 of a plan that another write holds, as recorded (azure-facts.md, 3)."""
    message = "Cannot acquire exclusive lock to create or update this server farm. Retry the request later."
    return web(429, "429", message, extended="59207")


def gateway_timeout() -> Refusal:
    """504 of a service that did not answer Resource Manager in time (azure-facts.md, 3)."""
    message = "The gateway did not receive a response from 'Microsoft.Web' within the specified time period."
    body = {"error": {"code": "GatewayTimeout", "message": message}}
    return Refusal(504, body, {"x-ms-failure-cause": "service"})


def not_registered(namespace: str) -> Refusal:
    """409 of a resource provider that the subscription does not know, word for word as recorded."""
    code = "MissingSubscriptionRegistration"
    message = (
        f"The subscription is not registered to use namespace '{namespace}'. See "
        "https://aka.ms/rps-not-found for how to register subscriptions."
    )
    refused = arm(409, code, message)
    refused.body["error"]["details"] = [{"code": code, "target": namespace, "message": message}]
    return refused


def resource_not_found(id_: str) -> Refusal:
    """404 of a resource that is not there, word for word as recorded."""
    parsed = ids.parse(id_)
    what = "/".join([parsed.namespace or "", *(part for pair in parsed.path for part in pair)])
    return arm(
        404,
        "ResourceNotFound",
        f"The Resource '{what}' under resource group '{parsed.group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def group_not_found(name: str) -> Refusal:
    """404 of a resource group."""
    return arm(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def subscription_not_found(subscription: str) -> Refusal:
    """404 of a subscription."""
    return arm(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")
