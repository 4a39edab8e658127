"""Tests of which `make test` tries a sample, and `make sweep` the rest or many more."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def in_sweep(*cases: Any) -> list[Any]:
    """Cases of a parametrised test that `make sweep` alone tries; `make test` tries one of each kind."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.sweep)
        for case in cases
    ]


def tried(some: int, many: int, **drawn: st.SearchStrategy[Any]) -> Callable[[Any], Any]:
    """The property holds for what is drawn: `some` examples in `make test`, `many` in `make sweep`.

    The other arguments of the test are fixtures, the same for all of its examples.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def property_(examples: int, **fixtures: Any) -> None:
            def holds(**example: Any) -> None:
                test(**fixtures, **example)

            limited = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
            limited(given(**drawn)(holds))()

        asked = [one for one in inspect.signature(test).parameters.values() if one.name not in drawn]
        examples = inspect.Parameter("examples", inspect.Parameter.KEYWORD_ONLY)
        signature = inspect.Signature([*asked, examples])
        property_.__signature__ = signature  # type: ignore[attr-defined]
        cases = [pytest.param(some, id="some"), pytest.param(many, id="many", marks=pytest.mark.sweep)]
        return pytest.mark.parametrize("examples", cases)(property_)

    return decorate
