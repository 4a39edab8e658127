"""The trial: each app is asked to connect where it already is, before the first is disconnected."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_plan_kinds import denying
from tests.conftest import APP, SUBNET, Azure, Ran
from tests.faults.invariants import APPS, check_no_blind_repetition, check_whole, link, sites
from tests.faults.operators import Cut, Fault, typed
from tests.sampled import in_sweep

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "3")
RECONNECT = ("reconnect", "orders-func", *QUICK)
LINK = (*RECONNECT, "--scope", "link")
SITE = "/sites/orders-func$"
EVERY_APP = "/sites/"
OLD_HARDWARE = "Regional VNET Integration is unsupported in this scale unit."
UNKNOWN_REFUSAL = {"Code": "Conflict", "Message": OLD_HARDWARE}


def answering(
    method: str, path: str, status: int, body: Any = None, *, nth: int = 1, times: int = 0
) -> dict[str, Any]:
    answer = {"status": status, "body": body or {"error": {"code": "Broken", "message": "broken"}}}
    return {"match": {"method": method, "path": path, "nth": nth}, "times": times, "answer": answer}


def steps(ran: Ran) -> dict[str, str]:
    """How each step ended, the last of its kind."""
    return {step["do"]: step["status"] for step in ran.document["steps"]}


def places(azure: Azure) -> dict[str, Any]:
    """Where every app is connected, and its routing."""
    there = {app: azure.ask("GET", f"{app}?api-version=2025-05-01").json().get("properties") for app in APPS}
    kept = ("virtualNetworkSubnetId", "outboundVnetRouting")
    return {app: [one[name] for name in kept] for app, one in there.items() if one}


def methods(azure: Azure) -> list[str]:
    return [method for method, _ in azure.sent]


def test_each_app_is_tried_before_the_first_is_disconnected_and_is_connected_by_the_same_request(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    before = sites(simulated)
    ran = remediate(*LINK)
    assert ran.code == 0, ran.document["message"]
    assert methods(simulated) == ["PATCH"] * 4 + ["DELETE"] * 4 + ["PATCH"] * 4
    tried, connected = simulated.sent[:4], simulated.sent[8:]
    assert tried[0] == ("PATCH", APP)
    assert sorted(tried) == sorted(connected)
    requests = [step["request"] for step in ran.document["steps"] if step["do"] in ("trial", "reconnect")]
    assert requests[:4] == requests[4:]
    check_whole(simulated, before)


def test_between_a_disconnect_and_its_connect_nothing_is_sent_that_was_not_sent_before(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    assert remediate(*RECONNECT).code == 0
    log = [entry["method"] for entry in simulated.log]
    gap = log[log.index("DELETE") : len(log) - log[::-1].index("PATCH")]
    assert set(gap) == {"DELETE", "GET", "PATCH"}
    assert len(gap) <= 6


@pytest.mark.parametrize("scenario", ["healthy", *in_sweep("link-missing", "views-disagree", "busy", "slow")])
@pytest.mark.parametrize("output", [(), ("-o", "json")])
def test_the_dry_run_shows_the_trial_with_both_requests_and_sends_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, output: tuple[str, ...]
) -> None:
    simulated = azure(scenario)
    ran = remediate("reconnect", "orders-func", "--dry-run", *output)
    assert (ran.code, simulated.writes) == (0, [])
    if output:
        (trial,) = [step for step in ran.document["steps"] if step["do"] == "trial"]
        assert trial["request"]["method"] == "PATCH"
        assert trial["request"]["body"] == {"properties": {"virtualNetworkSubnetId": SUBNET}}
    else:
        assert f"1  trial orders-func\n    PATCH {APP}?api-version=2025-05-01" in ran.out
        assert "restarts an app for the trial as well is not documented" in " ".join(ran.out.split())


def test_an_app_that_is_connected_nowhere_is_not_tried(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("not-integrated")
    ran = remediate(*RECONNECT, "--subnet", SUBNET)
    assert ran.code == 0, ran.document["message"]
    assert "trial" not in steps(ran)
    assert methods(simulated) == ["PATCH"]


def test_a_playbook_may_leave_the_trial_out(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    text = Path("playbooks/reconnect-app.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("  - do: trial\n    tell: Trying the request that connects again\n", ""))
    simulated = azure("healthy")
    assert remediate(*RECONNECT, "--playbook", str(own)).code == 0
    assert methods(simulated) == ["DELETE", "PATCH"]


@pytest.mark.parametrize("scope", ["app", "link"])
def test_where_azure_refuses_every_connect_in_words_that_nobody_knows_nothing_is_taken_away(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scope: str
) -> None:
    simulated = azure("healthy")
    before = places(simulated)
    simulated.fault(answering("PATCH|PUT", EVERY_APP, 409, UNKNOWN_REFUSAL))
    ran = remediate(*RECONNECT, "--scope", scope)
    assert (ran.code, ran.document["status"], ran.document["changed"]) == (4, "refused", False)
    assert methods(simulated) == ["PATCH", "PUT"]
    assert ran.document["message"].count(f"PATCH and PUT: 409 Conflict: {OLD_HARDWARE}") == 1
    assert "no app was disconnected" in ran.document["message"]
    assert steps(ran)["trial"] == "failed"
    after = list(steps(ran).values())[3:]
    assert set(after) == {"skipped"}
    assert ran.document["targets"][0]["status"] == "untouched"
    assert (ran.document["resume"], ran.document["support"]) == (None, None)
    assert places(simulated) == before
    assert remediate("runs", "list", "-o", "json").document["runs"][0]["status"] == "refused"
    assert remediate("resume", "--yes").code == 2
    simulated.fault()
    assert remediate(*RECONNECT).code == 0


def test_the_page_of_such_a_run_says_what_azure_said_and_that_nothing_was_changed(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("link-missing")
    simulated.fault(answering("PATCH|PUT", EVERY_APP, 409, UNKNOWN_REFUSAL))
    page = " ".join(remediate("reconnect", "orders-func", "--yes").out.split())
    assert "refused: nothing was changed" in page
    assert OLD_HARDWARE in page
    assert "remediate reconnect" not in page


def test_the_second_of_four_apps_that_azure_refuses_keeps_all_of_them_connected(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    simulated.fault(answering("PATCH|PUT", "/sites/billing-web", 403))
    ran = remediate(*LINK)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert methods(simulated) == ["PATCH", "PATCH", "PUT"]


def test_where_the_patch_is_refused_and_the_put_accepted_the_put_connects(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault(answering("PATCH", SITE, 409, UNKNOWN_REFUSAL))
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert methods(simulated) == ["PATCH", "PUT", "DELETE", "PUT"]
    (reconnect,) = [step for step in ran.document["steps"] if step["do"] == "reconnect"]
    assert reconnect["request"]["method"] == "PUT"


def test_where_azure_then_refuses_the_put_the_patch_is_still_tried(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault(
        answering("PATCH", SITE, 409, UNKNOWN_REFUSAL, times=1),
        answering("PUT", "/networkConfig/", 403, nth=2),
    )
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert methods(simulated) == ["PATCH", "PUT", "DELETE", "PUT", "PATCH"]


def test_a_policy_that_denies_both_is_a_finding_of_the_refusal(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault(denying("PATCH|PUT", EVERY_APP))
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert methods(simulated) == ["PATCH", "PUT"]
    (finding,) = ran.document["findings_after"]
    assert (finding["code"], finding["severity"]) == ("policy-denies", "error")
    assert "keep-tags" in finding["evidence"][0]["value"]


@pytest.mark.parametrize(
    "fault",
    [
        answering("PATCH", SITE, 504),
        *in_sweep(
            answering("PATCH", SITE, 500),
            answering("PATCH", SITE, 429),
            {"match": {"method": "PATCH", "path": SITE}, "times": 0, "reset": "before"},
            {"match": {"method": "PATCH", "path": SITE}, "times": 0, "reset": "after"},
        ),
    ],
)
def test_a_trial_that_azure_never_answers_refuses_after_the_usual_patience(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], fault: dict[str, Any]
) -> None:
    simulated = azure("healthy")
    simulated.fault(fault)
    ran = remediate(*RECONNECT[:-1], "1")
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert set(methods(simulated)) == {"PATCH"}
    assert len(simulated.writes) >= 2
    check_no_blind_repetition(simulated.log)


@pytest.mark.parametrize(
    "fault",
    [
        answering("PATCH", SITE, 504, times=1),
        *in_sweep(
            answering("PATCH", SITE, 500, times=1),
            answering("PATCH", SITE, 429, times=2),
            {"match": {"method": "PATCH", "path": SITE}, "reset": "after"},
        ),
    ],
)
def test_a_trial_whose_answer_is_lost_is_sent_again_after_a_look(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], fault: dict[str, Any]
) -> None:
    simulated = azure("healthy")
    simulated.fault(fault)
    assert remediate(*RECONNECT).code == 0
    assert methods(simulated)[-2:] == ["DELETE", "PATCH"]
    assert methods(simulated).count("PATCH") >= 3
    check_no_blind_repetition(simulated.log)


@pytest.mark.parametrize("scenario", ["trial-restores-link"])
@pytest.mark.parametrize("output", [(), ("-o", "json")])
def test_where_the_trial_brings_the_link_back_the_run_ends_there(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, output: tuple[str, ...]
) -> None:
    simulated = azure(scenario)
    ran = remediate("reconnect", "orders-func", "--yes", *output)
    assert ran.code == 0
    assert methods(simulated) == ["PATCH"]
    if output:
        assert (ran.document["status"], ran.document["changed"]) == ("succeeded", False)
        assert [one["code"] for one in ran.document["findings_before"]] == ["link-missing"]
        assert ran.document["findings_after"] == []
        ended = [step["status"] for step in ran.document["steps"]]
        assert ended == ["succeeded"] * 3 + ["skipped"] * 6
        assert "no app was disconnected" in ran.document["message"]
        assert ran.document["targets"][0]["status"] == "untouched"
    else:
        words = " ".join(ran.out.split())
        assert "succeeded: orders-func is connected, nothing is left to repair" in words
        assert "link-missing ✗ error ✓ not found" in words
    assert remediate("verify", "orders-func").code == 0


def test_where_anything_else_changed_during_the_trial_nothing_is_disconnected(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody moves a routing flag while the trial is under way."""
    simulated = azure("healthy")
    flags = {"properties": {"outboundVnetRouting": {"imagePullTraffic": True}}}
    moved: list[int] = []
    from remediate.azure.write import Writer

    operation = Writer.operation

    def moving(writer: Writer, *arguments: Any) -> Callable[[], object]:
        send = operation(writer, *arguments)

        def sent() -> object:
            answer = send()
            moved.append(simulated.ask("PATCH", f"{APP}?api-version=2025-05-01", json=flags).status_code)
            return answer

        return sent

    monkeypatch.setattr(Writer, "operation", moving)
    ran = remediate(*RECONNECT)
    assert (moved, ran.code, ran.document["code"]) == ([200], 6, "moved")
    assert "before the trial" in ran.document["message"]
    assert "no app was disconnected" in ran.document["message"]
    assert methods(simulated) == ["PATCH", "PATCH"]
    monkeypatch.undo()


