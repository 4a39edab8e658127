"""What goes out, in which order, whatever fails on the way: a plan carried out without a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from remediate.azure.waiting import Waiter
from remediate.azure.write import Answer
from remediate.errors import StateChanged, StoreError
from remediate.model import Plan, Request, Requests, Run, Step
from remediate.model.failure import Kind
from remediate.run.assignment import Assignment
from remediate.run.execution import Execution
from remediate.run.interruption import Interruption
from remediate.run.journal import End, Intent, Journal, Outcome, read
from remediate.run.state import untouched
from remediate.state.local import LocalStore
from tests.checks.worlds import ELSEWHERE, NEIGHBOUR, SUBNET, TARGET, case, link
from tests.clocks import ManualClock
from tests.run.test_checked import LEAVE
from tests.run.test_remaining import CONNECT, REBUILD
from tests.steps.executions import HEALTHY, Reading, failure
from tests.steps.executions import subnet as subnet_with

NAMES = {TARGET: "orders", NEIGHBOUR: "billing"}
ALL = ["DELETE billing", "DELETE orders", "PATCH orders", "PATCH billing"]


class Session:
    """A session without a network."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.clock.seconds = 500.0
        self.requests = Requests(7, 3)
        self.side_by_side = None
        self.refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1

    def ask(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("nothing is to be asked over the network")

    list = ask


class Progress:
    """What was shown, in order."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def step_started(self, step: Step) -> None:
        self.shown.append(f"> {step.do}")

    def waiting(self, step: Step, reason: str, until: Any) -> None:
        self.shown.append(f"{step.do}: {reason}")

    def step_ended(self, step: Step, result: Any) -> None:
        self.shown.append(f"< {step.do} {result.status}")

    def note(self, text: str) -> None:
        self.shown.append(text)

    def close(self) -> None:
        self.shown.append("closed")


class There(Reading):
    """Two apps and their link, which writes move. `refuses` are the writes that Azure answers otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.refuses: dict[str, list[Kind]] = {}
        self.no_effect: set[str] = set()
        self.before: Callable[[str], None] = lambda _: None

    def operation(self, request: Request, keep: Callable[[Answer], None]) -> Callable[[], object]:
        app = next(one for one in NAMES if request.path.startswith((f"{one}/", f"{one}?")))
        what = f"{request.method} {NAMES[app]}"

        def send() -> None:
            self.before(what)
            self.sent.append(what)
            if waiting := self.refuses.get(what):
                raise failure(waiting.pop(0))
            if what not in self.no_effect:
                self.places[app] = None if request.method == "DELETE" else SUBNET
            keep(Answer(200, "request", "correlation"))

        return send

    def read(self, _: Any) -> Any:
        whole = all(one == SUBNET for one in self.places.values())
        return HEALTHY if whole else case(links=()).world

    def subnet(self, _: str) -> Any:
        return subnet_with(*(link() for one in list(self.places.values())[:1] if one == SUBNET))

    subnet_by_any_view = subnet


class Carried:
    """A plan being carried out; `there` is its Azure, `ask` the operator."""

    def __init__(
        self, folder: Path, plan: Plan = REBUILD, *, kept: Plan | None = None, ephemeral: bool = False
    ) -> None:
        self.there, self.session, self.progress = There(), Session(), Progress()
        self.store, self.interruption = LocalStore(folder / "state"), Interruption()
        self.replans = 0
        self.now = self.plan = plan
        self.answers: list[bool] = []
        self.takes = 0.0
        clock: Any = self.session.clock
        self.journal = Journal(self.store, "r", clock)
        self.journal.begin(kept or plan, (), "me", "https://arm")
        session: Any = self.session
        self.execution = Execution(
            Assignment(plan, (), self._replan, untouched(plan)),
            session,
            self.journal,
            self.progress,
            self.interruption,
            self._ask,
            Waiter(clock, interrupted=lambda: self.interruption.requested),
            ephemeral=ephemeral,
        )
        self.execution.reader = self.there  # type: ignore[assignment]
        self.execution._writer = self.there  # type: ignore[assignment]

    def _replan(self) -> Plan:
        self.replans += 1
        return self.now

    def _ask(self, step: Step, plan: Plan) -> bool:
        self.session.clock.seconds += self.takes
        return self.answers.pop(0) if self.answers else True

    def interrupt_at(self, what: str) -> None:
        def before(sent: str) -> None:
            if sent == what:
                self.interruption.requested = True

        self.there.before = before

    def run(self) -> Run:
        return self.execution.run()

    @property
    def lines(self) -> tuple[Any, ...]:
        return read(self.store, "r").lines


@pytest.fixture
def carried(tmp_path: Path) -> Callable[..., Carried]:
    return lambda *plan, **options: Carried(tmp_path, *plan, **options)


def came_to(run: Run) -> tuple[str, str]:
    """The status, and the first letter of what became of billing and of orders."""
    by = {one.id: one.status[0] for one in run.targets}
    return run.status, by[NEIGHBOUR] + by[TARGET]


def statuses(run: Run) -> dict[str, str]:
    """How each step ended, the last of its kind."""
    return {one.do: one.status for one in run.steps}


def test_where_nothing_fails_each_app_goes_once_and_comes_back_once(carried: Callable[..., Carried]) -> None:
    one = carried()
    one.takes = 0.5
    began = one.session.clock.now()
    run = one.run()
    assert (run.started, run.seconds) == (began, one.session.clock.seconds - 500.0 - one.takes)
    assert one.there.sent == ALL
    assert came_to(run) == ("succeeded", "rr")
    assert (run.resume, run.message, run.changed, run.requests) == (None, None, True, Requests(7, 3))
    assert [step.n for step in run.steps] == [step.n for step in REBUILD.steps]
    assert set(statuses(run).values()) == {"succeeded"}
    assert (one.session.refreshed, one.replans) == (1, 1)
    assert one.execution.ended is run
    kinds = [type(line).__name__ for line in one.lines]
    assert (kinds[0], kinds[-1], kinds.count("Intent"), kinds.count("Outcome")) == ("Begin", "End", 4, 4)
    assert one.lines[-1] == End(one.session.clock.now(), "succeeded", None, False)
    answers = [line for line in one.lines if isinstance(line, Outcome)]
    assert {(line.status, line.request_id, line.correlation_id) for line in answers} == {
        (200, "request", "correlation")
    }
    assert one.progress.shown.count("> disconnect") == one.progress.shown.count("< disconnect succeeded") == 2
    assert "wait-link-gone: waiting for the service association link to be removed" in one.progress.shown


@pytest.mark.parametrize(
    ("refused", "sent", "status", "waited", "looked"),
    [
        ("DELETE billing", ALL[:1], ("failed", "uu"), "skipped", "skipped"),
        ("DELETE orders", [*ALL[:2], "PATCH billing"], ("failed", "ru"), "skipped", "succeeded"),
        ("PATCH orders", [*ALL[:3], "PUT orders", ALL[3]], ("succeeded", "rr"), "succeeded", "succeeded"),
    ],
)
def test_after_a_failure_nothing_more_is_taken_and_what_was_taken_comes_back(
    carried: Callable[..., Carried],
    refused: str,
    sent: list[str],
    status: tuple[str, str],
    waited: str,
    looked: str,
) -> None:
    one = carried()
    one.there.refuses[refused] = ["denied"]
    run = one.run()
    assert one.there.sent == sent
    assert came_to(run) == status
    assert run.resume is None
    assert (statuses(run)["wait-link-gone"], statuses(run)["verify"]) == (waited, looked)


def test_what_is_still_away_is_connected_once_more_and_looked_at_again(
    carried: Callable[..., Carried],
) -> None:
    one = carried()
    one.there.refuses = {"PATCH orders": ["denied"], "PUT orders": ["denied"]}
    run = one.run()
    assert one.there.sent == [*ALL[:3], "PUT orders", "PATCH billing", "PATCH orders"]
    assert came_to(run) == ("rolled-back", "rr")
    assert "orders is still disconnected: sending the connect request again" in one.progress.shown
    assert not any("billing is still disconnected" in line for line in one.progress.shown)
    assert one.progress.shown.count("> verify") == one.progress.shown.count("> check-routing") == 2
    assert statuses(run)["verify"] == "succeeded"


def test_what_cannot_be_read_again_keeps_no_app_away(carried: Callable[..., Carried]) -> None:
    """A run that is taken up: orders is away, and the read before the first write fails."""

    def replan() -> Plan:
        raise failure("denied")

    one = carried()
    one.execution._replan = replan
    one.execution.state.outcomes[TARGET].status, one.there.places[TARGET] = "disconnected", None
    run = one.run()
    assert one.there.sent == ["PATCH orders"]
    assert (statuses(run)["preflight"], came_to(run)[1]) == ("failed", "ur")
    assert "could not be read again" in (run.message or "")


def test_an_app_that_azure_never_takes_back_is_left_open_and_named(carried: Callable[..., Carried]) -> None:
    one = carried()
    one.there.refuses = {"PATCH orders": ["denied"] * 2, "PUT orders": ["denied"] * 2}
    run = one.run()
    assert came_to(run) == ("failed", "rd")
    assert run.resume == "remediate resume r"
    assert "orders may be without its network" in (run.message or "")
    assert one.lines[-1].left_open


def test_nobody_can_resume_a_run_whose_journal_goes_with_the_process(carried: Callable[..., Carried]) -> None:
    one = carried(ephemeral=True)
    one.there.refuses = {"PATCH orders": ["denied"] * 2, "PUT orders": ["denied"] * 2}
    assert one.run().resume is None


@pytest.mark.parametrize(
    ("at", "sent", "status"),
    [
        ("DELETE billing", ["DELETE billing", "PATCH billing"], ("interrupted", "ru")),
        ("DELETE orders", ALL, ("succeeded", "rr")),
        ("PATCH orders", ALL, ("succeeded", "rr")),
        ("PATCH billing", ALL, ("succeeded", "rr")),
    ],
)
def test_after_a_signal_nothing_more_is_taken_and_what_was_taken_comes_back(
    carried: Callable[..., Carried], at: str, sent: list[str], status: tuple[str, str]
) -> None:
    one = carried()
    one.interrupt_at(at)
    run = one.run()
    assert one.there.sent == sent
    assert came_to(run) == status


def test_a_signal_that_comes_as_a_disconnect_is_announced_keeps_it_from_going_out(
    carried: Callable[..., Carried], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = carried()
    intent = Journal.intent

    def announce(journal: Journal, step: Step, request: Request) -> None:
        intent(journal, step, request)
        one.interruption.requested = True

    monkeypatch.setattr(Journal, "intent", announce)
    run = one.run()
    assert one.there.sent == []
    assert came_to(run) == ("interrupted", "uu")
    (answer,) = [line for line in one.lines if isinstance(line, Outcome)]
    assert (answer.sent, answer.status) == (False, None)
    assert (run.resume, run.changed) == (None, False)


@pytest.mark.parametrize("takes", [0.0, 1.0, 1.1])
def test_azure_is_looked_at_again_after_an_answer_that_took_its_time(
    carried: Callable[..., Carried], takes: float
) -> None:
    one = carried()
    one.takes = takes
    one.run()
    assert one.replans == (2 if takes > 1 else 1)


def test_a_change_while_the_operator_thinks_ends_the_run_before_the_first_write(
    carried: Callable[..., Carried],
) -> None:
    one = carried()
    one.takes = 60.0
    ask = one._ask

    def change(step: Step, plan: Plan) -> bool:
        one.now = replace(REBUILD, subnet=ELSEWHERE)
        return ask(step, plan)

    one.execution._ask = change
    with pytest.raises(StateChanged, match="nothing was changed"):
        one.run()
    assert one.there.sent == []


def test_the_time_that_the_operator_takes_to_answer_is_not_the_runs(
    carried: Callable[..., Carried],
) -> None:
    one = carried()
    one.takes = 600.0
    run = one.run()
    confirm = next(step for step in run.steps if step.do == "confirm")
    assert (confirm.seconds, run.seconds < 600) == (0.0, True)


def test_a_no_changes_nothing(carried: Callable[..., Carried]) -> None:
    one = carried()
    one.answers = [False]
    run = one.run()
    assert one.there.sent == []
    assert came_to(run) == ("interrupted", "uu")
    assert [step.status for step in run.steps] == ["succeeded", *["skipped"] * 9]
    assert "> verify" not in one.progress.shown


def full(*_: Any, **__: Any) -> None:
    raise StoreError("the disk is full")


@pytest.mark.parametrize(
    ("method", "sent", "status"),
    [
        ("intent", [], ("failed", "uu")),
        ("step", [], ("failed", "uu")),
        ("outcome", ALL, ("succeeded", "rr")),
    ],
)
def test_without_a_journal_nothing_is_taken_and_a_lost_answer_costs_nothing(
    carried: Callable[..., Carried],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    sent: list[str],
    status: tuple[str, str],
) -> None:
    one = carried()
    monkeypatch.setattr(Journal, method, full)
    run = one.run()
    assert one.there.sent == sent
    assert came_to(run) == status
    assert any("the disk is full" in line for line in (*one.progress.shown, run.message or ""))


def test_what_was_taken_comes_back_although_the_journal_cannot_be_written_any_more(
    carried: Callable[..., Carried], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = carried()
    one.there.before = lambda _: monkeypatch.setattr(LocalStore, "append", full)
    run = one.run()
    assert one.there.sent == ["DELETE billing", "PATCH billing"]
    assert came_to(run) == ("failed", "ru")
    assert "stopped: the disk is full" in (run.message or "")
    assert run.resume == "remediate resume r"
    assert "the disk is full; the app is connected anyway" in one.progress.shown
    assert "the disk is full; going on without" in one.progress.shown
    assert "The end of the run could not be journaled" in (run.message or "")


def test_a_connect_that_cannot_be_journaled_is_not_sent_for_an_app_that_had_no_network_before(
    carried: Callable[..., Carried], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = carried(CONNECT)
    one.there.places[TARGET] = None
    monkeypatch.setattr(Journal, "intent", full)
    run = one.run()
    assert one.there.sent == []
    assert run.status == "failed"
    assert "the disk is full" in (run.message or "")


def test_a_run_that_sent_nothing_needs_no_end_in_its_journal(
    carried: Callable[..., Carried], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = carried()
    one.answers = [False]
    monkeypatch.setattr(Journal, "end", full)
    run = one.run()
    assert (run.resume, run.message) == (None, None)


def test_an_error_that_nobody_foresaw_brings_everything_back_too(carried: Callable[..., Carried]) -> None:
    one = carried()

    def break_down(what: str) -> None:
        if what == "DELETE orders":
            raise ValueError("odd")

    one.there.before = break_down
    run = one.run()
    assert one.there.sent == ["DELETE billing", "PATCH orders", "PATCH billing"]  # it may have gone
    assert came_to(run)[0] == "failed"
    answers = [line for line in one.lines if isinstance(line, Outcome)]
    assert any(line.error for line in answers)


def test_a_refusal_by_policy_is_kept_with_whether_another_way_is_open(
    carried: Callable[..., Carried],
) -> None:
    one = carried()
    one.there.refuses = {"PATCH orders": ["policy"], "PUT orders": ["policy"], "PATCH billing": ["denied"]}
    one.run()
    assert [(denial.target, denial.other_way) for denial in one.execution.seen.denials] == [
        (TARGET, True),
        (TARGET, False),
    ]


def test_a_wait_that_does_not_lead_back_leaves_the_run_going_on(carried: Callable[..., Carried]) -> None:
    """On `continue` a step that failed is told, and the steps behind it are carried out."""
    steps = tuple(
        replace(step, on_failure="continue") if step.do == "wait-link-gone" else step
        for step in REBUILD.steps
    )
    one = carried(replace(REBUILD, steps=steps))
    one.there.no_effect = {"DELETE orders"}
    run = one.run()
    assert statuses(run)["wait-link-gone"] == "failed"
    assert one.execution.state.failed is None
    assert one.there.sent[-2:] == ["PATCH orders", "PATCH billing"]


def test_for_good_nobody_is_connected_again(carried: Callable[..., Carried]) -> None:
    one = carried(LEAVE)
    run = one.run()
    assert one.there.sent == ["DELETE orders", "DELETE billing"]
    assert came_to(run) == ("succeeded", "dd")
    assert run.purpose == "disconnect"


@pytest.mark.parametrize(
    ("steps", "failed", "requested", "settles"),
    [
        (REBUILD.steps, False, False, True),
        (REBUILD.steps, True, False, False),
        (REBUILD.steps, False, True, False),
        (REBUILD.steps, True, True, False),
        (REBUILD.steps[-1:], False, False, False),
        (REBUILD.steps[-1:], True, False, False),
        (REBUILD.steps[-2:], False, False, True),
    ],
)
def test_a_look_waits_only_where_something_was_done_and_nothing_failed(
    carried: Callable[..., Carried], steps: tuple[Step, ...], failed: bool, requested: bool, settles: bool
) -> None:
    one = carried()
    one.execution.plan = replace(REBUILD, steps=steps)
    one.execution.state.failed = steps[0] if failed else None
    one.interruption.requested = requested
    assert one.execution.settles is settles


def test_a_run_taken_up_again_is_noted_at_once_where_nobody_is_asked(carried: Callable[..., Carried]) -> None:
    one = carried(replace(REBUILD, steps=REBUILD.steps[-1:]), kept=REBUILD)
    noted: list[str] = []
    one.journal.release = lambda: noted.append("released")  # type: ignore[method-assign]
    one.run()
    assert noted == ["released"]
    assert not [line for line in one.lines if isinstance(line, Intent)]
