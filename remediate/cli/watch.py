"""`remediate watch`: look again and again, keep what changed, and say so."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import click

from remediate.cli.options import asked, common
from remediate.cli.problem import Exit

if TYPE_CHECKING:
    from remediate.cli.desk import Desk
    from remediate.cli.watching import Watch
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
    with desk(options) as here:
        named = [resolve(here, one, None, None, None) for one in targets]
        watched = Watch(here, list({one.casefold(): one for one in named}.values()))
        if once:
            for one in watched.round():
                _tell(here, one, url)
            sys.exit(watched.code)
        _until_interrupted(here, watched, every, url)
    sys.exit(Exit.DONE)


def _until_interrupted(here: Desk, watched: Watch, every: float, url: str | None) -> None:
    """Look until a signal comes: what a round finds is told before the end, unless a second one comes."""
    from remediate.run.interruption import StopNow

    interruption = here.interruption
    try:
        while not interruption.requested:
            with interruption.deferring(lambda: SystemExit(Exit.DONE)):
                for one in watched.round():
                    if one.event != "same":
                        _tell(here, one, url)
            if not interruption.requested:
                here.session.clock.sleep(every)
    except (KeyboardInterrupt, StopNow):
        pass
    finally:
        interruption.report()


def _tell(here: Desk, one: Watched, url: str | None) -> None:
    """On stdout, and to the webhook what somebody should know."""
    from remediate.cli.webhook import post
    from remediate.show.console import warn
    from remediate.show.documents import in_line, render
    from remediate.show.snapshot import watched

    options = here.options
    if options.output == "table":
        watched(here.look.out, one)
    elif options.output == "json":
        here.look.out.out(in_line(one, options.query), highlight=False)
    else:
        here.look.out.out(f"---\n{render(one, 'yaml', options.query)}", highlight=False)
    calm = one.event == "same" or (one.event == "first" and one.healthy)
    if url is not None and not calm:
        failed = post(url, in_line(one).encode())
        if failed:
            warn(here.look.err, failed)
