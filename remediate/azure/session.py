"""One sign-in to one Azure: credential, clients, the thread pool, and the count of requests."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from azure.core.exceptions import DecodeError
from azure.core.rest import HttpRequest
from azure.mgmt.core import ARMPipelineClient
from msgspec import Struct

from remediate.azure.clock import Clock
from remediate.azure.cloud import Cloud
from remediate.azure.credential import Credential
from remediate.azure.failure import accepted, answered, from_error
from remediate.azure.network_failure import called
from remediate.azure.outstanding import OUTSTANDING
from remediate.azure.pipeline import Meter, build
from remediate.azure.sdk import clients
from remediate.azure.transport import ClockedTransport, NoToken
from remediate.model import Request, Requests
from remediate.model.failure import RequestFailed
from remediate.signals import block_signals

if TYPE_CHECKING:
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.web import WebSiteManagementClient

Result = TypeVar("Result")
_JSON = {"Accept": "application/json"}


class SignedIn(Struct, frozen=True):
    """Who is signed in, as the token says: `who` and `tenant` for showing, never for deciding.

    `object_id` is by what deny assignments name the account, `expires` when the token ends, in seconds
    since 1970; None where the token does not tell it.
    """

    who: str
    tenant: str
    object_id: str | None = None
    expires: float | None = None


class Session:
    """Everything needed to ask Azure. Open it with `open_session`; close it when done."""

    def __init__(self, cloud: Cloud, credential: Credential, signed_in: SignedIn, clock: Clock) -> None:
        self.cloud = cloud
        self.clock = clock
        self.signed_in = signed_in
        self._credential = credential
        self.unauthenticated: RequestFailed | None = None
        """The last read that was not answered because the token was not accepted."""
        self._meter = Meter()
        self._transport = ClockedTransport(clock)
        self._arm: ARMPipelineClient[Any, Any] = ARMPipelineClient(cloud.arm, **self._pipeline())
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="read", initializer=block_signals)
        self._web: dict[str, WebSiteManagementClient] = {}
        self._network: dict[str, NetworkManagementClient] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._transport.close()

    @property
    def requests(self) -> Requests:
        """How many requests went to ARM so far."""
        return self._meter.count

    def web(self, subscription: str) -> WebSiteManagementClient:
        """The Microsoft.Web client of a subscription."""
        if subscription not in self._web:
            self._web[subscription] = clients().web(
                self._credential, subscription, self.cloud.arm, **self._wiring()
            )
        return self._web[subscription]

    def network(self, subscription: str) -> NetworkManagementClient:
        """The Microsoft.Network client of a subscription; the VNet may live in another than the app."""
        if subscription not in self._network:
            self._network[subscription] = clients().network(
                self._credential, subscription, self.cloud.arm, **self._wiring()
            )
        return self._network[subscription]

    @property
    def credential(self) -> Credential:
        """What signs in, for the services beside ARM that share it."""
        return self._credential

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        planned: Request | None = None,
        keep: Callable[[Any], None] | None = None,
    ) -> Any:
        """Every read, and the writes that no SDK has. Returns the JSON; raises RequestFailed.

        It takes the pipeline that is in the SDK's clients too; their models, built of every answer, would
        cost more than all else here, and their import a second.

        A write needs the planned request that it is; `keep` is given its answer, for Azure's ids of it.
        What a write's answer says is not read: a purge is answered in words that prove nothing.
        """
        # A write is sent once: azure-core would repeat it for a Retry-After whatever the method.
        options: dict[str, Any] = {"planned": planned, "retry_total": 0} if planned else {}
        try:
            request = HttpRequest(method, self.cloud.arm + path, json=body, headers=_JSON)
            answer = self._arm.send_request(request, **options)
            if keep:
                keep(answer)
            if planned is None:
                return answered(answer)
            accepted(answer)
        except DecodeError as error:
            if planned is None or not 200 <= (error.status_code or 0) < 300:
                raise from_error(error) from error
            if keep:
                keep(error.response)
        except Exception as error:
            raise from_error(error) from error
        return None

    def side_by_side(self, calls: Sequence[Callable[[], Result]]) -> list[Result]:
        """Run independent reads at the same time; results in the order of the calls.

        The deadline in force holds in the pool's threads too.
        """
        futures = [self._pool.submit(copy_context().run, call) for call in calls]
        return [future.result() for future in futures]

    def refresh(self) -> None:
        """Fetch a token and import the clients, so that neither falls into the time without network."""
        clients()
        _token(self._credential, self.cloud)

    def renew(self) -> None:
        """Sign in anew for whatever is sent next: the token is not accepted any more."""
        self._credential.renew()
        self.unauthenticated = None

    def _wiring(self) -> dict[str, Any]:
        return {**self._pipeline(), "credential_scopes": [f"{self.cloud.audience}/.default"]}

    def _pipeline(self) -> dict[str, Any]:
        policies = build(self.cloud, self._credential, self._meter, self.clock)
        return {"policies": policies, "transport": self._transport}


def open_session(cloud: Cloud, clock: Clock) -> Session:
    """Sign in. Raises NotSignedIn, and RequestFailed where the network is broken."""
    credential = Credential(cloud)
    with OUTSTANDING.waiting(f"the sign-in at {called(cloud.authority)}"):
        signed_in = _who(_token(credential, cloud))
    return Session(cloud, credential, signed_in, clock)


def default_subscription(asked: str | None) -> str | None:
    """The subscription to work in: asked for, from the environment, or the default of `az`."""
    return asked or os.environ.get("AZURE_SUBSCRIPTION_ID") or _az_default()


def _az_default() -> str | None:
    folder = Path(os.environ.get("AZURE_CONFIG_DIR") or Path.home() / ".azure")
    try:
        profile = json.loads((folder / "azureProfile.json").read_text(encoding="utf-8-sig"))
        chosen = (one for one in profile["subscriptions"] if one.get("isDefault"))
        return str(next(chosen)["id"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None  # not signed in with `az`, or a profile that only `az` can read


def _token(credential: Credential, cloud: Cloud) -> str:
    """A token for ARM. Raises NotSignedIn, and RequestFailed where the network is broken."""
    try:
        return credential.get_token(f"{cloud.audience}/.default").token
    except NoToken as error:
        raise error.why from error


def _who(token: str) -> SignedIn:
    """The name in a token's claims; the token itself is not checked here, ARM does that."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        names = ("upn", "preferred_username", "unique_name", "app_displayname", "appid", "oid")
        who = next((str(claims[name]) for name in names if claims.get(name)), "unknown")
        object_id, expires = claims.get("oid"), claims.get("exp")
        return SignedIn(
            who,
            str(claims.get("tid", "unknown")),
            str(object_id) if object_id else None,
            float(expires) if isinstance(expires, int | float) else None,
        )
    except (IndexError, ValueError, AttributeError, OverflowError, RecursionError):
        return SignedIn("unknown", "unknown")
