"""How commands are declared: light enough for `--help` and completion, and true to the code behind them."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import remediate
from remediate.cli.app import main
from remediate.cli.commands import COMMANDS
from remediate.cli.deferred import LazyGroup, load

HEAVY = (
    "azure",
    "filelock",
    "jmespath",
    "logging",
    "msgspec",
    "msal",
    "questionary",
    "requests",
    "rich",
    "starlette",
    "tenacity",
    "trustme",
    "uvicorn",
    "yaml",
)
"""What neither help nor completion waits for."""
PACKAGE = Path(remediate.__file__).parent
DEFERRED = {"azure/certificate.py", "azure/sdk.py", "sandbox/scenarios.py"}
"""Where a function imports: SDKs load in a thread, cryptography only for a certificate that is not
trusted, and jsonschema, an optional extra, only for a world file.
`cli.deferred` and `jobs.extras` import by name.
"""


def commands(group: click.Group, *names: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its full name."""
    for name, listed in group.commands.items():
        command = group.declared(name) if isinstance(group, LazyGroup) else listed
        if isinstance(command, click.Group):
            yield from commands(command, *names, name)
        else:
            yield " ".join((*names, name)), command


ALL = dict(commands(main))


def loaded(*arguments: str, within: str = "", **environment: str) -> tuple[str, set[str]]:
    """What `remediate` prints in a process of its own, and which heavy modules it imports for that.

    With `within`, which modules whose names begin so.
    """
    wanted = f"one.startswith({within!r})" if within else f"one in {HEAVY!r}"
    code = (
        "import sys\nfrom remediate import __main__\nfrom remediate.cli.app import run\n"
        "code = run(sys.argv[1:], own_process=True)\n"
        f"print(*[one for one in sys.modules if {wanted}], file=sys.stderr)\nsys.exit(code)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    return ended.stdout, set(ended.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--help"], "Usage: remediate"),
        (["verify", "--help"], "Look at an app's integration"),
        (["snapshot", "diff", "--help"], "Compare two snapshots of an app"),
        (["--version"], "remediate "),
    ],
)
def test_help_imports_nothing_that_it_does_not_need(arguments: list[str], told: str) -> None:
    printed, heavy = loaded(*arguments)
    assert told in printed
    assert heavy == set()


@pytest.mark.parametrize(
    ("arguments", "imported"),
    [
        (["verify", "orders-func"], set()),
        (["reconnect", "orders-func", "--dry-run"], set()),
        (["reconnect", "orders-func", "--yes", "--sandbox-speed", "1000"], {"web", "network"}),
    ],
    ids=lambda one: " ".join(one[:3]) if isinstance(one, list) else "",
)
def test_only_a_command_that_writes_imports_the_clients_of_the_sdks(
    arguments: list[str], imported: set[str]
) -> None:
    _, modules = loaded(*arguments, "--sandbox", "healthy", within="azure.mgmt.")
    assert {"web", "network"} & {one.split(".")[2] for one in modules if "mgmt." in one} == imported


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_shows_the_first_line_of_the_commands_own_help(name: str) -> None:
    _, line = COMMANDS[name]
    help_text = main.declared(name).help or ""
    assert " ".join(help_text.split("\n\n")[0].split()) == line or help_text.startswith(f"{line} ")


def test_neither_the_help_nor_the_completion_of_names_imports_a_declaration() -> None:
    for arguments, environment in (
        (["--help"], {}),
        ([], {"_REMEDIATE_COMPLETE": "bash_complete", "COMP_WORDS": "remediate v", "COMP_CWORD": "1"}),
    ):
        printed, modules = loaded(*arguments, within="remediate.cli.commands.", **environment)
        assert "verify" in printed
        assert modules == set()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("remediate rec", {"reconnect"}),
        ("remediate snapshot ", {"diff", "import", "list", "save", "show"}),
        ("remediate reconnect --scope ", {"app", "link"}),
        ("remediate verify --pro", {"--probe"}),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_imports_nothing_that_it_does_not_need(
    shell: str, typed: str, completed: set[str]
) -> None:
    words, last = typed.split(), typed.rpartition(" ")[2]
    position = len(words) - 1 if last else len(words)
    printed, heavy = loaded(
        _REMEDIATE_COMPLETE=f"{shell}_complete",
        COMP_WORDS=typed,
        COMP_CWORD=last if shell == "fish" else str(position),
    )
    assert completed <= set(re.split(r"[\s,:]+", printed))
    assert heavy == set()


@pytest.mark.parametrize("name", ALL)
def test_a_command_is_carried_out_by_code_that_takes_what_it_declares(name: str) -> None:
    command = ALL[name]
    assert command.callback is not None
    carried_out = load(command.callback.reference)  # type: ignore[attr-defined]
    invocation, *taken = inspect.signature(carried_out).parameters
    assert invocation == "invocation"
    assert set(taken) == {one.name for one in command.params if one.expose_value}


def test_imports_stand_at_the_top_of_every_file() -> None:
    inside = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(isinstance(one, ast.Import | ast.ImportFrom) for one in ast.walk(node))
    }
    assert inside == DEFERRED


def test_no_module_imports_itself_through_others() -> None:
    imports = {_module(path): _imported(path) for path in PACKAGE.rglob("*.py")}
    while imports:
        free = [name for name, wanted in imports.items() if not wanted & imports.keys() - {name}]
        assert free, f"a circle of imports among {sorted(imports)}"
        for name in free:
            del imports[name]


@pytest.mark.parametrize("package", ["jobs", "run", "state", "show", "snapshot", "plan", "checks", "azure"])
def test_only_the_command_line_imports_click_and_prompts(package: str) -> None:
    imports = {path.name: _imported(path) for path in PACKAGE.joinpath(package).rglob("*.py")}
    wrong = ("click", "questionary", "remediate.cli")
    assert not {name for name, found in imports.items() for one in found if one.startswith(wrong)}


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it; of a package the file that the name comes from."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found - {_module(path)}