def test_a_lock_that_somebody_sets_during_the_trial_is_named(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    lock = {
        "name": "keep",
        "id": f"{APP}/providers/Microsoft.Authorization/locks/keep",
        "properties": {"level": "CanNotDelete"},
    }
    locks = answering("GET", "/sites/orders-func/.*/locks$|/locks$", 200, {"value": [lock]})
    assert remediate(*RECONNECT).code == 0
    paths = [entry["path"] for entry in simulated.log]
    trial = next(n for n, entry in enumerate(simulated.log) if entry["mutating"])
    read = sum("/locks?" in path for path in paths[:trial])
    simulated.reset()
    locks["match"]["nth"] = read + 1
    simulated.fault(locks)
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["code"]) == (6, "moved")
    assert "lock" in ran.document["message"]
    assert methods(simulated) == ["PATCH"]
    simulated.fault()
    assert remediate("resume", "--yes").code == 2
    assert remediate(*RECONNECT).code == 0


@dataclass(frozen=True)
class Met(Fault):
    """A rule of a test's own, which a command meets all along."""

    own: dict[str, Any] = field(default_factory=dict)

    @property
    def rule(self) -> dict[str, Any]:
        return self.own


def met(rule: dict[str, Any]) -> list[Fault]:
    return [Met("", "", 1, 1, rule)]


