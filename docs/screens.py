"""Records the wizard in a pseudo-terminal of 80x24: `make screens` writes the page and its pictures.

Each conversation runs on the simulated Azure. What is on the screen at each question, and at the end, is
drawn on a light and on a dark background; the same conversation in plain lines is text in the page.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rich.text import Text

from docs import messages
from docs.printed import nobodys_environment
from docs.recording import COLUMNS, PICTURES, SPEED, drawn, pictures_of
from remediate.sandbox.server import Sandbox
from tests.terminal import Terminal

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "explanation" / "screens.md"
LINES = 24
_PROMPT = re.compile(r"to leave\)?:?( \[n\]:)?$")
"""The end of the screen while a question waits for its answer."""
_COUNT = re.compile(r"\d+ of \d+ ")
DOWN, ENTER = "\x1b[B", "\r"
INTRO = """# Screens

What the wizard says on the simulated Azure, in a terminal of 80x24; `make screens` records it.
Each picture shows the screen at every question and at the end, first on a light background and then on a dark
one. The text below is the same conversation in plain lines, as with `REMEDIATE_PLAIN=1`
([Terminals](../how-to/terminal.md)). Simulated time runs 300 times faster, so waits are short.
"""


class Operator:
    """Somebody at the wizard, who keeps what is on the screen at each question."""

    def __init__(self, plain: bool) -> None:
        self.screens: list[Text] = []
        self._plain = plain
        environment = {"REMEDIATE_PLAIN": "1"} if plain else {}
        self._terminal = Terminal("--poll-interval", "0.05", columns=COLUMNS, lines=LINES, **environment)

    def choose(self, question: str, title: str) -> None:
        """Choose the entry whose title begins so."""
        self._wait_for_question(question, title)
        self._terminal.type(f"{self._number(title)}\n" if self._plain else DOWN * self._below(title) + ENTER)

    def search(self, question: str, words: str) -> None:
        """Narrow a list to these words, and choose what is found first."""
        self._wait_for_question(question, "")
        self._terminal.type(f"{words}\n" if self._plain else words)
        self._wait(lambda: self._found(words))
        self._keep()
        self._terminal.type(f"{self._number(words)}\n" if self._plain else ENTER)

    def answer(self, question: str, text: str) -> None:
        """Type a line."""
        self._wait_for_question(question, "")
        self._terminal.type(f"{text}{ENTER}")

    def end(self) -> str:
        """Read to the end of the command, and return everything that was printed."""
        self._terminal.exit_code()
        self._keep()
        return self._terminal.text.rstrip()

    def _found(self, words: str) -> bool:
        """Whether a search has its answer on the screen."""
        if not self._plain:
            return any(line.strip() == f"Search: {words}" for line in self._terminal.lines)
        counted = [at for at, line in enumerate(self._terminal.lines) if _COUNT.match(line)]
        return bool(counted) and bool(_PROMPT.search(self._terminal.lines[-1]))

    def _wait_for_question(self, question: str, title: str) -> None:
        """Read until this question waits for its answer, with an entry of this title."""
        self._wait(lambda: self._asks(question, title))
        self._keep()

    def _asks(self, question: str, title: str) -> bool:
        lines = self._terminal.lines
        asked = [at for at, line in enumerate(lines) if question in line]
        if not asked or not _PROMPT.search(lines[-1]):
            return False
        return any(line.lstrip("» 0123456789").startswith(title) for line in lines[asked[-1] :])

    def _wait(self, there: Callable[[], bool]) -> None:
        self._terminal.read_until(there, "the next question")

    def _keep(self) -> None:
        self.screens.append(drawn(self._terminal.cells))

    def _number(self, title: str) -> str:
        entries = [line.split(maxsplit=1) for line in self._terminal.lines if line.strip()[0].isdigit()]
        return next(number for number, text in reversed(entries) if text.startswith(title))

    def _below(self, title: str) -> int:
        lines = [line.strip() for line in self._terminal.lines]
        marked = max(at for at, line in enumerate(lines) if line.startswith("»"))
        return max(at for at, line in enumerate(lines) if line.lstrip("» ").startswith(title)) - marked


class Conversation(NamedTuple):
    """A walk through the wizard: its file name, what it shows, its world, and what the operator does."""

    name: str
    title: str
    scenario: str
    answers: Callable[[Operator], None]
    before: Callable[[], None] = lambda: None


def link_missing(operator: Operator) -> None:
    """The link of one app is gone; it is rebuilt."""
    operator.choose("What is happening?", "An app lost its network")
    operator.search("Which app?", "orders-func")
    operator.choose("What now?", "Repair it")
    operator.answer("Type orders-func", "orders-func")


def shared_link(operator: Operator) -> None:
    """The link of four apps is gone; it is rebuilt for all of them."""
    operator.choose("What is happening?", "An app lost its network")
    operator.search("Which app?", "billing-web")
    operator.choose("What now?", "Repair it")
    operator.answer("Type billing-web", "billing-web")


def link_orphaned(operator: Operator) -> None:
    """A link that nobody uses blocks the subnet; it is cleared, and the app is connected."""
    operator.choose("What is happening?", "An app lost its network")
    operator.search("Which app?", "orders-func")
    operator.choose("What now?", "Choose a subnet")
    operator.search("Which subnet?", "vnet-prod/snet-apps")
    operator.choose("What now?", "Clear the link")
    operator.choose("What now?", "Clear it now")
    operator.choose("What now?", "Connect it to")


def not_integrated(operator: Operator) -> None:
    """An app that was never connected gets a subnet from a list."""
    operator.choose("What is happening?", "An app lost its network")
    operator.search("Which app?", "orders-func")
    operator.choose("What now?", "Choose a subnet")
    operator.search("Which subnet?", "vnet-prod/snet-data")
    operator.choose("What now?", "Connect it to")


def healthy(operator: Operator) -> None:
    """Nothing is wrong, and the operator leaves."""
    operator.choose("What is happening?", "An app lost its network")
    operator.search("Which app?", "orders-func")
    operator.choose("What now?", "Leave")


def killed_run(operator: Operator) -> None:
    """A run was killed while an app was without network; it is finished first."""
    operator.choose("What now?", "Finish it now")
    operator.answer("Type orders-func", "orders-func")


def kill_a_run() -> None:
    """Start a repair of four apps, and end its process while one of them is disconnected."""
    terminal = Terminal("reconnect", "orders-func", "--scope", "link", "--yes", "--poll-interval", "0.05")
    terminal.wait_for("✓ Disconnecting")
    terminal.signal(signal.SIGKILL)
    terminal.exit_code()


def deletion(operator: Operator) -> None:
    """A subnet is going to be deleted; the operator sees who uses it, and leaves."""
    operator.choose("What is happening?", "I am going to delete something")
    operator.choose("What do you want to delete?", "Subnet")
    operator.search("Which one?", "vnet-prod/snet-apps")
    operator.choose("What now?", "Leave")


CONVERSATIONS = (
    Conversation("link-missing", "An app lost its link", "link-missing", link_missing),
    Conversation("shared-link", "Four apps lost their link", "shared-link", shared_link),
    Conversation("link-orphaned", "A link that nobody uses", "link-orphaned", link_orphaned),
    Conversation("not-integrated", "An app that was never connected", "not-integrated", not_integrated),
    Conversation("healthy", "A healthy app", "healthy", healthy),
    Conversation("killed-run", "After a run that was killed", "shared-link", killed_run, kill_a_run),
    Conversation("delete", "Before a subnet is deleted", "shared-link", deletion),
)


def record(one: Conversation, *, plain: bool) -> tuple[list[Text], str]:
    """The screens of a conversation, and everything that it printed."""
    with nobodys_environment(), Sandbox(one.scenario, speed=SPEED) as sandbox:
        del os.environ["COLUMNS"]  # the terminal says how wide it is
        os.environ.update(sandbox.environment)
        one.before()
        operator = Operator(plain)
        one.answers(operator)
        printed = operator.end()
    return operator.screens, printed


def section(one: Conversation) -> str:
    """Write the pictures of a conversation, and return its part of the page."""
    screens, _ = record(one, plain=False)
    pictures = pictures_of(one.name, one.title, screens)
    _, printed = record(one, plain=True)
    about = (one.answers.__doc__ or "").strip()
    return f"## {one.title}\n\n{about}\n\n{pictures}\n\n```text\n{printed}\n```\n"


def main() -> None:
    """Record every conversation, and write the page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    said = [messages.INTRO, *map(messages.section, messages.MESSAGES)]
    text = "\n".join([INTRO, *map(section, CONVERSATIONS), *said])
    PAGE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
