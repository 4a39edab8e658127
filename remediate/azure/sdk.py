"""The management SDKs and azure-identity, which take about a second to import.

They are imported here alone. The clients are for writes: a command that may write has them imported in a
thread, while the credential is fetched and Azure is read.
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


@cache
def load_clients() -> threading.Thread:
    """Import the clients in a thread, which `clients` joins."""

    def load() -> None:
        block_signals()
        _import()

    thread = threading.Thread(target=load, name="load-clients", daemon=True)
    thread.start()
    return thread


def clients() -> Clients:
    """The client classes, as soon as they are imported."""
    load_clients().join()
    return _import()


@cache
def _import() -> Clients:
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.web import WebSiteManagementClient

    return Clients(WebSiteManagementClient, NetworkManagementClient)


def credential_class() -> type[DefaultAzureCredential]:
    """What signs in, imported while the clients are."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential
