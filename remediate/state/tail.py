"""The end of an append blob, as this process knows it: where the next line goes, and nowhere else."""

from __future__ import annotations

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobClient

from remediate.state.service import Service, code
from remediate.state.store import StoreError


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
            if code(error) != "AppendPositionConditionNotMet":
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
