"""The page of screens: every conversation is on it with its pictures, and can be recorded anew."""

from __future__ import annotations

import pytest

from docs import messages, recording, screens


def test_every_conversation_has_its_section_and_its_pictures() -> None:
    page = screens.PAGE.read_text("utf-8")
    titles = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert titles[:-1] == [one.title for one in screens.CONVERSATIONS]
    shown = (*screens.CONVERSATIONS, *messages.MESSAGES)
    wanted = {f"{one.name}-{look}.svg" for one in shown for look in recording.THEMES}
    assert {path.name for path in recording.PICTURES.iterdir()} == wanted
    assert all(name in page for name in wanted)


def test_a_conversation_is_recorded_screen_by_screen() -> None:
    (healthy,) = (one for one in screens.CONVERSATIONS if one.name == "healthy")
    shown, printed = screens.record(healthy, plain=False)
    assert [len(screen.plain.splitlines()) <= screens.LINES for screen in shown] == [True] * 5
    assert "What is happening?" in shown[0].plain
    assert "looks healthy" in shown[-1].plain
    assert "? What now? Leave" in printed
    image = recording.picture("healthy", healthy.title, shown, "dark")
    assert "<svg" in image
    assert "@font-face" not in image


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("signed-out", "not signed in: nothing is set up here that can sign in"),
        ("proxy", "the proxy http://127.0.0.1:9 (from HTTPS_PROXY) refuses connections"),
        ("explain", "exit code 5"),
    ],
)
def test_a_message_is_made_to_happen_and_recorded(name: str, told: str) -> None:
    (one,) = (one for one in messages.MESSAGES if one.name == name)
    screen, printed = messages.record(one)
    assert told in " ".join(printed.split())
    assert screen.plain.startswith(printed.splitlines()[0])


def test_every_message_has_its_part_of_the_page() -> None:
    page = screens.PAGE.read_text("utf-8")
    titles = [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")]
    assert titles == [one.title for one in messages.MESSAGES]
