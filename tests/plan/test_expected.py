"""Every plan whole, for each named world: apps, links, refusals in their words, steps and requests."""

from __future__ import annotations

import pytest

from .expected import PAGES, PLAYBOOKS, page


@pytest.mark.parametrize("kind", ["change", *PLAYBOOKS])
def test_what_is_planned_is_what_was_reviewed(kind: str) -> None:
    assert page(kind) == (PAGES / f"{kind}.txt").read_text(), "see the head of the page"
