"""`remediate watch`: look again and again, keep what changed, and say so."""

from __future__ import annotations

import sys
from contextlib import suppress

import click

from remediate.cli.desk import Desk, desk
from remediate.cli.options import asked
from remediate.cli.target import resolve
from remediate.cli.watching import Watch
from remediate.cli.webhook import checked
from remediate.errors import Exit
from remediate.model import Watched
from remediate.run.interruption import StopNow
from remediate.show.documents import in_line, render
from remediate.show.snapshot import watched as print_watched


def watch(
    context: click.Context, targets: tuple[str, ...], every: float, once: bool, notify: str | None
) -> None:
    """Carry out `remediate watch`."""
    options, url = asked(context), checked(notify) if notify is not None else None
    with desk(options) as here:
        named = [resolve(here, one, None, None, None) for one in targets]
        watched = Watch(here, list({one.casefold(): one for one in named}.values()), url)
        if once:
            for look in watched.round():
                _print_event(here, look.event)
            sys.exit(watched.code)
        _until_interrupted(here, watched, every)
    sys.exit(Exit.DONE)


def _until_interrupted(here: Desk, watched: Watch, every: float) -> None:
    """Look until a signal comes: what a round finds is told before the end, unless a second one comes."""
    interruption = here.interruption
    try:
        with suppress(KeyboardInterrupt, StopNow):  # the way to end a watch
            while not interruption.requested:
                with interruption.deferring(lambda: SystemExit(Exit.DONE)):
                    for look in watched.round():
                        if look.news:
                            _print_event(here, look.event)
                if not interruption.requested:
                    here.session.clock.sleep(every)
    finally:
        interruption.report()


def _print_event(here: Desk, one: Watched) -> None:
    options = here.options
    if options.output == "table":
        print_watched(here.look.out, one)
    elif options.output == "json":
        here.look.out.out(in_line(one, options.query), highlight=False)
    else:
        here.look.out.out(f"---\n{render(one, 'yaml', options.query)}", highlight=False)
