"""`python -m tests.mutants`: draw mutants, run the tests that are to notice each, and say which survived."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from tests.mutants.known import Equivalent, equivalents, find
from tests.mutants.mutants import Change, Mutant, mutants, share
from tests.mutants.tests_for import PACKAGES, tests_for
from tests.mutants.trial import Copy, Tried, copied

ROOT = Path(__file__).resolve().parents[2]
PLAIN = "tests/test_ids.py"
"""Quick tests that pass where nothing is mutated: else the environment is broken, and no verdict counts."""
VERDICTS = ("sampled", "killed", "timed out", "survived", "equivalent", "unsure")


@dataclass(frozen=True)
class Result:
    """What became of one mutant. It is unsure where the test that failed fails without the mutant, too."""

    mutant: Mutant
    change: Change
    verdict: str
    killers: tuple[str, ...] = ()
    note: str = ""


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    packages = {name: _mutants_of(name) for name in options.packages if (ROOT / "remediate" / name).is_dir()}
    counts = share({name: len(found) for name, found in packages.items()}, options.sample)
    known = equivalents()
    results: dict[str, list[Result]] = {}
    with copied(ROOT, options.python.absolute(), options.seed) as copy:
        if copy.run([PLAIN], options.limit).verdict != "survived":
            sys.exit(f"{PLAIN} does not pass without a mutant: look at `make test` first")
        for name, found in packages.items():
            ordered = sorted(found, key=lambda one: one.rank(options.seed))
            results[name] = _try(ordered, counts.get(name, 0), copy, known, options.limit)
        results = _checked(results, copy, options.limit)
    _report(results, {name: len(found) for name, found in packages.items()}, known)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=60, help="how many mutants, over all packages")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other mutants")
    parser.add_argument("--limit", type=float, default=300, help="seconds for the tests of one mutant")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="runs the tests")
    parser.add_argument("packages", nargs="*", default=PACKAGES, help=f"of {', '.join(PACKAGES)}")
    return parser.parse_args()


def _mutants_of(package: str) -> list[Mutant]:
    files = sorted((ROOT / "remediate" / package).rglob("*.py"))
    return [one for file in files for one in mutants(ROOT, file.relative_to(ROOT).as_posix())]


def _try(
    ordered: list[Mutant], wanted: int, copy: Copy, known: tuple[Equivalent, ...], limit: float
) -> list[Result]:
    results: list[Result] = []
    seen: set[str] = set()
    for mutant in ordered:
        if len(results) == wanted:
            break
        code = (copy.root / mutant.file).read_text()
        changed = mutant.applied(code)
        if changed is None or changed in seen:
            continue
        seen.add(changed)
        results.append(
            _tried(mutant, Change.between(mutant.file, code, changed), changed, copy, known, limit)
        )
    return results


def _tried(
    mutant: Mutant, change: Change, changed: str, copy: Copy, known: tuple[Equivalent, ...], limit: float
) -> Result:
    entry = find(known, mutant.file, mutant.function, change)
    if entry is not None:
        return Result(mutant, change, "equivalent", note=entry.why)
    began = time.monotonic()
    with copy.mutated(mutant.file, changed):
        ended: Tried = copy.run(tests_for(copy.root, mutant.file), limit)
    killer = f"  {ended.killers[0]}" if ended.killers else ""
    place = f"{mutant.file} {mutant.function}: {change.was!r} -> {change.becomes!r}"
    print(f"{ended.verdict:9} {time.monotonic() - began:4.0f} s  {place}{killer}", flush=True)
    return Result(mutant, change, ended.verdict, ended.killers)


def _checked(results: dict[str, list[Result]], copy: Copy, limit: float) -> dict[str, list[Result]]:
    """A test that fails without a mutant has killed none: each one that failed runs on the plain tree."""
    killers = sorted({one for found in results.values() for result in found for one in result.killers})
    guilty = {one for one in killers if "::" in one}
    if guilty and copy.run(sorted(guilty), limit).verdict == "survived":
        guilty = set()
    guilty = {one for one in guilty if copy.run([one], limit).verdict != "survived"}
    return {
        package: [replace(one, verdict="unsure") if guilty & set(one.killers) else one for one in found]
        for package, found in results.items()
    }


def _report(
    results: dict[str, list[Result]], available: dict[str, int], known: tuple[Equivalent, ...]
) -> None:
    for found in results.values():
        for one in found:
            if one.verdict in ("survived", "timed out", "unsure"):
                print(f"\n{one.verdict}: {one.mutant.file} {one.mutant.function}\n{one.change.diff}")
    print("\n" + f"{'':10}{'mutants':>10}" + "".join(f"{one:>12}" for one in VERDICTS) + f"{'score':>8}")
    total: Counter[str] = Counter()
    for package, found in results.items():
        count = Counter(one.verdict for one in found) + Counter(sampled=len(found))
        total += count
        print(_row(package, available[package], count))
    print(_row("all", sum(available.values()), total))
    for entry in known:
        if entry.is_stale(ROOT):
            print(
                f"no longer there, take it out of equivalent.toml: {entry.file} {entry.function}: {entry.was}"
            )


def _row(name: str, available: int, count: Counter[str]) -> str:
    """What timed out is not in the score: on a busy machine that says nothing."""
    judged = count["killed"] + count["survived"]
    score = f"{100 * count['killed'] / judged:.0f} %" if judged else "-"
    return f"{name:10}{available:>10}" + "".join(f"{count[one]:>12}" for one in VERDICTS) + f"{score:>8}"


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.exit(main())
