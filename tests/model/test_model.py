"""The questions that the model answers about itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from remediate.model import (
    WEB_DELEGATION,
    App,
    AppServicePlan,
    Connection,
    Connections,
    Delegation,
    Document,
    Finding,
    Integration,
    Link,
    Listing,
    Occupancy,
    Plan,
    Question,
    ReadStatus,
    Request,
    Resource,
    Severity,
    Step,
    Subnet,
    View,
    World,
    healthy,
    key,
    listing_key,
)
from tests.checks.worlds import resources

GROUP = "/subscriptions/S/resourceGroups/G/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet/subnets/snet"
OTHER_SUBNET = f"{SUBNET}-other"
PLAN = f"{GROUP}/Microsoft.Web/serverfarms/plan"
OTHER_PLAN = f"{PLAN}-other"
SITE = f"{GROUP}/Microsoft.Web/sites/orders"
NEIGHBOUR = f"{SITE}-b"
WEB = "Microsoft.Web/serverfarms"


def app(identifier: str, subnet: str | None) -> App:
    return App(identifier, "app", "westeurope", "Running", PLAN, subnet)


def link(target: str | None, type_: str | None = WEB) -> Link:
    return Link("AppServiceLink", "Succeeded", type_, target)


def seen(
    *,
    site: str | None = SUBNET,
    config: str | None = SUBNET,
    others: tuple[App, ...] = (),
    links: tuple[Link, ...] = (),
    documents: tuple[Document, ...] = (),
) -> Integration:
    target, plan = app(SITE, site), AppServicePlan(PLAN, "westeurope", "P1v3", "PremiumV3", 1)
    found = resources(*others, target, plan, Subnet(SUBNET, (), (), links, "Succeeded"))
    found[key(OTHER_PLAN)] = Resource(OTHER_PLAN, "absent")
    configs = {key(SITE): View("found", config)}
    return Integration(
        World(resources=found, network_configs=configs, documents=documents), Question("look", SITE, SUBNET)
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
    assert seen(others=(neighbour, away)).on_subnet == (app(SITE, SUBNET), neighbour)


def test_a_target_that_only_its_network_configuration_names_is_on_the_subnet() -> None:
    assert seen(site=None).on_subnet == (app(SITE, None),)


def test_a_target_that_no_view_names_is_not_on_the_subnet() -> None:
    neighbour = app(f"{SITE}-b", SUBNET)
    assert seen(site=None, config=OTHER_SUBNET, others=(neighbour,)).on_subnet == (neighbour,)


def named(*links: Link) -> str | None:
    """The plan that the view of the link names."""
    return seen(links=links).views["link"].plan


def test_the_link_that_names_our_plan_is_preferred() -> None:
    assert named(link(OTHER_PLAN), link(PLAN.upper())) == PLAN.upper()


def test_else_the_link_is_the_first_of_app_services_own() -> None:
    assert named(link(PLAN, "Microsoft.Sql/servers"), link(OTHER_PLAN)) == OTHER_PLAN


def test_another_services_link_is_not_the_link() -> None:
    assert named(link(None, "Microsoft.Sql/servers")) is None
    assert named() is None


def test_what_was_read_is_found_whatever_the_case() -> None:
    world = seen().world
    assert world.status(OTHER_PLAN.lower()) == "absent"
    assert world.status(None) is None


def test_of_several_regional_connections_the_subnet_looked_at_counts_whatever_their_order() -> None:
    there, elsewhere = Connection("a", SUBNET, True), Connection("b", OTHER_SUBNET, True)
    for entries in ((there, elsewhere), (elsewhere, there)):
        connections = {key(SITE): Connections("found", entries)}
        world = replace(seen(site=None, config=None).world, connections=connections)
        assert Integration(world, Question("look", SITE)).subnet_id == SUBNET
        asked = Integration(world, Question("look", SITE, OTHER_SUBNET))
        assert asked.views["connections"].subnet == OTHER_SUBNET


def on_other_plan(status: ReadStatus, config: View | None = None) -> World:
    """An app of the other plan that a list has on the subnet, and how its own reads ended."""
    lists = {
        listing_key("apps", OTHER_PLAN): Listing("found", (NEIGHBOUR,)),
        listing_key("slots", NEIGHBOUR): Listing("found"),
    }
    plan = AppServicePlan(OTHER_PLAN, "westeurope", "P1v3", "PremiumV3", 1)
    listed = replace(app(NEIGHBOUR, None), plan=OTHER_PLAN)
    found = resources(plan) | {key(NEIGHBOUR): Resource(NEIGHBOUR, status, listed)}
    configs = {key(NEIGHBOUR): config} if config else {}
    return World(resources=found, listings=lists, network_configs=configs)


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        (on_other_plan("found"), False),
        (on_other_plan("failed"), None),
        (on_other_plan("found", View("denied")), None),
        (on_other_plan("found", View("found", SUBNET)), True),
        (World(), None),
    ],
)
def test_a_plan_is_off_a_subnet_only_where_every_app_of_it_was_read(
    world: World, expected: bool | None
) -> None:
    assert Occupancy(world, SUBNET).has(OTHER_PLAN) is expected


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
    assert Resource(SUBNET, status).unread is unread  # type: ignore[arg-type]
    assert seen(documents=(read,)).world.document("subnet") is read
    assert seen().world.document("subnet") is None


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
