"""What signs in: azure-identity's chain of credentials, made anew on request, its errors explained."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError

from remediate.azure.clock import SystemClock
from remediate.azure.cloud import Cloud
from remediate.azure.deadline import NO_ANSWER, Deadline, bounded_by, current_deadline
from remediate.azure.sdk import credential_class
from remediate.azure.sign_in import NotSignedIn, diagnose
from remediate.azure.transport import NoToken, SignInTransport
from remediate.errors import RemediateError
from remediate.model.failure import Kind, RequestFailed

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, AccessTokenInfo
    from azure.identity import DefaultAzureCredential

PROCESS_TIMEOUT = 9
"""Seconds for each of `az`, `pwsh` and `azd`: all three and IMDS are tried within half a minute."""


class Credential:
    """Environment, workload or managed identity, `az login`; nothing is asked before a token is needed."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._made: tuple[DefaultAzureCredential, SignInTransport] | None = None

    def renew(self) -> None:
        """Forget every token, and which credential gave it: somebody signed in again."""
        self._made = None

    @property
    def through(self) -> str:
        """azure-identity's name of the credential that gave the last token."""
        chain, _ = self._chain()
        one: object = getattr(chain, "_successful_credential", None)  # no public name leads to it
        return type(one).__name__ if one is not None else type(chain).__name__

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A token. Raises NoToken."""
        chain, transport = self._chain()
        try:
            with _limited():
                return chain.get_token(*scopes, **options)
        except (AzureError, ValueError) as error:
            raise NoToken(_why(error, transport)) from error

    def get_token_info(self, *scopes: str, **options: Any) -> AccessTokenInfo:
        """A token, as the SDK would rather have it. Raises NoToken."""
        chain, transport = self._chain()
        try:
            with _limited():
                return chain.get_token_info(*scopes, **options)
        except (AzureError, ValueError) as error:
            raise NoToken(_why(error, transport)) from error

    def _chain(self) -> tuple[DefaultAzureCredential, SignInTransport]:
        if self._made is None:
            cloud = self._cloud
            transport = SignInTransport(cloud.authority, only=cloud.custom)
            settings: dict[str, Any] = {"authority": cloud.authority, "transport": transport}
            if cloud.custom:
                settings["disable_instance_discovery"] = True
            chain = credential_class()(process_timeout=PROCESS_TIMEOUT, **settings)
            self._made = chain, transport
        return self._made


def _limited() -> AbstractContextManager[Any]:
    """A sign-in has a deadline of its own where it is part of nothing that has one."""
    if current_deadline() is not None:
        return nullcontext()
    return bounded_by(Deadline(SystemClock(), NO_ANSWER))


def _why(error: Exception, transport: SignInTransport) -> RemediateError:
    failure = transport.failure
    if failure is None:
        return NotSignedIn(diagnose(str(error), os.environ))
    kind: Kind = "unreadable" if failure.reason == "page" else "unreachable"
    return RequestFailed(kind, f"cannot sign in: {failure.summary}", hint=failure.hint)
