"""How what a check returned, raised or did not answer in time becomes its one line."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar
from urllib.parse import urlsplit

from remediate.azure.network_failure import proxy_of
from remediate.azure.time_limit import TimeLimit
from remediate.errors import NotFound, RemediateError, UsageError
from remediate.model import Check, CheckResult
from remediate.model.failure import RequestFailed

Result = TypeVar("Result")
_COMMANDS = ("az ", "azd ", "Connect-AzAccount", "remediate ")
"""How a hint begins that is a command alone."""
_REFUSED = frozenset({"denied", "not-visible", "absent", "policy", "refused"})
"""The kinds of failed requests that are an answer; any other one leaves it unknown."""


def outcome(
    limit: TimeLimit,
    running: Future[Result],
    name: str,
    host: str,
    say: Callable[[Result], Check],
    broken: CheckResult | None = None,
) -> Check:
    """The check `name` of a call that asks `host`: what `say` makes of its result, or why there is none.

    `broken` is the result of a request without an answer that can be read; unknown if it is None.
    """
    try:
        found = limit.result(running)
    except TimeoutError:
        return no_answer(name, host, limit)
    except RemediateError as error:
        return failed(name, error, broken)
    return say(found)


def no_answer(name: str, host: str, limit: TimeLimit) -> Check:
    """The check of a call that did not end in time."""
    proxy = proxy_of(f"https://{host}") if "/" not in host else None
    through = f" through the proxy {proxy}" if proxy else ""
    cure = f"Check the way to {host}: firewall, DNS and proxy (HTTPS_PROXY, NO_PROXY)."
    return Check(name, "unknown", f"no answer from {host}{through} in {limit.seconds:g} s", cure)


def failed(name: str, error: RemediateError, broken: CheckResult | None = None) -> Check:
    """The check of a call that raised."""
    answered = not isinstance(error, RequestFailed) or error.kind in _REFUSED
    result: CheckResult = "problem" if answered else broken or "unknown"
    return Check(
        name, result, str(error).removeprefix("not signed in: "), sentence(error.hint), error.details
    )


def sentence(hint: str) -> str | None:
    """A hint as a sentence; some hints are a command alone."""
    if hint.startswith(_COMMANDS) and "`" not in hint:
        return f"Run `{hint}`"
    return f"{hint[:1].upper()}{hint[1:]}" if hint else None


def skipped(name: str, why: str) -> Check:
    """The check of what could not be asked, because another check is not ok."""
    return Check(name, "unknown", f"not checked: {why}")


def host_of(address: str) -> str:
    """Host and port of an address."""
    return urlsplit(address).netloc or address


def is_wrong_use(error: BaseException | None) -> bool:
    """Whether the command line is wrong, and not Azure."""
    return isinstance(error, UsageError) and not isinstance(error, NotFound)
