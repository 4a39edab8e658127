"""A write goes out only after the journal announced it, and its answer is journaled too."""

from __future__ import annotations

from collections.abc import Callable

from remediate.azure.write import Answer, Writer
from remediate.model import Request, Step
from remediate.model.failure import RequestFailed
from remediate.run.journal import Journal
from remediate.state.store import StoreError


class Sender:
    """Sends the writes of one run. `note` is told when a line could not be kept."""

    def __init__(self, writer: Writer, journal: Journal, note: Callable[[str], None]) -> None:
        self._writer = writer
        self._journal = journal
        self._note = note

    def send(self, step: Step, request: Request) -> None:
        """Announce, send, and keep the answer. Raises RequestFailed; StoreError when it was not sent.

        What brings an app back is sent even when the journal cannot be written: an app without its
        network is worse than a gap in the journal.
        """
        self._announce(step, request)
        try:
            answer = self._writer.send(request)
        except RequestFailed as failure:
            ids = failure.request_id, failure.correlation_id
            self._keep(step, Answer(failure.status, *ids), str(failure))
            raise
        self._keep(step, answer, None)

    def _announce(self, step: Step, request: Request) -> None:
        try:
            self._journal.intent(step, request)
        except StoreError as error:
            if step.do != "reconnect":
                raise
            self._note(f"{error}; connecting all the same")

    def _keep(self, step: Step, answer: Answer, error: str | None) -> None:
        """The intent is on disk, so a lost answer costs a look at Azure and no more."""
        try:
            self._journal.outcome(step, answer, error)
        except StoreError as lost:
            self._note(f"{lost}; going on without")
