"""The questions in a pseudo-terminal: search, wrong answers, leaving, going back, and plain lines."""

from __future__ import annotations

import re

import pytest

from tests.cli.asking import APPS, QUESTIONS, SENTENCES
from tests.terminal import Terminal

ENTER, ESC, CTRL_C, CTRL_D, UP, DOWN, LEFT = "\r", "\x1b", "\x03", "\x04", "\x1b[A", "\x1b[B", "\x1b[D"
LEFT_MESSAGE = "cancelled, and nothing was changed"
PLAIN = [{"TERM": "dumb"}, {"REMEDIATE_PLAIN": "1"}]
_STYLE = re.compile(r"\x1b\[([\d;]*)m")


def ask(question: str, **settings: str) -> Terminal:
    """A question at 80x24."""
    return Terminal(question, columns=80, lines=24, entry="tests.cli.asking", **settings)


def ask_in_ready_terminal(question: str, **settings: str) -> Terminal:
    """A question that is waiting for its answer."""
    terminal = ask(question, **settings)
    terminal.wait_for("to leave")
    return terminal


def test_a_search_counts_what_it_finds_and_takes_words_in_any_order() -> None:
    terminal = ask_in_ready_terminal("apps")
    assert "Which app? (230 apps)" in terminal.flowing
    terminal.type("ASIA orders")
    terminal.wait_for("(16 of 230 apps)")
    terminal.type(" functionapp")
    terminal.wait_for("(8 of 230 apps)")
    terminal.type(DOWN + ENTER)
    assert terminal.exit_code() == 0
    assert "answer: orders-asia-api-03" in terminal.text


def test_where_nothing_matches_enter_does_nothing() -> None:
    terminal = ask_in_ready_terminal("apps")
    terminal.type("orders nowhere")
    terminal.wait_for("no match")
    assert "(0 of 230 apps)" in terminal.flowing
    terminal.type(ENTER + UP + DOWN + ENTER + "\x7f" * len("nowhere"))
    terminal.wait_for("(48 of 230 apps)")
    assert "answer" not in terminal.text
    terminal.type(ENTER)
    assert terminal.exit_code() == 0
    assert "answer: orders-eu-api-00" in terminal.text


def test_a_long_list_leaves_half_of_the_screen_to_what_it_is_about() -> None:
    terminal = ask_in_ready_terminal("apps")
    assert len(terminal.lines) <= 16
    assert "↓ 218 more" in terminal.flowing
    terminal.type(UP)
    terminal.wait_for("↑ 218 more")
    terminal.type(ENTER)
    assert terminal.exit_code() == 0
    assert f"answer: {APPS[-1][0]}" in terminal.text


def test_a_row_is_one_line_and_keeps_its_name_and_its_last_cell() -> None:
    terminal = ask_in_ready_terminal("apps")
    rows = [line for line in terminal.lines if "orders-" in line]
    assert [row.strip("» ").split()[0] for row in rows] == [row[0] for row in APPS[: len(rows)]]
    assert all(row.endswith("vnet-prod/snet-apps") for row in rows)
    terminal.type(ESC)
    assert terminal.exit_code() == 130


def test_the_answer_is_repeated_by_its_name_in_one_line() -> None:
    terminal = ask_in_ready_terminal("apps")
    terminal.type("NOTIFICATIONS-partners asia batch 03")
    terminal.wait_for("(1 of 230 apps)")
    terminal.type(ENTER)
    assert terminal.exit_code() == 0
    name = "customer-notifications-partners-asia-batch-03"
    assert terminal.lines == [f"? Which app? {name}", f"answer: {name}"]


def test_no_sentence_is_broken_within_a_word() -> None:
    terminal = ask_in_ready_terminal("sentences")
    words = {word for line in terminal.lines for word in line.split()}
    assert {word for title, _ in SENTENCES for word in title.split()} <= words
    terminal.type(DOWN + ENTER)
    assert terminal.exit_code() == 0
    echo = terminal.lines[0]
    assert echo.startswith("? What is happening? I am going to delete an app")
    assert echo.endswith("…")
    assert echo.removesuffix("…").split()[-1] in words


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("key", [ESC, CTRL_C])
def test_every_question_says_that_esc_leaves_it_and_leaving_is_no_error(question: str, key: str) -> None:
    terminal = ask(question)
    terminal.wait_for("Esc to leave")
    terminal.type(key)
    assert terminal.exit_code() == 130
    assert terminal.lines[-1] == LEFT_MESSAGE
    assert "✗" not in terminal.text
    assert "answer" not in terminal.text


@pytest.mark.parametrize(
    ("question", "keys"),
    [("apps", LEFT), ("default", LEFT), ("text", "back" + ENTER), ("word", "Back" + ENTER), ("yes", "b")],
)
def test_one_question_back(question: str, keys: str) -> None:
    terminal = ask(question)
    terminal.wait_for("go back")
    terminal.type(keys)
    assert terminal.exit_code() == 0
    assert terminal.lines[-1] == "answer: back"


def test_within_a_search_the_left_arrow_moves_in_the_words() -> None:
    terminal = ask_in_ready_terminal("apps")
    terminal.type("rders" + LEFT * 5 + "o")
    terminal.read_until(lambda: "Search: orders" in terminal.screen and "go back" not in terminal.screen, "")
    terminal.type(CTRL_C)
    assert terminal.exit_code() == 130


