"""How a request to Azure, or a wait for its effect, failed."""

from __future__ import annotations

from typing import Any, Literal

from remediate.errors import Exit, RemediateError
from remediate.redaction import one_line

Kind = Literal[
    "absent",  # gone: a 404 whose code, or what was read besides, proves it (azure/absence.py)
    "not-visible",  # in a subscription or tenant that the account cannot see
    "unproved",  # any other 404: it does not prove that something is gone
    "unauthenticated",  # 401: the token is not accepted, or there is none; nothing was carried out
    "denied",  # 403: permission
    "locked",  # a management lock
    "policy",  # Azure Policy said no
    "exclusive-lock",  # another write to this site or plan is under way
    "busy",  # another operation is in progress
    "throttled",  # a quota
    "timeout",  # the gateway gave up; the operation goes on behind it
    "broken",  # 5xx
    "unreachable",  # no answer at all: the request may or may not have arrived
    "unreadable",  # an answer, but not one that can be read
    "plan-limit",  # the plan has all the subnets that it may have
    "occupied",  # something else is in the subnet
    "delegation",  # the subnet is not delegated to App Service
    "in-use",  # the resource is in use
    "moved",  # If-Match did not match
    "interrupted",  # not sent: the operator interrupted the command
    "refused",  # any other 4xx
]
RETRYABLE: frozenset[Kind] = frozenset({"exclusive-lock", "busy", "throttled"})
"""Nothing was done, and the same request may go through later."""
OUTCOME_UNKNOWN: frozenset[Kind] = frozenset({"timeout", "broken", "unreachable", "unreadable"})
"""It is not known whether the write was carried out; its effect has to be read."""
_HINTS: dict[Kind, str] = {
    "not-visible": "sign in to the tenant of the subscription (`az login --tenant TENANT_ID`), or ask for "
    "the role Reader on it; the subscriptions that the account can see: `az account list --all --refresh`",
    "unauthenticated": "sign in again (`az login`), then run the same command again",
    "denied": "the role Reader on the app, its plan and its network is needed to look",
    "unreachable": "check the network and --arm-endpoint, then try again",
    "throttled": "Azure is throttling requests (429); try again in a minute",
}


class RequestFailed(RemediateError):
    """A request that did not end as asked. `retry_after` is in seconds, where Azure gave one.

    The stable `code` is the kind; `azure_code` is what Azure calls it.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        status: int | None = None,
        azure_code: str = "",
        retry_after: float | None = None,
        request_id: str = "",
        correlation_id: str = "",
        hint: str | None = None,
    ) -> None:
        self.message = one_line(message)
        super().__init__(self.message, hint=hint or _HINTS.get(kind))
        self.kind: Kind = kind
        self.code = kind
        self.status = status
        self.azure_code = one_line(azure_code, 200)
        self.retry_after = retry_after
        self.request_id = request_id
        self.correlation_id = correlation_id

    @property
    def retryable(self) -> bool:
        """Whether nothing was done, and the same request may go through later."""
        return self.kind in RETRYABLE

    @property
    def outcome_unknown(self) -> bool:
        """Whether a write that ended so may have been carried out all the same."""
        return self.kind in OUTCOME_UNKNOWN

    def __str__(self) -> str:
        told = " ".join(str(part) for part in (self.status, self.azure_code) if part)
        return f"{told}: {self.message}" if told else self.message


class NotSent(RequestFailed):
    """A write that was announced in the journal and not sent: the operator interrupted the command."""

    def __init__(self) -> None:
        super().__init__("interrupted", "interrupted before it was sent")


class WaitTimedOut(RemediateError):
    """A wait timed out. `last` is what was seen last, or None if nothing was."""

    code = "timed-out"

    def __init__(self, waited: float, last: Any) -> None:
        super().__init__(f"gave up after {waited:.0f} s")
        self.waited = waited
        self.last = last


class OutcomeUnknown(RemediateError):
    """A write failed in the end, and an attempt at it may have been carried out all the same."""

    exit = Exit.NOT_FINISHED
    code = "outcome-unknown"
