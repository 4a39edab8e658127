"""The example of `remediate doctor`, with fixed values for what differs from machine to machine."""

from __future__ import annotations

import re
from collections.abc import Callable

COMMAND = "doctor orders-func --sandbox no-join"
_FIXED = (
    (r"Python .*", "Python 3.13.1 on Linux, extras sandbox, azblob"),
    (
        r"localhost:\d+ answers.*",
        "localhost:8443 answers in 20 ms at 127.0.0.1, certificate issued by trustme",
    ),
    (r"(?<=✓ clock {10}).*", "agrees with Azure's"),
    (r"token valid for \d+ min", "token valid for 60 min"),
    (r"(?<=✓ az {13}).*", "found at /usr/bin/az"),
    (r"(?<=with locks: ).*", "/home/ada/.local/state/remediate"),
)


def doctor_example(printed: Callable[[str], str]) -> str:
    """What the command prints, in a code block."""
    text = printed(COMMAND)
    for pattern, fixed in _FIXED:
        text = re.sub(pattern, fixed, text)
    return f"```text\n{text.strip()}\n```"
