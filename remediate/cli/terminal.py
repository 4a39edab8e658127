"""The terminal: whether questions can be asked there, and how."""

from __future__ import annotations

import sys

from remediate.cli.deferred import load


def interactive() -> bool:
    """Whether questions can be asked: they are read from stdin and printed on stderr."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class TerminalPrompts:
    """The questions of jobs, asked in the terminal; the prompt library is imported for the first one."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    @property
    def available(self) -> bool:
        """Whether there is a terminal to ask on."""
        return interactive()

    def confirm_word(self, word: str, about: str = "", *, back: bool = False) -> bool:
        """True once the operator typed this word; False to go back, where that is offered.

        Raises Interrupted.
        """
        try:
            load("remediate.cli.prompts:confirm_word")(word, about, back=back, color=self._color)
        except load("remediate.cli.prompts:Back"):
            return False
        return True

    def confirm(self, question: str) -> bool:
        """Yes or no; the default is no. Raises Interrupted."""
        return bool(load("remediate.cli.prompts:confirm")(question, color=self._color))

    def acknowledge(self, request: str) -> None:
        """Return once the operator pressed Enter, which says that it is done. Raises Interrupted."""
        load("remediate.cli.prompts:text")(request, str, color=self._color)
