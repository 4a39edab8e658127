"""The sandbox and shared state need optional dependencies; a plain install cannot import them."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from remediate.errors import UsageError


def import_extra(module: str, extra: str, feature: str) -> ModuleType:
    """Import a module that needs an optional extra. Raises UsageError with the command that installs it."""
    try:
        return import_module(module)
    except ImportError as error:
        if (error.name or "").startswith("remediate"):
            raise
        raise UsageError(f'{feature} is not installed: pip install "vnet-remediate[{extra}]"') from error
