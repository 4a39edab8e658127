"""A captured world as the text of a world file."""

from __future__ import annotations

from datetime import datetime

import yaml

from remediate.capture.world import Captured
from remediate.redaction import one_line


def to_text(captured: Captured, target: str, arm: str, version: str, at: datetime) -> str:
    """The file: comments that say where it comes from and what was not read, and the world in YAML."""
    head = [
        f"{target}, captured by remediate {version} from {arm} on {at:%Y-%m-%d at %H:%M} UTC.",
        "Use it in place of a scenario: remediate verify TARGET --sandbox FILE.yaml",
    ]
    if captured.notes:
        head += ["Could not be read, and is refused here in the same words:"]
        head += [f"  {note}" for note in captured.notes]
    comments = "".join(f"# {one_line(line)}\n" for line in head)
    return comments + yaml.safe_dump(captured.described, sort_keys=False, allow_unicode=True, width=110)
