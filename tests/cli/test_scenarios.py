"""Every scenario of the contract: what verify finds, and how reconnect ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import APP, SUBNET, Azure, Ran
from tests.sampled import in_sweep

QUICK = ("--poll-interval", "0.02", "--timeout", "3")


@pytest.mark.parametrize(
    ("scenario", "code", "codes"),
    [
        ("healthy", 0, set()),
        ("link-missing", 3, {"link-missing"}),
        ("shared-link", 3, {"link-missing"}),
        ("link-other-plan", 3, {"link-other-plan"}),
        ("link-former-id", 0, {"link-former-id"}),
        ("subnet-occupied", 3, {"subnet-occupied"}),
        ("link-orphaned", 3, {"not-integrated"}),
        ("delegation-missing", 3, {"delegation-missing"}),
        ("subnet-missing", 3, {"subnet-missing"}),
        ("views-disagree", 3, {"views-disagree"}),
        ("not-integrated", 3, {"not-integrated"}),
        ("gateway-required", 3, {"gateway-integration"}),
        ("routing", 0, set()),
        ("slow", 0, set()),
        ("busy", 0, set()),
        ("throttled", 0, set()),
        ("stuck", 0, set()),
    ],
)
def test_verify_finds_what_is_wrong_in(
    remediate: Callable[..., Ran], scenario: str, code: int, codes: set[str]
) -> None:
    ran = remediate("verify", "orders-func", "--sandbox", scenario, "-o", "json")
    assert (ran.code, ran.codes) == (code, codes)
    assert ran.document["healthy"] is (code == 0)


def test_verify_with_the_subnet_finds_the_orphan(remediate: Callable[..., Ran]) -> None:
    ran = remediate("verify", "orders-func", "--subnet", SUBNET, "--sandbox", "link-orphaned", "-o", "json")
    assert (ran.code, ran.codes) == (3, {"not-integrated", "link-orphaned"})


@pytest.mark.parametrize(
    ("scenario", "arguments"),
    [
        ("link-missing", ()),
        ("shared-link", ("--scope", "link")),
        ("delegation-missing", ()),
        ("views-disagree", ()),
        ("not-integrated", ("--subnet", SUBNET)),
        ("busy", ()),
        ("throttled", ()),
        *in_sweep(
            ("healthy", ()),
            ("healthy", ("--scope", "link")),
            ("link-missing", ("--scope", "link")),
            ("link-missing", ("--scope", "app")),
            ("routing", ()),
            ("slow", ()),
        ),
    ],
)
def test_reconnect_heals(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, arguments: tuple[str, ...]
) -> None:
    azure(scenario)
    ran = remediate("reconnect", "orders-func", "--yes", "-o", "json", *QUICK, *arguments)
    assert ran.code == 0, ran.err
    assert ran.document["status"] == "succeeded"
    after = remediate("verify", "orders-func", "-o", "json")
    assert (after.code, after.document["healthy"]) == (0, True)


@pytest.mark.parametrize(
    ("scenario", "arguments", "because"),
    [
        ("shared-link", ("--scope", "app"), "will not bring the link back"),
        ("shared-link", (), "--scope link"),
        ("link-other-plan", (), "plan-other"),
        ("link-orphaned", (), "not integrated"),
        ("link-orphaned", ("--subnet", SUBNET), "plan"),
        ("subnet-missing", (), "snet-apps"),
        ("not-integrated", (), "--subnet"),
        ("gateway-required", (), "gateway"),
        ("flex-consumption", ("--scope", "link"), "names the subnet and no plan"),
        ("multi-plan-subnet", ("--scope", "link"), "names another plan that is on the subnet too"),
        ("managed-instance", (), "plan-orders holds snet-apps itself"),
        ("managed-instance", ("--subnet", SUBNET), "plan-orders holds snet-apps itself"),
        ("link-unused", ("--subnet", SUBNET), "remediate purge"),
        ("link-foreign", ("--subnet", SUBNET), "Microsoft.DBforPostgreSQL/flexibleServers"),
        ("delegation-other", (), "Microsoft.ContainerInstance/containerGroups"),
        ("subnet-other-region", ("--subnet", SUBNET), "northeurope"),
        ("plan-limit", ("--subnet", SUBNET), "plan-orders is on 2 subnets, and may be on 2"),
    ],
)
def test_reconnect_refuses_and_sends_no_write(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    scenario: str,
    arguments: tuple[str, ...],
    because: str,
) -> None:
    simulated = azure(scenario)
    ran = remediate("reconnect", "orders-func", *arguments, "--yes", "-o", "json", *QUICK)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert because in ran.document["message"]
    assert simulated.writes == []


def test_a_link_that_never_comes_back_ends_in_exit_5_and_says_what_to_do(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("stuck")
    ran = remediate("reconnect", "orders-func", "--yes", "-o", "json", *QUICK, "--timeout", "0.5")
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert {finding["code"] for finding in ran.document["findings_after"]} == {"link-missing"}
    assert ran.document["targets"][0]["status"] == "reconnected"
    assert "link" in ran.document["message"]


def test_all_four_apps_of_a_shared_link_leave_and_come_back_one_at_a_time(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    ran = remediate("reconnect", "orders-func", "--scope", "link", "--yes", "-o", "json", *QUICK)
    assert ran.code == 0
    methods = [method for method, _ in simulated.sent]
    assert methods == ["PATCH"] * 4 + ["DELETE"] * 4 + ["PATCH"] * 4
    moved = simulated.sent[4:]
    sites = [path.split("/sites/")[1].removesuffix("/networkConfig/virtualNetwork") for _, path in moved]
    assert sites[3] == sites[4] == "orders-func"
    assert (
        sorted(sites[:4])
        == sorted(sites[4:])
        == [
            "billing-web",
            "mail-web",
            "orders-func",
            "orders-func/slots/staging",
        ]
    )
    assert all(target["outage_seconds"] > 0 for target in ran.document["targets"])


def test_between_the_answered_disconnect_and_the_reconnect_there_is_only_the_wait_for_the_link(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("link-missing")
    assert remediate("reconnect", "orders-func", "--yes", *QUICK).code == 0
    log = simulated.log
    gone = next(at for at, entry in enumerate(log) if entry["method"] == "DELETE")
    back = next(at for at, entry in enumerate(log) if entry["method"] == "PATCH" and at > gone)
    between = {entry["path"].partition("?")[0] for entry in log[gone + 1 : back]}
    assert between == {SUBNET, f"{APP}/networkConfig/virtualNetwork"}


def test_all_flags_are_unchanged_and_no_whole_site_was_put(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("routing")
    url = f"{APP}?api-version=2025-05-01"
    before = simulated.ask("GET", url).json()["properties"]["outboundVnetRouting"]
    ran = remediate("reconnect", "orders-func", "--yes", "-o", "json", *QUICK)
    assert simulated.ask("GET", url).json()["properties"]["outboundVnetRouting"] == before
    assert before["contentShareTraffic"] is before["imagePullTraffic"] is True
    assert before["applicationTraffic"] is False
    target = ran.document["targets"][0]
    assert target["routing_before"] == target["routing_after"] == before
    assert not [path for method, path in simulated.sent if method == "PUT" and path.endswith("/orders-func")]


@pytest.mark.parametrize(
    ("scenario", "arguments"),
    [
        ("shared-link", ("--scope", "link")),
        ("delegation-missing", ()),
        ("not-integrated", ("--subnet", SUBNET)),
        *in_sweep(("link-missing", ()), ("routing", ())),
    ],
)
def test_what_the_dry_run_shows_is_what_a_real_run_sends(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, arguments: tuple[str, ...]
) -> None:
    simulated = azure(scenario)
    command = ("reconnect", "orders-func", *arguments, "-o", "json", *QUICK)
    dry = remediate(*command, "--dry-run")
    assert (dry.code, dry.document["status"], dry.document["dry_run"]) == (0, "planned", True)
    assert simulated.writes == []
    shown = [step["request"] for step in dry.document["steps"] if step["request"]]
    assert remediate(*command, "--yes").code == 0
    sent = [(entry["method"], entry["path"], entry["body"] or None) for entry in simulated.writes]
    assert [(one["method"], one["path"], one.get("body")) for one in shown] == sent
