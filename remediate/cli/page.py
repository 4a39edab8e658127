"""Printing a document: as a page to read, or with -o json or yaml as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import Console

from remediate.cli.options import Options
from remediate.show.console import look
from remediate.show.documents import render


def put(options: Options, document: Any, page: Callable[[Console], None]) -> None:
    """Print a document on stdout; `page` prints it for a reader. Raises InvalidQuery."""
    console = look(no_color=options.no_color).out
    if options.output == "table":
        page(console)
    else:
        console.out(render(document, options.output, options.query), highlight=False)
