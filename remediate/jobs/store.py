"""Which Azure and which state store the options name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import platformdirs

from remediate.azure.cloud import Cloud, discovered, named
from remediate.azure.credential import Credential
from remediate.azure.session import Session
from remediate.errors import UsageError
from remediate.jobs.extras import import_extra
from remediate.jobs.invocation import Options
from remediate.state.address import SCHEME, Address, parse
from remediate.state.local import LocalStore
from remediate.state.store import Store


def cloud_of(options: Options) -> Cloud:
    """The cloud given by name or endpoint, or the private sandbox of this command. Raises UnknownCloud."""
    endpoint = os.environ.get("REMEDIATE_ARM_ENDPOINT") if options.sandbox else options.arm_endpoint
    return discovered(endpoint) if endpoint else named(options.cloud or "AzureCloud")


@contextmanager
def open_store(options: Options, session: Session | None = None) -> Iterator[Store]:
    """The state store of this command. Shared state uses the credential of the session, if there is one.

    Raises UsageError for an address that is wrong, StoreError for a store that cannot be used.
    """
    if options.ephemeral:
        # A private sandbox is gone when the command ends, so none of its runs could be resumed.
        with tempfile.TemporaryDirectory(prefix="remediate-") as folder:
            yield LocalStore(Path(folder))
        return
    address = shared_state(options)
    yield _blob_store(options, address, session) if address else LocalStore(state_folder(options))


def shared_state(options: Options) -> Address | None:
    """The container of the state; None when it is a folder. Raises UsageError for a wrong address."""
    given = state_given(options)
    if not given or "://" not in given or options.ephemeral:
        return None
    if not given.startswith(SCHEME):
        raise UsageError(f"state is kept in a folder or at {SCHEME}ACCOUNT/CONTAINER, not at {given[:200]!a}")
    _import("remediate.azure.storage")  # without it the command does not start
    return parse(given)


def state_folder(options: Options) -> Path:
    """The state folder: `--state`, REMEDIATE_STATE, else the platform's default. Raises UsageError."""
    given = state_given(options)
    try:
        return Path(given).expanduser() if given else Path(platformdirs.user_state_dir("remediate"))
    except RuntimeError as error:  # "~somebody", who has no home here
        raise UsageError(f"no state folder can be named {given!r}: {error}") from error


def state_given(options: Options) -> str | None:
    """The folder or address of the state that is named, None for the platform's own folder."""
    return options.state or os.environ.get("REMEDIATE_STATE")


def is_shared(options: Options) -> bool:
    """Whether the state is named by an address, whether or not that is right."""
    return "://" in (state_given(options) or "") and not options.ephemeral


def _blob_store(options: Options, address: Address, session: Session | None) -> Store:
    """Signed in by a connection string, else as everywhere. Raises NoStorage."""
    storage, blob = _import("remediate.azure.storage"), _import("remediate.state.blob")
    connection, where = (
        os.environ.get("AZURE_STORAGE_CONNECTION_STRING"),
        (address.account, address.container),
    )
    if connection:
        container = storage.from_connection_string(connection, *where)
    elif session is not None:
        container = storage.container(session.cloud, session.credential, *where)
    else:
        cloud = cloud_of(options)
        container = storage.container(cloud, Credential(cloud), *where)
    store: Store = blob.BlobStore(container, address.prefix)
    return store


def _import(module: str) -> ModuleType:
    return import_extra(module, "azblob", "shared state")
