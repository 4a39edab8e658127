"""`remediate explain`: every code that can be printed is explained without Azure, and with a command."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import get_args

import pytest

from docs.findings import SHOWN_BY
from remediate.errors import Exit
from remediate.jobs.explain import explanations
from remediate.model.failure import Kind
from tests.conftest import Ran
from tests.test_errors import TOLD


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "link-missing",
            ("error · looked for by verify", "playbook", "remediate verify orders-func"),
        ),
        ("LINK-MISSING", ("link-missing",)),
        ("5", ("exit code 5", "`remediate resume RUN`")),
        ("not-found", ("error not-found", "exit code 2")),
        ("exclusive-lock", ("Another write to this site or plan is under way",)),
        ("locked", ("looked for by", "error locked")),
    ],
)
def test_a_code_is_explained(remediate: Callable[..., Ran], code: str, told: tuple[str, ...]) -> None:
    ran = remediate("explain", code)
    assert (ran.code, ran.err) == (0, "")
    for text in told:
        assert text in " ".join(ran.out.split())


def test_every_finding_exit_and_error_has_an_explanation(remediate: Callable[..., Ran]) -> None:
    document = remediate("explain", "-o", "json").document
    listed = {(one["kind"], one["code"]) for one in document["explanations"]}
    assert {("finding", code) for code in SHOWN_BY} <= listed
    assert {("exit code", str(int(code))) for code in Exit} <= listed
    assert {("error", code) for _, code, _ in TOLD.values()} <= listed
    assert {("error", kind) for kind in get_args(Kind)} <= listed
    assert all(one["meaning"] for one in document["explanations"])


def test_the_list_has_a_line_for_each_code(remediate: Callable[..., Ran]) -> None:
    lines = remediate("explain").out.splitlines()
    begins = [line.split()[0] for line in lines if line.startswith("  ")]
    assert begins == [one.code for one in explanations()]


def test_an_unknown_code_is_told_with_the_nearest_ones(remediate: Callable[..., Ran]) -> None:
    ran = remediate("explain", "link-mising", "-o", "json")
    assert (ran.code, ran.document["code"]) == (2, "unknown-code")
    assert "link-missing" in ran.document["hint"]
    assert remediate("explain", "###").err.splitlines()[1] == "  → `remediate explain` lists every code"


def test_the_command_that_shows_a_finding_is_one_that_parses() -> None:
    from remediate.cli.app import main

    for one in explanations():
        if one.see:
            program, name, *rest = shlex.split(one.see)
            assert program == "remediate"
            main.declared(name).make_context(name, rest, parent=main.make_context("remediate", [name]))
