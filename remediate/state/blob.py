"""State in a container of Azure Blob Storage, shared by every machine that may write to it.

A journal is an append blob, a lock is a lease. A method returns after the service acknowledged the write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobClient, ContainerClient

from remediate.errors import StoreError
from remediate.state.lease import Lease
from remediate.state.service import StorageCalls, error_code, store_errors
from remediate.state.store import Holder, checked_name


class BlobStore:
    """State under a prefix of a container, which has to exist.

    After a lock is lost, nothing more is written: another process may already continue the run.
    """

    def __init__(self, container: ContainerClient, prefix: str = "") -> None:
        self._container = container
        self._prefix = f"{prefix}/" if prefix else ""
        self._service = StorageCalls()
        self._append_blobs: dict[str, AppendBlob] = {}
        self._leases: list[Lease] = []
        self._private = False

    def append(self, name: str, line: bytes) -> None:
        """Write one line, then confirm that the locks are still held."""
        with self._writing(name):
            appended = self._append_blobs.get(name) or self._begin(name)
            appended.add(line + b"\n")

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a file in one request."""
        blob = self._blob(name)
        with self._writing(name):
            self._service.call(lambda **limits: blob.upload_blob(content, overwrite=True, **limits))

    def read(self, name: str) -> bytes | None:
        """The content of a file, None if there is none. Later appends go exactly behind it."""
        blob = self._blob(name)
        with store_errors(f"cannot read {self._where(name)}"):
            try:
                content = self._service.content(blob)
            except ResourceNotFoundError as error:
                if error_code(error) == "ContainerNotFound":
                    raise
                return None
        self._append_blobs[name] = AppendBlob(blob, self._service, len(content))
        return content

    def names(self, folder: str) -> list[str]:
        """The names in a folder; none if it does not exist."""
        below = f"{self._prefix}{checked_name(folder)}/"

        def listed(**limits: Any) -> list[str]:
            found = self._container.walk_blobs(name_starts_with=below, **limits)
            return sorted(one.name.removeprefix(below).removesuffix("/") for one in found)

        with store_errors(f"cannot read {self._where(folder)}"):
            return self._service.call(listed)

    def remove(self, name: str) -> None:
        """Delete a file, in one request."""
        blob = self._blob(name)
        with store_errors(f"cannot delete {self._where(name)}"), suppress(ResourceNotFoundError):
            self._service.call(blob.delete_blob)

    @contextmanager
    def lock(self, name: str, holder: Holder) -> Iterator[None]:
        """Hold a lock that expires a minute after this process dies."""
        path = f"locks/{name}.lock"
        with store_errors(f"cannot lock {self._where(path)}"):
            lease = Lease(self._blob(path), self._service, holder)
        self._leases.append(lease)
        try:
            yield
        finally:
            self._leases.remove(lease)
            lease.release()

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        for lease in self._leases:
            lease.check()
        with store_errors(f"cannot write {self._where(name)}"):
            self._check_private()
            yield
        for lease in self._leases:
            lease.confirm()

    def _begin(self, name: str) -> AppendBlob:
        """The end of a journal that this process has not read: it is created, or its length is read."""
        blob, length = self._blob(name), 0
        try:
            missing = MatchConditions.IfMissing
            self._service.call(lambda **limits: blob.create_append_blob(match_condition=missing, **limits))
        except ResourceExistsError:
            length = self._service.call(blob.get_blob_properties).size
        appended = self._append_blobs[name] = AppendBlob(blob, self._service, length)
        return appended

    def _check_private(self) -> None:
        """Raises StoreError for a container with public access; skipped without the permission to ask."""
        if self._private:
            return
        try:
            access = self._service.call(self._container.get_container_properties).public_access
        except HttpResponseError as error:
            if error.status_code != 403:
                raise
            access = None
        if access:
            raise StoreError("the container has public access: turn it off")
        self._private = True

    def _blob(self, name: str) -> BlobClient:
        return self._container.get_blob_client(self._prefix + checked_name(name))

    def _where(self, name: str) -> str:
        return (
            f"azblob://{self._container.account_name}/{self._container.container_name}/{self._prefix}{name}"
        )


class AppendBlob:
    """The end of an append blob: each line is appended on condition that the blob still has this length.

    A line that is sent twice because its answer was lost is stored once, and a line that another process
    wrote in between is detected. The service stores a line completely or not at all.
    """

    def __init__(self, blob: BlobClient, service: StorageCalls, length: int) -> None:
        self._blob = blob
        self._service = service
        self._length = length
        self._sent: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Append a line, and return when the service acknowledged it.

        Raises StoreError if another process wrote to the blob, and AzureError: then the line may be stored
        nevertheless, which the next call detects.
        """
        self._sent.append(line)
        while self._advance(line) != line:
            pass

    def _advance(self, line: bytes) -> bytes:
        """Append, and return the line that was stored: this one, or an earlier one whose answer was lost."""
        try:
            self._service.call(
                lambda **limits: self._blob.append_block(line, appendpos_condition=self._length, **limits)
            )
            kept = line
        except HttpResponseError as error:
            if error_code(error) != "AppendPositionConditionNotMet":
                raise
            kept = self._found()
        self._length += len(kept)
        self._sent = [line]
        return kept

    def _found(self) -> bytes:
        """The line behind the known end: one that was sent before. Raises StoreError for any other."""
        found = self._service.content(self._blob, self._length)
        if found not in self._sent:
            raise StoreError(f"another process wrote to {self._blob.blob_name}")
        return found
