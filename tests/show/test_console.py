from __future__ import annotations

import ast
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

import remediate
from remediate.errors import Interrupted, RemediateError
from remediate.show.console import PIPED_WIDTH, STYLES, open_consoles, print_error, safe, symbols
from remediate.show.layout import HangingIndent, marked, next_step, print_parts, prose, table

from .samples import SUBNET, page


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("orders-func", "orders-func"),
        ("größe", "größe"),
        ("[red]x[/red] :skull:", "[red]x[/red] :skull:"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\x9b2Jb", r"a\x9b2Jb"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u2028b", r"a\u2028b"),
        ("a\u200bb", r"a\u200bb"),
        ("a\u00a0b", r"a\xa0b"),
        ("a\ud800b", r"a\ud800b"),
        (403, "403"),
    ],
)
def test_what_could_move_or_hide_becomes_a_visible_escape(text: object, shown: str) -> None:
    assert safe(text) == shown


@given(st.text(st.characters()))
def test_safe_text_holds_nothing_that_a_terminal_acts_upon(text: str) -> None:
    shown = safe(text)
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert safe(shown) == shown
    shown.encode("utf-8")


def test_results_go_to_the_first_stream_and_the_rest_to_the_second() -> None:
    out, err = io.StringIO(), io.StringIO()
    consoles = open_consoles(out=out, err=err)
    consoles.out.print("result")
    consoles.err.print("progress")
    assert (out.getvalue(), err.getvalue()) == ("result\n", "progress\n")


def test_without_a_terminal_there_is_no_colour_and_no_redrawing() -> None:
    out = io.StringIO()
    consoles = open_consoles(out=out, err=io.StringIO())
    print_parts(consoles.out, marked(consoles.out, "error", "unhealthy"))
    assert out.getvalue() == "✗ unhealthy\n"
    assert consoles.out.width == PIPED_WIDTH
    assert not consoles.live


def test_a_terminal_gets_colour_and_may_be_redrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    out = Terminal()
    consoles = open_consoles(out=out, err=Terminal(), width=80)
    print_parts(consoles.out, marked(consoles.out, "error", "unhealthy"))
    assert "\x1b[" in out.getvalue()
    assert consoles.live


@pytest.mark.parametrize("by_environment", [True, False])
def test_no_color_leaves_no_escape_sequence_even_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, by_environment: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1" if by_environment else "")
    out = Terminal()
    consoles = open_consoles(no_color=not by_environment, out=out, err=Terminal(), width=80)
    print_parts(consoles.out, marked(consoles.out, "error", "unhealthy"), prose("quiet", style="quiet"))
    assert out.getvalue() == "✗ unhealthy\n  quiet\n"


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("TERM", "unknown"), ("REMEDIATE_PLAIN", "1")])
def test_in_plain_mode_there_is_no_escape_code(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(name, value)
    out = Terminal()
    consoles = open_consoles(out=out, err=Terminal(), width=80)
    print_parts(consoles.out, marked(consoles.out, "error", "unhealthy"), prose("quiet", style="quiet"))
    consoles.out.show_cursor()
    assert out.getvalue() == "✗ unhealthy\n  quiet\n"
    assert not consoles.live


@pytest.mark.parametrize("value", ["", "0"])
def test_plain_mode_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("REMEDIATE_PLAIN", value)
    assert open_consoles(out=Terminal(), err=Terminal()).live


def test_an_error_wraps_at_words_and_what_is_to_be_copied_does_not() -> None:
    shown = page(40)
    hint = f"remediate verify {SUBNET}"
    print_error(shown.console, RemediateError("Azure did not answer the request within 30 s.", hint=hint))
    print_error(shown.console, RemediateError(f"not there: {SUBNET}", hint="ask who may read its group"))
    assert shown.lines == [
        "✗ Azure did not answer the request",
        "  within 30 s.",
        f"  → {hint}",
        f"✗ not there: {SUBNET}",
        "  → ask who may read its group",
    ]


def test_leaving_is_no_error() -> None:
    shown = page(color=True)
    print_error(shown.console, Interrupted("cancelled, and nothing was changed"))
    assert shown.text == "cancelled, and nothing was changed\n"


def test_a_dumb_terminal_is_not_redrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not open_consoles(out=Terminal(), err=Terminal()).live


def test_a_name_that_the_encoding_cannot_hold_is_escaped_rather_than_fatal() -> None:
    raw = io.BytesIO()
    consoles = open_consoles(out=io.TextIOWrapper(raw, encoding="ascii"), err=io.StringIO())
    print_parts(consoles.out, Text("größe"))
    consoles.out.file.flush()
    assert raw.getvalue() == b"gr\\xf6\\xdfe\n"


def test_signs_are_ascii_where_the_encoding_is_not_unicode() -> None:
    console = page(encoding="cp1252").console
    assert "".join(vars(symbols(console)).values()).isascii()
    assert symbols(page().console).good == "✓"


def test_a_long_id_is_broken_after_a_slash_and_whole_where_it_is_wide() -> None:
    narrow, wide = page(60), page(200)
    for one in (narrow, wide):
        print_parts(one.console, HangingIndent(Text(f"site.subnet = {SUBNET}")))
    assert wide.lines == [f"site.subnet = {SUBNET}"]
    assert all(line.endswith("/") for line in narrow.lines[:-1])
    assert narrow.text.replace("\n  ", "") == f"site.subnet = {SUBNET}\n"


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.integers(20, 90))
def test_breaking_loses_nothing_and_keeps_within_the_width(text: str, width: int) -> None:
    shown = page(width)
    print_parts(shown.console, HangingIndent(Text(safe(text))))
    assert "".join(shown.text.split()) == "".join(safe(text).split())
    assert all(cell_len(line) <= width for line in shown.lines)


