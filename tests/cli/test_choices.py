"""The entries of a list question: search, columns within a width, and what is in view."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from remediate.cli.choices import aligned, column_widths, in_view, matching, name_of, shortened

ROWS = [
    ("orders-func", "rg-one", "westeurope", "vnet-prod/snet-apps"),
    ("billing-web", "rg-two", "westeurope", "vnet-prod/snet-web"),
]
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"]), min_size=1, max_size=30)
SENTENCE = st.lists(TEXT, min_size=1, max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [0, 1]),
        ("orders", [0]),
        ("SNET-WEB billing", [1]),
        ("west rg-one", [0]),
        ("west", [0, 1]),
        ("orders billing", []),
        ("nowhere", []),
    ],
)
def test_all_words_are_found_in_any_order_and_case(words: str, found: list[int]) -> None:
    assert matching(ROWS, words) == found


@given(st.permutations(["ers", "rg-", "SNET"]))
def test_the_order_of_the_words_does_not_matter(words: list[str]) -> None:
    assert matching(ROWS, "  ".join(words)) == [0]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("orders-func", 11, "orders-func"),
        ("orders-func", 8, "orders-…"),
        ("all four apps on it", 12, "all four…"),
        ("all four apps", 9, "all four…"),
        ("all four apps", 8, "all…"),
        ("日本語", 5, "日本…"),
        ("orders", 1, "…"),
        ("orders", 0, ""),
    ],
)
def test_shortened(text: str, width: int, shown: str) -> None:
    assert shortened(text, width) == shown


@given(SENTENCE, st.integers(0, 60))
def test_a_shortened_sentence_fits_and_ends_with_a_whole_word_if_one_fits(text: str, width: int) -> None:
    shown = shortened(text, width)
    assert cell_len(shown) <= width
    if cell_len(text) <= width:
        assert shown == text
    elif " " in shown:
        assert text.startswith(shown.removesuffix("…") + " ")


@given(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=8), st.integers(12, 120))
def test_every_row_is_one_line_that_fits(rows: list[tuple[str, ...]], width: int) -> None:
    lines = aligned(rows, width)
    assert [len(one) for one in lines] == [1] * len(rows)
    assert max(cell_len(one) for [one] in lines) <= width


@given(SENTENCE, st.integers(1, 120))
def test_a_sentence_wraps_at_words(text: str, width: int) -> None:
    [lines] = aligned([text], width)
    assert max(map(cell_len, lines)) <= width
    if max(map(cell_len, text.split())) <= width:
        assert " ".join(lines).split() == text.split()


def test_where_it_does_not_fit_the_name_and_the_last_cell_stay_whole() -> None:
    assert column_widths(ROWS, 200) == [11, 6, 10, 19]
    assert aligned(ROWS, 41) == [
        ["orders-func  rg-one  vnet-prod/snet-apps"],
        ["billing-web  rg-two  vnet-prod/snet-web"],
    ]


def test_a_column_of_different_values_is_shortened_and_one_of_equal_values_left_out() -> None:
    rows = [
        ("orders-func", "resource-group-one", "snet-apps"),
        ("billing-web", "resource-group-two", "snet-web"),
    ]
    assert aligned(rows, 34) == [
        ["orders-func  resource-…  snet-apps"],
        ["billing-web  resource-…  snet-web"],
    ]
    assert aligned(rows[:1], 34) == [["orders-func  resource-…  snet-apps"]]


def test_the_name_of_a_row_is_its_first_cell() -> None:
    assert name_of(ROWS[0]) == "orders-func"
    assert name_of("Nothing, leave") == "Nothing, leave"


@given(st.lists(st.integers(1, 4), min_size=1, max_size=60), st.data())
def test_what_is_in_view_holds_the_highlighted_entry_and_no_more_than_fits(
    heights: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(heights) - 1))
    first = data.draw(st.integers(0, len(heights) - 1))
    room = data.draw(st.integers(1, 30))
    view = in_view(heights, first, at, room)
    used = sum(heights[one] for one in view)
    assert at in view
    assert used <= max(room, heights[at])
    if view.stop < len(heights):
        assert used + heights[view.stop] > room
    if view.start > 0:
        assert used + heights[view.start - 1] > room


def test_moving_within_the_view_does_not_scroll() -> None:
    heights = [1] * 100
    assert in_view(heights, 10, 19, 10) == range(10, 20)
    assert in_view(heights, 10, 20, 10) == range(11, 21)
    assert in_view(heights, 10, 9, 10) == range(9, 19)
