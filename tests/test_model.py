"""The questions that the model answers about itself."""

from __future__ import annotations

import pytest

from remediate.model import (
    WEB_DELEGATION,
    App,
    AppServicePlan,
    Delegation,
    Document,
    Finding,
    Link,
    LinkedPlan,
    Plan,
    Request,
    Severity,
    Step,
    Subnet,
    Topology,
    View,
    healthy,
)

GROUP = "/subscriptions/S/resourceGroups/G/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet/subnets/snet"
OTHER_SUBNET = f"{SUBNET}-other"
PLAN = f"{GROUP}/Microsoft.Web/serverfarms/plan"
OTHER_PLAN = f"{PLAN}-other"
SITE = f"{GROUP}/Microsoft.Web/sites/orders"
WEB = "Microsoft.Web/serverfarms"


def app(identifier: str, subnet: str | None) -> App:
    return App(identifier, "app", "westeurope", "Running", PLAN, subnet)


def link(target: str | None, type_: str | None = WEB) -> Link:
    return Link("AppServiceLink", "Succeeded", type_, target)


def topology(
    *,
    site: str | None = SUBNET,
    config: str | None = SUBNET,
    others: tuple[App, ...] = (),
    links: tuple[Link, ...] = (),
    documents: tuple[Document, ...] = (),
) -> Topology:
    target = app(SITE, site)
    return Topology(
        target=target,
        apps=(*others, target),
        connections=(),
        plan=AppServicePlan(PLAN, "westeurope", "P1v3", "PremiumV3", 1),
        subnet_id=SUBNET,
        subnet=Subnet(SUBNET, (), (), links, "Succeeded"),
        vnet=None,
        linked_plans=(LinkedPlan(OTHER_PLAN, "absent"),),
        views={"site": View("found", site), "networkConfig": View("found", config)},
        documents=documents,
    )


def finding(severity: Severity) -> Finding:
    return Finding("a-code", severity, "title", "detail")


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], True),
        (["info"], True),
        (["unknown"], None),
        (["info", "unknown"], None),
        (["warning"], False),
        (["unknown", "error"], False),
        (["unknown", "warning", "info"], False),
    ],
)
def test_healthy_is_no_where_something_is_wrong_and_unknown_where_we_could_not_look(
    severities: list[Severity], expected: bool | None
) -> None:
    assert healthy(tuple(finding(one) for one in severities)) is expected


def test_the_target_comes_first_among_the_apps_on_the_subnet() -> None:
    neighbour, away = app(f"{SITE}-b", SUBNET.upper()), app(f"{SITE}-c", OTHER_SUBNET)
    assert topology(others=(neighbour, away)).on_subnet == (app(SITE, SUBNET), neighbour)


def test_a_target_that_only_its_network_configuration_names_is_on_the_subnet() -> None:
    assert topology(site=None).on_subnet == (app(SITE, None),)


def test_a_target_that_no_view_names_is_not_on_the_subnet() -> None:
    neighbour = app(f"{SITE}-b", SUBNET)
    assert topology(site=None, config=OTHER_SUBNET, others=(neighbour,)).on_subnet == (neighbour,)


def test_the_link_that_names_our_plan_is_preferred() -> None:
    ours = link(PLAN.upper())
    assert topology(links=(link(OTHER_PLAN), ours)).link is ours


def test_else_the_link_is_the_first_of_app_services_own() -> None:
    theirs = link(OTHER_PLAN)
    assert topology(links=(link(PLAN, "Microsoft.Sql/servers"), theirs)).link is theirs


def test_another_services_link_is_not_the_link() -> None:
    assert topology(links=(link(None, "Microsoft.Sql/servers"),)).link is None
    assert topology().link is None


def test_the_plan_that_a_link_names_is_found_whatever_the_case() -> None:
    world = topology()
    assert world.linked_plan(link(OTHER_PLAN.lower())) == LinkedPlan(OTHER_PLAN, "absent")
    assert world.linked_plan(link(None)) is None


@pytest.mark.parametrize(
    ("type_", "expected"),
    [(WEB, True), ("microsoft.web/SERVERFARMS", True), ("Microsoft.App/environments", False), (None, False)],
)
def test_a_web_link_is_told_by_its_type(type_: str | None, expected: bool) -> None:
    assert link(PLAN, type_).is_web is expected


def test_one_delegation_among_several_is_enough() -> None:
    sql, web = Delegation("a", "Microsoft.Sql/servers"), Delegation("b", "microsoft.web/serverfarms")
    assert Subnet(SUBNET, (), (sql, web), (), "Succeeded").delegated_to(WEB_DELEGATION)
    assert not Subnet(SUBNET, (), (sql,), (), "Succeeded").delegated_to(WEB_DELEGATION)


@pytest.mark.parametrize(
    ("status", "unread"), [("found", False), ("absent", False), ("denied", True), ("failed", True)]
)
def test_a_404_is_knowledge_and_a_denial_is_not(status: str, unread: bool) -> None:
    read = Document("subnet", SUBNET, status)  # type: ignore[arg-type]
    assert read.unread is unread
    assert topology(documents=(read,)).status("subnet") == status
    assert topology().status("subnet") is None


def test_an_app_and_a_slot_have_their_names() -> None:
    assert (app(SITE, None).name, app(SITE, None).is_slot) == ("orders", False)
    slot = app(f"{SITE}/SLOTS/staging", None)
    assert (slot.name, slot.is_slot) == ("orders/staging", True)


def test_a_plans_writes_are_its_requests_in_order_without_the_fallbacks() -> None:
    first, second, fallback = Request("DELETE", "/a"), Request("PATCH", "/b"), Request("PUT", "/c")
    steps = (
        Step(1, "disconnect", SITE, "Going", request=first),
        Step(2, "wait-link-gone", SUBNET, "Waiting"),
        Step(3, "reconnect", SITE, "Coming", request=second, fallback=fallback),
    )
    assert Plan("mine", "app", SITE, SUBNET, (), steps).writes == (first, second)
