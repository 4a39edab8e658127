from __future__ import annotations

import pytest

from remediate.playbook import shipped
from remediate.show.playbooks import print_playbook, print_playbooks

from .samples import PLAYBOOK, page


def test_the_list_has_a_line_for_each_playbook() -> None:
    result = page(200)
    print_playbooks(result.console, shipped())
    for one in shipped():
        line = next(line for line in result.lines if line.strip().startswith(one.id + " "))
        assert one.title in line
        assert ", ".join(one.for_) in line


def test_a_playbook_is_shown_with_its_explanation_and_its_steps_and_settings() -> None:
    result = page(160)
    print_playbook(result.console, PLAYBOOK)
    text = " ".join(result.text.split())
    assert PLAYBOOK.explain in text
    assert PLAYBOOK.impact in text
    assert (
        "3 wait-link-gone Waiting for the link to be removed (looks every 2 s, at most 15 min) rollback"
        in text
    )


@pytest.mark.parametrize("width", [80, 160])
def test_shipped_playbooks_fit_the_terminal(width: int) -> None:
    result = page(width)
    print_playbooks(result.console, shipped())
    for one in shipped():
        print_playbook(result.console, one)
    assert max(map(len, result.lines)) <= width
