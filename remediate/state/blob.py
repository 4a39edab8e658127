"""A container of Azure Blob Storage: the same state for every machine that may write to it.

A journal is an append blob and a lock is a lease. What this returns from, the service has acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobClient, ContainerClient

from remediate.state.lease import Lease
from remediate.state.service import Service, error_code, store_errors
from remediate.state.store import Holder, StoreError, checked_name


class BlobStore:
    """State below a prefix of a container, which has to exist.

    While a lock is held and is lost, nothing more is written: whoever has it now goes on with the run.
    """

    def __init__(self, container: ContainerClient, prefix: str = "") -> None:
        self._container = container
        self._prefix = f"{prefix}/" if prefix else ""
        self._service = Service()
        self._tails: dict[str, Tail] = {}
        self._leases: list[Lease] = []
        self._private = False

    def append(self, name: str, line: bytes) -> None:
        """Write one line, and see that the locks are still ours after it was kept."""
        with self._writing(name):
            tail = self._tails.get(name) or self._begin(name)
            tail.add(line + b"\n")

    def write(self, name: str, content: bytes) -> None:
        """A whole file in one request, in the place of the one that was there."""
        blob = self._blob(name)
        with self._writing(name):
            self._service.call(lambda **limits: blob.upload_blob(content, overwrite=True, **limits))

    def read(self, name: str) -> bytes | None:
        """The file's bytes. What is appended afterwards goes behind exactly these."""
        blob = self._blob(name)
        with store_errors(f"cannot read {self._where(name)}"):
            try:
                content = self._service.content(blob)
            except ResourceNotFoundError as error:
                if error_code(error) == "ContainerNotFound":
                    raise
                return None
        self._tails[name] = Tail(blob, self._service, len(content))
        return content

    def names(self, folder: str) -> list[str]:
        """What lies below a folder; nothing where it does not exist."""
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
        """Hold a lock that lapses a minute after this process died."""
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

    def _begin(self, name: str) -> Tail:
        """The end of a journal that this process has not read: it is new, or it is looked at."""
        blob, length = self._blob(name), 0
        try:
            missing = MatchConditions.IfMissing
            self._service.call(lambda **limits: blob.create_append_blob(match_condition=missing, **limits))
        except ResourceExistsError:
            length = self._service.call(blob.get_blob_properties).size
        tail = self._tails[name] = Tail(blob, self._service, length)
        return tail

    def _check_private(self) -> None:
        """Raises StoreError for a container that anybody can read; who may not ask goes on without."""
        if self._private:
            return
        try:
            access = self._service.call(self._container.get_container_properties).public_access
        except HttpResponseError as error:
            if error.status_code != 403:
                raise
            access = None
        if access:
            raise StoreError("anybody can read it: turn the public access of the container off")
        self._private = True

    def _blob(self, name: str) -> BlobClient:
        return self._container.get_blob_client(self._prefix + checked_name(name))

    def _where(self, name: str) -> str:
        return (
            f"azblob://{self._container.account_name}/{self._container.container_name}/{self._prefix}{name}"
        )


class Tail:
    """Each line goes out on condition that the blob still ends where it was left.

    So a line that is sent twice because its answer was lost is kept once, and a line that somebody else
    wrote in between is noticed. The service keeps a line whole or not at all.
    """

    def __init__(self, blob: BlobClient, service: Service, length: int) -> None:
        self._blob = blob
        self._service = service
        self._length = length
        self._sent: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Write a line, and return when the service said that it is kept.

        Raises StoreError when somebody else wrote here, and AzureError; then the line may be kept all
        the same, and is found there by the next one.
        """
        self._sent.append(line)
        while self._advance(line) != line:
            pass

    def _advance(self, line: bytes) -> bytes:
        """Move the end behind what is kept there: the line, or an earlier one whose answer was lost."""
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
        """What lies behind the end: one line of ours, as all had one condition, or somebody else's."""
        found = self._service.content(self._blob, self._length)
        if found not in self._sent:
            raise StoreError(f"somebody else wrote to {self._blob.blob_name}")
        return found
