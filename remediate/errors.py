"""What can end a command: one tree of errors, each with an exit code, a stable code and a hint.

This module imports nothing of the product, so that every package can derive its own errors from it.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes (docs/reference/exit-codes.md); a number keeps its meaning from release to release."""

    DONE = 0
    UNEXPECTED = 1
    WRONG_USE = 2
    FOUND_SOMETHING = 3
    REFUSED = 4
    NOT_FINISHED = 5
    CONFLICT = 6
    INTERRUPTED = 130


class RemediateError(Exception):
    """What happened, as one line; a subclass says how the command ends and what to do about it.

    `code` never changes once it is released: `remediate.error/1` carries it, and scripts compare it.
    """

    exit: Exit = Exit.UNEXPECTED
    code: str = "unexpected"
    hint: str = ""
    details: tuple[str, ...] = ()
    """Further lines for whoever reads the error on a terminal: what was tried, and what came of it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class UnexpectedError(RemediateError):
    """An error that no code foresaw; the original is its cause."""

    hint = "run the same command with --debug for the traceback"

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"unexpected: {type(error).__name__}: {error}")


class UsageError(RemediateError):
    """The command line, a file or an environment variable asks for something that cannot be done."""

    exit = Exit.WRONG_USE
    code = "wrong-use"


class InvalidWorldFile(UsageError):
    """Everything that is wrong with a world file of the sandbox, one line each: `FILE:LINE: message`."""

    code = "world"


class NotFound(UsageError):
    """Azure, or the state, has nothing of that name."""

    code = "not-found"


class Interrupted(RemediateError):
    """The operator stopped the command before it changed anything."""

    exit = Exit.INTERRUPTED
    code = "interrupted"


class StateChanged(RemediateError):
    """Azure, or a run, is no longer as it was when this was decided. Nothing was changed."""

    exit = Exit.CONFLICT
    code = "moved"
    hint = "run `remediate verify TARGET`, then start again"


class StateUnknown(RemediateError):
    """Azure could not be read again before the first write of a command, which changed nothing."""

    exit = Exit.REFUSED
    code = "not-read"
    hint = "run the same command again when Azure answers"


class StoreError(RemediateError):
    """The state cannot be written or read; the message is one line."""

    exit = Exit.REFUSED
    code = "state"
    hint = "check the state folder or container; --state DIR names another folder"
