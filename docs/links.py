"""Checks the built site without a network: `python docs/links.py site` fails where a link leads nowhere.

A link is every `href` and `src` within the site. Its file must be there, and its anchor in that file. What is
loaded from another host fails too: a page must be readable on a machine without the internet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("img", "src"), ("script", "src"), ("link", "href")}
"""What a browser fetches by itself."""
NOT_FETCHED = {"canonical", "next", "prev", "alternate"}


@dataclass
class Page(HTMLParser):
    """The anchors of one page, and its links: the element and the address."""

    anchors: set[str] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start with nothing read."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the anchors and links of one element."""
        values = {name: value for name, value in attrs if value}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "link" and values.get("rel") in NOT_FETCHED:
            return
        self.links += [
            ("loaded" if (tag, name) in LOADED else tag, values[name])
            for name in ("href", "src")
            if name in values
        ]


def read_page(file: Path) -> Page:
    """One page, parsed."""
    page = Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


def problems(site: Path) -> Iterator[str]:
    """Every link of every page that leads nowhere: `PAGE: LINK: what is wrong`."""
    pages = {file.resolve(): read_page(file) for file in sorted(site.rglob("*.html"))}
    for file, page in pages.items():
        for kind, link in dict.fromkeys(page.links):
            if file.name != "404.html" and (wrong := _problem(file, kind, link, pages)):
                yield f"{file.relative_to(site.resolve())}: {link}: {wrong}"


def _problem(file: Path, kind: str, link: str, pages: dict[Path, Page]) -> str | None:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return "is loaded from another host" if kind == "loaded" and parts.scheme != "data" else None
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return "no such file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "no such anchor"
    return None


def main(site: Path) -> int:
    """Print every problem. The exit code: 0, or 1 with a problem or without a page."""
    found = list(problems(site))
    for problem in found:
        print(problem, file=sys.stderr)
    count = len(list(site.rglob("*.html")))
    print(f"{count} pages, {len(found)} broken links")
    return 1 if found or not count else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
