"""Which store a command uses: the folder or the container asked for, or one that dies with the sandbox."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import platformdirs

from remediate.azure.session import Session, default_credential
from remediate.cli.cloud import cloud_of
from remediate.cli.deferred import optional
from remediate.cli.options import Options
from remediate.errors import UsageError
from remediate.state.address import SCHEME, Address, parse
from remediate.state.local import LocalStore
from remediate.state.store import Store


@contextmanager
def opened(options: Options, session: Session | None = None) -> Iterator[Store]:
    """The store of this command; shared state signs in through the session, where there is one.

    Raises UsageError for one that cannot be, StoreError for a bad one.
    """
    if options.passing:
        # A private sandbox ends with the command, so nothing of it could ever be resumed.
        with tempfile.TemporaryDirectory(prefix="remediate-") as folder:
            yield LocalStore(Path(folder))
        return
    address = shared(options)
    yield _blob_store(options, address, session) if address else LocalStore(folder_of(options))


def shared(options: Options) -> Address | None:
    """The container that state is in; None for a folder. Raises UsageError for an address that is wrong."""
    named = _named(options)
    if not named or "://" not in named or options.passing:
        return None

    if not named.startswith(SCHEME):
        raise UsageError(f"state is kept in a folder or at {SCHEME}ACCOUNT/CONTAINER, not at {named[:200]!a}")
    _optional("remediate.azure.storage")  # what cannot keep its state does not begin
    return parse(named)


def folder_of(options: Options) -> Path:
    """The state folder: `--state`, REMEDIATE_STATE, else the platform's own place. Raises UsageError."""
    named = _named(options)
    try:
        return Path(named).expanduser() if named else Path(platformdirs.user_state_dir("remediate"))
    except RuntimeError as error:  # "~somebody", who has no home here
        raise UsageError(f"no state folder can be named {named!r}: {error}") from error


def _named(options: Options) -> str | None:
    return options.state or os.environ.get("REMEDIATE_STATE")


def _blob_store(options: Options, address: Address, session: Session | None) -> Store:
    """Signed in by a connection string, else as everywhere. Raises NoStorage."""
    storage, blob = _optional("remediate.azure.storage"), _optional("remediate.state.blob")
    given, where = os.environ.get("AZURE_STORAGE_CONNECTION_STRING"), (address.account, address.container)
    if given:
        container = storage.from_connection_string(given, *where)
    elif session is not None:
        container = storage.container(session.cloud, session.credential, *where)
    else:
        cloud = cloud_of(options)
        container = storage.container(cloud, default_credential(cloud), *where)
    store: Store = blob.BlobStore(container, address.prefix)
    return store


def _optional(module: str) -> ModuleType:
    return optional(module, "azblob", "shared state")
