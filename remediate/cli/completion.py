"""What the shell completes: scenarios, runs, snapshots, playbooks, clouds, codes and names of apps.

All of it is read from files, without signing in. click completes commands and options by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class
from platformdirs import user_state_dir

from remediate.state.app_names import read_names

PROGRAM, VARIABLE = "remediate", "_REMEDIATE_COMPLETE"
_PACKAGE = Path(__file__).parents[1]
_CLOUDS = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


class PowerShell(ShellComplete):
    """Completion for PowerShell 5.1 and 7, which click does not have.

    The script passes the words before the one that is completed, one a line. It reads lines of
    value, tab and help.
    """

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = $commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition }
    $env:COMP_WORDS = ($before | ForEach-Object { $_.ToString() }) -join "`n"
    $env:COMP_INCOMPLETE = $wordToComplete
    $env:%(complete_var)s = "powershell_complete"
    try {
        & %(prog_name)s | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, "ParameterValue", $help)
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_INCOMPLETE, Env:%(complete_var)s -ErrorAction SilentlyContinue
    }
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words after the program's name, and the beginning of the one that is completed."""
        return os.environ["COMP_WORDS"].split("\n")[1:], os.environ.get("COMP_INCOMPLETE", "")

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """What is offered; PowerShell completes paths of files by itself."""
        return [one for one in super().get_completions(args, incomplete) if one.type == "plain"]

    def format_completion(self, item: CompletionItem) -> str:
        """One line of what the script reads."""
        return f"{item.value}\t{item.help or ''}"


def register() -> None:
    """Make PowerShell known to click."""
    add_completion_class(PowerShell)


def print_script(invocation: object, shell: str) -> None:
    """Print the completion script of a shell."""
    click.echo(script(shell), nl=False)


def script(shell: str) -> str:
    """The completion script of a shell; it asks `remediate` itself each time."""
    register()
    found = get_completion_class(shell)
    if found is None:
        raise ValueError(shell)
    complete = found(click.Command(PROGRAM), {}, PROGRAM, VARIABLE)
    return ShellComplete.source(complete)  # that of bash runs a bash, to look at its version


def _completing(values: Callable[[click.Context], Iterable[str]], *, files: bool = False) -> Complete:
    """A completion from values; with `files` the argument may be the path of a file as well."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        wanted = incomplete.casefold()
        found = [CompletionItem(one) for one in values(context) if one.casefold().startswith(wanted)]
        return [*found, CompletionItem(incomplete, type="file")] if files and not found else found

    return complete


def _state(context: click.Context) -> Path | None:
    """The state folder; None where the state is shared."""
    given = (context.find_object(dict) or {}).get("state") or os.environ.get("REMEDIATE_STATE")
    if given:
        return None if "://" in given else Path(given)
    return Path(user_state_dir(PROGRAM))


def _names_in(context: click.Context, pattern: str) -> list[str]:
    """The stems of the files and folders in the state that fit a pattern."""
    folder = _state(context)
    return sorted({one.stem for one in folder.glob(pattern)}) if folder else []


def _runs(context: click.Context) -> list[str]:
    return _names_in(context, "runs/*Z-*")[::-1]


def _snapshots(context: click.Context) -> list[str]:
    return _names_in(context, "snapshots/*/*.json")


def _apps(context: click.Context) -> list[str]:
    folder = _state(context)
    return read_names(folder) if folder else []


def _scenarios(_: click.Context) -> list[str]:
    found = (_PACKAGE / "sandbox" / "scenarios").glob("[!_]*.yaml")
    return sorted([*(one.stem for one in found), "fleet-100"])


def _playbooks(_: click.Context) -> list[str]:
    folders = (_PACKAGE / "playbooks", _PACKAGE.parent / "playbooks")
    return sorted({one.stem for folder in folders for one in folder.glob("*.yaml")})


def _codes(kinds: tuple[str, ...]) -> Callable[[click.Context], list[str]]:
    def codes(_: click.Context) -> list[str]:
        listed = json.loads((_PACKAGE / "explanations.json").read_bytes())
        return sorted({one["code"] for one in listed if one["kind"] in kinds})

    return codes


apps = _completing(_apps)
clouds = _completing(lambda _: _CLOUDS)
codes = _completing(_codes(("finding", "exit code", "error")))
finding_codes = _completing(_codes(("finding",)))
playbooks = _completing(_playbooks, files=True)
runs = _completing(_runs)
scenarios = _completing(_scenarios, files=True)
snapshots = _completing(_snapshots, files=True)
sides = _completing(lambda context: ["live", *_snapshots(context)], files=True)
