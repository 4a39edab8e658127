"""A journal is data, never an instruction: its plan is built anew, and its other lines have to fit."""

from __future__ import annotations

from msgspec.structs import replace

from remediate.errors import StoreError
from remediate.model import Plan, Request
from remediate.plan import PlanDiffers, rebuild
from remediate.playbook import STEP_NAMES
from remediate.run.journal.lines import Ended, Intent, Outcome
from remediate.run.journal.reading import Record
from remediate.steps import Reconnect, connection, kind_of


class InvalidJournal(StoreError):
    """A journal that no run could have written; the message names the run, the line and what differs."""

    code = "journal"

    def __init__(self, run: str, line: int, what: str) -> None:
        super().__init__(
            f"line {line} of the journal of run {run} fits no plan: {what}; nothing is sent",
            hint=f"`remediate runs show {run}`; look at the apps with: `remediate verify TARGET`",
        )
        self.run = run


def check_plan(run: str, plan: Plan) -> Plan:
    """The plan of a journal's first line with its requests built anew. Raises InvalidJournal."""
    try:
        return rebuild(plan)
    except PlanDiffers as error:
        raise InvalidJournal(run, 1, str(error)) from error


def checked(record: Record) -> Record:
    """The same record with its plan's requests built anew; the lines stay as they were read.

    Raises InvalidJournal for a first line whose plan could not have been made, and for a line about a write
    or a step that the plan, or the way back from it, does not have.
    """
    plan = check_plan(record.begin.run, record.begin.plan)
    lines = _Lines(record, plan)
    for number, line in enumerate(record.lines[1:], 2):
        if wrong := lines.wrong_with(line):
            raise InvalidJournal(record.begin.run, number, wrong)
    return Record(replace(record.begin, plan=plan), record.lines)


class _Lines:
    """The lines of one journal in their order, each looked at once."""

    def __init__(self, record: Record, plan: Plan) -> None:
        self._writes = _writes(plan)
        self._delegations = {step.n: step.target for step in plan.steps if kind_of(step.do).delegates}
        self._targets = {plan.target, plan.subnet, *(app.id for app in plan.apps)}
        self._steps = {n for n, _, _ in self._writes} | set(self._delegations)
        self._announced: tuple[int, int] = (0, 0)
        self._answered = 0

    def wrong_with(self, line: object) -> str | None:
        """What no run of this plan could have written, or None."""
        if isinstance(line, Intent):
            return self._wrong_write(line) or self._wrong_number(line)
        if isinstance(line, Outcome):
            return self._wrong_answer(line)
        if isinstance(line, Ended):
            return self._wrong_end(line)
        return None

    def _wrong_write(self, line: Intent) -> str | None:
        if kind_of(line.do).delegates and self._delegations.get(line.n) == line.target:
            return None if _delegates(line.request, line.target) else "it does not delegate the subnet"
        requests = self._writes.get((line.n, line.do, line.target))
        if requests is None:
            return f"the plan has no write {line.do} of {line.target[:200]!r} as step {line.n}"
        return None if line.request in requests else f"{line.do} is not the request that the plan builds"

    def _wrong_number(self, line: Intent) -> str | None:
        """Writes are counted one after the other; only those of an earlier version have no number."""
        if line.attempt is None:
            return "a write without a number follows one with a number" if self._announced[0] else None
        if line.attempt <= max(self._announced[0], self._answered):
            return f"write {line.attempt} was there before"
        self._announced = (line.attempt, line.n)
        return None

    def _wrong_answer(self, line: Outcome) -> str | None:
        if line.n not in self._steps:
            return f"step {line.n} sends nothing"
        if line.status is not None and not 100 <= line.status <= 599:
            return f"no answer has the status {line.status}"
        if not line.sent and (line.status is not None or line.request_id or line.correlation_id):
            return "it answers a write that was not sent"
        if line.attempt is None:
            return "an answer without a number follows a write with a number" if self._announced[0] else None
        attempt, n = self._announced
        if (
            line.attempt < attempt
            or line.attempt <= self._answered
            or (line.attempt == attempt and line.n != n)
        ):
            return f"it is no answer to write {line.attempt}"
        self._answered = line.attempt
        return None

    def _wrong_end(self, line: Ended) -> str | None:
        result = line.result
        if result.do not in STEP_NAMES or result.target not in self._targets:
            return f"the plan has no step {result.do[:80]!r} of {result.target[:200]!r}"
        request = result.request
        if request is None or any(request in requests for requests in self._writes.values()):
            return None
        if kind_of(result.do).delegates and _delegates(request, result.target):
            return None
        return f"{result.do} is not the request that the plan builds"


def _writes(plan: Plan) -> dict[tuple[int, str, str], tuple[Request, ...]]:
    """Every write that a run of this plan, or a rollback of it, can make: by number, kind and target."""
    writes = {
        (step.n, do, step.target): requests
        for step in plan.steps
        for do, requests in kind_of(step.do).writes(step)
    }
    if plan.disconnects_for_good and plan.subnet:
        last = len(plan.steps)
        for n in range(last + 1, last + 1 + len(plan.apps)):
            for app in plan.apps:
                writes[n, Reconnect.name, app.id] = connection(app.id, plan.subnet)
    return writes


def _delegates(request: Request, subnet: str) -> bool:
    """Whether a write is that of a subnet; what it writes was read of Azure at its time."""
    path = request.path.partition("?")[0]
    return request.method == "PUT" and path == subnet and set(request.headers) == {"If-Match"}
