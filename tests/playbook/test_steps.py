"""A step that nothing carries out is no part of a valid playbook, whatever the playbook is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from remediate.playbook import CARRIED_OUT, STEP_NAMES, InvalidPlaybook, find, load
from tests.conftest import Ran

SHIPPED = {"reconnect": "reconnect-app", "disconnect": "before-delete", "purge": "purge-orphan"}
FOLDER = Path(__file__).parents[2] / "playbooks"


@pytest.mark.parametrize("do", STEP_NAMES)
@pytest.mark.parametrize("purpose", SHIPPED)
def test_the_validator_takes_only_what_is_carried_out(purpose: str, do: str) -> None:
    text = (FOLDER / f"{SHIPPED[purpose]}.yaml").read_text(encoding="utf-8")
    step = f"  - do: {do}\n    tell: One step more\n" + (
        "    host: sql\n    port: 1433\n" if do == "probe" else ""
    )
    try:
        playbook = load(f"{text.rstrip()}\n{step}", "own.yaml")
    except InvalidPlaybook as error:
        assert do in str(error)
    else:
        assert do in CARRIED_OUT[playbook.purpose]


def test_what_ships_names_only_what_is_carried_out() -> None:
    for name in SHIPPED.values():
        playbook = find(name)
        assert {step.do for step in playbook.steps} <= CARRIED_OUT[playbook.purpose]


@pytest.mark.parametrize("do", ["restart", "snapshot"])
def test_validate_names_the_line_of_a_step_that_nothing_carries_out(
    remediate: Callable[..., Ran], tmp_path: Path, do: str
) -> None:
    text = (FOLDER / "reconnect-app.yaml").read_text(encoding="utf-8").rstrip()
    file = tmp_path / "own.yaml"
    file.write_text(f"{text}\n  - do: {do}\n    tell: One step more\n", encoding="utf-8")
    ran = remediate("playbooks", "validate", str(file))
    assert ran.code == 2
    line = text.count("\n") + 2
    assert f":{line}: '{do}' is not carried out in a playbook that reconnects" in ran.err