def test_enter_takes_the_default() -> None:
    terminal = ask_in_ready_terminal("default")
    terminal.type(ENTER)
    assert terminal.exit_code() == 0
    assert "answer: nothing" in terminal.text


@pytest.mark.parametrize("settings", [{}, *PLAIN])
def test_a_wrong_value_is_asked_again_with_what_was_expected(settings: dict[str, str]) -> None:
    terminal = ask_in_ready_terminal("text", **settings)
    for wrong in ("sql", ""):
        terminal.type(wrong + ENTER)
        terminal.wait_for("Expected a port, for example 443.")
    terminal.type("443" + ENTER)
    assert terminal.exit_code() == 0
    assert "answer: 443" in terminal.text


@pytest.mark.parametrize("settings", [{}, *PLAIN])
def test_a_wrong_or_empty_word_is_asked_again_with_what_was_expected(settings: dict[str, str]) -> None:
    terminal = ask_in_ready_terminal("word", **settings)
    question = "Type orders-func to go on"
    assert "1 app is disconnected." in terminal.text
    assert terminal.flowing.count(question) == 1
    terminal.type("order-func" + ENTER)
    terminal.wait_for('"order-func" is not orders-func.')
    terminal.type(ENTER)
    terminal.wait_for("Nothing was typed.")
    terminal.type("Orders-Func" + ENTER)
    assert terminal.exit_code() == 0
    assert terminal.flowing.count(question) == 3
    assert "answer: None" in terminal.text


@pytest.mark.parametrize(("keys", "answer"), [("y", "True"), ("n", "False"), (ENTER, "False")])
def test_yes_or_no(keys: str, answer: str) -> None:
    terminal = ask_in_ready_terminal("yes")
    terminal.type(keys)
    assert terminal.exit_code() == 0
    assert f"answer: {answer}" in terminal.text


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("color", [True, False])
def test_a_question_uses_bold_and_dim_and_no_colour(question: str, color: bool) -> None:
    terminal = ask_in_ready_terminal(question, **({} if color else {"NO_COLOR": "1"}))
    terminal.type(CTRL_C)
    assert terminal.exit_code() == 130
    used = {code for found in _STYLE.findall(terminal.written) for code in found.split(";")}
    assert used <= ({"", "0", "1", "2"} if color else {"", "0"})
    assert color == ("1" in used)


@pytest.mark.parametrize("settings", PLAIN)
@pytest.mark.parametrize("question", QUESTIONS)
def test_plain_questions_write_no_escape_code_and_are_left_with_q(
    question: str, settings: dict[str, str]
) -> None:
    terminal = ask(question, **settings)
    terminal.wait_for("q to leave")
    terminal.type("q\n")
    assert terminal.exit_code() == 130
    assert terminal.lines[-1] == LEFT_MESSAGE
    assert not set(terminal.written.replace("\r\n", "\n")) & {"\x1b", "\r", "\b"}


@pytest.mark.parametrize("keys", [CTRL_C, CTRL_D, ESC + "\n", "Q\n"])
def test_other_ways_to_leave_a_plain_question(keys: str) -> None:
    terminal = ask_in_ready_terminal("word", TERM="dumb")
    terminal.type(keys)
    assert terminal.exit_code() == 130
    assert terminal.lines[-1] == LEFT_MESSAGE


@pytest.mark.parametrize("question", ["apps", "default", "text", "word", "yes"])
def test_one_plain_question_back(question: str) -> None:
    terminal = ask_in_ready_terminal(question, TERM="dumb")
    terminal.type("back\n")
    assert terminal.exit_code() == 0
    assert terminal.lines[-1] == "answer: back"


def test_a_plain_list_is_searched_by_words_and_answered_by_number() -> None:
    terminal = ask("apps", TERM="dumb")
    terminal.wait_for("Type a number, words to search, Enter for 215 more, b for back, or q to leave:")
    terminal.type("\n")
    terminal.wait_for("Enter for 200 more")
    terminal.type("nowhere\n")
    terminal.wait_for("No match among 230 apps.")
    terminal.type("\n0\n231\n")
    terminal.wait_for("Type a number from 1 to 230.")
    terminal.type("functionapp ASIA mail\n")
    terminal.read_until(
        lambda: "8 of 230 apps" in terminal.text and terminal.lines[-1].endswith("q to leave:"), "8 apps"
    )
    number = next(line.split()[0] for line in terminal.lines if "mail-asia-web-01" in line)
    terminal.type(f"{number}\n")
    assert terminal.exit_code() == 0
    assert terminal.lines[-1] == "answer: mail-asia-web-01"
    assert max(map(len, terminal.text.splitlines())) <= 80


def test_a_plain_list_with_a_default_takes_it_with_enter() -> None:
    terminal = ask("default", TERM="dumb")
    terminal.wait_for("Type a number [3], b for back, or q to leave:")
    terminal.type("lost\n")
    terminal.wait_for("Type a number from 1 to 3.")
    terminal.type("\n")
    assert terminal.exit_code() == 0
    assert "answer: nothing" in terminal.text


def test_a_plain_yes_or_no_asks_again_until_it_is_one() -> None:
    terminal = ask_in_ready_terminal("yes", TERM="dumb")
    terminal.type("perhaps\n")
    terminal.wait_for("Type y for yes or n for no.")
    terminal.type("yes\n")
    assert terminal.exit_code() == 0
    assert "answer: True" in terminal.text
