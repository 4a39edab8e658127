"""A plan that was kept is built anew, or one line says what no plan could be like."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from remediate import plan, playbook
from remediate.checks import judge
from remediate.model import Endpoint, Plan, Request, Step
from remediate.plan import Options, PlanDiffers, check_delegation
from remediate.playbook import LONGEST_WAIT
from tests.checks.named_worlds import named_worlds
from tests.checks.worlds import ELSEWHERE, NEIGHBOUR, OTHER_PLAN, PLAN, SUBNET, TARGET, VNET

from .test_plan import FLEX, SHARED, UNDELEGATED, case, planned, rebuildable

WORLDS = named_worlds()
PLAYBOOKS = {"purge": "purge-orphan", "leave": "before-delete"}


def made(kind: str, world: str) -> Plan:
    seen = WORLDS[kind][world]
    return plan.make(*seen, judge(*seen), playbook.find(PLAYBOOKS[kind]), Options())


KEPT: dict[str, Plan] = {
    "app": planned(case()),
    "link": planned(case(others=SHARED), "link"),
    "flex": planned(case(**FLEX)),
    "delegation": planned(UNDELEGATED),
    "probe": rebuildable()["probe and pause"],
    "purge": made("purge", "links of plans that are gone"),
    "leave": made("leave", "everybody of the plan"),
    "leave some": made("leave", "only some of the plan"),
}


def step(kept: Plan, do: str, **changes: Any) -> Plan:
    """The plan with the first step of that kind changed."""
    first = next(one for one in kept.steps if one.do == do)
    return replace(kept, steps=tuple(replace(one, **changes) if one is first else one for one in kept.steps))


def request(kept: Plan, do: str, **changes: Any) -> Plan:
    """The plan with the request of the first such step changed."""
    first = next(one for one in kept.steps if one.do == do)
    assert first.request is not None
    return step(kept, do, request=replace(first.request, **changes))


def first_app(kept: Plan, **changes: Any) -> Plan:
    return replace(kept, apps=(replace(kept.apps[0], **changes), *kept.apps[1:]))


APP, LINK, FLEXED, PURGE, LEAVE = (KEPT[one] for one in ("app", "link", "flex", "purge", "leave"))
REFUSAL = plan.make(*case(), judge(*case(subnet_status="absent")), playbook.find("reconnect-app"), Options())
DIFFERS: list[tuple[Plan, str]] = [
    (replace(APP, subnet=None), "it is a plan that was refused"),
    (replace(APP, refusals=REFUSAL.refusals), "it is a plan that was refused"),
    (replace(APP, subnet="x"), "subnet: "),
    (replace(APP, subnet=VNET), "subnet: "),
    (replace(APP, subnet=f"{SUBNET}/"), "subnet: "),
    (replace(APP, target="x"), "target: "),
    (replace(APP, target=f"{TARGET}/"), "target: "),
    (first_app(APP, id=PLAN), "app: "),
    (first_app(APP, plan=TARGET), "plan: "),
    (first_app(APP, plan="x"), "plan: "),
    (replace(APP, links=(TARGET,)), "link: "),
    (replace(LINK, apps=(*LINK.apps, LINK.apps[1])), "it names an app twice"),
    (
        replace(LINK, apps=(*LINK.apps, replace(LINK.apps[1], id=NEIGHBOUR.upper()))),
        "it names an app twice",
    ),
    (replace(APP, apps=()), "the target is not the first app"),
    (replace(LINK, apps=LINK.apps[::-1]), "the target is not the first app"),
    (replace(LINK, scope="app"), "scope app is about one app"),
    (
        replace(LINK, apps=(LINK.apps[0], replace(LINK.apps[1], subnet=ELSEWHERE))),
        "an app was not on the subnet",
    ),
    (replace(FLEXED, links=(PLAN,)), "a link of Flex Consumption names the subnet"),
    (replace(FLEXED, links=(SUBNET, PLAN)), "a link of Flex Consumption names the subnet"),
    (replace(APP, service="x" * 90), f"a subnet is not delegated to '{'x' * 80}'"),
    (replace(APP, links=(OTHER_PLAN, PLAN)), "the first link is not that of the target's plan"),
    (replace(APP, links=()), "the first link is not that of the target's plan"),
    (replace(PURGE, scope="app"), "scope, subnet_asked and service are not those of a purge"),
    (replace(PURGE, subnet_asked=True), "scope, subnet_asked and service are not those of a purge"),
    (replace(LEAVE, service=FLEXED.service), "scope, subnet_asked and service are not those of a disconnect"),
    (replace(PURGE, apps=APP.apps), "a purge is about one subnet, "),
    (replace(PURGE, target=ELSEWHERE), "a purge is about one subnet, "),
    (replace(PURGE, links=()), "a purge is about one subnet, "),
    (replace(LEAVE, apps=()), "the apps are not those of a plan that disconnects, slots first"),
    (replace(LEAVE, apps=LEAVE.apps[::-1]), "the apps are not those of a plan that disconnects, slots first"),
    (step(APP, "disconnect", timeout=0.0), "step 4: timeout 0.0 is no wait"),
    (step(APP, "disconnect", timeout=-1.0), "step 4: timeout -1.0 is no wait"),
    (step(APP, "disconnect", timeout=float("nan")), "step 4: timeout nan is no wait"),
    (step(APP, "disconnect", every=float("inf")), "step 4: every inf is no wait"),
    (step(APP, "disconnect", timeout=LONGEST_WAIT + 1.0), "step 4: timeout "),
    (step(APP, "disconnect", timeout=5.0, every=6.0), "step 4: every 6.0 is longer than the timeout"),
    (step(APP, "disconnect", tell=""), "step 4: its text is no line that could be shown"),
    (step(APP, "disconnect", tell="a\nb"), "step 4: its text is no line that could be shown"),
    (step(APP, "disconnect", probe=Endpoint("db", 1)), "step 4: what is to be reached belongs to a probe, "),
    (step(KEPT["probe"], "probe", probe=None), "step 14: what is to be reached belongs to a probe, "),
    (step(KEPT["probe"], "probe", probe=Endpoint("a b", 1)), "step 14: 'a b:1' is no host and port"),
    (
        step(KEPT["probe"], "probe", probe=Endpoint("x " * 60, 1)),
        f"step 14: {('x ' * 40)!r} is no host and port",
    ),
    (replace(APP, purpose="purge"), "scope, subnet_asked and service are not those of a purge"),
    (replace(APP, steps=APP.steps[:4]), "playbook reconnect-app is for `remediate guard --disconnect`, "),
    (
        step(APP, "disconnect", target=NEIGHBOUR),
        f'step 4 (disconnect orders): target is "{NEIGHBOUR}", and the plan\'s own is "{TARGET}"',
    ),
    (
        request(APP, "disconnect", method="PUT"),
        'step 4 (disconnect orders): request.method is "PUT", and the plan\'s own is "DELETE"',
    ),
    (
        request(APP, "reconnect", body={"properties": {"virtualNetworkSubnetId": SUBNET, "more": 1}}),
        "step 6 (reconnect orders): request.body.properties.more is 1, and the plan's own is null",
    ),
    (
        request(APP, "reconnect", body=["x" * 400]),
        f"step 6 (reconnect orders): request.body is [\"{'x' * 295}..., and the plan's own is ",
    ),
    (step(APP, "reconnect", n=9), "step 6 (reconnect orders): n is 9, and the plan's own is 6"),
    (
        request(PURGE, "purge", path="/locations/West Europe/purgeUnusedVirtualNetworkIntegration?x"),
        "the purge names no region",
    ),
    (step(PURGE, "purge", request=None), "the purge names no region"),
    (request(KEPT["delegation"], "delegate", method="PATCH"), "step 3: "),
    (request(KEPT["delegation"], "delegate", path=f"{ELSEWHERE}?api-version=1"), "step 3: "),
    (
        request(KEPT["delegation"], "delegate", headers={}),
        "step 3: a delegation writes a subnet, on condition of its etag",
    ),
    (
        request(KEPT["delegation"], "delegate", body=[]),
        "step 3: a delegation writes a subnet, on condition of its etag",
    ),
]


@pytest.mark.parametrize("name", KEPT)
def test_a_plan_that_was_made_is_rebuilt_as_it_is_but_for_the_delegation(name: str) -> None:
    kept = KEPT[name]
    assert kept.steps
    without = tuple(replace(one, request=None) if one.do == "delegate" else one for one in kept.steps)
    assert plan.rebuild(kept) == replace(kept, steps=without)


@pytest.mark.parametrize(("kept", "message"), DIFFERS)
def test_a_plan_that_nobody_could_make_is_told_by_what_differs(kept: Plan, message: str) -> None:
    with pytest.raises(PlanDiffers) as caught:
        plan.rebuild(kept)
    told = str(caught.value)
    assert told.startswith(message)
    assert "\n" not in told


@pytest.mark.parametrize("seconds", [0.001, 1.0, float(LONGEST_WAIT)])
def test_a_wait_that_a_playbook_could_set_is_taken_over(seconds: float) -> None:
    for changes in ({"timeout": seconds}, {"every": seconds}, {"timeout": seconds, "every": seconds}):
        kept = step(APP, "wait-link-gone", **{"timeout": None, "every": None, **changes})
        assert plan.rebuild(kept) == kept


@pytest.mark.parametrize("name", KEPT)
def test_no_step_can_be_left_out_added_or_moved(name: str) -> None:
    kept = KEPT[name]
    writing = [n for n, one in enumerate(kept.steps) if one.request]
    for n in writing:
        for steps in (kept.steps[:n] + kept.steps[n + 1 :], (*kept.steps[: n + 1], *kept.steps[n:])):
            with pytest.raises(PlanDiffers):
                plan.rebuild(replace(kept, steps=steps))


FRESH = next(one.request for one in KEPT["delegation"].steps if one.do == "delegate")


def test_a_kept_delegation_counts_only_for_the_same_subnet_with_the_same_contents_or_another_etag() -> None:
    assert isinstance(FRESH, Request)
    check_delegation(FRESH, FRESH)
    check_delegation(replace(FRESH, headers={"If-Match": "older"}, body={"other": 1}), FRESH)
    for kept in (None, replace(FRESH, path="/elsewhere")):
        with pytest.raises(PlanDiffers, match=r"the delegation is .*, and the plan's own is "):
            check_delegation(kept, FRESH)
    with pytest.raises(PlanDiffers, match="something else than what was read"):
        check_delegation(replace(FRESH, body={"other": 1}), FRESH)


def test_a_step_of_an_unknown_kind_is_refused() -> None:
    strange: tuple[Step, ...] = (*APP.steps[:-1], replace(APP.steps[-1], do="purge"))
    with pytest.raises(PlanDiffers):
        plan.rebuild(replace(APP, steps=strange))
