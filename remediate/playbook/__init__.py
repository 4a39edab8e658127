"""Guided procedures as data: YAML in, a `Playbook` out, or every error in the file at once.

A playbook can only name known steps: no shell, no code, no URL (docs/reference/playbooks.md).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from remediate.playbook.fields import LONGEST_WAIT, FieldReader, is_line, quoted
from remediate.playbook.rules import CARRIED_OUT, sequence_errors
from remediate.playbook.shape import (
    FINDING_CODES,
    STEP_NAMES,
    InvalidPlaybook,
    Playbook,
    PlaybookError,
    UnknownPlaybook,
)
from remediate.playbook.text import MAX_BYTES, parse_yaml

__all__ = [
    "CARRIED_OUT",
    "FINDING_CODES",
    "LONGEST_WAIT",
    "MAX_BYTES",
    "STEP_NAMES",
    "InvalidPlaybook",
    "Playbook",
    "PlaybookError",
    "UnknownPlaybook",
    "find",
    "is_line",
    "load",
    "sequence_errors",
    "shipped",
]


def load(text: str | bytes, source: str) -> Playbook:
    """Read a playbook from YAML (bytes as they were in the file, or text).

    `source` is what the errors call the file. Raises InvalidPlaybook with every error at once.
    """
    fields = FieldReader()
    playbook = fields.playbook(parse_yaml(text, source))
    if fields.errors:
        raise InvalidPlaybook(source, *sorted(set(fields.errors)))
    return playbook


@cache
def shipped() -> tuple[Playbook, ...]:
    """The playbooks that come with the product, by name: inside the wheel, or beside the package."""
    package = Path(__file__).parents[1]
    folder = next(one for one in (package / "playbooks", package.parent / "playbooks") if one.is_dir())
    return tuple(load(path.read_bytes(), path.name) for path in sorted(folder.glob("*.yaml")))


def find(id_or_path: str) -> Playbook:
    """The shipped playbook of that id, else the one in that file.

    Raises UnknownPlaybook where it is neither, InvalidPlaybook where the file is wrong.
    """
    for playbook in shipped():
        if playbook.id == id_or_path:
            return playbook
    try:
        with Path(id_or_path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        names, why = ", ".join(one.id for one in shipped()), getattr(error, "strerror", None) or error
        message = f"no playbook {quoted(id_or_path)}: shipped are {names}; as a file: {why}"
        raise UnknownPlaybook(message) from error
    return load(data, id_or_path)
