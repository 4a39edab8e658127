"""The help of every command: what it does, usage, examples, its own options, then the common ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from typing import Any

import click

from remediate.cli.examples import EXAMPLES, left_out, page


class CommonOption(click.Option):
    """An option that every command has; help shows it in a group of its own."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Without the range of numbers, which nobody needs to read."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


class Command(click.Command):
    """A command whose help has examples, and its own options before the common ones."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the whole help."""
        write_help(self, ctx, formatter)


class Group(click.Group):
    """A group of such commands. `sections` sorts them under headings; without it they are under one."""

    command_class = Command

    def __init__(self, *arguments: Any, sections: Mapping[str, Iterable[str]] | None = None, **settings: Any):
        super().__init__(*arguments, **settings)
        self.sections = sections

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the whole help."""
        write_help(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, one a line, under their headings."""
        for title, names in (self.sections or {"Commands": sorted(self.commands)}).items():
            with formatter.section(title):
                formatter.write_dl([(name, _first_sentence(self.commands[name])) for name in names])


def write_help(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """What it does, usage, examples, options, common options, and where to read more."""
    path = path_of(ctx)
    formatter.write_text(cleandoc(command.help or ""))
    formatter.write_paragraph()
    command.format_usage(ctx, formatter)
    if examples := EXAMPLES.get(path):
        with formatter.section("Examples"):
            for one in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{one.command}\n")
    if isinstance(command, click.Group):
        command.format_commands(ctx, formatter)
    own, common = _options(command, ctx)
    for title, rows in (("Options", own), ("Common options", common)):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)
    formatter.write_paragraph()
    formatter.write_text(f"Read more: {page(path)}")


def path_of(ctx: click.Context) -> str:
    """The names of a command without that of the program: `runs list`, empty for the program itself."""
    return " ".join(ctx.command_path.split()[1:])


def common_shown(command: click.Command, path: str) -> Iterator[click.Option]:
    """The common options that the help of a command shows."""
    hidden = left_out(path)
    return (one for one in command.params if isinstance(one, CommonOption) and one.name not in hidden)


def _options(
    command: click.Command, ctx: click.Context
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The lines of its own options, and those of the common ones. A group has no common ones."""
    options = [one for one in command.get_params(ctx) if isinstance(one, click.Option)]
    own = [one for one in options if not isinstance(one, CommonOption)]
    whole = not isinstance(command, click.Group) or ctx.parent is None
    common = common_shown(command, path_of(ctx)) if whole else ()
    return _rows(own, ctx), _rows(common, ctx)


def _rows(options: Iterable[click.Parameter], ctx: click.Context) -> list[tuple[str, str]]:
    return [record for one in options if (record := one.get_help_record(ctx))]


def _first_sentence(command: click.Command) -> str:
    return cleandoc(command.help or "").partition("\n\n")[0].replace("\n", " ")
