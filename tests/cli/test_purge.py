"""`remediate purge`: only a link that is proved to be nobody's, and success only where it was seen to go."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from remediate.sandbox.resources import Site
from remediate.sandbox.scenarios import load
from remediate.sandbox.server import Sandbox
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran
from tests.run.test_faults import answer, rule
from tests.terminal import Terminal

QUICK = ("--poll-interval", "0.02", "--timeout", "0.5")
RUN = ("purge", SUBNET, "--yes", "-o", "json", *QUICK)
POST = "/purgeUnusedVirtualNetworkIntegration$"
LOCK = {"value": [{"id": f"{SUBNET}/providers/Microsoft.Authorization/locks/keep", "properties": {}}]}
OTHER_APP = f"{GROUP}/Microsoft.Web/sites/moved-web"
LOST = answer(504, "GatewayTimeout")


def link(azure: Azure) -> str | None:
    """The plan that the subnet's link names now."""
    properties = azure.ask("GET", f"{SUBNET}?api-version=2024-05-01").json()["properties"]
    links = properties.get("serviceAssociationLinks") or []
    return str(links[0]["properties"]["link"]).rpartition("/")[2] if links else None


@pytest.fixture
def orphaned(azure: Callable[..., Azure]) -> Azure:
    return azure("link-orphaned")


@pytest.mark.parametrize(
    ("scenario", "code"), [("link-orphaned", "link-orphaned"), ("link-unused", "link-unused")]
)
def test_a_link_that_nobody_uses_is_cleared_and_the_app_connects(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, code: str
) -> None:
    simulated = azure(scenario)
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"], ran.document["purpose"]) == (0, "succeeded", "purge")
    assert [one["code"] for one in ran.document["findings_before"] if one["severity"] == "error"] == [code]
    assert ran.document["findings_after"] == []
    assert [(one["id"], one["status"]) for one in ran.document["targets"]] == [(SUBNET, "purged")]
    assert (link(simulated), len(simulated.writes)) == (None, 1)
    again = ("--subnet", SUBNET, "--yes", "-o", "json", "--timeout", "3")
    connected = remediate("reconnect", "orders-func", *again)
    assert (connected.code, link(simulated)) == (0, "plan-orders")


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("healthy", "is in use"),
        ("multi-plan-subnet", "is in use"),
        ("link-other-plan", "names plan-other, not the plan of orders-func"),
        ("managed-instance", "is in use"),
        ("flex-consumption", "belongs to Flex Consumption"),
        ("link-foreign", "belongs to Microsoft.DBforPostgreSQL/flexibleServers"),
    ],
)
def test_any_other_link_is_refused_without_a_write(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, code: str
) -> None:
    simulated = azure(scenario)
    ran = remediate(*RUN, "--allow-unknown", "no-read-permission")
    assert (ran.code, ran.document["status"], ran.document["changed"]) == (4, "refused", False)
    assert code in ran.document["message"]
    assert simulated.writes == []


