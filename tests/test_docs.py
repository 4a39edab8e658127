"""The pages: nothing generated is stale, every link leads somewhere, every command that is shown parses."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from docs import generate
from docs.findings import SHOWN_BY
from remediate.checks import CHECKS
from remediate.cli.app import main
from remediate.cli.invoke import parse_options
from remediate.errors import Exit
from remediate.playbook import FINDING_CODES

ROOT = generate.ROOT
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
COMMAND = re.compile(r"(?:^|[`(&;|]|\.venv/bin/)[ \t]*(remediate(?![\w./:-])[^\n`|;&)>#]*)", re.MULTILINE)
NOT_TYPED = {"commands.md"}
"""Generated from the command line itself; its usage lines are patterns."""


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().casefold())
    return kept.replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = CODE.sub(
        lambda found: found[0].strip("`") if "\n" not in found[0] else "", page.read_text("utf-8")
    )
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def misplaced(text: str) -> list[str]:
    """Lines that GitHub puts into the list item above and the site does not: it wants four spaces."""
    found, fenced, after_blank = [], False, True
    for line in text.splitlines():
        fence, indent = line.lstrip().startswith("```"), len(line) - len(line.lstrip())
        if not fenced and (fence or after_blank) and indent % 4:
            found.append(line)
        fenced, after_blank = fenced != fence, not line.strip()
    return found


def commands(text: str) -> Iterator[str]:
    """Every `remediate …` in code, as it would be typed."""
    for code in CODE.findall(text):
        for found in COMMAND.findall(code.replace("\\|", "/")):
            command = found.strip()
            yield command if command.count('"') % 2 == 0 else command.removesuffix('"')


def typed() -> list[tuple[str, str]]:
    pages = [page for page in PAGES if page.name not in NOT_TYPED]
    return [(page.name, command) for page in pages for command in commands(page.read_text("utf-8"))]


def parse(arguments: list[str]) -> click.Context:
    """What `remediate` makes of these arguments before it does anything. Raises click.UsageError."""
    command: click.Command = main
    context: click.Context | None = None
    while True:
        context = command.make_context(command.name, arguments, parent=context)
        arguments = [*getattr(context, "_protected_args", ()), *context.args]
        if not isinstance(command, click.Group) or not arguments:
            return context
        _, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command = found


def test_everything_generated_is_what_the_code_says_today() -> None:
    stale = [
        str(path)
        for path, text in generate.generated().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text("utf-8") != text
    ]
    assert stale == [], "make docs brings them up to date"


def test_no_generated_file_is_left_over() -> None:
    schemas = {path.stem for path in ROOT.glob("docs/schemas/*")}
    pictures = {path.stem for path in ROOT.glob("docs/images/*.svg")}
    assert (schemas, pictures) == (set(generate.published()), set(generate.PICTURES))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_blocks_within_lists_are_indented_by_four(page: Path) -> None:
    assert misplaced(page.read_text("utf-8")) == []


def test_a_block_that_the_site_would_take_out_of_its_list_is_noticed() -> None:
    text = "1. one\n\n{0}text\n\n{0}```sh\n  ls\n{0}```\n"
    assert misplaced(text.format("    ")) == []
    assert misplaced(text.format("   ")) == ["   text", "   ```sh"]


@pytest.mark.parametrize(("page", "command"), typed())
def test_every_command_that_is_shown_parses(page: str, command: str) -> None:
    arguments = shlex.split(command.replace("…", "x"))[1:]
    try:
        context = parse(arguments)
    except click.exceptions.Exit:
        return  # --version and --help end here
    if context.obj is not None:
        parse_options(context)


def test_a_command_that_does_not_parse_would_be_noticed() -> None:
    for wrong in ("verify x --no-such-option", "no-such-command", "reconnect x --scope both", "sandbox no"):
        with pytest.raises(click.UsageError):
            parse(wrong.split())


def test_commands_are_found_in_every_kind_of_code() -> None:
    block = '```sh\neval "$(remediate sandbox env)"\n.venv/bin/remediate -h\nremediate\n```'
    text = f"in `remediate verify A` and\n{block}\n"
    assert list(commands(text)) == [
        "remediate verify A",
        "remediate sandbox env",
        "remediate -h",
        "remediate",
    ]


def test_the_page_of_exit_codes_names_every_one() -> None:
    text = (ROOT / "docs/reference/exit-codes.md").read_text("utf-8")
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert listed == {int(code) for code in Exit}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 200


def test_no_page_and_no_message_installs_from_an_index_where_it_is_not_published() -> None:
    files = [*PAGES, *ROOT.glob("remediate/**/*.py")]
    wrong = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in files
        if file.name != "CHANGELOG.md"
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"install (\S+ )*\"?vnet-remediate\b", line)
        and "--no-index" not in line
        and "Once it is published on PyPI" not in line
    ]
    assert wrong == []


def test_the_architecture_names_every_package() -> None:
    text = (ROOT / "docs/explanation/architecture.md").read_text("utf-8")
    packages = {folder.parent.name for folder in ROOT.glob("remediate/*/__init__.py")}
    assert {name for name in packages if f"  {name}/" not in text} == set()


def test_every_finding_code_has_a_section_with_a_command_that_shows_it() -> None:
    assert set(SHOWN_BY) == set(FINDING_CODES)
    assert {check.code for check in CHECKS} == set(SHOWN_BY)


def test_every_command_has_a_section_in_the_reference() -> None:
    text = (ROOT / "docs/reference/commands.md").read_text("utf-8")
    for name in main.commands:
        assert f"## remediate {name}\n" in text


def test_a_changed_block_is_made_anew_and_the_rest_is_left_alone() -> None:
    page = "before\n<!-- generated: scenarios -->\nold\n<!-- end -->\nafter\n"
    assert generate.with_blocks(page) == page.replace("old", generate.scenarios())
