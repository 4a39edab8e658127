"""Asks one question as the product does, and prints what came of it: `python -m tests.cli.asking NAME`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from remediate.cli import prompts
from remediate.cli.error import report
from remediate.errors import RemediateError

NAMES = ("orders", "billing", "mail", "customer-notifications-partners", "inventory")
PLACES = [f"{place}-{kind}" for place in ("eu", "us", "asia") for kind in ("api", "web", "jobs", "batch")]
APPS = [
    (f"{name}-{place}-{number:02}", "rg-sandbox-with-a-long-name", "westeurope", kind, "vnet-prod/snet-apps")
    for name in NAMES
    for place in PLACES
    for number, kind in enumerate(("app", "functionapp", "app", "functionapp"))
][:230]
"""230 rows: name, group, region, kind and subnet."""
SENTENCES = [
    ("An app lost its network, or cannot reach something in it", "lost"),
    ("I am going to delete an app, a plan, a subnet or a group, and want to see what breaks", "delete"),
    ("Nothing, leave", "nothing"),
]
COLOR = not os.environ.get("NO_COLOR")


def _port(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("Expected a port, for example 443.")
    return int(text)


QUESTIONS: dict[str, Callable[[], object]] = {
    "apps": lambda: prompts.choose(
        "Which app?", [(row, row[0]) for row in APPS], search=True, back=True, noun="app", color=COLOR
    ),
    "sentences": lambda: prompts.choose("What is happening?", SENTENCES, color=COLOR),
    "default": lambda: prompts.choose("What now?", SENTENCES, back=True, default="nothing", color=COLOR),
    "text": lambda: prompts.text("Which port?", _port, back=True, color=COLOR),
    "word": lambda: prompts.confirm_word("orders-func", "1 app is disconnected.", back=True, color=COLOR),
    "yes": lambda: prompts.confirm("Delegate the subnet?", back=True, color=COLOR),
}


def main() -> None:
    """Print the answer or that the operator went back; leaving is reported as by every command."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the terminal may close once all is printed
    try:
        print(f"answer: {QUESTIONS[sys.argv[1]]()}")
    except prompts.Back:
        print("answer: back")
    except RemediateError as error:
        raise SystemExit(report(error, None, changed=False, debug=False, no_color=not COLOR)) from error


if __name__ == "__main__":
    main()
