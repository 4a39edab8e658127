"""The help of every command: examples that work, own options before the common ones, pages that exist."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from remediate.cli.app import main
from remediate.cli.commands import COMMANDS, SECTIONS
from remediate.cli.examples import EXAMPLES, Example, page
from remediate.cli.help import CommonOption, common_shown
from tests.cli.test_commands import ALL
from tests.conftest import SUBNET, Azure, Ran

ROOT = Path(__file__).parents[2]
GROUPS = ["", *(name for name in COMMANDS if isinstance(main.declared(name), click.Group))]
PATHS = sorted({*ALL, *GROUPS})
ENDLESS = ("sandbox serve", "--every", "--sandbox link-missing")
"""Parts of examples that run until they are ended, or ask; tests of their own try those."""
QUICK = ("--poll-interval", "0.02", "--timeout", "1")
CHANGES = ("reconnect", "guard", "purge", "resume", "rollback", "runs prune")
DONE = (0, 3, 5)
"""How an example may end: done, found something, or changed and not finished in the world `stuck`."""


def examples() -> Iterator[tuple[str, Example]]:
    for path, several in EXAMPLES.items():
        for one in several:
            if not any(part in one.command for part in ENDLESS):
                yield path, one


@pytest.mark.parametrize(("path", "one"), [pytest.param(*one, id=one[1].command) for one in examples()])
def test_an_example_works(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    one: Example,
) -> None:
    served = azure(one.scenario)
    _files(served, remediate, tmp_path / "files", monkeypatch)
    run = ""
    if one.scenario == "stuck":
        run = remediate("reconnect", "orders-func", "--yes", *QUICK, "-o", "json").document["run"]
    if "healthy" in one.command:
        assert remediate("verify", "orders-func").code == 0
    if path == "sandbox env":
        pytest.skip("needs a sandbox that `serve` has announced: tests/sandbox/test_command.py")
    words = [run if word == "RUN" else word for word in shlex.split(one.command)[1:]]
    changes = any(" ".join(words).startswith(name) for name in CHANGES) and "--dry-run" not in words
    ran = remediate(*words, *(("--yes",) if changes else ()), *QUICK)
    assert ran.code in DONE, ran.err
    assert ran.out


def _files(
    served: Azure, remediate: Callable[..., Ran], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files that the examples name, in the folder in which they run."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    subnet = served.ask("GET", f"{SUBNET}?api-version=2024-05-01").json()
    (folder / "subnet.json").write_text(json.dumps(subnet))
    (folder / "my-playbook.yaml").write_text((ROOT / "playbooks" / "rebuild-link.yaml").read_text())
    (folder / "orders.yaml").write_text("extends: healthy\n")


@pytest.mark.parametrize("path", PATHS)
def test_every_help_has_its_parts_in_order_and_fits(path: str) -> None:
    context = _context(path)
    text = context.command.get_help(context)
    headings = [line for line in text.splitlines() if re.match(r"(Usage:|[A-Z][\w ()]*:$|Read more:)", line)]
    parts = [one.partition(":")[0] for one in headings]
    assert parts[:2] == ["Usage", "Examples"]
    assert parts[-1] == "Read more"
    assert "Options" in parts
    if path in ALL:
        assert parts.index("Options") < parts.index("Common options")
    assert max(map(len, text.splitlines())) <= 80
    assert 2 <= len(EXAMPLES[path]) <= 4


@pytest.mark.parametrize("path", PATHS)
def test_the_page_that_is_named_exists(path: str) -> None:
    assert (ROOT / page(path)).is_file()


@pytest.mark.parametrize(
    ("path", "shown", "hidden"),
    [
        ("reconnect", {"yes", "dry_run", "poll_interval", "timeout", "sandbox"}, set()),
        ("verify", {"timeout", "subscription"}, {"yes", "dry_run", "poll_interval"}),
        ("explain", {"output", "query", "debug"}, {"yes", "subscription", "sandbox", "state"}),
        ("runs prune", {"yes", "dry_run", "state"}, {"subscription", "cloud"}),
    ],
)
def test_common_options_that_mean_nothing_for_a_command_are_not_shown(
    path: str, shown: set[str], hidden: set[str]
) -> None:
    command = _context(path).command
    names = {one.name for one in common_shown(command, path)}
    assert shown <= names
    assert not hidden & names
    assert hidden <= {one.name for one in command.params if isinstance(one, CommonOption)}


def test_every_command_is_under_one_heading() -> None:
    assert sorted(name for names in SECTIONS.values() for name in names) == sorted(COMMANDS)


def _context(path: str) -> click.Context:
    context = click.Context(main, info_name="remediate", help_option_names=["-h", "--help"])
    for name in path.split():
        assert isinstance(context.command, click.Group)
        _, command, _ = context.command.resolve_command(context, [name])
        assert command is not None
        context = click.Context(command, info_name=name, parent=context)
    return context
