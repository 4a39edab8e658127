"""Every kind of step is one class, and no other place tells steps apart by their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import remediate
from remediate.model import PURPOSES, Purpose
from remediate.playbook import CARRIED_OUT, STEP_NAMES
from remediate.steps import KINDS, StepKind, kind_of

PACKAGE = Path(remediate.__file__).parent
OTHERS = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in ("sandbox", "steps")
]


def compared_names(path: Path) -> Iterator[str]:
    """The step names that a file compares a step's `do` with."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare) and "do" in {
            one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)
        }:
            texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
            yield from (str(one) for one in texts if one in KINDS)


def imported_at_run_time(path: Path) -> Iterator[str]:
    """The modules that a file imports when it is imported itself."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nobody_else_tells_steps_apart_by_their_names(path: Path) -> None:
    assert not list(compared_names(path))


@pytest.mark.parametrize("path", sorted((PACKAGE / "steps").glob("*.py")), ids=lambda path: path.stem)
def test_a_step_is_given_azure_and_does_not_import_it(path: Path) -> None:
    names = ("checks", "errors", "model", "state", "steps")
    allowed = tuple(f"remediate.{name}" for name in names)
    ours = [one for one in imported_at_run_time(path) if one.startswith(("azure", "remediate."))]
    assert all(one.startswith(allowed) for one in ours), ours


@pytest.mark.parametrize("name", sorted(set().union(*CARRIED_OUT.values())))
def test_what_a_playbook_may_hold_is_carried_out(name: str) -> None:
    assert KINDS[name].name == name
    assert type(KINDS[name]).carry_out is not StepKind.carry_out


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_purpose_has_steps_that_ask_look_and_prove(purpose: Purpose) -> None:
    kinds = [KINDS[name] for name in CARRIED_OUT[purpose]]
    assert any(kind.guards and kind.asks for kind in kinds)
    assert any(kind.proves and kind.looks for kind in kinds)


def test_only_a_plan_that_brings_back_may_hold_a_connect() -> None:
    returning = {name for name in KINDS if KINDS[name].brings_back}
    assert {purpose for purpose in PURPOSES if returning & CARRIED_OUT[purpose]} == {"reconnect"}
    assert PURPOSES["reconnect"].brings_back


def test_what_takes_away_also_comes_back() -> None:
    """Where a plan that brings back takes away, the connect is sent whatever failed before."""
    taking = [kind for kind in KINDS.values() if kind.takes_away]
    back = [kind for kind in KINDS.values() if kind.brings_back]
    assert [kind.name for kind in taking] == ["disconnect"]
    assert [kind.name for kind in back] == ["reconnect"]
    assert all(kind.essential for kind in (*taking, *back))


def test_a_name_of_a_newer_version_is_no_kind_and_changes_nothing() -> None:
    unknown = kind_of("teleport")
    assert unknown.name not in STEP_NAMES
    assert not (unknown.changes or unknown.looks or unknown.purposes)
