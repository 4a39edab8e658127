from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from remediate.show.words import duration, format_value, plural, resource_name, subnet_name, timestamp

from .samples import PLAN, STAGING, SUBNET


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (8.24, "8.2 s"),
        (9.97, "10 s"),
        (9, "9 s"),
        (74.2, "74 s"),
        (120, "2 min"),
        (134, "2 min 14 s"),
    ],
)
def test_durations_read_as_one_says_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_numbers_agree_with_their_nouns() -> None:
    assert [plural(n, "app") for n in (0, 1, 2, 1200)] == ["0 apps", "1 app", "2 apps", "1,200 apps"]


def test_a_moment_is_given_in_utc() -> None:
    assert (
        timestamp(datetime(2026, 1, 1, 5, 0, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-01T03:00:00Z"
    )


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (SUBNET, "vnet-prod/snet-apps"),
        (STAGING, "orders-func/staging"),
        (PLAN, "plan-orders"),
        ("x\x1by", r"x\x1by"),
    ],
)
def test_things_are_called_as_an_operator_calls_them(identity: str, words: str) -> None:
    assert resource_name(identity) == words


def test_a_place_that_is_no_id_is_shown_as_it_is() -> None:
    assert subnet_name("somewhere\n") == r"somewhere\n"


@pytest.mark.parametrize(
    ("value", "words"), [(None, "null"), (True, "true"), ("a", "a"), ([1], "[1]"), (403, "403")]
)
def test_values_are_written_as_azure_writes_them(value: object, words: str) -> None:
    assert format_value(value) == words
