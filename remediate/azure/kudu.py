"""The two questions that workers are asked by POST: how they are worded, and how the answers are read.

On Windows Kudu runs a command on an instance: the `echo` and the `tcpping` of Microsoft's own network
troubleshooter, whose lines are read here as it reads them. Linux and containers have `tcpPingCheck`,
which asks no instance in particular and tells no address (azure-facts.md, 1, worker evidence).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from remediate.model import Endpoint, Worker
from remediate.model.probe import HOST, PORT
from remediate.redaction import one_line

WORKERS_API = "2015-08-01"
"""The api-version of both questions (azure-facts.md, 1)."""
VARIABLE = "%WEBSITE_PRIVATE_IP%"
ECHO = f"echo {VARIABLE}"
TCPPING = "tcpping -n 1 -w 10"
"""One attempt; the unit of `-w` is not documented [?], and 10 is what Microsoft's troubleshooter passes."""
LONGEST = 300
"""Characters of Azure's own words that are kept."""
_COMMAND = re.compile(rf"{ECHO}|{TCPPING} {HOST}:{PORT}")
_SITE = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Web/sites/[^/]+(?:/slots/[^/]+)?"
_KUDU = re.compile(rf"{_SITE}/extensions/api/command", re.IGNORECASE)
_CHECK = re.compile(rf"{_SITE}/tcpPingCheck", re.IGNORECASE)
_MISSED = ("Connection attempt failed", "Connection timed out", "No such host is known")
"""What `tcpping` says of an attempt that failed (Microsoft's troubleshooter)."""


def changes_nothing(path: str, body: Any) -> bool:
    """Whether a POST is one of the two questions, to the letter.

    Kudu runs whatever it is told to, so a command is a question only where it is one of ours.
    """
    if _CHECK.fullmatch(path):
        return True
    command = body.get("command") if isinstance(body, dict) else None
    return bool(_KUDU.fullmatch(path) and isinstance(command, str) and _COMMAND.fullmatch(command))


def tcpping(endpoint: Endpoint) -> str:
    """The command that tries to reach a port, once."""
    return f"{TCPPING} {endpoint}"


def address_said(output: str) -> tuple[bool | None, str | None]:
    """Whether an instance has a private address, and which. cmd.exe echoes an unset variable as it stands."""
    if output == VARIABLE:
        return False, None
    try:
        return True, str(ipaddress.ip_address(output))
    except ValueError:
        return None, None


def tcpping_said(output: str) -> tuple[bool | None, str]:
    """Whether `tcpping` reached the port, and the line that says so; None where no line does."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    reached = (line for line in lines if line.startswith("Connected to "))
    if line := next(reached, None):
        return True, one_line(line, LONGEST)
    missed = (line for line in lines if any(words in line for words in _MISSED))
    if line := next(missed, None):
        return False, one_line(line, LONGEST)
    return None, one_line(f"tcpping said nothing that is known: {output!r}", LONGEST)


def ping_check_said(answer: Any) -> Worker:
    """What `tcpPingCheck` answered. Any status but `Success` is a miss [?]; without one it is unknown.

    Users saw a port that nobody opens answered 504 by ARM itself: that is no status, and stays unknown [?].
    """
    properties = answer.get("properties") if isinstance(answer, dict) else None
    words = properties if isinstance(properties, dict) else {}
    status, details = (words.get(f"connectionStatus{part}") for part in ("", "Details"))
    if not isinstance(status, str) or not status:
        return Worker(None, status="the answer has no connectionStatus")
    detail = one_line(details, LONGEST) if isinstance(details, str) else ""
    return Worker(None, reached=status == "Success", status=one_line(status, LONGEST), detail=detail)
