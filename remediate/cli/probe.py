"""`--probe HOST:PORT`: what the workers of an app are to reach; read before anybody signs in."""

from __future__ import annotations

import click

from remediate.model import Endpoint, InvalidEndpoint, endpoint


def probed_endpoint(context: click.Context, text: str | None) -> Endpoint | None:
    """The endpoint that the option names. Raises click.BadParameter, and then nothing is sent."""
    try:
        return None if text is None else endpoint(text)
    except InvalidEndpoint as error:
        raise click.BadParameter(f"{error}.", context, param_hint="'--probe'") from error
