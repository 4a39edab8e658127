"""What is printed in the worlds of tests/worlds works there too, like in the scenarios (test_printed.py)."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.advice.operator import Operator
from tests.advice.test_printed import LOOKS, assert_works
from tests.conftest import Azure, Ran
from tests.worlds.described import files, read, source_of

NO_REPAIR = {
    "own/every-connect-504",
    "own/every-connect-refused",
    "own/flex-app-beside-an-unseen-one",
    "own/flex-underscore",
    "own/flex-underscore-allowed",
}
"""Worlds in which Azure connects nothing, or keeps a link for an app that is not seen: what goes on there
ends without a result, and says so.
"""


def with_faults(described: dict[str, Any]) -> dict[str, Any]:
    """The same with its faults in the world, so that a copy of it has them too."""
    if not described.get("faults"):
        return described
    world = described.get("world", {"extends": described.get("scenario")})
    return {"world": {**world, "faults": described["faults"]}}


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "path"), [pytest.param(*one, id=one[0]) for one in files()])
def test_what_is_printed_in_a_world_works(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path, name: str, path: Path
) -> None:
    described = read(path)
    served = azure(source_of(with_faults(described), tmp_path))
    found = Operator(remediate, served, tmp_path / "state", may_wait=name in NO_REPAIR)
    for look in LOOKS:
        found.look(*look)
    for step in described["steps"]:
        found.follow(found.collect(*shlex.split(step["run"])))
    assert_works(found)
