"""Which tests are to notice a mutant of a file: the longest prefix counts, the tests run in this order."""

from __future__ import annotations

from pathlib import Path

PACKAGES = ("checks", "plan", "run", "state", "snapshot", "steps")
"""What is mutated, of those that are there."""
_FROZEN = "tests/model/test_frozen.py"
_TRANSCRIPTS = "tests/cli/test_transcripts.py"
_PURE = ("tests/plan/test_expected.py", "tests/plan", "tests/checks", _FROZEN)
"""Seconds, where what follows takes minutes."""
_RUNS = (
    _TRANSCRIPTS,
    "tests/run/test_outcomes.py",
    "tests/run/test_neighbours.py",
    "tests/run/test_disconnect_for_good.py",
    "tests/run/test_unknown_outcomes.py",
    "tests/run/test_resume_and_rollback.py",
    "tests/run/test_faults.py",
)
_LOOKS = (
    _TRANSCRIPTS,
    "tests/cli/test_scenarios.py",
    "tests/cli/test_preflight.py",
    "tests/cli/test_purge.py",
    "tests/cli/test_guard.py",
    "tests/run/test_neighbours.py",
)
_JOURNALS = (
    _FROZEN,
    "tests/run/test_checked.py",
    "tests/run/test_record.py",
    "tests/run/test_writing.py",
    "tests/run/test_remaining.py",
    "tests/run/test_attempts.py",
    "tests/run/test_not_sent.py",
    "tests/run/test_journal.py",
    "tests/run/test_resume_and_rollback.py",
)
_TESTS: dict[str, tuple[str, ...]] = {
    "remediate/checks": ("tests/checks/test_expected.py", *_PURE, *_LOOKS),
    "remediate/plan": (*_PURE, *_LOOKS, *_RUNS),
    "remediate/plan/disconnect": (*_PURE, "tests/cli/test_guard.py", *_RUNS[:4]),
    "remediate/plan/purge": (*_PURE, "tests/cli/test_purge.py", *_RUNS[:3]),
    "remediate/run": (
        _FROZEN,
        "tests/run/test_run_state.py",
        "tests/run/test_current_state.py",
        "tests/run/test_execution.py",
        "tests/run/test_remaining.py",
        *_RUNS,
        "tests/run/test_probe.py",
    ),
    "remediate/run/interruption": ("tests/run/test_signals.py", "tests/run/test_interruption.py", *_RUNS),
    "remediate/run/journal": (*_JOURNALS, "tests/run/test_shared_state.py", *_RUNS),
    "remediate/run/journal/index": (_FROZEN, "tests/run/test_record.py", "tests/state/test_index.py"),
    "remediate/run/journal/listing": (*_JOURNALS[:3], "tests/state/test_index.py", *_JOURNALS[3:], *_RUNS),
    "remediate/run/remaining": ("tests/run/test_remaining.py", *_RUNS, "tests/faults/test_stranded.py"),
    "remediate/run/support": ("tests/run/test_current_state.py", "tests/cli/test_purge.py", *_RUNS),
    "remediate/snapshot": (
        "tests/snapshot",
        _FROZEN,
        "tests/cli/test_snapshot.py",
        "tests/cli/test_watch.py",
    ),
    "remediate/state": (
        _FROZEN,
        "tests/state/test_lease.py",
        "tests/state/test_durability.py",
        "tests/state/test_kept.py",
        "tests/state/test_address.py",
        "tests/state/test_local.py",
        "tests/state",
        "tests/run/test_journal.py",
        "tests/run/test_shared_state.py",
        "tests/cli/test_snapshot.py",
    ),
    "remediate/steps": (
        _FROZEN,
        "tests/steps",
        "tests/plan/test_plan.py",
        "tests/run/test_remaining.py",
        *_RUNS,
        "tests/run/test_probe.py",
        "tests/cli/test_purge.py",
        "tests/cli/test_guard.py",
    ),
}


def tests_for(root: Path, file: str) -> tuple[str, ...]:
    """The tests for a file, in the order in which they run; those that are not there are left out.

    Raises LookupError where none is.
    """
    fitting = [prefix for prefix in _TESTS if file.startswith(prefix)]
    named = _TESTS[max(fitting, key=len)] if fitting else ()
    found = tuple(dict.fromkeys(one for one in named if (root / one).exists()))
    if not found:
        raise LookupError(f"no tests are named for {file} in tests/mutants/tests_for.py")
    return found