def test_an_orphan_beside_apps_is_cleared_only_when_they_have_left(
    remediate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan of the link may have been moved with its apps: then the link is theirs."""
    world = load("link-orphaned", 1000)
    moved = Site(OTHER_APP, "app", "westeurope", PLAN, subnet=SUBNET)
    world.state.add(moved)
    with Sandbox(world) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        simulated = Azure(sandbox)
        ran = remediate(*RUN, "--allow-unknown", "no-read-permission")
        assert (ran.code, ran.document["status"], simulated.writes) == (4, "refused", [])
        assert "names plan-gone in rg-sandbox, which is not there" in ran.document["message"]
        seen = remediate("verify", "moved-web", "-o", "json").document["findings"]
        (told,) = [one["action"] for one in seen if one["code"] == "link-former-id"]
        guard, purge, connect = re.findall("`remediate ([^`]*)`", told)
        order = remediate("guard", SUBNET, "-o", "json").document["order"]
        assert [one.removeprefix("remediate ") for one in order[:2]] == [guard, purge]
        for command in (guard, purge, connect):
            ended = remediate(*command.split(), "--yes", "-o", "json", "--poll-interval", "0.02")
            assert ended.code in (0, 3), ended.out
        assert link(simulated) == "plan-orders"


@pytest.mark.parametrize(
    ("path", "fault", "told"),
    [
        (
            "/subscriptions/[^/]*/.*/plan-other$",
            answer(403, "AuthorizationFailed"),
            "Could not read the plan",
        ),
        ("/plan-other/sites$", answer(403, "AuthorizationFailed"), "Could not read the apps of the plan"),
        ("/plan-other$", answer(404, "SubscriptionNotFound"), "Cannot see the plan"),
        ("/snet-apps$", answer(403, "AuthorizationFailed"), "Could not read the subnet"),
        (
            "/virtualNetworks/vnet-prod$",
            answer(403, "AuthorizationFailed"),
            "Could not read the virtual network",
        ),
        ("ResourceGraph", answer(403, "AuthorizationFailed"), "Could not read Resource Graph"),
        ("ResourceGraph", answer(404, "ResourceNotFound"), "Could not read Resource Graph"),
        ("/plan-other/sites$", answer(404, "ResourceNotFound"), "Could not read the apps of the plan"),
        ("/other-web/slots$", answer(404, "ResourceNotFound"), "Could not read slots"),
    ],
)
def test_whose_the_link_is_cannot_be_allowed_to_be_unknown(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], path: str, fault: Any, told: str
) -> None:
    simulated = azure("link-unused")
    simulated.fault(rule(".*", path, times=0, answer=fault))
    ran = remediate(*RUN, "--allow-unknown", "no-read-permission")
    assert (ran.code, ran.document["status"]) == (4, "refused"), ran.out
    assert told in ran.document["message"]
    assert simulated.writes == []


def test_an_app_that_only_resource_graph_names_is_read_and_keeps_its_link(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault(
        rule("GET", "/plan-orders/sites$", times=0, answer={"status": 200, "body": {"value": []}})
    )
    ran = remediate(*RUN)
    assert (ran.code, simulated.writes) == (4, [])
    assert "is in use" in ran.document["message"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/locks$", LOCK, "A management lock is in the way: keep (CanNotDelete)"),
        ("/permissions$", {"value": [{"actions": ["*/read"], "notActions": []}]}, "lacks a permission"),
        ("/locks$", None, "Could not read locks"),
    ],
)
def test_what_azure_would_not_let_through_is_refused_before(
    remediate: Callable[..., Ran], orphaned: Azure, path: str, body: Any, told: str
) -> None:
    LOCK["value"][0]["properties"] = {"level": "CanNotDelete"}
    found = {"status": 200, "body": body} if body else answer(403, "AuthorizationFailed")
    orphaned.fault(rule("GET", path, times=0, answer=found))
    ran = remediate(*RUN)
    assert (ran.code, orphaned.writes) == (4, [])
    assert told in ran.document["message"]
    if body is None:
        assert remediate(*RUN, "--allow-unknown", "no-read-permission").code == 0
        assert link(orphaned) is None


@pytest.mark.parametrize(("scenario", "subnet"), [("link-missing", SUBNET), ("not-integrated", SUBNET)])
def test_a_subnet_without_a_link_needs_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, subnet: str
) -> None:
    simulated = azure(scenario)
    if link(simulated):
        subnet = SUBNET.replace("snet-apps", "snet-data")
    ran = remediate("purge", subnet, "-o", "json")
    assert (ran.code, ran.document["status"], ran.document["steps"]) == (0, "succeeded", [])
    assert "nothing to purge" in ran.document["message"]
    assert simulated.writes == []


@pytest.mark.parametrize("subnet", ["", "snet-apps", APP, SUBNET.partition("/subnets/")[0], f"{SUBNET}-gone"])
def test_what_is_no_subnet_is_wrong_use(remediate: Callable[..., Ran], orphaned: Azure, subnet: str) -> None:
    ran = remediate("purge", subnet, "--yes", "-o", "json")
    assert (ran.code, ran.document["schema"]) == (2, "remediate.error/1")
    assert orphaned.writes == []


def test_a_dry_run_prints_the_one_request_that_is_sent_from_a_portal_address_too(
    remediate: Callable[..., Ran], orphaned: Azure
) -> None:
    address = f"https://portal.azure.com/#@contoso.com/resource{SUBNET}/overview"
    planned = remediate("purge", address, "--dry-run", "-o", "json")
    assert (planned.code, planned.document["status"], orphaned.writes) == (0, "planned", [])
    (request,) = [one["request"] for one in planned.document["steps"] if one["request"]]
    assert request["method"] == "POST"
    assert request["path"].endswith(
        "/providers/Microsoft.Web/locations/westeurope/purgeUnusedVirtualNetworkIntegration?api-version=2024-04-01"
    )
    assert request["body"] == {"subnetResourceId": SUBNET}
    assert remediate(*RUN).code == 0
    assert orphaned.writes[0]["path"].partition("?")[0] == request["path"].partition("?")[0]
    assert remediate("purge", SUBNET).code == 0


@pytest.mark.parametrize("words", ['"Purged unused virtual network integration"', "Purged, in words", ""])
def test_purged_was_answered_and_the_link_stays(
    remediate: Callable[..., Ran], orphaned: Azure, words: str
) -> None:
    said = {"status": 200, "body": words}
    orphaned.fault(rule("POST", POST, times=0, answer=said, effect="none"))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"], ran.document["changed"]) == (3, "failed", False)
    assert ran.document["resume"] is None
    assert "link-orphaned" in {one["code"] for one in ran.document["findings_after"]}
    assert "Two other ways are known" in ran.document["message"]
    assert "--name plan-gone" in ran.document["message"]
    assert "is not removed" in ran.document["support"]
    told = remediate("purge", SUBNET, "--yes", *QUICK)
    assert told.code == 3
    assert "vnet-prod/snet-apps still has its link" in told.out
    assert "succeeded" not in told.out


def test_it_is_asked_again_and_never_without_a_look_in_between(
    remediate: Callable[..., Ran], orphaned: Azure, tmp_path: Path
) -> None:
    said = {"status": 200, "body": '"Purged unused virtual network integration"'}
    orphaned.fault(rule("POST", POST, times=2, answer=said, effect="none"))
    text = Path("playbooks/purge-orphan.yaml").read_text(encoding="utf-8")
    own = tmp_path / "mine.yaml"
    own.write_text(text.replace("every: 30s", "every: 0.2s"), encoding="utf-8")
    ran = remediate("purge", SUBNET, "--yes", "-o", "json", "--poll-interval", "0.1", "--playbook", str(own))
    assert (ran.code, ran.document["status"], link(orphaned)) == (0, "succeeded", None)
    log = [entry for entry in orphaned.log if entry["mutating"] or "/snet-apps?" in entry["path"]]
    posts = [at for at, entry in enumerate(log) if entry["mutating"]]
    assert len(posts) == 3
    assert all(after - before > 1 for before, after in pairwise(posts))


@pytest.mark.parametrize(
    ("fault", "posts"),
    [
        ({"answer": LOST, "effect": "kept"}, 1),
        ({"answer": LOST, "effect": "none"}, 2),
        ({"answer": answer(429, "RetryableError"), "effect": "none"}, 2),
        ({"reset": "before"}, 1),
        ({"reset": "after"}, 1),
        ({"garbage": True}, 1),
    ],
)
def test_a_purge_whose_answer_is_lost_is_looked_at_before_it_is_repeated(
    remediate: Callable[..., Ran], orphaned: Azure, fault: dict[str, Any], posts: int
) -> None:
    orphaned.fault(rule("POST", POST, **fault))
    ran = remediate(*RUN, "--timeout", "5")
    assert (ran.code, ran.document["status"], link(orphaned)) == (0, "succeeded", None), ran.out
    assert len(orphaned.writes) >= posts


def test_a_purge_that_azure_refuses_changes_nothing(remediate: Callable[..., Ran], orphaned: Azure) -> None:
    orphaned.fault(rule("POST", POST, times=0, answer=answer(403, "AuthorizationFailed", "no")))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"], ran.document["changed"]) == (1, "failed", False)
    assert link(orphaned) == "plan-gone"


def test_a_link_that_came_into_use_since_the_plan_was_made_is_left_alone(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("link-unused")
    used = simulated.ask("GET", f"{APP}?api-version=2025-05-01").json()
    other = PLAN.replace("plan-orders", "plan-other")
    used["properties"] |= {"virtualNetworkSubnetId": SUBNET, "serverFarmId": other}
    listing = {"status": 200, "body": {"value": [used]}}
    simulated.fault(
        rule("GET", "/plan-other/sites$", nth=2, times=0, answer=listing),
        rule("GET", "/sites/orders-func$", times=0, answer={"status": 200, "body": used}),
    )
    ran = remediate(*RUN)
    assert (ran.code, ran.document["code"], simulated.writes) == (6, "moved", [])


def after_a_look(remediate: Callable[..., Ran], azure: Azure) -> list[dict[str, Any]]:
    """What one look sends; the plan and its preflight make two of them."""
    assert remediate("purge", SUBNET, "--dry-run", *QUICK).code == 0
    return azure.log


def test_a_link_whose_purge_cannot_be_looked_at_is_unfinished_until_it_is_resumed(
    remediate: Callable[..., Ran], orphaned: Azure
) -> None:
    looks = sum("/subnets/snet-apps?" in entry["path"] for entry in after_a_look(remediate, orphaned))
    orphaned.fault(
        rule(
            "GET",
            "/subnets/snet-apps$",
            nth=2 * looks + 1,
            times=0,
            answer=answer(403, "AuthorizationFailed"),
        )
    )
    ran = remediate(*RUN)
    orphaned.fault()
    assert (ran.code, ran.document["status"]) == (5, "failed"), ran.out
    assert ran.document["targets"][0]["status"] == "unknown"
    back = remediate("rollback", ran.document["run"], "--yes", "-o", "json")
    assert (back.code, "nothing to restore" in back.err) == (0, True)
    resumed = remediate("resume", "--yes", "-o", "json", *QUICK)
    assert (resumed.code, resumed.document["status"], link(orphaned)) == (0, "succeeded", None), resumed.out
    assert remediate("resume", "--yes").code == 2


def test_without_a_terminal_it_names_the_flag(remediate: Callable[..., Ran], orphaned: Azure) -> None:
    ran = remediate("purge", SUBNET)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert orphaned.writes == []


def test_a_playbook_for_something_else_is_not_run(remediate: Callable[..., Ran], orphaned: Azure) -> None:
    for arguments in (
        ("purge", SUBNET, "--playbook", "before-delete"),
        ("reconnect", "orders-func", "--subnet", SUBNET, "--playbook", "purge-orphan"),
        ("reconnect", "orders-func", "--subnet", SUBNET, "--playbook", "before-delete"),
    ):
        ran = remediate(*arguments, "--yes", "-o", "json")
        assert (ran.code, ran.document["schema"]) == (2, "remediate.error/1")
        assert "is for `remediate" in ran.document["message"]
    assert orphaned.writes == []


def test_in_a_terminal_the_subnets_name_is_typed() -> None:
    terminal = Terminal("purge", SUBNET, "--sandbox", "link-orphaned", "--sandbox-speed", "1000", columns=80)
    terminal.wait_for("Type snet-apps to go on")
    terminal.type("snet-apps\r")
    assert terminal.exit_code() == 0
    assert "succeeded: vnet-prod/snet-apps is without a link, read back from Azure" in terminal.flowing


def test_two_operators_do_not_purge_one_link_at_a_time(
    remediate: Callable[..., Ran], orphaned: Azure, tmp_path: Path
) -> None:
    from remediate.azure.clock import SystemClock
    from remediate.run import journal
    from remediate.state.local import LocalStore

    holder = journal.holder("other", SystemClock().now())
    with LocalStore(tmp_path / "state").lock(journal.lock_name(SUBNET.upper()), holder):
        ran = remediate(*RUN)
    assert (ran.code, ran.document["code"], orphaned.writes) == (6, "held", [])
