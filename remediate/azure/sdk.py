"""The management SDKs and azure-identity, which take about a second to import.

They are imported here alone, in a thread, while the credential is fetched: `az` and a managed identity take
as long to answer.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from remediate.signals import block_signals

if TYPE_CHECKING:
    from azure.identity import DefaultAzureCredential
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.web import WebSiteManagementClient


class Clients(NamedTuple):
    """The clients of the two resource providers."""

    web: type[WebSiteManagementClient]
    network: type[NetworkManagementClient]


def load_clients() -> threading.Thread:
    """Import the clients in a thread that is to be joined before they are used."""

    def load() -> None:
        block_signals()
        clients()

    thread = threading.Thread(target=load, name="load-clients", daemon=True)
    thread.start()
    return thread


@cache
def clients() -> Clients:
    """The client classes, imported on the first call."""
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.web import WebSiteManagementClient

    return Clients(WebSiteManagementClient, NetworkManagementClient)


def credential_class() -> type[DefaultAzureCredential]:
    """What signs in, imported while the clients are."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential
