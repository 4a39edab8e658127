"""`--probe HOST:PORT`: what the workers of an app are to reach; read before anybody signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from remediate.cli.options import Command
    from remediate.model import Endpoint


def probe_option(told: str) -> Callable[[Command], Command]:
    """The option `--probe`, with what its help says."""
    return click.option("--probe", callback=_read, metavar="HOST:PORT", help=told)


def _read(context: click.Context, parameter: click.Parameter, value: str | None) -> Endpoint | None:
    """The endpoint that the text names; anything else is wrong use, and nothing is sent."""
    from remediate.model import InvalidEndpoint, endpoint

    try:
        return None if value is None else endpoint(value)
    except InvalidEndpoint as error:
        raise click.BadParameter(f"{error}.", context, parameter) from error
