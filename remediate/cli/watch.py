"""`remediate watch`: look again and again, keep what changed, and say so."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from remediate.cli.options import asked, common
from remediate.cli.problem import Exit

if TYPE_CHECKING:
    from remediate.cli.desk import Desk
    from remediate.model import Watched

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST = 7 * 86_400
"""Seconds."""


class _Interval(click.ParamType):  # type: ignore[type-arg]  # not generic in every click that will do
    """`15m`, `30s`, `1h`, `1d`, or seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d{1,6})([smhd]?)", str(value), re.ASCII)
        seconds = int(found[1]) * _UNITS[found[2]] if found else 0
        if not 1 <= seconds <= _LONGEST:
            self.fail(f"{value!r} is no time such as 30s, 15m or 1h, of a week at the most.", param, ctx)
        return float(seconds)


@click.command()
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option("--every", type=_Interval(), default="15m", metavar="TIME", help="How often to look (15m).")
@click.option("--once", is_flag=True, help="Look once, compare with the last time, and end as verify does.")
@click.option("--notify", metavar="URL", help="Post each change as JSON to this address (https).")
@common
@click.pass_context
def watch(
    context: click.Context, targets: tuple[str, ...], every: float, once: bool, notify: str | None
) -> None:
    """Verify apps again and again; keep a snapshot and say so when something changed.

    One line for each change, a JSON line with -o json. Reads only. Ends on Ctrl-C and
    SIGTERM with exit code 0; with --once the exit code is that of `verify`.
    """
    from remediate.cli.desk import desk
    from remediate.cli.target import resolve
    from remediate.cli.watching import Watch
    from remediate.cli.webhook import checked

    options, url = asked(context), checked(notify) if notify is not None else None
    ending = _Ending()
    with desk(options) as here:
        named = [resolve(here, one, None, None, None) for one in targets]
        watched = Watch(here, list({one.casefold(): one for one in named}.values()), url)
        if once:
            for look in watched.round():
                _print_event(here, look.event)
            sys.exit(watched.code)
        with ending.caught():
            while True:
                with ending.round():
                    for look in watched.round():
                        if look.news:
                            _print_event(here, look.event)
                here.session.clock.sleep(every)
    ending.end()


def _print_event(here: Desk, one: Watched) -> None:
    from remediate.show.documents import in_line, render
    from remediate.show.snapshot import watched

    options = here.options
    if options.output == "table":
        watched(here.look.out, one)
    elif options.output == "json":
        here.look.out.out(in_line(one, options.query), highlight=False)
    else:
        here.look.out.out(f"---\n{render(one, 'yaml', options.query)}", highlight=False)


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
