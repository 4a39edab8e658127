"""The job before a deletion, as the wizard and `guard` both do it: look, disconnect if asked, look again."""

from __future__ import annotations

from msgspec import Struct

from remediate import ids
from remediate.checks.deletion import order
from remediate.checks.guard import judge_deletion, safe
from remediate.checks.holders import holders
from remediate.cli.desk import Desk
from remediate.cli.problem import Exit, Problem
from remediate.model import Deletable, Estate, Finding, Guard, Run
from remediate.show.documents import render
from remediate.show.guard import guard as show_guard


class Sight(Struct, frozen=True):
    """One look at what is to be deleted: what was read, and what it means."""

    estate: Estate
    findings: tuple[Finding, ...]


def look(desk: Desk, target: str, kind: Deletable) -> Sight:
    """Read what the deletion takes and touches. Raises Problem when there is no such thing."""
    from remediate.azure import estate
    from remediate.azure.failure import Failure

    try:
        found = estate.read(desk.session, target, kind)
    except Failure as failure:
        if failure.kind == "absent":
            raise Problem(f"there is no {ids.name(target)}: {failure}", code="not-found") from failure
        raise
    return Sight(found, judge_deletion(found))


def judged(desk: Desk, sight: Sight, runs: tuple[Run, ...] = ()) -> Guard:
    """The verdict as the document `remediate.guard/1`."""
    found = holders(sight.estate)
    return Guard(
        target=sight.estate.target,
        kind=sight.estate.kind,
        safe=safe(found, sight.findings),
        takes=sight.estate.taken,
        holders=found,
        findings=sight.findings,
        order=order(sight.estate, sight.findings),
        requests=desk.session.requests,
        runs=runs,
    )


def conclude(desk: Desk, sight: Sight, runs: tuple[Run, ...]) -> int:
    """Print the verdict on stdout, and return the exit code."""
    result = judged(desk, sight, runs)
    if desk.options.output == "table":
        show_guard(desk.look.out, result)
    else:
        desk.look.out.out(render(result, desk.options.output, desk.options.query), highlight=False)
    return int(Exit.DONE if result.safe else Exit.FOUND_SOMETHING)


def make_safe(desk: Desk, sight: Sight) -> tuple[Run, ...]:
    """Not yet."""
    raise NotImplementedError
