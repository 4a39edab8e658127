"""Whether somebody is there to answer."""

from __future__ import annotations

import sys


def interactive() -> bool:
    """Whether questions can be asked: they are read from stdin and shown on stderr."""
    return sys.stdin.isatty() and sys.stderr.isatty()
