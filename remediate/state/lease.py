"""A lock across machines: a lease on a blob, renewed as long as the run lasts."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import suppress

import msgspec
from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError
from azure.storage.blob import BlobClient, BlobLeaseClient

from remediate.errors import StoreError
from remediate.signals import block_signals
from remediate.state.service import StorageCalls, error_code
from remediate.state.store import HOLDER, Holder, LockHeld

LEASE_SECONDS = 60
"""Seconds: the longest lease that expires by itself."""
RENEW_EVERY = 10.0
CONFIRMED_FOR = 2.0
"""Seconds after a renewal within which the service is not asked again whether the lock is held."""
_GONE = (404, 409, 412)
"""Answers to a renewal that mean that the lease is lost: nobody holds it, or another process does."""


class Lease:
    """A lock that is held until it is released, broken by somebody, or not renewed in time."""

    def __init__(self, blob: BlobClient, service: StorageCalls, holder: Holder) -> None:
        """Acquire the lock. Raises LockHeld and AzureError."""
        self._blob = blob
        self._service = service
        self._lease = BlobLeaseClient(blob, lease_id=str(uuid.uuid4()))
        self._lost: str | None = None
        self._mutex = threading.Lock()
        self._released = threading.Event()
        self._renewed = self._acquire()
        self._write_holder(holder)
        threading.Thread(target=self._renew_until_released, name="lease", daemon=True).start()

    def check(self) -> None:
        """Raises StoreError once it is known that the lock is lost."""
        if self._lost:
            raise StoreError(f"the lock on this link is lost: {self._lost}")

    def confirm(self) -> None:
        """The same, but the lease is renewed first if the last renewal is older than CONFIRMED_FOR.

        This detects a machine that slept or was stopped for longer than the lease.
        """
        if _age(self._renewed) > CONFIRMED_FOR:
            self._renew()
        self.check()

    def release(self) -> None:
        """Release the lock and delete its blob; a lease that cannot be released expires by itself."""
        self._released.set()
        with self._mutex, suppress(Exception):
            if self._lost is None:
                self._service.call_once(lambda **limits: self._blob.delete_blob(lease=self._lease, **limits))

    def _acquire(self) -> tuple[float, float]:
        """The earliest time at which the lease began. Its id is chosen here, so a repetition is safe."""
        while True:
            asked = _now()
            try:
                self._create_blob()
                self._service.call(
                    lambda **limits: self._lease.acquire(lease_duration=LEASE_SECONDS, **limits)
                )
                return asked
            except HttpResponseError as error:
                if error_code(error).startswith("Lease"):
                    raise LockHeld(self._holder(), lapses=LEASE_SECONDS) from error
                if error_code(error) != "BlobNotFound":  # released, and so removed, between the two calls
                    raise

    def _create_blob(self) -> None:
        with suppress(ResourceExistsError):
            self._service.call(lambda **limits: self._blob.upload_blob(b"", overwrite=False, **limits))

    def _write_holder(self, holder: Holder) -> None:
        """Store who holds the lock, for information only: the lease itself is the lock."""
        content = msgspec.json.encode(holder)
        with suppress(Exception):
            self._service.call(
                lambda **limits: self._blob.upload_blob(content, overwrite=True, lease=self._lease, **limits)
            )

    def _holder(self) -> Holder | None:
        try:
            return HOLDER.decode(self._service.content(self._blob))
        except (AzureError, ValueError):
            return None

    def _renew_until_released(self) -> None:
        block_signals()
        while not self._released.wait(RENEW_EVERY):
            self._renew()

    def _renew(self) -> None:
        with self._mutex:
            if self._lost or self._released.is_set():
                return
            asked = _now()
            try:
                self._service.call_once(self._lease.renew)
                self._renewed = asked
            except Exception as error:
                self._lost = self._meaning(error)

    def _meaning(self, error: Exception) -> str | None:
        """Why the lock is lost; None while the lease has not expired, so that nobody else can hold it."""
        if isinstance(error, HttpResponseError) and error.status_code in _GONE:
            return "another process broke it or acquired it"
        return (
            f"it could not be renewed for {LEASE_SECONDS} s" if _age(self._renewed) > LEASE_SECONDS else None
        )


def _now() -> tuple[float, float]:
    """The monotonic time, which may stop while a machine sleeps, and the wall clock time."""
    return time.monotonic(), time.time()


def _age(then: tuple[float, float]) -> float:
    """Seconds since then, by the clock that advanced more."""
    return max(now - before for now, before in zip(_now(), then, strict=True))
