"""What the tests of runs share: commands in a process of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.run.test_two_operators import Operator


@pytest.fixture
def operator() -> Iterator[Callable[..., Operator]]:
    """Starts somebody else's command; whoever is still at work when the test ends is killed."""
    started: list[Operator] = []

    def start(*arguments: str) -> Operator:
        started.append(Operator(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.kill()
