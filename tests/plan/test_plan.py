"""The plan: which apps, in which order, with which requests, and what is refused or makes no sense."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from remediate import plan, playbook
from remediate.checks import judge
from remediate.errors import UsageError
from remediate.model import App, Document, Endpoint, Plan, PlaybookStep, ReadStatus, Resource, Scope, key
from remediate.plan import Options
from remediate.playbook import Playbook
from tests.checks.test_findings import FLEX
from tests.checks.worlds import (
    ASKED,
    NEIGHBOUR,
    NOT_CONNECTED,
    OTHER_PLAN,
    PLAN,
    SUBNET,
    TARGET,
    Case,
    app,
    case,
    link,
)
from tests.checks.worlds_of_apps import lost_subnet
from tests.conftest import Azure, Ran

ELSEWHERE = SUBNET.replace("snet-web", "snet-other")
SHARED = (app(NEIGHBOUR),)
SUBNET_READ = Document(
    "subnet",
    f"{SUBNET}?api-version=2024-05-01",
    "found",
    body={
        "name": "snet-web",
        "etag": 'W/"7"',
        "properties": {
            "addressPrefix": "10.1.0.0/27",
            "routeTable": {"id": "/routes"},
            "delegations": [],
            "provisioningState": "Succeeded",
            "serviceAssociationLinks": [],
        },
    },
)
UNDELEGATED = case(delegations=()).reading(documents=(SUBNET_READ,))
"""The subnet lost its delegation, and was read whole."""


def shipped(scope: Scope) -> Playbook:
    return playbook.find("rebuild-link" if scope == "link" else "reconnect-app")


def without(do: str, scope: Scope = "app") -> Playbook:
    whole = shipped(scope)
    return replace(whole, id="mine", steps=tuple(one for one in whole.steps if one.do != do))


def planned(seen: Case, scope: Scope = "app", book: Playbook | None = None) -> Plan:
    return plan.make(*seen, judge(*seen), book or shipped(scope), Options(scope))


def order(made: Plan) -> list[tuple[str, str]]:
    """The steps with the last name of their targets."""
    return [(step.do, step.target.rpartition("/")[2]) for step in made.steps]


def test_one_app_is_disconnected_awaited_connected_and_looked_at() -> None:
    assert order(planned(case())) == [
        ("preflight", "orders"),
        ("confirm", "orders"),
        ("trial", "orders"),
        ("disconnect", "orders"),
        ("wait-link-gone", "snet-web"),
        ("reconnect", "orders"),
        ("wait-link-ready", "snet-web"),
        ("check-routing", "orders"),
        ("verify", "orders"),
    ]


def test_the_writes_are_delete_and_patch_and_the_put_is_only_the_fallback() -> None:
    made = planned(case())
    trial, delete, patch = made.writes
    assert (delete.method, delete.path) == (
        "DELETE",
        f"{TARGET}/networkConfig/virtualNetwork?api-version=2025-05-01",
    )
    assert (patch.method, patch.path) == ("PATCH", f"{TARGET}?api-version=2025-05-01")
    assert patch.body == {"properties": {"virtualNetworkSubnetId": SUBNET}}
    assert trial == patch
    tried, put = [step.fallback for step in made.steps if step.fallback]
    assert put is not None
    assert tried == put
    assert (put.method, put.body) == (
        "PUT",
        {"properties": {"subnetResourceId": SUBNET, "swiftSupported": True}},
    )


def test_of_several_the_target_goes_last_comes_back_first_and_the_others_follow_the_link() -> None:
    made = order(planned(case(others=SHARED, links=()), "link"))
    assert [one for one in made if one[0] in ("disconnect", "reconnect", "wait-link-ready")] == [
        ("disconnect", "billing"),
        ("disconnect", "orders"),
        ("reconnect", "orders"),
        ("wait-link-ready", "snet-web"),
        ("reconnect", "billing"),
    ]


@pytest.mark.parametrize("others", [(), SHARED], ids=["alone", "shared"])
@pytest.mark.parametrize("listed", [None, app(subnet=None)], ids=["list-denied", "list-behind"])
def test_an_app_that_calls_itself_by_another_id_is_planned_for_by_its_own_document(
    others: tuple[App, ...], listed: App | None
) -> None:
    seen, asked = case(others=others, links=()), f"{TARGET}/slots/production"
    known = dict(seen.world.resources)
    known[key(asked)] = known.pop(key(TARGET))
    if listed:
        known[key(TARGET)] = Resource(TARGET, "found", listed, listed=True)
    configs = {key(asked): seen.world.network_configs[key(TARGET)]}
    made = planned(seen.reading(resources=known, network_configs=configs).asking(target=asked), "link")
    assert [one.name for one in made.apps] == ["orders", *(one.name for one in others)]


def test_where_others_hold_the_link_the_disconnect_of_the_app_alone_is_awaited() -> None:
    assert ("wait-link-gone", "orders") in order(planned(case(others=SHARED)))


def test_flex_is_rebuilt_app_by_app_and_its_link_is_not_waited_for_to_go_because_others_may_hold_it() -> None:
    lost = case(**{**FLEX, "links": ()})
    assert plan.scope_for(*lost, judge(*lost)) == "app"
    made = planned(lost)
    assert ("wait-link-gone", "orders") in order(made)
    assert made.links == (SUBNET,)
    assert [one.code for one in planned(case(**FLEX), "link").refusals] == ["flex-consumption"]


def test_an_app_that_is_connected_nowhere_is_only_connected() -> None:
    names = [do for do, _ in order(planned(case(**ASKED)))]
    assert "disconnect" not in names
    assert "wait-link-gone" not in names
    assert "reconnect" in names


def test_a_lost_delegation_is_put_back_into_the_whole_subnet_and_only_there() -> None:
    (step,) = [one for one in planned(UNDELEGATED).steps if one.do == "delegate"]
    assert step.request is not None
    assert (step.target, step.request.method, step.request.headers) == (SUBNET, "PUT", {"If-Match": 'W/"7"'})
    properties: dict[str, Any] = step.request.body["properties"]
    assert set(properties) == {"addressPrefix", "routeTable", "delegations"}
    assert [one["properties"]["serviceName"] for one in properties["delegations"]] == [
        "Microsoft.Web/serverFarms"
    ]
    assert "delegate" not in [do for do, _ in order(planned(case()))]


def test_a_subnet_without_an_etag_is_not_changed() -> None:
    body = {**SUBNET_READ.body, "etag": None}
    with pytest.raises(UsageError, match="no etag"):
        planned(UNDELEGATED.reading(documents=(replace(SUBNET_READ, body=body),)))


def test_a_subnet_whose_delegations_are_no_list_is_not_changed() -> None:
    properties = {**SUBNET_READ.body["properties"], "delegations": 1}
    body = {**SUBNET_READ.body, "properties": properties}
    with pytest.raises(UsageError, match="delegations that cannot be read"):
        planned(UNDELEGATED.reading(documents=(replace(SUBNET_READ, body=body),)))


@pytest.mark.parametrize("scope", ["app", "link"])
def test_without_a_delegate_step_nothing_leaves_a_subnet_that_lost_its_delegation(scope: Scope) -> None:
    book = without("delegate", scope)
    with pytest.raises(UsageError, match="has no delegate step, and snet-web lost its delegation"):
        planned(UNDELEGATED, scope, book)
    assert planned(case(), scope, book).steps


def test_a_step_that_reconnect_does_not_know_is_not_run_halfway() -> None:
    book = shipped("app")
    strange = replace(book, steps=(*book.steps, replace(book.steps[-1], do="restart")))
    with pytest.raises(UsageError, match="does not carry out restart"):
        planned(case(), book=strange)


@pytest.mark.parametrize(
    ("site", "config"), [(ELSEWHERE, ELSEWHERE), (ELSEWHERE, None), (None, ELSEWHERE)], ids=str
)
def test_a_subnet_that_was_asked_for_does_not_move_an_app_that_is_connected_elsewhere(
    site: str | None, config: str | None
) -> None:
    with pytest.raises(UsageError, match=f"orders is integrated with {ELSEWHERE}; --subnet would move it"):
        planned(case(site=site, config=config, asked=True))


def test_an_app_whose_subnet_is_gone_is_connected_to_another_one_without_a_disconnect() -> None:
    made = planned(lost_subnet())
    assert made.refusals == ()
    assert [step.do for step in made.steps if step.request] == ["reconnect"]
    assert made.apps[0].subnet == ELSEWHERE


@pytest.mark.parametrize("status", ["denied", "failed"])
def test_a_subnet_that_could_not_be_read_is_not_gone_so_its_app_is_not_moved(status: ReadStatus) -> None:
    made = planned(lost_subnet(status))
    assert [one.code for one in made.refusals] == ["no-read-permission"]


def test_a_disconnect_is_offered_to_whoever_wants_to_move_an_app() -> None:
    with pytest.raises(UsageError) as refused:
        planned(case(**{**ASKED, "site": ELSEWHERE, "config": ELSEWHERE}))
    leave, join = re.findall("`([^`]+)`", refused.value.hint)
    assert leave == f"remediate guard {TARGET} --disconnect"
    assert join == f"remediate reconnect {TARGET} --subnet {SUBNET}"


@pytest.mark.parametrize(
    ("seen", "scope", "code"),
    [
        (case(**NOT_CONNECTED), "app", "not-integrated"),
        (case(others=SHARED, links=()), "app", "link-missing"),
        (case(subnet_status="absent"), "app", "subnet-missing"),
        (case(unread={"networkConfig": "denied"}), "app", "no-read-permission"),
    ],
    ids=["connected nowhere", "a link that would stay lost", "no subnet", "unread"],
)
def test_what_could_not_be_put_back_or_would_not_help_is_refused_without_a_step(
    seen: Case, scope: Scope, code: str
) -> None:
    made = planned(seen, scope)
    assert code in {one.code for one in made.refusals}
    assert made.steps == ()


def test_nobody_can_allow_that_what_the_run_needs_is_unread() -> None:
    seen = case(unread={"networkConfig": "denied"})
    allowed = frozenset({"no-read-permission"})
    made = plan.make(*seen, judge(*seen), shipped("app"), Options("app", allowed))
    assert [one.code for one in made.refusals] == ["no-read-permission"]
    assert "networkConfig" in made.refusals[0].title


def test_a_lost_link_is_rebuilt_by_itself_only_where_no_other_app_pays_for_it() -> None:
    alone, shared = case(links=()), case(links=(), others=SHARED)
    assert plan.scope_for(*alone, judge(*alone)) == "link"
    assert plan.scope_for(*shared, judge(*shared)) == "app"
    assert plan.scope_for(*case(), judge(*case())) == "app"


def test_the_link_may_name_the_apps_own_plan_and_another_plan_only_where_that_has_apps_there() -> None:
    assert planned(case()).links == (PLAN,)
    assert OTHER_PLAN not in planned(case(links=(link(),))).links


def test_the_same_look_makes_the_same_plan_and_its_steps_are_numbered_from_one() -> None:
    made = planned(case(others=SHARED), "link")
    assert made == planned(case(others=SHARED), "link")
    assert [step.n for step in made.steps] == list(range(1, len(made.steps) + 1))


@pytest.fixture
def own_playbook(tmp_path: Path) -> Callable[[str, str], str]:
    """A copy of the shipped playbook with one passage changed; its path."""

    def write(passage: str, by: str) -> str:
        text = Path("playbooks/reconnect-app.yaml").read_text(encoding="utf-8")
        assert passage in text
        path = tmp_path / "mine.yaml"
        path.write_text(text.replace("id: reconnect-app", "id: mine").replace(passage, by), encoding="utf-8")
        return str(path)

    return write


DELEGATE = "  - do: delegate\n    tell: Delegating the subnet to App Service\n"


def test_a_playbook_that_would_strand_the_app_is_wrong_use_and_sends_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], own_playbook: Callable[[str, str], str]
) -> None:
    simulated = azure("delegation-missing")
    ran = remediate(
        "reconnect", "orders-func", "--yes", "-o", "json", "--playbook", own_playbook(DELEGATE, "")
    )
    assert (ran.code, ran.document["schema"]) == (2, "remediate.error/1")
    assert "has no delegate step" in ran.document["message"]
    assert simulated.writes == []


@pytest.mark.parametrize("do", ["preflight", "confirm", "delegate"])
def test_a_playbook_that_goes_on_when_a_check_failed_does_not_load(do: str) -> None:
    whole = (
        "id: mine\ntitle: Mine\nfor: [link-missing]\nscope: app\nexplain: Why.\nimpact: A little.\nsteps:\n"
        "- {do: preflight, tell: A}\n- {do: confirm, tell: B}\n- {do: delegate, tell: C}\n"
        "- {do: disconnect, tell: D}\n- {do: reconnect, tell: E}\n"
    )
    assert playbook.load(whole, "mine.yaml").id == "mine"
    text = whole.replace(f"{{do: {do}, ", f"{{do: {do}, on-failure: continue, ")
    with pytest.raises(playbook.InvalidPlaybook) as caught:
        playbook.load(text, "mine.yaml")
    (error,) = caught.value.errors
    assert error.line == {"preflight": 8, "confirm": 9, "delegate": 10}[do]
    assert f"'{do}' cannot go on after a failure" in error.message


def test_a_playbook_that_delegates_after_it_disconnected_does_not_load() -> None:
    text = (
        "id: mine\ntitle: Mine\nfor: [link-missing]\nscope: app\nexplain: Why.\nimpact: A little.\nsteps:\n"
        "- {do: preflight, tell: A}\n- {do: confirm, tell: B}\n- {do: disconnect, tell: C}\n"
        "- {do: delegate, tell: D}\n- {do: reconnect, tell: E}\n"
    )
    with pytest.raises(playbook.InvalidPlaybook) as caught:
        playbook.load(text, "mine.yaml")
    (error,) = caught.value.errors
    assert error.line == 11
    assert "'delegate' stands before 'disconnect'" in error.message


SQL = Endpoint("sql.internal", 1433)
CACHE = Endpoint("cache.internal", 6380)


def with_steps(*steps: PlaybookStep, scope: Scope = "app") -> Playbook:
    whole = shipped(scope)
    return replace(whole, steps=(*whole.steps, *steps))


def probing(book: Playbook, probe: Endpoint | None, seen: Case | None = None) -> list[Any]:
    """The kinds of the steps, and for a probe what it is to reach."""
    seen = seen or case()
    made = plan.make(*seen, judge(*seen), book, Options(book.scope, probe=probe))
    return [step.probe or step.do for step in made.steps]


def test_a_probe_that_was_asked_for_comes_last() -> None:
    assert probing(shipped("app"), SQL)[-2:] == ["verify", SQL]
    assert probing(shipped("app"), None)[-1] == "verify"


def test_a_playbooks_own_probe_takes_what_was_asked_for_unless_it_says_it_itself() -> None:
    untold = PlaybookStep("probe", "Trying")
    assert probing(with_steps(untold), SQL)[-2:] == ["verify", SQL]
    assert probing(with_steps(replace(untold, probe=CACHE)), None)[-1] == CACHE
    assert probing(with_steps(replace(untold, probe=CACHE)), SQL)[-2:] == [CACHE, SQL]


def test_a_probe_that_nobody_tells_what_to_reach_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="pass --probe HOST:PORT"):
        probing(with_steps(PlaybookStep("probe", "Trying")), None)


@pytest.mark.parametrize("do", ["probe", "pause"])
def test_nobody_stays_without_a_network_for_a_probe_or_a_pause(do: str) -> None:
    book = replace(without("wait-link-ready", "link"), steps=())
    moves = (
        PlaybookStep("disconnect", "A"),
        PlaybookStep("reconnect", "B"),
        PlaybookStep(do, "C", probe=SQL),
    )
    made = planned(case(others=SHARED), "link", replace(book, steps=moves))
    assert [step.do for step in made.steps] == ["disconnect"] * 2 + ["reconnect"] * 2 + [do]


def rebuildable() -> dict[str, Plan]:
    """Plans of every shape that `reconnect` makes."""
    paused = with_steps(
        PlaybookStep("pause", "Look around"), replace(PlaybookStep("probe", "Trying"), probe=SQL)
    )
    seen = case(others=SHARED)
    return {
        "app": planned(case()),
        "app beside others": planned(seen),
        "link": planned(seen, "link"),
        "flex": planned(case(**FLEX)),
        "connect": planned(case(**ASKED)),
        "delegation": planned(UNDELEGATED),
        "probe and pause": plan.make(*seen, judge(*seen), paused, Options("link", probe=CACHE)),
    }


@pytest.mark.parametrize("name", rebuildable())
def test_each_plan_that_is_made_can_be_built_anew_from_what_is_kept_of_it(name: str) -> None:
    made = rebuildable()[name]
    kept = msgspec.json.decode(msgspec.json.encode(made), type=Plan)
    steps = tuple(replace(step, request=None) if step.do == "delegate" else step for step in made.steps)
    assert made.steps
    assert plan.rebuild(kept) == replace(made, steps=steps)