@pytest.mark.parametrize("width", [80, 160, PIPED_WIDTH])
def test_prose_is_never_wider_than_is_good_to_read(width: int) -> None:
    shown = page(width)
    print_parts(shown.console, prose("word " * 100))
    assert max(map(len, shown.lines)) <= min(width, 100)


def test_an_id_in_prose_in_a_command_or_in_a_table_is_whole_when_piped() -> None:
    shown = page(PIPED_WIDTH)
    long = SUBNET + "x" * 80
    print_parts(
        shown.console,
        prose(f"See {long} first."),
        next_step(shown.console, f"remediate purge {long}"),
        table(("id", ""), [(long, "x")]),
    )
    assert shown.text.count(long) == 3


def test_no_line_ends_in_blanks() -> None:
    shown = page()
    print_parts(shown.console, table(("a", "b"), [("1", ""), ("long enough", "")]))
    assert all(line == line.rstrip() for line in shown.lines)


def test_only_the_sign_and_its_word_bear_the_colour() -> None:
    shown = page(color=True)
    print_parts(shown.console, marked(shown.console, "warning", "updating").append("  at three"))
    assert shown.text == "\x1b[35m! updating\x1b[0m  at three\n"


def test_green_is_the_colour_of_the_sign_only() -> None:
    shown = page(color=True)
    print_parts(shown.console, marked(shown.console, "good", "healthy"))
    assert shown.text == "\x1b[32m✓\x1b[0m healthy\n"


def test_every_style_is_readable_on_light_and_dark_in_16_colours() -> None:
    assert set(STYLES.values()) <= {"green", "bold red", "magenta", "bold", "dim", "default"}


def test_no_other_style_is_used_anywhere() -> None:
    package = Path(remediate.__file__).parent
    for path in [*package.joinpath("show").glob("*.py"), *package.joinpath("cli").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg and node.arg.endswith("style"):
                named = [one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
                words = {one for one in named if isinstance(one, str)}
                assert words <= {*STYLES, "", "dim"}, f"{path.name}:{node.value.lineno}"


def test_a_command_with_an_id_is_left_in_one_piece_for_the_terminal_to_wrap() -> None:
    shown = page()
    print_parts(shown.console, next_step(shown.console, f"remediate purge {SUBNET}"), Text("after"))
    assert shown.lines == [f"  → remediate purge {SUBNET}", "after"]
