"""The site that `make site` builds: its navigation has every page, and its link check notices what fails."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import links
from tests.test_docs import LINK, ROOT


def navigation(entries: object) -> Iterator[str]:
    """Every page that the site's navigation names."""
    if isinstance(entries, str):
        yield entries
    elif isinstance(entries, list | dict):
        for one in entries.values() if isinstance(entries, dict) else entries:
            yield from navigation(one)


def test_the_navigation_of_the_site_has_every_page_once() -> None:
    project = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in ROOT.glob("docs/**/*.md")]
    assert sorted(navigation(project["nav"])) == sorted(pages), "name the page in zensical.toml"


@pytest.mark.parametrize("kind", ["tutorials", "how-to", "reference", "explanation"])
def test_the_index_of_each_kind_links_to_each_of_its_pages(kind: str) -> None:
    pages = {page.name for page in ROOT.glob(f"docs/{kind}/*.md")} - {"index.md"}
    linked = set(LINK.findall((ROOT / f"docs/{kind}/index.md").read_text("utf-8")))
    assert pages <= linked, f"link the page in docs/{kind}/index.md"


def test_the_link_check_of_the_site_notices_what_leads_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.html").write_text('<h1 id="here">Here</h1>', "utf-8")
    (tmp_path / "index.html").write_text(
        '<a href="other.html#here">right</a> <a href="other.html#gone">anchor</a>'
        '<a href="gone.html">page</a>'
        '<img src="https://example.com/picture.svg"> <a href="https://example.com/">elsewhere</a>',
        "utf-8",
    )
    assert links.main(tmp_path) == 1
    assert capsys.readouterr().err.splitlines() == [
        "index.html: other.html#gone: no such anchor",
        "index.html: gone.html: no such file",
        "index.html: https://example.com/picture.svg: is loaded from another host",
    ]
    (tmp_path / "index.html").write_text('<a href="other.html#here">right</a>', "utf-8")
    assert links.main(tmp_path) == 0


def test_a_site_without_a_page_fails_the_link_check(tmp_path: Path) -> None:
    assert links.main(tmp_path) == 1
