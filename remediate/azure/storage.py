"""The client of the one container that shared state is kept in, and what may be sent to it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import ContainerClient

from remediate import __version__
from remediate.azure.cloud import Cloud
from remediate.errors import UsageError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

AUDIENCE = "https://storage.azure.com/.default"
"""The same in every cloud, as the SDK itself has it; the authority and the host are the cloud's own."""


class NoStorage(UsageError):
    """No storage account can be reached in the way that was asked for; the message says why."""


def container(cloud: Cloud, credential: TokenCredential, account: str, name: str) -> ContainerClient:
    """The container, in the cloud that ARM is in. Raises NoStorage where that names no storage."""
    if not cloud.storage:
        raise NoStorage(f"{cloud.name} names no storage: shared state needs AZURE_STORAGE_CONNECTION_STRING")
    host = f"{account}.blob.{cloud.storage}"
    return ContainerClient(f"https://{host}", name, credential=OnlyStorage(credential), **_wiring(host))


def from_connection_string(text: str, account: str, name: str) -> ContainerClient:
    """The container of an account that a connection string gives access to, or of an emulator.

    Raises NoStorage for one without a key, for another account, and for an address without TLS that is
    not on this machine.
    """
    try:
        address = urlsplit(ContainerClient.from_connection_string(text, name).url)
        client = ContainerClient.from_connection_string(text, name, **_wiring(address.netloc))
    except ValueError as error:
        raise NoStorage("AZURE_STORAGE_CONNECTION_STRING cannot be understood") from error
    if client.credential is None and not address.query:
        raise NoStorage("AZURE_STORAGE_CONNECTION_STRING holds neither a key nor a signature")
    if client.account_name != account:
        raise NoStorage(
            f"AZURE_STORAGE_CONNECTION_STRING is for the account {client.account_name!a}, not {account!a}"
        )
    if client.scheme != "https" and not _is_loopback(address.hostname or ""):
        raise NoStorage(
            "AZURE_STORAGE_CONNECTION_STRING leads to a host without TLS, and not on this machine"
        )
    return client


class OnlyStorage:
    """A credential that gives tokens for storage, whatever a server that asks for one would rather have."""

    def __init__(self, credential: TokenCredential) -> None:
        self._credential = credential

    def get_token(self, *_: str, **options: Any) -> AccessToken:
        """A token for storage."""
        return self._credential.get_token(AUDIENCE, **options)


class OnlyHost(RequestsTransport):  # type: ignore[misc]
    """Sends what signs us in to the blob host of one account, and nothing anywhere else."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self._host = host.casefold()

    def send(self, request: Any, **options: Any) -> Any:
        """Send a request. Raises ServiceRequestError for one that leads to another host."""
        url = urlsplit(request.url)
        if url.netloc.casefold() != self._host:
            raise ServiceRequestError(f"an address that leads to {url.netloc} was not followed")
        return super().send(request, **options)


def _wiring(host: str) -> dict[str, Any]:
    agent = f"vnet-remediate/{__version__}"
    return {"transport": OnlyHost(host), "permit_redirects": False, "user_agent": agent}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
