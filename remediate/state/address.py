"""The address of shared state, `azblob://ACCOUNT/CONTAINER[/PREFIX]`: parsed and checked."""

from __future__ import annotations

import re

from msgspec import Struct

from remediate.errors import UsageError
from remediate.state.store import is_name

SCHEME = "azblob://"
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?=.{3,63}\Z)[a-z0-9](?:-?[a-z0-9])*")
"""Azure's own rules: lower case, digits and single hyphens."""


class InvalidStateAddress(UsageError):
    """Not the address of a container; the message is one line."""


class Address(Struct, frozen=True):
    """A container of a storage account, and a prefix in it."""

    account: str
    container: str
    prefix: str = ""


def parse(text: str) -> Address:
    """The parts of an address. Raises InvalidStateAddress."""
    account, _, rest = text.removeprefix(SCHEME).removesuffix("/").partition("/")
    container, _, prefix = rest.partition("/")
    if not _ACCOUNT.fullmatch(account):
        raise InvalidStateAddress(f"{_shown(text)} has no valid storage account: {_FORM}")
    if not _CONTAINER.fullmatch(container):
        rule = "a container's name is 3 to 63 lower-case letters, digits and single hyphens"
        raise InvalidStateAddress(f"{_shown(text)} has no valid container: {rule if container else _FORM}")
    if prefix and not all(is_name(part) for part in prefix.split("/")):
        raise InvalidStateAddress(f"{_shown(text)} has an invalid prefix: {_FORM}")
    return Address(account, container, prefix)


_FORM = f"the form is {SCHEME}ACCOUNT/CONTAINER or {SCHEME}ACCOUNT/CONTAINER/PREFIX"


def _shown(text: str) -> str:
    return ascii(text[:200])
