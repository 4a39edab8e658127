"""Which runs are open, without reading the journals of those that are settled.

`index/RUN.N.settled` says that a run needs no more after it was taken up N times, `index/RUN.N.taken-up` that
it is taken up for the N-th time. Each is an empty file of its own and is only ever added, so that machines
that write at once lose nothing. A run without such a file is open: a lost index is built again by reading.
"""

from __future__ import annotations

from remediate.state.store import Store, is_name

_FOLDER = "index"
_SETTLED, _TAKEN_UP = "settled", "taken-up"


def take_up(store: Store, run: str, times: int) -> None:
    """A run that may be settled is open again, before anything of it is written."""
    store.write(_name(run, times, _TAKEN_UP), b"")


def settle(store: Store, run: str, times: int) -> None:
    """A run that was taken up so many times needs no more."""
    store.write(_name(run, times, _SETTLED), b"")


def open_runs(store: Store) -> list[str]:
    """The ids of the runs that are not known to be settled, oldest first. Raises StoreError."""
    known = runs(store)
    last: dict[str, int] = {}
    settled: set[tuple[str, int]] = set()
    for name in store.names(_FOLDER):
        run, _, rest = name.partition(".")
        times, _, what = rest.partition(".")
        if not times.isdecimal() or what not in (_SETTLED, _TAKEN_UP):
            continue
        last[run] = max(last.get(run, 0), int(times))
        if what == _SETTLED:
            settled.add((run, int(times)))
    return [run for run in known if (run, last.get(run, 0)) not in settled]


def forget(store: Store, run: str) -> None:
    """Nothing of a run is left in the index. Raises StoreError."""
    for name in store.names(_FOLDER):
        if name.partition(".")[0] == run:
            store.remove(f"{_FOLDER}/{name}")


def runs(store: Store) -> list[str]:
    """The ids of all runs, oldest first; what else lies in the folder is none."""
    return [name for name in store.names("runs") if is_name(name)]


def _name(run: str, times: int, what: str) -> str:
    return f"{_FOLDER}/{run}.{times}.{what}"
