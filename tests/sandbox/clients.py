"""The real clients, pointed at a sandbox as an operator's environment would point them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import requests
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.web import WebSiteManagementClient

from remediate.sandbox.server import Sandbox

GROUP = "rg-sandbox"
APP = "orders-func"
VNET = "vnet-prod"
SUBNET = "snet-apps"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
BASE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
APP_ID = f"{BASE}/Microsoft.Web/sites/{APP}"
SUBNET_ID = f"{BASE}/Microsoft.Network/virtualNetworks/{VNET}/subnets/{SUBNET}"
WEB_API = "2025-05-01"
PATIENCE = 10.0
"""Seconds after which what should have happened has not."""


class Clients:
    """The SDK's clients for one sandbox, and plain HTTPS beside them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.endpoint = sandbox.environment["REMEDIATE_ARM_ENDPOINT"]
        self.bundle = sandbox.environment["REQUESTS_CA_BUNDLE"]
        self.http = requests.Session()
        self.http.verify = self.bundle
        self.http.trust_env = False
        scope = f"{self.endpoint}/.default"
        self._settings: dict[str, Any] = {
            "base_url": self.endpoint,
            "credential_scopes": [scope],
            "retry_total": 0,
        }

    @cached_property
    def web(self) -> WebSiteManagementClient:
        return WebSiteManagementClient(DefaultAzureCredential(), SUBSCRIPTION, **self._settings)

    @cached_property
    def network(self) -> NetworkManagementClient:
        return NetworkManagementClient(DefaultAzureCredential(), SUBSCRIPTION, **self._settings)

    @cached_property
    def token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.sandbox.environment["AZURE_CLIENT_ID"],
            "client_secret": self.sandbox.environment["AZURE_CLIENT_SECRET"],
        }
        answer = self.http.post(f"{self.endpoint}/adfs/oauth2/token", data=form, timeout=30)
        return str(answer.json()["access_token"])

    def ask(self, method: str, path: str, api: str | None = WEB_API, **settings: Any) -> requests.Response:
        """A plain request with a token, and with an api-version unless there is to be none."""
        headers = {"Authorization": f"Bearer {self.token}"} | settings.pop("headers", {})
        query = {"api-version": api} if api else {}
        return self.http.request(
            method, self.endpoint + path, headers=headers, params=query, timeout=30, **settings
        )

    def control(self, method: str, name: str, **settings: Any) -> requests.Response:
        """One of the addresses for tests; they need no token."""
        return self.http.request(method, f"{self.endpoint}/_sandbox/{name}", timeout=30, **settings)

    def faults(self, *rules: dict[str, Any]) -> None:
        assert self.control("PUT", "faults", json=list(rules)).status_code == 204

    @property
    def log(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control("GET", "requests").json()
        return entries

    def site(self, slot: str | None = None) -> dict[str, Any]:
        path = f"{APP_ID}/slots/{slot}" if slot else APP_ID
        body: dict[str, Any] = self.ask("GET", path).json()
        return body

    def links(self) -> list[dict[str, Any]]:
        """The links of the subnet, as they are in its body."""
        properties = self.ask("GET", SUBNET_ID, api="2024-05-01").json()["properties"]
        return list(properties.get("serviceAssociationLinks", []))

    def patch(self, subnet: str | None) -> requests.Response:
        return self.ask("PATCH", APP_ID, json={"properties": {"virtualNetworkSubnetId": subnet}})


def eventually(question: Callable[[], object]) -> bool:
    """Whether it becomes true while we keep asking."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if question():
            return True
    return False


def failure(action: Callable[[], object]) -> HttpResponseError:
    """The error that the SDK makes of an answer."""
    try:
        action()
    except HttpResponseError as error:
        return error
    raise AssertionError("it did not fail")
