"""How long `remediate` takes beside `az`: start-up, whole runs, and the gap in which an app has no network.

`make bench`, or `python benchmarks/run.py [--runs N]`. README.md beside this file says what each line means.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import outage
from benchmarks.server import REMEDIATE, Server, run, served
from tests.conformance.az import Az, find

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sandbox/providers"
VNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-prod"
ORDERS = ("-g", "rg-sandbox", "-n", "orders-func")
CONNECTION = ("--vnet", VNET, "--subnet", f"{VNET}/subnets/snet-apps")
OURS = "remediate reconnect"
COMPLETION = "completion"
COMPLETING = {
    "_REMEDIATE_COMPLETE": "bash_complete",
    "COMP_WORDS": "remediate verify --pro",
    "COMP_CWORD": "2",
}
"""What bash sets when Tab is pressed behind `remediate verify --pro`."""
SCENARIO = "link-missing"
SPEED = 1_000
"""Simulated time of the whole runs: a disconnect of 53 s answers after 53 ms."""
NO_LATENCY = 1_000_000
"""Simulated time of the gap: what Azure itself takes is next to nothing, what is left is the client's."""


@dataclass(frozen=True)
class Measured:
    """One disconnect and reconnect. Seconds; `between` counts the requests within the gap."""

    seconds: float
    gap: float
    between: int


@dataclass(frozen=True)
class Line:
    """A line of the table: the same thing done by `remediate` and by something beside it."""

    what: str
    mine: str
    ours: Sequence[float]
    other: str
    others: Sequence[float]


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def start_up(runs: int, az: Path | None) -> list[Line]:
    """The commands that do nothing, one after the other in every round."""
    ours: dict[str, tuple[str, ...]] = {
        "remediate --help": (*REMEDIATE, "--help"),
        "remediate --version": (*REMEDIATE, "--version"),
        COMPLETION: REMEDIATE,
    }
    others: dict[str, tuple[str, ...]] = {"python -c pass": (sys.executable, "-c", "pass")}
    if az is not None:
        others["az --version"] = (str(az), "--version")
    taken: dict[str, list[float]] = {name: [] for name in (*ours, *others)}
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"AZURE_CONFIG_DIR": folder, "AZURE_CORE_COLLECT_TELEMETRY": "false"}
        for _ in range(runs):
            for name, command in (ours | others).items():
                asked = COMPLETING if name == COMPLETION else {}
                taken[name].append(timed(partial(run, command, environment | asked)))
    return [Line("start-up", mine, taken[mine], one, taken[one]) for one in others for mine in ours]


def reconnect_ours(server: Server, folder: Path) -> None:
    """`remediate reconnect`, with its verification before and after."""
    environment = os.environ | server.environment | {"REMEDIATE_STATE": str(folder / "state")}
    run([*REMEDIATE, "reconnect", "orders-func", "--yes"], environment)


def reconnect_az(az: Az, family: str) -> None:
    """The same connection removed and added by `az functionapp` or `az webapp`, which verify nothing."""
    az(family, "vnet-integration", "remove", *ORDERS)
    az(family, "vnet-integration", "add", *ORDERS, *CONNECTION)


def measured(server: Server, action: Callable[[], object]) -> Measured:
    """Time an action on a fresh world, and read the gap from the sandbox's own log."""
    server.reset()
    seconds = timed(action)
    log = server.log()
    gone = next(at for at, entry in enumerate(log) if entry["method"] == "DELETE")
    back = next(at for at, entry in enumerate(log) if at > gone and entry["method"] in ("PATCH", "PUT"))
    gap = log[back]["at"] - (log[gone]["at"] + log[gone]["seconds"])
    return Measured(seconds, gap, back - gone - 1)


def reconnects(runs: int, speed: int, az: Path | None) -> dict[str, list[Measured]]:
    """Reconnects by `remediate` and by both families of `az`, in turns on one sandbox."""
    with tempfile.TemporaryDirectory() as name, served(Path(name), SCENARIO, speed) as server:
        actions: dict[str, Callable[[], object]] = {OURS: partial(reconnect_ours, server, Path(name))}
        if az is not None:
            signed_in = Az(az, Path(name) / "az", server.environment)
            signed_in.sign_in()
            for family in ("functionapp", "webapp"):
                actions[f"az {family} remove + add"] = partial(reconnect_az, signed_in, family)
        taken: dict[str, list[Measured]] = {name: [] for name in actions}
        for _ in range(runs):
            for title, action in actions.items():
                taken[title].append(measured(server, action))
    return taken


def lines_of(what: str, title: str, taken: Mapping[str, Sequence[Measured]]) -> list[Line]:
    """The lines of one measure: `seconds`, `gap` or `between`."""
    values = {name: [float(getattr(one, what)) for one in all_] for name, all_ in taken.items()}
    mine = values.pop(OURS)
    return [Line(title, OURS, mine, name, theirs) for name, theirs in values.items()] or [
        Line(title, OURS, mine, "", [])
    ]


def show(lines: Sequence[Line], unit: str) -> None:
    """Print medians, each with its range, and how many times ours the other is."""
    for line in lines:
        ratio = f"{median(line.others) / median(line.ours):.2f}" if line.others else ""
        ours, others = _cell(line.ours, unit), _cell(line.others, unit)
        print(f"{line.what:<24}{line.mine:<22}{ours:<27}{line.other:<30}{others:<27}{ratio:>6}")


def _cell(values: Sequence[float], unit: str) -> str:
    if not values:
        return ""
    if not unit:
        return f"{median(values):.0f}"
    return f"{median(values):.3f} {unit} ({min(values):.3f} to {max(values):.3f})"


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="rounds of each measurement (default 5)")
    runs = parser.parse_args().runs
    az = find()
    if az is None:
        print("There is no az here: `make bench` installs one, and REMEDIATE_AZ may name another.")
    print(f"Medians of {runs} rounds, in brackets lowest to highest; the last column is right over left.")
    print(f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores.")
    show(start_up(runs, az), "s")
    show(lines_of("seconds", "whole run", reconnects(runs, SPEED, az)), "s")
    without_latency = reconnects(runs, NO_LATENCY, az)
    show(lines_of("gap", "gap without network", without_latency), "s")
    show(lines_of("between", "requests in the gap", without_latency), "")
    outage.main(runs)


if __name__ == "__main__":
    main()
