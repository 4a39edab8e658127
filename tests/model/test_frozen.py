"""What the packages hand to each other never changes: every struct is frozen, wherever it is defined."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from msgspec import Struct

import remediate

PACKAGES = ("checks", "model", "plan", "run", "snapshot", "state", "steps")


def structs(kind: type[Struct] = Struct) -> Iterator[type[Struct]]:
    for one in kind.__subclasses__():
        yield one
        yield from structs(one)


def test_every_struct_is_frozen() -> None:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(remediate.__path__, "remediate."):
            if found.name.startswith(f"remediate.{package}"):
                importlib.import_module(found.name)
    ours = [one for one in structs() if one.__module__.startswith("remediate.")]
    assert len(ours) > 20
    assert [one.__qualname__ for one in ours if not one.__struct_config__.frozen] == []
