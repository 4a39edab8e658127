"""The few mutations, each a typed SDK call that sends one planned request and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.mgmt.core.polling.arm_polling import ARMPolling
from msgspec import Struct

from remediate import ids
from remediate.azure.failure import from_error
from remediate.azure.session import Session
from remediate.model import NETWORK_API, Request
from remediate.model.failure import RequestFailed

POLL = 2
"""Seconds between two looks at a long-running operation, where Azure names no Retry-After."""


class Answer(Struct, frozen=True):
    """How a write was answered: the status, and Azure's ids of it for a support request.

    `sent` is false for a write that did not go out, and has no answer.
    """

    status: int | None = None
    request_id: str = ""
    correlation_id: str = ""
    sent: bool = True


class BoundedPolling(ARMPolling):
    """Polls a long-running operation under the deadline that is in force where it was begun.

    The SDK polls in a thread of its own, which would know of no deadline.
    """

    def __init__(self) -> None:
        super().__init__(timeout=POLL)
        self._context = copy_context()

    def run(self) -> None:
        """Poll to the end, or raise what a request raises that begins after the deadline."""
        self._context.run(super().run)


class Writer:
    """Makes the SDK call of a planned request. It sends it once: the Waiter repeats it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def operation(self, request: Request, keep: Callable[[Answer], None]) -> Callable[[], object]:
        """The typed SDK call that sends one write and returns at Azure's answer, which `keep` is given.

        The call raises what the SDK raises: `from_error` says what that means. An answer is no proof of an
        effect: read back (azure-facts.md, 2).
        """

        def hook(response: Any) -> None:
            keep(_answer(response.http_response))

        if request.method == "POST":  # the purge of an unused link, which is in no SDK (azure-facts.md, 2)
            answered = lambda response: keep(_answer(response))  # noqa: E731
            return partial(self._session.ask, "POST", request.path, request.body, request, answered)
        resource = ids.parse(request.path.partition("?")[0])
        once: dict[str, Any] = {"planned": request, "retry_total": 0, "raw_response_hook": hook}
        last = resource.path[-1][0].casefold()
        if last == "networkconfig":
            return self._network_config(resource, request, once)
        if last in ("sites", "slots"):
            return self._site(resource, request, once)
        if last == "subnets":
            return partial(self._put_subnet, resource, request, once)
        raise ValueError(f"no way to send {request.method} {request.path}")

    def _network_config(
        self, resource: ids.ResourceId, request: Request, once: dict[str, Any]
    ) -> Callable[[], object]:
        web: Any = self._session.web(resource.subscription).web_apps
        where = _where(resource)
        if request.method == "DELETE":
            delete = (
                web.delete_swift_virtual_network_slot if len(where) == 3 else web.delete_swift_virtual_network
            )
            return partial(delete, *where, **once)
        put = (
            web.create_or_update_swift_virtual_network_connection_with_check_slot
            if len(where) == 3
            else web.create_or_update_swift_virtual_network_connection_with_check
        )
        return partial(put, *where, request.body, **once)

    def _site(self, resource: ids.ResourceId, request: Request, once: dict[str, Any]) -> Callable[[], object]:
        """PATCH only: a PUT of the whole site would lose its flags (azure-facts.md, 2)."""
        web: Any = self._session.web(resource.subscription).web_apps
        where = _where(resource)
        update = web.update_slot if len(where) == 3 else web.update
        return partial(update, *where, request.body, **once)

    def _put_subnet(self, resource: ids.ResourceId, request: Request, once: dict[str, Any]) -> None:
        """Raises a RequestFailed whose outcome is unknown where the write's progress could not be read."""
        subnets = self._session.network(resource.subscription).subnets
        written = subnets.begin_create_or_update(
            resource.group or "",
            resource.named("virtualNetworks") or "",
            resource.name,
            request.body,
            headers=dict(request.headers),
            params={"api-version": NETWORK_API},
            polling=BoundedPolling(),
            **once,
        )
        try:
            written.result()
        except HttpResponseError as error:
            failure = from_error(error)
            if (failure.status or 0) < 400:  # how the operation ended, told in an answer that is fine
                raise
            raise RequestFailed(
                "unreadable", f"the write was accepted, and how it ended could not be read: {failure}"
            ) from error


def _answer(response: Any) -> Answer:
    headers = response.headers
    ids_ = headers.get("x-ms-request-id", ""), headers.get("x-ms-correlation-request-id", "")
    return Answer(response.status_code, *ids_)


def _where(resource: ids.ResourceId) -> tuple[Any, ...]:
    """Group and app, and the slot if there is one, as the SDK's operations take them."""
    slot = resource.named("slots")
    where = (resource.group or "", resource.named("sites") or "")
    return (*where, slot) if slot else where
