"""The manual page of every command, in the language of man: made from the same help as `--help`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import cleandoc

import click

from remediate.cli.examples import EXAMPLES, page
from remediate.cli.help import CommonOption, common_shown, path_of


def man_pages(contexts: Iterable[click.Context]) -> dict[str, str]:
    """The name of each file to its text."""
    return {f"{_name(one)}.1": "\n".join(_page(one)) + "\n" for one in contexts}


def _name(context: click.Context) -> str:
    return context.command_path.replace(" ", "-")


def _page(context: click.Context) -> Iterator[str]:
    command, path = context.command, path_of(context)
    first, _, rest = cleandoc(command.help or "").partition("\n\n")
    yield f'.TH {_name(context).upper()} 1 "" "remediate" "User Commands"'
    yield from (".SH NAME", f"{_roff(_name(context))} \\- {_roff(' '.join(first.split()))}")
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (".SH SYNOPSIS", f".B {_roff(context.command_path)}", _roff(usage))
    if rest:
        yield ".SH DESCRIPTION"
        for number, paragraph in enumerate(rest.split("\n\n")):
            yield from ([".PP"] if number else [])
            yield _roff(" ".join(paragraph.split()))
    if examples := EXAMPLES.get(path):
        yield from (".SH EXAMPLES", ".EX", *(_roff(one.command) for one in examples), ".EE")
    if isinstance(command, click.Group):
        rows = ((name, cleandoc(one.help or "").partition("\n\n")[0]) for name, one in _listed(command))
        yield from _definitions("COMMANDS", rows)
    whole = not isinstance(command, click.Group) or context.parent is None
    own = (one for one in command.get_params(context) if not isinstance(one, CommonOption))
    yield from _definitions("OPTIONS", _records(own, context))
    yield from _definitions("COMMON OPTIONS", _records(common_shown(command, path) if whole else (), context))
    yield from (".SH SEE ALSO", *_see_also(context), _roff(f"The page {page(path)} of the repository."))


def _listed(group: click.Group) -> list[tuple[str, click.Command]]:
    return sorted(group.commands.items())


def _see_also(context: click.Context) -> list[str]:
    above = [] if context.parent is None else [context.parent]
    names = [_name(one) for one in above]
    if isinstance(context.command, click.Group):
        names += [f"{_name(context)}-{name}" for name, _ in _listed(context.command)]
    return [f".BR {_roff(name)} (1)," for name in names]


def _records(options: Iterable[click.Parameter], context: click.Context) -> list[tuple[str, str]]:
    shown = (one.get_help_record(context) for one in options if isinstance(one, click.Option))
    return [one for one in shown if one]


def _definitions(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    listed = list(rows)
    if listed:
        yield f".SH {title}"
    for term, text in listed:
        yield from (".TP", f"\\fB{_roff(term)}\\fR", _roff(" ".join(text.split())))


def _roff(text: str) -> str:
    """Text that man prints as it is: no backslash, hyphen or dot at the start means something else."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
