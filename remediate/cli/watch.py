"""`remediate watch`: look again and again, keep what changed, and say so."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from remediate.cli.desk import Desk, desk
from remediate.cli.options import asked
from remediate.cli.target import resolve
from remediate.cli.watching import Watch
from remediate.cli.webhook import checked, post
from remediate.errors import Exit
from remediate.model import Watched
from remediate.show.console import warn
from remediate.show.documents import in_line, render
from remediate.show.snapshot import watched as print_watched


def watch(
    context: click.Context, targets: tuple[str, ...], every: float, once: bool, notify: str | None
) -> None:
    """Carry out `remediate watch`."""
    options, url = asked(context), checked(notify) if notify is not None else None
    ending = _Ending()
    with desk(options) as here:
        named = [resolve(here, one, None, None, None) for one in targets]
        watched = Watch(here, list({one.casefold(): one for one in named}.values()))
        if once:
            for one in watched.round():
                _tell(here, one, url)
            sys.exit(watched.code)
        with ending.caught():
            while True:
                with ending.round():
                    for one in watched.round():
                        if one.event != "same":
                            _tell(here, one, url)
                here.session.clock.sleep(every)
    ending.end()


def _tell(here: Desk, one: Watched, url: str | None) -> None:
    """On stdout, and to the webhook what somebody should know."""
    options = here.options
    if options.output == "table":
        print_watched(here.look.out, one)
    elif options.output == "json":
        here.look.out.out(in_line(one, options.query), highlight=False)
    else:
        here.look.out.out(f"---\n{render(one, 'yaml', options.query)}", highlight=False)
    calm = one.event == "same" or (one.event == "first" and one.healthy)
    if url is not None and not calm:
        failed = post(url, in_line(one).encode())
        if failed:
            warn(here.look.err, failed)


class _Ending:
    """Ctrl-C and SIGTERM: what a round finds is told before the end; a second signal does not wait."""

    def __init__(self) -> None:
        self._asked = self._looking = self._at_once = False

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Within, both signals end the block in good order."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._tell) for number in signals}
        try:
            yield
        except KeyboardInterrupt:
            return
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def round(self) -> Iterator[None]:
        """Within, a first signal waits for the end of the block."""
        self._looking = True
        yield
        self._looking = False
        if self._asked:
            raise KeyboardInterrupt

    def end(self) -> NoReturn:
        """End the process; after a second signal without the reads that are still under way."""
        if self._at_once:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(Exit.DONE)
        sys.exit(Exit.DONE)

    def _tell(self, *_: Any) -> None:
        waiting = self._looking and not self._asked
        self._at_once = self._looking and self._asked
        self._asked = True
        if not waiting:
            raise KeyboardInterrupt
