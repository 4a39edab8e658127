"""What libraries log, on stderr and without secrets."""

from __future__ import annotations

import logging
import sys

from remediate.redaction import redacted


class RedactingFormatter(logging.Formatter):
    """Whatever a library logs, no secret of it is printed."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, or the lines with a traceback, without secrets."""
        return redacted(super().format(record))


def configure(*, debug: bool, verbose: bool) -> None:
    """Azure's libraries log their own failures; those are told as results, so only --debug prints them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"))
    levels = {"azure": logging.CRITICAL, "remediate": logging.INFO if verbose else logging.CRITICAL}
    for name, level in levels.items():
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG if debug else level)
        logger.handlers = [handler]