def cut_off(azure: Azure, how: str, nth: int, when: str, *arguments: str) -> int | None:
    cut = Cut(how, "trial", nth, when)  # type: ignore[arg-type]
    return typed(azure, *(arguments or LINK), cut=cut).code


@pytest.mark.parametrize("nth", [1, 4, *in_sweep(2, 3)])
@pytest.mark.parametrize("when", ["after", *in_sweep("before", "during")])
def test_killed_in_the_trial_a_resume_tries_every_app_anew_and_goes_on(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], nth: int, when: str
) -> None:
    simulated = azure("shared-link")
    before = sites(simulated)
    assert cut_off(simulated, "killed", nth, when) is None
    assert "DELETE" not in methods(simulated)
    sent = len(simulated.writes)
    ran = remediate("resume", *QUICK)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert [method for method, _ in simulated.sent[sent:]] == ["PATCH"] * 4 + ["DELETE"] * 4 + ["PATCH"] * 4
    check_whole(simulated, before)


@pytest.mark.parametrize("nth", [4, *in_sweep(1)])
def test_a_rollback_of_a_run_that_only_tried_sends_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], nth: int
) -> None:
    simulated = azure("shared-link")
    before = places(simulated)
    cut_off(simulated, "killed", nth, "after")
    run = next(Path(os.environ["REMEDIATE_STATE"], "runs").iterdir()).name
    ran = remediate("rollback", run, *QUICK)
    assert ran.code == 0, ran.document
    assert (len(simulated.writes), places(simulated)) == (nth, before)
    assert remediate("resume", "--yes").code == 2


