"""Somebody at the wizard: presses keys in a terminal of 80x24, and reads what is on it."""

from __future__ import annotations

import re

from tests.terminal import Terminal

BANNED = re.compile(r"\b(preflight|views?|scope|what hangs on)\b", re.IGNORECASE)
"""Words that are not of the operator's world."""
ENTER, CTRL_C, ESCAPE, DOWN, LEFT = "\r", "\x03", "\x1b", "\x1b[B", "\x1b[D"


class Wizard(Terminal):
    """The wizard in a terminal of 80x24, with short pauses between two looks."""

    def __init__(self, *arguments: str, afresh: bool = False) -> None:
        super().__init__(*arguments, "--poll-interval", "0.05", columns=80, lines=24, afresh=afresh)

    def sees(self, text: str) -> None:
        """Read until the text is on the screen, wherever its lines are broken."""
        self.read_until(lambda: text in " ".join(self.screen.split()), text)

    def press(self, keys: str) -> None:
        """Press keys."""
        self.type(keys)

    def leave(self, key: str = ESCAPE) -> None:
        """Press a key that leaves the question, or goes back, once it is asked."""
        self.sees("Esc to leave")
        self.type(key)

    def choose(self, question: str, title: str) -> None:
        """Move down to the entry whose title begins so, and choose it."""
        self.read_until(lambda: self._position(title) is not None and question in self.screen, title)
        answered = f"{question} {title}"  # the same question may be asked again at once
        before = self.flowing.count(answered)
        self.press(DOWN * (self._position(title) or 0) + ENTER)
        self.read_until(
            lambda: self._position(title) is None or self.flowing.count(answered) > before,
            f"the end of {question}",
        )

    def search(self, question: str, words: str) -> None:
        """Narrow a list to the words, and choose the first entry."""
        self.sees(question)
        self.sees("Search:")
        self.press(words)
        self.sees(f"Search: {words}")
        before = self.flowing.count(f"Search: {words}")
        self.press(ENTER)
        self.read_until(lambda: self.flowing.count(f"Search: {words}") < before, f"the end of {question}")

    def _position(self, title: str) -> int | None:
        """How far below the entry that is highlighted the one with this title is; None where it is not."""
        lines = [line.strip() for line in self.screen.splitlines()]
        marked = next((at for at, line in enumerate(lines) if line.startswith("»")), None)
        found = [at for at, line in enumerate(lines) if line.lstrip("» ").startswith(title)]
        return found[-1] - marked if found and marked is not None and found[-1] >= marked else None


def lost(wizard: Wizard, app: str = "orders-func") -> None:
    """Say that an app lost its network, and search for it."""
    wizard.choose("What is happening?", "An app lost its network")
    wizard.search("Which app?", app)
