"""One call to the blob service: its time limits, its repetitions, and the messages of its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import BlobClient
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_exponential

from remediate.errors import StoreError
from remediate.state.store import LockHeld

Result = TypeVar("Result")

CALL_LIMIT = 8.0
"""Seconds that one call may take with its repetitions: an app may be without network meanwhile.

Times in this package are real, never simulated: the service is real even beside a sandbox."""
ANSWER_LIMIT = 4.0
"""Seconds to wait for one answer."""
SHORT_LIMIT = 2.0
"""The same after the service did not answer: then each call is tried once, and the run goes on."""
_ROLE = "the role Storage Blob Data Contributor on the container is needed, or with a key the right key"


class StorageCalls:
    """The calls of one process; it remembers whether the last one was answered."""

    def __init__(self) -> None:
        self._failing = False

    def call(self, request: Callable[..., Result]) -> Result:
        """Repeat a call until it is answered, and return its result. Raises the last AzureError.

        `request` is an SDK method that takes the options of a call; the SDK's own retries are off.
        If the first answer is lost, the request may be carried out twice.
        """
        seconds = SHORT_LIMIT if self._failing else ANSWER_LIMIT
        stop = stop_after_attempt(1) if self._failing else stop_after_delay(CALL_LIMIT)
        wait = wait_exponential(multiplier=0.2, max=2)
        retrying = Retrying(stop=stop, wait=wait, retry=retry_if_exception(is_transient), reraise=True)
        try:
            result = retrying(lambda: request(**_limits(seconds)))
        except AzureError as error:
            self._failing = is_transient(error)
            raise
        self._failing = False
        return result

    def content(self, blob: BlobClient, start: int | None = None) -> bytes:
        """The bytes of a blob from an offset on. Raises AzureError."""

        def download(**limits: Any) -> bytes:
            content: bytes = blob.download_blob(offset=start, **limits).readall()
            return content

        return self.call(download)

    def call_once(self, request: Callable[..., Result]) -> Result:
        """The same, tried once; its failure does not affect other calls."""
        return request(**_limits(SHORT_LIMIT))


def _limits(seconds: float) -> dict[str, Any]:
    return {"connection_timeout": seconds, "read_timeout": seconds, "retry_total": 0}


def is_transient(error: BaseException) -> bool:
    """Whether a repetition may succeed: there was no answer, or the service is busy or broken."""
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return True
    status = error.status_code if isinstance(error, HttpResponseError) else None
    return status is not None and (status >= 500 or status in (408, 429))


def error_code(error: Exception) -> str:
    """The service's code of an error, such as BlobNotFound; empty without an answer."""
    word = getattr(error, "error_code", None)
    return str(getattr(word, "value", word) or "")  # the SDK has an enumeration of those that it knows


@contextmanager
def store_errors(what: str) -> Iterator[None]:
    """Convert every exception in the block into a StoreError that says what failed and why.

    Every one, because no answer of the service may end a run while an app is without network.
    """
    try:
        yield
    except (StoreError, LockHeld):
        raise
    except Exception as error:
        raise StoreError(f"{what}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    first = (str(error).splitlines() or [type(error).__name__])[0][:300]
    status = error.status_code if isinstance(error, HttpResponseError) else None
    if error_code(error) == "ContainerNotFound":
        return "the container does not exist; create it first"
    if isinstance(error, ClientAuthenticationError) and status is None:
        return f"not signed in: {first}"
    if status is None:
        return f"no answer: {first}" if is_transient(error) else f"unreadable answer: {first}"
    answer = " ".join(part for part in (str(status), error_code(error)) if part)
    return f"{answer}: {_ROLE}" if status in (401, 403) else f"{answer}: {first}"