def test_resume_disconnects_no_further_app_where_other_resources_came_into_the_subnet(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    typed(simulated, *LINK, cut=Cut("killed", "write", 1, "after"))
    assert methods(simulated)[-1] == "DELETE"
    nic = SUBNET.partition("/virtualNetworks/")[0] + "/networkInterfaces/nic1/ipConfigurations/one"
    simulated.world.state.subnet(SUBNET).occupants.append(nic)
    sent = len(simulated.writes)
    ran = remediate("resume", *QUICK)
    assert "DELETE" not in [method for method, _ in simulated.sent[sent:]]
    assert "no further app is disconnected" in ran.err


def test_killed_while_away_the_resume_connects_by_what_azure_accepted(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    refused = answering("PATCH", SITE, 409, UNKNOWN_REFUSAL)
    typed(simulated, *RECONNECT, cut=Cut("killed", "write", 1, "after"), bad=met(refused))
    assert methods(simulated)[-1] == "DELETE"
    simulated.fault(refused)
    page = remediate("resume", "--dry-run").out
    assert page.index("PUT ") < page.index("PATCH ")
    sent = len(simulated.writes)
    ran = remediate("resume", *QUICK)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert [method for method, _ in simulated.sent[sent:]] == ["PUT"]


def test_an_app_that_is_away_does_not_wait_for_the_trial_of_another(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    typed(simulated, *LINK, cut=Cut("killed", "write", 1, "after"))
    assert methods(simulated)[-1] == "DELETE"
    sent = len(simulated.writes)
    assert remediate("resume", *QUICK).code == 0
    assert [method for method, _ in simulated.sent[sent:]][:1] == ["DELETE"]
    assert link(simulated) is not None


@pytest.mark.parametrize("nth", [1, *in_sweep(2, 4)])
def test_ctrl_c_in_the_trial_changes_nothing_and_leaves_nothing_to_resume(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], nth: int
) -> None:
    simulated = azure("shared-link")
    before = places(simulated)
    assert cut_off(simulated, "ctrl-c", nth, "after") == 130
    assert set(methods(simulated)) == {"PATCH"}
    assert places(simulated) == before
    assert remediate("resume", "--yes").code == 2


def test_ctrl_c_ends_the_repetition_of_a_trial(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    lost = met(answering("PATCH", SITE, 504))
    ended = typed(simulated, *RECONNECT, cut=Cut("ctrl-c", "trial", 1, "after"), bad=lost)
    assert (ended.code, methods(simulated)) == (130, ["PATCH"])
    assert ended.document["status"] == "interrupted"
