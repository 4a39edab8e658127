"""The result of a command on stdout: a page to read, or with `-o json` or `-o yaml` one document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import Console

from remediate.jobs.invocation import Options
from remediate.model import Guard, Run
from remediate.show.console import Consoles, open_consoles
from remediate.show.documents import InvalidQuery, Output, render


def print_document(options: Options, document: Any, page: Callable[[Console], None]) -> None:
    """Print a document on stdout; `page` prints it for a reader. Raises InvalidQuery."""
    console = open_consoles(no_color=options.no_color).out
    if options.output == "table":
        page(console)
    else:
        console.out(render(document, options.output, options.query), highlight=False)


def print_run_document(options: Options, consoles: Consoles, document: Run | Guard) -> None:
    """Print what was done. If the query does not fit, the whole document is printed with a warning."""
    output: Output = "yaml" if options.output == "yaml" else "json"
    try:
        text = render(document, output, options.query)
    except InvalidQuery as error:
        consoles.err.print(f"{error}; the whole document follows", style="warning")
        text = render(document, output)
    consoles.out.out(text, highlight=False)
