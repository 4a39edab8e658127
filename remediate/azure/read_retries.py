"""How azure-core repeats a read: not after its deadline, and not for what the next try would meet again."""

from __future__ import annotations

from typing import Any

from azure.core.pipeline import PipelineResponse, policies

from remediate.azure.deadline import current_deadline, current_silence
from remediate.azure.transport import LONGEST_SLEEP, is_final


class ReadRetries(policies.RetryPolicy[Any, Any]):
    """azure-core's own repetition of reads, which ends where the pause would outlast the deadline.

    It ends, too, where nothing answered for too long, and where the next try would meet the same.
    """

    def increment(self, settings: dict[str, Any], response: Any = None, error: Any = None) -> bool:
        """Whether there is another try."""
        deadline, silence = current_deadline(), current_silence()
        again = super().increment(settings, response, error)
        if error is not None and (is_final(error) or (silence is not None and silence.passed)):
            return False
        return again and (deadline is None or self._pause(settings, response) < deadline.left)

    def _pause(self, settings: dict[str, Any], response: Any) -> float:
        asked = self.get_retry_after(response) if isinstance(response, PipelineResponse) else None
        return min(asked or self.get_backoff_time(settings), LONGEST_SLEEP)
