"""What was read of Azure → a world file of the sandbox that answers the same. Pure (docs/worlds.md)."""

from __future__ import annotations

from remediate.capture.combined import combined
from remediate.capture.text import to_text
from remediate.capture.world import Captured, capture

__all__ = ["Captured", "capture", "combined", "to_text"]
