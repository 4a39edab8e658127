"""Which store a command uses: the folder asked for, the platform's own, or one that dies with the sandbox."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from remediate.cli.options import Options
from remediate.cli.problem import Problem

if TYPE_CHECKING:
    from remediate.state.store import Store


@contextmanager
def opened(options: Options) -> Iterator[Store]:
    """The store of this command. Raises Problem for one that does not exist yet, StoreError for a bad one."""
    from remediate.state.local import LocalStore

    if options.passing:
        # A private sandbox ends with the command, so nothing of it could ever be resumed.
        with tempfile.TemporaryDirectory(prefix="remediate-") as folder:
            yield LocalStore(Path(folder))
        return
    yield LocalStore(folder_of(options))


def folder_of(options: Options) -> Path:
    """The state folder: `--state`, REMEDIATE_STATE, else the platform's own place. Raises Problem."""
    import platformdirs

    named = options.state or os.environ.get("REMEDIATE_STATE")
    if named and "://" in named:
        raise Problem(f"state is kept in a folder; {named.partition('://')[0]}:// is not supported")
    try:
        return Path(named).expanduser() if named else Path(platformdirs.user_state_dir("remediate"))
    except RuntimeError as error:  # "~somebody", who has no home here
        raise Problem(f"no state folder can be named {named!r}: {error}") from error
