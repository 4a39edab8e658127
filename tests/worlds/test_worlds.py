"""Worlds that people were in: what each command must and must not do there.

Ours are the files beside this one. Those in `../shared/worlds` are run too where they are there. A file has a
`world` (docs/reference/worlds.md), or a shipped `scenario` with `faults`, and `steps`. With `order-works` the
commands of the order that a guard prints are carried out.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.advice import az
from tests.conftest import Azure, Ran
from tests.worlds.described import SHARED, files, read, serve

LONG = {
    "every-connect-504",
    "gateway-blocks-connect",
    "gateway-in-plan",
    "ipv6",
    "ipv6-four-apps",
    "link-of-a-plan-elsewhere",
    "locks-of-what-comes-before",
    "plan-moved",
}
"""Those of ours whose commands take more than a second and a half: `make sweep` alone runs them."""
KEYS = {"about", "world", "scenario", "faults", "steps"}
STEP_KEYS = {"run", "exit", "codes", "not-codes", "says", "says-not", "no-write", "order-works"}


def cases() -> Iterator[Any]:
    for name, path in files():
        marks = [pytest.mark.sweep] if name in {f"own/{one}" for one in LONG} else []
        yield pytest.param(path, id=name, marks=marks)


def codes(document: Any) -> set[str]:
    """Every code in a document, however deep."""
    if isinstance(document, dict):
        own = {document["code"]} if isinstance(document.get("code"), str) else set()
        return own.union(*(codes(one) for one in document.values()))
    return set().union(*(codes(one) for one in document)) if isinstance(document, list) else set()


def check(step: dict[str, Any], ran: Ran, sent: list[dict[str, Any]]) -> None:
    printed = f"{step['run']}\n{ran.out}{ran.err}"
    assert ran.code in step["exit"], printed
    json.loads(ran.out)
    found = codes(ran.document)
    assert found >= set(step.get("codes", [])), printed
    assert not found & set(step.get("not-codes", [])), printed
    for pattern in step.get("says", []):
        assert re.search(pattern, ran.out + ran.err), f"{pattern!r} is not in {printed}"
    for pattern in step.get("says-not", []):
        assert not re.search(pattern, ran.out + ran.err), f"{pattern!r} is in {printed}"
    written = [(one["method"], one["path"]) for one in sent if one["mutating"]]
    assert not [one for one in written if one[0] in step.get("no-write", [])], f"{written}\n{printed}"


def check_order(order: list[str], remediate: Callable[..., Ran], served: Azure) -> None:
    """Carry out the commands, one after the other: none is refused, by the product or by Azure."""
    assert order
    for program, *arguments in map(shlex.split, order):
        if program == "az":
            assert az.carry_out(served, arguments) is None, order
        else:
            ran = remediate(*arguments, "--yes", "--poll-interval", "0.02")
            assert ran.code in (0, 3), f"{arguments}\n{ran.out}{ran.err}"


@pytest.mark.parametrize("path", list(cases()))
def test_in_this_world(
    path: Path, remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    described = read(path)
    assert set(described) <= KEYS
    served = serve(described, azure, tmp_path)
    for step in described["steps"]:
        assert set(step) <= STEP_KEYS
        before = len(served.log)
        ran = remediate(*shlex.split(step["run"]), "-o", "json")
        check(step, ran, served.log[before:])
        if step.get("order-works"):
            check_order(ran.document["order"], remediate, served)


@pytest.mark.skipif(not SHARED.is_dir(), reason="there are no worlds in ../shared/worlds")
def test_the_shared_worlds_are_found() -> None:
    assert list(SHARED.glob("*.yaml"))
