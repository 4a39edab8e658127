"""Asking the workers of an app whether they have an address and reach a host and port."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from remediate import ids
from remediate.checks import judge
from remediate.model import App, Probe, Question, Step, World
from remediate.steps.context import Resumption, StepExecution
from remediate.steps.kind import SETTLE, StepFailed, StepKind

FRESH = 300.0
"""Seconds after a connect in which its workers may still be without an address (azure-facts.md, 1)."""
ADDRESSED = 600.0
"""Seconds that such workers are given until they count as being without one (azure-facts.md, 1)."""


class ProbeWorkers(StepKind):
    """Asks the workers whether they have an address and reach what the step names.

    Right after a connect they get time for it: until they have an address, and then a little more.
    """

    name = "probe"
    purposes = frozenset({"reconnect"})
    looks = reaches = essential = interruptible = skipped_while_disconnected = needs_all_connected = True

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """A worker that answered well is enough; what it lacks is said as a finding."""
        app = next(one for one in execution.plan.apps if ids.same(one.id, step.target))
        fresh = _is_fresh(step, execution)
        probe = _ask_until_good(step, app, execution) if fresh else _ask(step, app, execution)
        if not probe.good:
            found = judge(World(probes=(probe,)), Question("probe", app.id))
            raise StepFailed("; ".join(one.title for one in found))

    def is_left(self, step: Step, resumption: Resumption) -> bool:
        """Not of an app that somebody else moved or deleted."""
        return step.target not in resumption.now.lost


def _ask(step: Step, app: App, execution: StepExecution) -> Probe:
    if step.probe is None:
        raise StepFailed("the plan names no host and port for this step")
    probe = execution.seen.probes[step.n] = execution.reader.probe(app, step.probe)
    return probe


def _ask_until_good(step: Step, app: App, execution: StepExecution) -> Probe:
    probe = _ask_until(step, app, execution, _in_network, "the workers to join the network", ADDRESSED)
    if probe.good:
        return probe
    return _ask_until(step, app, execution, lambda seen: seen.good, f"an answer from {step.probe}", SETTLE)


def _ask_until(
    step: Step, app: App, execution: StepExecution, enough: Callable[[Probe], bool], what: str, timeout: float
) -> Probe:
    """What the workers said last, when it was enough or the time was up."""
    with suppress(StepFailed):
        execution.until(step, partial(_ask, step, app, execution), enough, what, timeout)
    return execution.seen.probes[step.n]


def _is_fresh(step: Step, execution: StepExecution) -> bool:
    """Whether this run connected the app so lately that its workers may still be on their way."""
    back = execution.seen.reconnected.get(step.target)
    return back is not None and execution.clock.monotonic() - back < FRESH


def _in_network(probe: Probe) -> bool:
    """Whether waiting for addresses is over. Where they are not told, only a port that is reached tells."""
    return probe.good or (probe.addressed is True and probe.reached is not None)
