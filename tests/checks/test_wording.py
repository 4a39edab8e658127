"""What findings say: the evidence they quote, the names they give, the commands they offer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import replace

from remediate.checks.advice import with_subnet_in_command
from remediate.model import AppServicePlan, Delegation

from .test_findings import FOREIGN, SQL, finding, other_plan, plan
from .worlds import (
    ASKED,
    ELSEWHERE,
    NEIGHBOUR,
    NOWHERE,
    OTHER_PLAN,
    PLAN,
    STRANGER,
    SUBNET,
    app,
    case,
    document,
    link,
)


def test_a_lost_link_of_a_lone_app_comes_back_with_a_reconnect() -> None:
    found = finding("link-missing", case(links=()))
    assert "scope app" not in found.detail
    assert "`remediate reconnect orders --scope link`" in found.action
    assert found.playbook == "rebuild-link"


def test_a_lost_link_of_a_shared_subnet_names_the_others_and_says_why_scope_app_is_not_enough() -> None:
    others = (app(NEIGHBOUR), app(f"{NEIGHBOUR}/slots/staging"), app(STRANGER, subnet=ELSEWHERE))
    found = finding("link-missing", case(links=(), others=others))
    assert "billing and billing/staging of the same plan are on this subnet too" in found.detail
    assert "reconnecting orders alone (scope app) will not bring it back" in found.detail
    assert "stranger" not in found.detail


def test_an_unfinished_link_is_rebuilt_with_the_scope_that_can_do_it() -> None:
    unfinished = (link(state="Updating"),)
    assert finding("link-not-ready", case(links=unfinished)).playbook == "reconnect-app"
    together = case(links=unfinished, others=(app(NEIGHBOUR),))
    assert finding("link-not-ready", together).playbook == "rebuild-link"
    assert "--scope link" in finding("link-not-ready", together).action


def test_a_slot_is_named_by_its_id_in_commands() -> None:
    slot = f"{NEIGHBOUR}/slots/staging"
    found = finding("link-missing", case(target=app(slot), links=()))
    assert f"`remediate reconnect {slot} --scope link`" in found.action


def test_a_subnet_that_was_asked_for_is_part_of_the_command() -> None:
    found = finding("not-integrated", case(**ASKED))
    assert found.action == f"Connect it: `remediate reconnect orders --subnet {SUBNET}`"
    assert "--subnet SUBNET_ID" in finding("not-integrated", case(**NOWHERE)).action


def test_names_with_shell_characters_are_quoted_in_commands() -> None:
    strange = app(f"{NEIGHBOUR};reboot")
    found = finding("link-missing", case(target=strange, links=()))
    assert "`remediate reconnect 'billing;reboot' --scope link`" in found.action


@pytest.mark.parametrize("code", ["link-orphaned", "link-unused"])
def test_a_link_that_nobody_uses_is_cleared_before_the_app_is_connected(code: str) -> None:
    gone = code == "link-orphaned"
    found = finding(code, case(**ASKED, **other_plan("absent" if gone else "found", None if gone else ())))
    assert f"`remediate purge {SUBNET}`. Then" in found.action
    assert "`remediate reconnect orders" in found.action
    assert found.playbook == "purge-orphan"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("link-former-id", other_plan("absent", None)),
        ("link-former-id", other_plan()),
        ("link-other-plan", other_plan(elsewhere=(STRANGER,))),
    ],
)
def test_a_link_beside_apps_is_rebuilt_by_three_commands_in_this_order(
    code: str, changes: dict[str, Any]
) -> None:
    found = finding(code, case(**changes, others=(app(NEIGHBOUR), app(f"{NEIGHBOUR}/slots/staging"))))
    commands = re.findall("`remediate ([^`]*)`", found.action)
    assert commands == [
        f"guard {SUBNET} --disconnect",
        f"purge {SUBNET}",
        f"reconnect {NEIGHBOUR} --subnet {SUBNET}",
        f"reconnect orders --subnet {SUBNET}",
        f"reconnect {NEIGHBOUR}/slots/staging --subnet {SUBNET}",
    ]
    assert found.playbook is None
    assert found.severity == ("info" if code == "link-former-id" else "error")


def test_an_app_that_is_not_connected_is_told_to_use_another_subnet_than_one_of_a_former_id() -> None:
    found = finding("link-former-id", case(**ASKED, **other_plan("absent", None), others=(app(NEIGHBOUR),)))
    assert found.severity == "error"
    assert found.action.startswith("Use another subnet for orders.")
    assert "deleted" not in found.title + found.detail


def test_a_missing_link_names_the_apps_of_the_other_plans_and_says_that_they_are_not_touched() -> None:
    found = finding("link-missing", case(links=(), others=(app(NEIGHBOUR), app(STRANGER, plan=OTHER_PLAN))))
    assert "billing of the same plan is on this subnet too" in found.detail
    assert "stranger of plan-other is on this subnet too" in found.detail
    assert "that app is not touched" in found.detail


def test_all_other_services_are_named() -> None:
    found = finding("delegation-other", case(delegations=(SQL, Delegation("db", "Microsoft.DB/servers"))))
    assert "Microsoft.DB/servers and Microsoft.Sql/managedInstances" in found.title
    assert [one.value for one in found.evidence] == ["Microsoft.Sql/managedInstances", "Microsoft.DB/servers"]


def test_disagreeing_views_are_quoted_one_by_one_with_the_plans_count() -> None:
    unused = AppServicePlan(PLAN, "West Europe", "P1v3", "PremiumV3", 2, connections_used=0)
    found = finding("views-disagree", case(config=None, plan=unused))
    assert [(one.view, one.value) for one in found.evidence] == [
        ("site", SUBNET),
        ("networkConfig", None),
        ("connections", SUBNET),
        ("plan", 0),
    ]


def test_everything_that_could_not_be_read_is_listed_in_one_finding() -> None:
    found = finding("no-read-permission", case(unread={"plan": "denied", "vnet": "failed"}))
    assert [(one.view, one.value) for one in found.evidence] == [("plan", "denied"), ("vnet", "failed")]


def test_an_unreadable_linked_plan_is_listed_once() -> None:
    spoilt = case(**other_plan("denied", None))
    read = document("linked-plan:plan-other", "denied", "403 AuthorizationFailed")
    denied = replace(read, path=f"{OTHER_PLAN}?api-version=1")
    found = finding("no-read-permission", spoilt.knowing(denied))
    assert [one.value for one in found.evidence] == ["403 AuthorizationFailed"]


def test_what_is_busy_is_named_with_its_evidence() -> None:
    both = finding("operation-in-progress", case(state="Updating", target=app(operation="an-operation")))
    assert both.title == "An operation on orders and snet-web is not finished"
    assert [one.value for one in both.evidence] == ["an-operation", "Updating"]
    assert finding("operation-in-progress", case(state="Failed")).title.startswith(
        "An operation on snet-web is"
    )


def test_the_plans_count_is_no_evidence_unless_it_is_zero() -> None:
    used = AppServicePlan(PLAN, "West Europe", "P1v3", "PremiumV3", 2, connections_used=1)
    assert "plan" not in [
        one.view for one in finding("views-disagree", case(config=None, plan=used)).evidence
    ]
    assert "plan" not in [
        one.view for one in finding("views-disagree", case(config=None, plan=None)).evidence
    ]


def test_a_role_is_only_asked_for_where_a_read_was_denied() -> None:
    assert "Reader role" in finding("no-read-permission", case(unread={"a": "denied", "b": "failed"})).action
    assert "Reader role" not in finding("no-read-permission", case(unread={"b": "failed"})).action


@pytest.mark.parametrize(
    ("unsupported", "word"),
    [
        (plan("Dynamic"), "Free, Shared and Consumption plans"),
        (plan("IsolatedV2"), "App Service Environment"),
        (plan("PremiumV3", "/an/environment"), "App Service Environment"),
    ],
)
def test_an_unsupported_plan_is_explained(unsupported: AppServicePlan, word: str) -> None:
    assert finding("plan-unsupported", case(plan=unsupported)).detail.startswith((word, f"An {word}"))


def test_a_missing_subnet_says_who_names_it_and_how_to_use_another() -> None:
    named = finding("subnet-missing", case(subnet_status="absent"))
    assert named.title == "The subnet snet-web that orders names does not exist"
    assert "`remediate reconnect orders --subnet SUBNET_ID`" in named.action
    asked = finding("subnet-missing", case(**ASKED, subnet_status="absent"))
    assert asked.title == "The subnet snet-web that you asked for does not exist"
    assert "SUBNET_ID" not in asked.action


def test_another_services_link_is_quoted_and_named_even_without_a_type() -> None:
    found = finding("link-foreign", case(links=(FOREIGN, link(None, type_=None))))
    assert "Microsoft.DBforPostgreSQL/flexibleServers and a service that gives no name" in found.title
    missing = finding("link-missing", case(links=(FOREIGN,)))
    assert missing.evidence[0].value == ["AppServiceLink"]
    assert finding("link-missing", case(links=())).evidence[0].value is None


def test_a_known_subnet_takes_the_place_of_the_one_still_to_be_named_unless_one_was_asked_for() -> None:
    seen = case(**NOWHERE)
    unnamed = finding("not-integrated", seen)
    (complete,) = with_subnet_in_command(seen.integration, (unnamed,), SUBNET)
    assert complete == replace(unnamed, action=unnamed.action.replace("SUBNET_ID", SUBNET))
    asked = case(**ASKED)
    assert with_subnet_in_command(asked.integration, (unnamed,), SUBNET) == (unnamed,)
