"""The page of screens: every conversation is on it with its pictures, and can be recorded anew."""

from __future__ import annotations

from docs import screens


def test_every_conversation_has_its_section_and_its_pictures() -> None:
    page = screens.PAGE.read_text("utf-8")
    titles = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert titles == [one.title for one in screens.CONVERSATIONS]
    wanted = {f"{one.name}-{look}.svg" for one in screens.CONVERSATIONS for look in screens.THEMES}
    assert {path.name for path in screens.PICTURES.iterdir()} == wanted
    assert all(name in page for name in wanted)


def test_a_conversation_is_recorded_screen_by_screen() -> None:
    (healthy,) = (one for one in screens.CONVERSATIONS if one.name == "healthy")
    shown, printed = screens.record(healthy, plain=False)
    assert [len(screen.plain.splitlines()) <= screens.LINES for screen in shown] == [True] * 5
    assert "What is happening?" in shown[0].plain
    assert "looks healthy" in shown[-1].plain
    assert "? What now? Leave" in printed
    image = screens.picture("healthy", healthy.title, shown, "dark")
    assert "<svg" in image
    assert "@font-face" not in image
