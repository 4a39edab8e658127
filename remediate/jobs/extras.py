"""The sandbox and shared state need optional dependencies; a plain install cannot import them."""

from __future__ import annotations

import re
import shlex
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from remediate.errors import UsageError

DISTRIBUTION = "vnet-remediate"
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+).*; *extra *== *['\"](?P<extra>[\w-]+)['\"]")


class ExtraNotInstalled(UsageError):
    """A feature needs the libraries of an extra; the hint is the command that installs them."""

    code = "not-installed"


def import_extra(module: str, extra: str, feature: str) -> ModuleType:
    """Import a module that needs an optional extra. Raises ExtraNotInstalled."""
    try:
        return import_module(module)
    except ImportError as error:
        if (error.name or "").startswith("remediate"):
            raise
        raise ExtraNotInstalled(f"{feature} is not installed", hint=install_command(extra)) from error


def install_command(extra: str) -> str:
    """The command that adds the libraries of an extra to this installation, whatever installed it.

    It names the libraries and not the extra: that works from a clone and from a wheel as well.
    """
    return shlex.join([*_installer(), *libraries(extra)])


def libraries(extra: str) -> list[str]:
    """The names of the libraries of an extra, from the metadata of the installed distribution."""
    try:
        found = [_REQUIREMENT.match(one) for one in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        found = []
    return [one["name"] for one in found if one and one["extra"] == extra] or [f"{DISTRIBUTION}[{extra}]"]


def _installer() -> list[str]:
    """The beginning of the command: pipx and uv leave a file of their own in the environment."""
    if (Path(sys.prefix) / "pipx_metadata.json").is_file():
        return ["pipx", "inject", DISTRIBUTION]
    if (Path(sys.prefix) / "uv-receipt.toml").is_file() or find_spec("pip") is None:
        return ["uv", "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install"]
