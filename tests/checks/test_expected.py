"""Every finding whole, in every named world: title, detail, advice with its command, evidence, playbook."""

from __future__ import annotations

import pytest

from remediate.checks import CHECKS, judge

from .expected import PAGES, page
from .named_worlds import named_worlds


@pytest.mark.parametrize("kind", named_worlds())
def test_what_is_said_is_what_was_reviewed(kind: str) -> None:
    assert page(kind) == (PAGES / f"{kind}.txt").read_text(), "see the head of the page"


def test_every_code_is_said_about_some_world_of_each_question_that_can_bring_it_up() -> None:
    said = {
        (kind, one.code)
        for kind, worlds in named_worlds().items()
        for seen in worlds.values()
        for one in judge(*seen)
    }
    possible = {(kind, check.code) for check in CHECKS for kind in check.questions}
    of_looks = {("change", check.code) for check in CHECKS if "look" in check.questions}
    assert possible - of_looks <= said <= possible
