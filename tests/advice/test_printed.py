"""Every command that the product prints works: in the world in which it was printed, as it was printed.

No command may end as wrong use (2) or be refused (4), and Azure may refuse none of `az`. Where a text names
several commands one after the other, they are carried out one after the other; where it offers several ways,
each is tried on a copy of the world. `make sweep` tries every scenario, `make test` the findings.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.findings import SHOWN_BY
from remediate.sandbox.scenarios import summaries
from tests.advice.commands import alternatives, commands, not_set_off, texts
from tests.advice.operator import Operator
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran

ORDERS = "orders-func"
VNET, FREE = SUBNET.rpartition("/subnets/")[0], SUBNET.replace("snet-apps", "snet-data")
LOOKS = (
    ("verify", ORDERS),
    *(("verify", ORDERS, "--subnet", one) for one in (SUBNET, FREE)),
    ("verify", ORDERS, "--probe", "sql.internal:1433"),
    ("reconnect", ORDERS, "--dry-run"),
    *(("reconnect", ORDERS, "--dry-run", "--scope", one) for one in ("app", "link")),
    *(("reconnect", ORDERS, "--dry-run", "--subnet", one) for one in (SUBNET, FREE)),
    *(("guard", one) for one in (APP, PLAN, SUBNET, VNET, GROUP.removesuffix("/providers"))),
    *(("guard", one, "--disconnect", "--dry-run") for one in (APP, SUBNET)),
    ("purge", SUBNET, "--dry-run"),
    ("reconnect", ORDERS),
    ("snapshot", "list"),
    ("watch", ORDERS, "--once"),
)
"""Commands that change nothing, each tried in every scenario."""
RUNS = (
    ("stuck", ("reconnect", ORDERS)),
    ("stuck", ("guard", APP, "--disconnect")),
    ("policy-denies", ("reconnect", ORDERS)),
    ("policy-deny", ("reconnect", ORDERS)),
    ("shared-link", ("reconnect", ORDERS, "--scope", "link")),
    ("subnet-missing", ("reconnect", ORDERS, "--subnet", FREE)),
    ("link-orphaned", ("purge", SUBNET)),
    ("healthy", ("purge", SUBNET)),
)
"""Commands that change something, or are refused."""
ERRORS = (
    ("verify", "ordrs-func"),
    ("verify", "--no-such-option"),
    ("verify",),
    ("guard", "plan-ordrs"),
    ("guard",),
    ("purge", "snet-apps"),
    ("resume",),
    ("resume", "NOSUCH"),
    ("rollback", "NOSUCH"),
    ("runs", "show", "NOSUCH"),
    ("snapshot", "show", "NOSUCH"),
    ("snapshot", "diff", "live", "live"),
    ("playbooks", "show", "NOSUCH"),
    ("reconnect", ORDERS, "--playbook", "NOSUCH"),
    ("reconnect", ORDERS, "--yes", "--subnet", FREE),
    ("sandbox", "env"),
    ("sandbox",),
    (),
)
"""Commands that are used wrongly."""
NOT_TRIED = ("remediate sandbox serve",)
"""Commands that do not end by themselves."""


@pytest.fixture
def operator(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> Callable[[str], Operator]:
    """Somebody who follows what is printed in one scenario."""

    def begin(scenario: str) -> Operator:
        patient = scenario in ("stuck", "busy", "throttled", "slow")
        return Operator(remediate, azure(scenario), tmp_path / "state", may_wait=patient)

    return begin


def assert_works(found: Operator) -> None:
    assert found.problems == [], "\n".join(found.problems)


@pytest.mark.sweep
@pytest.mark.parametrize("scenario", [one.name for one in summaries()])
def test_what_a_look_prints_works_in(operator: Callable[[str], Operator], scenario: str) -> None:
    found = operator(scenario)
    for look in LOOKS:
        found.look(*look)
    assert_works(found)


@pytest.mark.sweep
@pytest.mark.parametrize(("scenario", "command"), RUNS)
def test_what_a_run_prints_works(
    operator: Callable[[str], Operator], scenario: str, command: tuple[str, ...]
) -> None:
    found = operator(scenario)
    found.follow(found.collect(*command, "--yes"))
    for look in (("runs", "list"), ("verify", ORDERS), ("guard", SUBNET), ("reconnect", ORDERS)):
        found.look(*look)
    assert_works(found)


@pytest.mark.parametrize("code", SHOWN_BY)
def test_what_a_finding_says_works(operator: Callable[[str], Operator], code: str) -> None:
    command, _, scenario = SHOWN_BY[code].replace("SUBNET_ID", SUBNET).partition(" --sandbox ")
    found = operator(scenario)
    found.follow(found.collect(*shlex.split(command)))
    assert_works(found)


def test_what_an_error_says_works(operator: Callable[[str], Operator]) -> None:
    found = operator("healthy")
    for arguments in ERRORS:
        printed = found.collect(*arguments)
        tried = tuple(one for one in printed.texts if not any(skipped in one for skipped in NOT_TRIED))
        found.follow(printed.__class__(arguments, tried, printed.state, printed.journals))
    assert_works(found)


def test_commands_are_found_alone_on_a_line_and_between_backticks() -> None:
    assert commands("First `az lock delete --ids x`, then\n`remediate  verify\n a`.") == [
        "az lock delete --ids x",
        "remediate verify a",
    ]
    assert commands("remediate guard a --disconnect\naz webapp delete --ids b") == [
        "remediate guard a --disconnect",
        "az webapp delete --ids b",
    ]
    assert list(texts({"order": ["az a b", "az c d"], "hint": "x"})) == ["az a b\naz c d", "x"]


def test_ways_are_told_apart_and_a_command_within_a_sentence_is_noticed() -> None:
    text = "Do `az a b`, then `remediate purge c`. Or use `remediate verify d`; otherwise nothing."
    assert alternatives(text) == [["az a b", "remediate purge c"], ["remediate verify d"]]
    assert not_set_off("To finish it: remediate resume x") == ["To finish it: remediate resume x"]
    assert not_set_off(text) == []
