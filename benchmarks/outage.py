"""Seconds without network per app, and of the whole run, against the least that the server's times allow."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.server import REMEDIATE, Server, run, served

SCENARIOS = ("link-missing", "shared-link")
SPEED = 10
"""A disconnect takes 0.1 to 1.1 s then and a connect 2 s, so the client takes a small share of it."""
EVERY = 0.2
"""Seconds between two looks: the playbook's 2 s, as much faster as the sandbox."""
LINK = 1.0
"""Simulated seconds from a plan's first connect to its link (`Durations.link` of the sandbox)."""
SHARE, PER_APP = 0.05, 0.05
"""The aim: at most this share, and these seconds for each app, above the least."""
RUN = "the run itself"

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Span:
    """Seconds that something took, the least that they could have been, and for how many apps."""

    what: str
    took: float
    least: float
    apps: int = 1


def spans(log: Sequence[Entry], seconds: float) -> Iterator[Span]:
    """The span of each app and of the run, from the sandbox's log; `seconds` is what the run says it took."""
    writes = [entry for entry in log if entry["mutating"] and entry["path"].startswith("/subscriptions/")]
    gone = [entry for entry in writes if entry["method"] == "DELETE"]
    tried = [entry for entry in writes if entry["n"] < gone[0]["n"]]
    back = [entry for entry in writes if entry["method"] != "DELETE" and entry not in tried]
    for out in gone:
        app = out["path"].partition("/networkConfig/")[0]
        returned = next(entry for entry in back if entry["path"].startswith(f"{app}?"))
        within = [entry for entry in writes if out["n"] <= entry["n"] <= returned["n"]]
        waited = LINK / SPEED if returned is not back[0] else 0.0
        took = returned["at"] + returned["seconds"] - out["at"]
        yield Span(_name(app), took, _own(within) + waited)
    yield Span(RUN, seconds, _own(writes) + LINK / SPEED, len(gone))


def _own(writes: Sequence[Entry]) -> float:
    """What the server itself took for the writes, one after the other."""
    return sum(float(entry["seconds"]) for entry in writes)


def _name(app: str) -> str:
    return app.partition("/sites/")[2].replace("/slots/", "/")


def measured(scenario: str, runs: int) -> Iterator[list[Span]]:
    """The spans of each of several runs on one sandbox that is reset before each."""
    with tempfile.TemporaryDirectory() as name, served(Path(name), scenario, SPEED) as server:
        yield from map(partial(_once, server), [Path(name) / f"state-{n}" for n in range(runs)])


def _once(server: Server, state: Path) -> list[Span]:
    server.reset()
    environment = os.environ | server.environment | {"REMEDIATE_STATE": str(state)}
    job = ("reconnect", "orders-func", "--scope", "link", "--yes", "-o", "json")
    command = [*REMEDIATE, *job, "--poll-interval", str(EVERY)]
    document = json.loads(run(command, environment))
    return list(spans(server.log(), float(document["seconds"])))


def main(runs: int) -> None:
    """Measure both scenarios and print their table."""
    print(
        f"\nWithout network, at {SPEED} times the speed, looking every {EVERY} s: medians of {runs} rounds."
    )
    print(f"The aim is {SHARE:.0%} and {PER_APP * 1000:.0f} ms for each app above the least.")
    print(f"{'scenario':<16}{'app':<24}{'took':>10}{'least':>10}{'above':>10}{'aim':>10}")
    for scenario in SCENARIOS:
        for together in zip(*measured(scenario, runs), strict=True):
            print(f"{scenario:<16}{_line(together)}")


def _line(together: Sequence[Span]) -> str:
    """One app, or the run, over all rounds."""
    took, least = median(one.took for one in together), median(one.least for one in together)
    above = median(one.took - one.least for one in together)
    aim = least * SHARE + PER_APP * together[0].apps
    cells = "".join(f"{value:>8.3f} s" for value in (took, least, above, aim))
    return f"{together[0].what:<24}{cells}  {'within' if above <= aim else 'above the aim'}"
