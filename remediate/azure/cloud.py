"""Which Azure: the public and the sovereign clouds by name, any other by its ARM endpoint."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from azure.core import PipelineClient
from azure.core.rest import HttpRequest
from msgspec import Struct

from remediate.azure.clock import SystemClock
from remediate.azure.deadline import NO_ANSWER, Deadline, bounded_by
from remediate.azure.failure import answered, from_error
from remediate.azure.network_failure import called
from remediate.azure.outstanding import OUTSTANDING
from remediate.azure.read_retries import ReadRetries
from remediate.azure.transport import BoundedTransport
from remediate.errors import UsageError
from remediate.model.failure import RequestFailed


class Cloud(Struct, frozen=True):
    """Where ARM is, who signs in, and for whom the token is meant. Addresses without a final slash.

    `storage` is what the names of storage hosts end in, behind the name of the service; empty where
    the cloud names none.
    """

    name: str
    arm: str
    authority: str
    audience: str
    storage: str = ""
    custom: bool = False

    @property
    def host(self) -> str:
        """Host and port of ARM: the only place besides the authority that may see a token."""
        return urlsplit(self.arm).netloc.casefold()


CLOUDS = (
    Cloud(
        "AzureCloud",
        "https://management.azure.com",
        "https://login.microsoftonline.com",
        "https://management.azure.com",
        "core.windows.net",
    ),
    Cloud(
        "AzureUSGovernment",
        "https://management.usgovcloudapi.net",
        "https://login.microsoftonline.us",
        "https://management.usgovcloudapi.net",
        "core.usgovcloudapi.net",
    ),
    Cloud(
        "AzureChinaCloud",
        "https://management.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
        "core.chinacloudapi.cn",
    ),
)


class UnknownCloud(UsageError):
    """No cloud of that name, or an endpoint that is none."""


def named(name: str) -> Cloud:
    """The cloud that `az cloud list` calls so. Raises UnknownCloud."""
    for cloud in CLOUDS:
        if cloud.name.casefold() == name.casefold():
            return cloud
    known = ", ".join(cloud.name for cloud in CLOUDS)
    raise UnknownCloud(f"no cloud is called {name!r}; known: {known} (others through --arm-endpoint)")


def discovered(endpoint: str) -> Cloud:
    """The cloud behind an ARM endpoint, from its own `/metadata/endpoints` (azure-facts.md, 4 and 5).

    Raises UnknownCloud for an address that is not https, RequestFailed when it does not answer as ARM does.
    """
    if not _is_address(endpoint):
        raise UnknownCloud(f"an ARM endpoint is an https:// address of a host, not {endpoint[:200]!r}")
    arm = f"https://{urlsplit(endpoint).netloc}"
    cloud = _from_metadata(arm, _metadata(arm))
    _check_authority(cloud)
    return cloud


def _is_address(endpoint: str) -> bool:
    """Whether this is https, host and perhaps port: no user's name, and nothing that parsers disagree on."""
    try:
        parts = urlsplit(endpoint)
        plain = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        netloc = plain if parts.port is None else f"{plain}:{parts.port}"
    except ValueError:
        return False
    printable = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    return parts.scheme == "https" and bool(plain) and printable and parts.netloc.casefold() == netloc


def _check_authority(cloud: Cloud) -> None:
    """An authority that the operator named is not overruled by what an endpoint answers."""
    named = os.environ.get("AZURE_AUTHORITY_HOST", "")
    host = urlsplit(named if "://" in named else f"https://{named}").netloc
    if named and host.casefold() != urlsplit(cloud.authority).netloc.casefold():
        raise UnknownCloud(
            f"{cloud.arm} would have us sign in at {cloud.authority}, but AZURE_AUTHORITY_HOST is {named!r}"
        )


def _metadata(arm: str) -> Any:
    retry = ReadRetries(retry_total=2, retry_backoff_factor=0.2)
    request = HttpRequest("GET", f"{arm}/metadata/endpoints?api-version=2022-09-01")
    client: PipelineClient[HttpRequest, Any] = PipelineClient(
        arm, policies=[retry], transport=BoundedTransport()
    )
    with client, OUTSTANDING.waiting(called(arm)), bounded_by(Deadline(SystemClock(), NO_ANSWER)):
        try:
            return answered(client.send_request(request))
        except Exception as error:
            failure = from_error(error)
            told = f"{arm} does not answer as Azure Resource Manager: {failure}"
            raise RequestFailed(failure.kind, told, hint=failure.hint) from error


def _from_metadata(arm: str, document: Any) -> Cloud:
    """One object, or the list of clouds that the public endpoint answers with (2019-05-01 and later)."""
    candidates = document if isinstance(document, list) else [document]
    try:
        chosen = next((one for one in candidates if _is_here(one, arm)), candidates[0])
        login = str(chosen["authentication"]["loginEndpoint"])
        audience = chosen["authentication"]["audiences"][0]
        name = str(chosen.get("name") or urlsplit(arm).netloc)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise RequestFailed("unreadable", f"{arm} names no login endpoint in its metadata") from error
    if not _is_address(login) or not isinstance(audience, str):
        raise RequestFailed("unreadable", f"{arm} names a login endpoint that is not https, or no audience")
    authority, storage = f"https://{urlsplit(login).netloc}", _storage(chosen)
    return Cloud(name, arm, authority, audience.rstrip("/"), storage, custom=True)


def _storage(metadata: Any) -> str:
    """The suffix of storage hosts, where the metadata names one (azure-facts.md, 4)."""
    suffixes = metadata.get("suffixes")
    named = suffixes.get("storage") if isinstance(suffixes, dict) else None
    is_host = isinstance(named, str) and _is_address(f"https://{named}") and not set(named) & set("/?#")
    return str(named) if is_host else ""


def _is_here(candidate: Any, arm: str) -> bool:
    manager = str(candidate.get("resourceManager") or "")
    return urlsplit(manager).netloc.casefold() == urlsplit(arm).netloc.casefold()
