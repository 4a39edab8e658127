"""Random worlds, faults, operators, crashes and resumes: whatever happens, the promises hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from remediate.azure import transport
from remediate.jobs import execution
from remediate.run import journal
from remediate.sandbox.server import Sandbox
from remediate.state.local import LocalStore
from tests.conftest import PLAN, Azure
from tests.faults.invariants import APPS, check_no_blind_repetition
from tests.faults.operators import Cut, Fault, Typed, cuts, faults, typed
from tests.faults.worlds import OTHER_PLAN, SUBNETS, Described, build, worlds

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "0.5")
NOTHING_CHANGED = (1, 2, 4, 6, 130)
WHICH = st.integers(0, 3)
SCOPES = st.sampled_from(("app", "link", "link", "link"))

Seen = dict[str, Any]


class Operators(RuleBasedStateMachine):
    """`home` is where each app is wanted: on the subnet that it had, or where somebody put it by hand."""

    def __init__(self, folder: Path, tally: Counter[str]) -> None:
        super().__init__()
        self._tally = tally
        self._just_looked = False
        self._state = Path(mkdtemp(dir=folder))
        self._patch = pytest.MonkeyPatch()
        self._sandbox: Sandbox | None = None
        self._ours: list[dict[str, Any]] = []
        numbers = count()
        self._patch.setattr(execution.secrets, "token_hex", lambda _: f"{next(numbers):04}")

    @initialize(described=worlds())
    def begin(self, described: Described) -> None:
        self._sandbox = Sandbox(build(described)).__enter__()
        for name, value in {**self._sandbox.environment, "REMEDIATE_STATE": str(self._state)}.items():
            self._patch.setenv(name, value)
        self.azure = Azure(self._sandbox)
        self.apps = [app.id for app in described.apps]
        self.home = {app.id: app.subnet for app in described.apps}
        self.owners = {
            subnet: {PLAN, OTHER_PLAN} if linked == "shared" else {PLAN}
            for subnet, linked in zip(SUBNETS, described.links, strict=True)
        }
        self.flags = self._seen()["flags"]

    @precondition(lambda self: not self._just_looked)
    @rule(which=WHICH, bad=faults())
    def verify(self, which: int, bad: list[Fault]) -> None:
        before = len(self.azure.writes)
        done, _, after = self._type("verify", self._app(which), bad=bad)
        assert len(self.azure.writes) == before
        assert done.code in (0, 1, 3), done
        if done.code == 0 and not any(one.name == "stale" for one in bad):
            subnet = after["apps"][done.document["target"]]
            assert after["links"][subnet] in self.owners[subnet], done

    @precondition(lambda self: not any(record.end is None for record in self._runs()))
    @rule(which=WHICH, scope=SCOPES, bad=faults(), cut=cuts())
    def reconnect(self, which: int, scope: str, bad: list[Fault], cut: Cut | None) -> None:
        self._change("reconnect", self._app(which), "--scope", scope, bad=bad, cut=cut)

    @rule(which=WHICH, scope=SCOPES, subnet=st.sampled_from(SUBNETS), bad=faults(), cut=cuts())
    def connect_anew(self, which: int, scope: str, subnet: str, bad: list[Fault], cut: Cut | None) -> None:
        app = self._app(which)
        wanted = self.home[app] or subnet
        done = self._change("reconnect", app, "--scope", scope, "--subnet", wanted, bad=bad, cut=cut)
        if done.code == 0:
            self.home[app] = wanted

    @precondition(lambda self: self._runs())
    @rule(bad=faults(), cut=cuts())
    def resume(self, bad: list[Fault], cut: Cut | None) -> None:
        self._change("resume", self._runs()[0].begin.run, bad=bad, cut=cut)

    @precondition(lambda self: self._runs())
    @rule(bad=faults(), cut=cuts())
    def roll_back(self, bad: list[Fault], cut: Cut | None) -> None:
        plan = self._runs()[0].begin.plan
        if any(step.do == "disconnect" for step in plan.steps):
            self._change("rollback", self._runs()[0].begin.run, bad=bad, cut=cut)

    @rule(
        which=WHICH,
        what=st.sampled_from(("disconnect", "connect", "delete")),
        subnet=st.sampled_from(SUBNETS),
    )
    def by_hand(self, which: int, what: str, subnet: str) -> None:
        app = self._app(which)
        if what == "disconnect":
            self.azure.ask("DELETE", f"{app}/networkConfig/virtualNetwork?api-version=2025-05-01")
            self.home[app] = None
        elif what == "connect" and self._seen()["apps"][app] is None:
            body = {"properties": {"virtualNetworkSubnetId": subnet}}
            answer = self.azure.ask("PATCH", f"{app}?api-version=2025-05-01", json=body)
            self.home[app] = subnet if answer.ok else self.home[app]
        elif what == "delete" and app != APPS[0]:
            self.azure.ask("DELETE", f"{app}?api-version=2025-05-01")
            self.apps.remove(app)
            for known in (self.home, self.flags):
                known.pop(app)

    @invariant()
    def no_flag_is_ever_changed(self) -> None:
        if self._sandbox:
            assert self._seen()["flags"] == self.flags

    @invariant()
    def whoever_lost_the_network_is_in_a_run_that_can_be_resumed(self) -> None:
        if self._sandbox:
            known = {app.id for record in self._runs() for app in record.begin.plan.apps}
            now = self._seen()["apps"]
            lost = {app for app, subnet in self.home.items() if subnet and now[app] is None}
            assert lost <= known, lost - known

    @invariant()
    def no_write_is_repeated_blindly(self) -> None:
        check_no_blind_repetition(self._ours)

    def teardown(self) -> None:
        try:
            if self._sandbox:
                self._finish()
        finally:
            self._patch.undo()
            if self._sandbox:
                self._sandbox.close()

    def _finish(self) -> None:
        """Every run is resumed, oldest first; then everybody is where they are wanted."""
        for record in self._runs():
            done, _, _ = self._type("resume", record.begin.run)
            assert done.code is not None
        now = self._seen()["apps"]
        for app, subnet in self.home.items():
            assert subnet is None or now[app] == subnet, (app, now[app])

    def _app(self, which: int) -> str:
        return self.apps[which % len(self.apps)]

    def _runs(self) -> list[journal.Record]:
        endpoint = self.azure.environment["REMEDIATE_ARM_ENDPOINT"]
        return journal.read_all(LocalStore(self._state)).unfinished(endpoint)

    def _change(self, *arguments: str, bad: list[Fault], cut: Cut | None) -> Typed:
        """A command that may change something; unless it was killed, it tells the truth."""
        done, before, after = self._type(*arguments, bad=bad, cut=cut)
        if done.code is None:
            return done
        if done.code in NOTHING_CHANGED:
            assert after == before, done
        else:
            assert done.code in (0, 5), done
            self._check_told(done, before, after)
        return done

    def _check_told(self, done: Typed, before: Seen, after: Seen) -> None:
        document = done.document
        if document["schema"] == "remediate.error/1":
            assert document["hint"].startswith("remediate resume "), done
            return
        for target in document["targets"]:
            on = after["apps"][target["id"]]
            if target["status"] == "reconnected":
                assert on == target["subnet"], done
            elif target["status"] == "disconnected":
                assert on is None, done
            elif target["status"] == "untouched":
                assert on == before["apps"][target["id"]], done
        if document["status"] == "succeeded" and document["steps"]:
            subnets = {target["subnet"] for target in document["targets"]}
            assert all(after["apps"][target["id"]] in subnets for target in document["targets"]), done
            assert all(after["links"][subnet] in self.owners[subnet] for subnet in subnets), done
        if document["resume"]:
            assert document["resume"].split()[-1] in {record.begin.run for record in self._runs()}, done
        elif done.code == 5:
            assert after["apps"] == before["apps"], done

    def _type(
        self, *arguments: str, bad: list[Fault] | None = None, cut: Cut | None = None
    ) -> tuple[Typed, Seen, Seen]:
        """A command, with the world before and after it."""
        before, sent = self._seen(), len(self.azure.log)
        done = typed(self.azure, *arguments, *QUICK, bad=bad, cut=cut)
        self._tally[f"{arguments[0]} {'killed' if done.code is None else done.code}"] += 1
        self._just_looked = arguments[0] == "verify"
        after = self._seen()
        self._ours += self.azure.log[sent:]
        return done, before, after

    def _seen(self) -> Seen:
        """The world once nothing is under way in it any more."""
        assert self._sandbox
        state = self._sandbox.world.state
        subnets = [one for vnet in state.vnets.values() for one in vnet.subnets]
        while any(site.operation for site in state.sites.values()) or any(one.arriving for one in subnets):
            self.azure.ask(
                "GET", "/subscriptions?api-version=2022-12-01"
            )  # any request lets the world settle
        return {
            "apps": {app: state.site(app).subnet for app in self.apps},
            "flags": {app: asdict(state.site(app).routing) for app in self.apps},
            "links": {one.id: next((link.target for link in one.links), None) for one in subnets},
            "delegated": {one.id: one.delegated for one in subnets},
        }


def play(folder: Path, *, games: int, moves: int, always_the_same: bool) -> None:
    tally: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: Operators(folder, tally),
        settings=settings(
            max_examples=games,
            stateful_step_count=moves,
            derandomize=always_the_same,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"commands typed: {tally.total()}, of which", dict(sorted(tally.items())))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.5)


@pytest.mark.usefixtures("impatient")
def test_some_operators_leave_no_app_worse_off(tmp_path: Path) -> None:
    play(tmp_path, games=2, moves=6, always_the_same=True)


@pytest.mark.sweep
@pytest.mark.usefixtures("impatient")
def test_many_operators_leave_no_app_worse_off(tmp_path: Path) -> None:
    play(tmp_path, games=30, moves=10, always_the_same=True)
