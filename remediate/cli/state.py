"""Which store a command uses: the folder or the container asked for, or one that dies with the sandbox."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from remediate.cli.cloud import cloud_of
from remediate.cli.options import Options
from remediate.errors import UsageError

if TYPE_CHECKING:
    from remediate.azure.session import Session
    from remediate.state.address import Address
    from remediate.state.store import Store

NO_AZBLOB = 'shared state is not installed: pip install "vnet-remediate[azblob]"'


@contextmanager
def opened(options: Options, session: Session | None = None) -> Iterator[Store]:
    """The store of this command; shared state signs in through the session, where there is one.

    Raises UsageError for one that cannot be, StoreError for a bad one.
    """
    from remediate.state.local import LocalStore

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
    from remediate.state.address import SCHEME, parse

    if not named.startswith(SCHEME):
        raise UsageError(f"state is kept in a folder or at {SCHEME}ACCOUNT/CONTAINER, not at {named[:200]!a}")
    try:
        import remediate.azure.storage  # noqa: F401 - what cannot keep its state does not begin
    except ImportError as error:
        raise UsageError(NO_AZBLOB) from error
    return parse(named)


def folder_of(options: Options) -> Path:
    """The state folder: `--state`, REMEDIATE_STATE, else the platform's own place. Raises UsageError."""
    import platformdirs

    named = _named(options)
    try:
        return Path(named).expanduser() if named else Path(platformdirs.user_state_dir("remediate"))
    except RuntimeError as error:  # "~somebody", who has no home here
        raise UsageError(f"no state folder can be named {named!r}: {error}") from error


def _named(options: Options) -> str | None:
    return options.state or os.environ.get("REMEDIATE_STATE")


def _blob_store(options: Options, address: Address, session: Session | None) -> Store:
    """Signed in by a connection string, else as everywhere. Raises NoStorage."""
    from remediate.azure import storage
    from remediate.azure.session import default_credential
    from remediate.state.blob import BlobStore

    given, where = os.environ.get("AZURE_STORAGE_CONNECTION_STRING"), (address.account, address.container)
    if given:
        container = storage.from_connection_string(given, *where)
    elif session is not None:
        container = session.container(*where)
    else:
        cloud = cloud_of(options)
        container = storage.container(cloud, default_credential(cloud), *where)
    return BlobStore(container, address.prefix)
