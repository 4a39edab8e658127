"""The commands in a printed text, with the options that say which Azure and which state they are about."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from contextvars import ContextVar

_REPEATED = {
    "subscription": "--subscription",
    "cloud": "--cloud",
    "arm_endpoint": "--arm-endpoint",
    "state": "--state",
    "sandbox": "--sandbox",
}
"""Options without which the same command would be about another Azure, or not find what was kept."""
_VERBS = "doctor|verify|reconnect|guard|purge|watch|snapshot|runs|resume|rollback"
_SET_OFF = re.compile(rf"(?<=`)remediate (?:{_VERBS})\b[^`\n]*(?=`)")
_ALONE = re.compile(rf"^\s*remediate (?:{_VERBS})\b.*$", re.MULTILINE)
_given: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("_given", default=())


def repeat_options(given: Mapping[str, object]) -> None:
    """From now on printed commands repeat these options of the command line, by their names in Options."""
    _given.set(tuple((flag, str(given[name])) for name, flag in _REPEATED.items() if given.get(name)))


def repeat_subscription(subscription: str) -> None:
    """Name this subscription in every command printed from now on: names in it are looked up there."""
    others = tuple(one for one in _given.get() if one[0] != "--subscription")
    _given.set((("--subscription", subscription), *others))


def with_options(text: str) -> str:
    """A text whose commands reach the same Azure and the same state as the command that prints them.

    A command is set off by backticks, or is alone on its line.
    """
    if not _given.get() or "remediate " not in text:
        return text
    pattern = _ALONE if _ALONE.search(text) else _SET_OFF
    return pattern.sub(lambda found: _completed(found[0]), text)


def _completed(command: str) -> str:
    missing = [(flag, value) for flag, value in _given.get() if flag not in command.split()]
    if command.endswith("--help"):
        return command
    return " ".join([command, *(f"{flag} {shlex.quote(value)}" for flag, value in missing)])
