"""What is looked at on this machine: versions and extras, `az`, the state store with its unfinished runs."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib.util import find_spec

from remediate import __version__, ids
from remediate.azure.session import Session
from remediate.errors import RemediateError, StoreError
from remediate.jobs.doctor.outcome import failed
from remediate.jobs.invocation import Options
from remediate.jobs.store import open_store, state_folder, state_given
from remediate.model import Check
from remediate.run import journal as journals
from remediate.run.journal import Journals, Record, read_open
from remediate.show.words import plural, subnet_name
from remediate.state.store import Store

_EXTRAS = {"sandbox": "trustme", "azblob": "azure.storage.blob"}
"""A module that each extra brings."""
_NAME = "doctor"
"""How the file and the lock are called that the state store is tried with."""


def versions() -> Check:
    """The versions of the program and of Python, and the extras; one that is missing is no problem."""
    found = [name for name, module in _EXTRAS.items() if _is_there(module)]
    missing = [name for name in _EXTRAS if name not in found]
    extras = f"extras {', '.join(found)}" if found else "no extras"
    without = f" (not installed: {', '.join(missing)})" if missing else ""
    python = f"Python {platform.python_version()} on {platform.system()}"
    return Check("versions", "ok", f"remediate {__version__}, {python}, {extras}{without}")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:  # a package above it is missing
        return False


def az() -> Check:
    """The Azure CLI: where nothing else signs in, the sign-in names it as missing."""
    found = shutil.which("az")
    told = f"found at {found}" if found else "not found; needed only where nothing else signs in"
    return Check("az", "ok", told)


def state_name(options: Options) -> str:
    """Where the state is, for people."""
    if options.ephemeral:
        return "a temporary folder, deleted with the private sandbox"
    given = state_given(options) or ""
    return given if "://" in given else str(state_folder(options))


def state_and_runs(options: Options, session: Session | None, arm: str) -> tuple[Check, ...]:
    """The state store: reachable, writable, with locks; and the runs in it that have not ended."""
    try:
        with open_store(options, session) as store:
            _try_writing(store)
            return Check("state", "ok", f"writable, with locks: {state_name(options)}"), _runs(store, arm)
    except RemediateError as error:
        return (failed("state", error),)


def _try_writing(store: Store) -> None:
    """Hold a lock, write a file and read it. Raises StoreError and LockHeld."""
    name, now = f"{_NAME}.check", datetime.now(UTC)
    with store.lock(_NAME, journals.holder("none", now)):
        store.write(name, b"{}")
        try:
            if store.read(name) != b"{}":
                raise StoreError("what was written to the state is not what is read")
        finally:
            store.remove(name)
    with suppress(StoreError):  # an empty lock is in nobody's way
        store.remove(f"locks/{_NAME}.lock")


def _runs(store: Store, arm: str) -> Check:
    opened = read_open(store)
    lines = [*_unfinished(opened, arm), *opened.damaged.values()]
    if not lines:
        return Check("runs", "ok", "no run is unfinished")
    begun = [one.begin.run for one in opened.unfinished(arm)]
    cure = f"Finish it: `remediate resume {begun[-1]}`" if begun else "`remediate runs list`"
    return Check("runs", "problem", "; ".join(lines), cure)


def _unfinished(opened: Journals, arm: str) -> Iterator[str]:
    found = opened.unfinished(arm)
    if found:
        yield f"{plural(len(found), 'run')} not finished: {', '.join(_named(one) for one in found)}"


def _named(record: Record) -> str:
    begun, plan = record.begin, record.begin.plan
    return f"{begun.run} on {subnet_name(plan.subnet) if plan.subnet else ids.app_name(plan.target)}"
