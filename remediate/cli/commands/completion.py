"""`remediate completion`: the script that completes the command line in a shell."""

from __future__ import annotations

import click

from remediate.cli.deferred import calls
from remediate.cli.help import Command
from remediate.cli.parameters import common_options


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@common_options
@calls("remediate.cli.completion:print_script")
def completion() -> None:
    """Print the completion script of a shell: bash, zsh, fish or powershell.

    It completes commands and options; scenarios, runs, snapshots, playbooks, clouds and
    codes; and names of apps that were seen since the last sign-in.

    Load it in the start-up file of the shell. In ~/.bashrc: `source <(remediate completion bash)`;
    in ~/.zshrc, after compinit, the same with zsh; in the profile of PowerShell:
    `remediate completion powershell | Out-String | Invoke-Expression`; for fish write it to
    ~/.config/fish/completions/remediate.fish.
    """
