from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.text import Text

from remediate import ids
from remediate.model import Finding, Integration, Occupant, Verification, View
from remediate.show.console import PIPED_WIDTH
from remediate.show.verification import print_verification
from tests.checks.worlds import LinkedPlan, occupying

from .samples import (
    AT,
    BILLING,
    LINK_MISSING,
    OTHER_PLAN,
    PLAN,
    RIGHT_LINK,
    STALE,
    SUBNET,
    SUBSCRIPTION,
    UNREAD,
    VNET,
    Page,
    app,
    integration,
    page,
    shared,
    subnet_with,
    verified,
    views,
)


def shown(seen: Integration, judged: Verification | None = None, **how: Any) -> Page:
    result = page(**how)
    print_verification(result.console, seen, judged or verified(), AT)
    return result


def row(result: Page, start: str) -> str:
    return next(line.strip() for line in result.lines if line.strip().startswith(start + "  "))


WORLDS = {
    "healthy": (integration(), verified()),
    "shared": (shared(), verified(LINK_MISSING, STALE)),
    "unread": (
        integration(read="denied"),
        verified(UNREAD, views=views(link=View("denied"), graph=View("failed"))),
    ),
    "bare": (integration(target=app(subnet=None), plan=False), verified(UNREAD)),
}


def test_the_page_says_who_it_is_about() -> None:
    lines = shown(integration()).lines
    assert lines[0] == "orders-func"
    assert lines[1] == "functionapp · rg-sandbox · West Europe · plan-orders (P1v3, 2 workers)"


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((), "✓ healthy"),
        ((LINK_MISSING,), "✗ unhealthy: 1 error"),
        ((LINK_MISSING, LINK_MISSING, STALE), "✗ unhealthy: 2 errors, 1 warning"),
        ((UNREAD,), "? unknown: could not read everything"),
        ((STALE, UNREAD), "✗ unhealthy: 1 warning, could not read everything"),
    ],
)
def test_the_verdict_counts_what_was_found(findings: tuple[Finding, ...], verdict: str) -> None:
    assert shown(integration(), verified(*findings)).lines[2] == f"{verdict}  2026-01-01T03:00:00Z"


@pytest.mark.parametrize("claimed", [True, None, False])
def test_unknown_is_never_shown_as_healthy(claimed: bool | None) -> None:
    line = shown(integration(), verified(UNREAD, healthy=claimed)).lines[2]
    assert not line.startswith("✓")


def test_a_verification_without_an_answer_is_not_healthy_even_without_findings() -> None:
    assert "unknown" in shown(integration(), verified(healthy=None)).lines[2]


def test_a_finding_has_its_severity_code_evidence_and_next_step() -> None:
    text = shown(shared(), verified(LINK_MISSING), width=PIPED_WIDTH).text
    assert "✗ error    snet-apps has no service association link  link-missing" in text
    assert f"site.properties.virtualNetworkSubnetId = {SUBNET}" in text
    assert "subnet.properties.serviceAssociationLinks = null" in text
    assert "→ remediate reconnect orders-func --scope link" in text


def test_the_second_line_of_a_title_is_indented() -> None:
    text = shown(shared(), verified(replace(LINK_MISSING, title="word " * 20)), width=80).text
    (line,) = [line for line in text.splitlines() if line.endswith("link-missing")]
    assert line.startswith("  ")


def test_an_empty_value_in_evidence_is_seen() -> None:
    fact = replace(LINK_MISSING.evidence[0], value="")
    assert (
        f'{fact.view}.{fact.field} = ""'
        in shown(integration(), verified(replace(STALE, evidence=(fact,)))).text
    )


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("width", [80, 160])
def test_no_line_is_longer_than_the_terminal(world: str, width: int) -> None:
    lines = shown(*WORLDS[world], width=width).lines
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("world", WORLDS)
def test_without_colour_there_is_no_escape_sequence_and_with_it_the_words_are_the_same(world: str) -> None:
    plain, coloured = shown(*WORLDS[world], terminal=True), shown(*WORLDS[world], color=True)
    assert "\x1b" not in plain.text
    assert "\x1b[" in coloured.text
    assert plain.text == _without_styles(coloured.text)


def test_ids_in_evidence_are_short_on_a_terminal_and_whole_when_piped() -> None:
    short = shown(integration(), verified(LINK_MISSING), terminal=True).text
    assert "virtualNetworkSubnetId = …/vnet-prod/subnets/snet-apps" in short
    assert SUBNET in shown(integration(), verified(LINK_MISSING), width=PIPED_WIDTH).text


def _without_styles(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in Text.from_ansi(text).plain.splitlines())


@pytest.mark.parametrize("world", WORLDS)
def test_in_an_ascii_console_everything_is_ascii(world: str) -> None:
    assert shown(*WORLDS[world], encoding="ascii").text.isascii()


def test_agreeing_views_bear_no_mark() -> None:
    table = shown(integration()).text.split("What Azure says")[1].split("How it is")[0]
    assert not set("✗!?") & set(table)
    assert row(shown(integration()), "plan").endswith("1 of 2 connections used")


def test_a_view_that_names_no_subnet_where_another_does_is_marked_in_words() -> None:
    result = shown(integration(), verified(views=views(networkConfig=View("found"))))
    assert (
        row(result, "networkConfig")
        == "networkConfig   none                              ! differs from site"
    )
    assert "differs" not in row(result, "site") + row(result, "connections")


def test_the_same_id_in_other_letters_is_no_disagreement() -> None:
    upper = views(networkConfig=View("found", SUBNET.upper()), link=View("found", SUBNET, PLAN.lower()))
    assert "differs" not in shown(integration(), verified(views=upper)).text


def test_an_app_that_no_view_connects_disagrees_with_nothing() -> None:
    nowhere = {key: View("found") for key in ("site", "networkConfig", "connections")}
    seen = integration(None, target=app(subnet=None), asked=True)
    text = shown(seen, verified(views=views(**nowhere, link=View("found", SUBNET)))).text
    assert "differs from site" not in text
    assert "· no service association link" in text


@pytest.mark.parametrize(
    ("key", "view", "words"),
    [
        ("link", View("found", SUBNET), "✗ no link"),
        ("link", View("found", SUBNET, OTHER_PLAN), "! names another plan"),
        ("graph", View("found", SUBNET, OTHER_PLAN), "! differs from link"),
        ("graph", View("found", SUBNET), "! differs from link"),
        ("site", View("absent"), "✗ 404, not there"),
        ("link", View("denied"), "? could not be read: denied"),
        ("connections", View("failed"), "? could not be read: failed"),
    ],
)
def test_each_way_a_view_can_be_wrong_has_a_sign_and_a_word(key: str, view: View, words: str) -> None:
    name = {"graph": "Resource Graph"}.get(key, key)
    assert row(shown(integration(), verified(views=views(**{key: view}))), name).endswith(words)


def test_an_unread_link_is_no_disagreement_of_the_graph() -> None:
    assert "differs" not in shown(integration(), verified(views=views(link=View("denied")))).text


def test_the_tree_hangs_the_plan_on_its_link_and_the_apps_on_the_plan() -> None:
    tree = shown(integration()).text.split("How it is connected\n")[1].splitlines()
    assert tree[:5] == [
        "  vnet-prod · westeurope",
        "  └── snet-apps · 10.10.1.0/27 · delegated to Microsoft.Web/serverFarms",
        "      └── link AppServiceLink  ✓ Succeeded",
        "          └── plan plan-orders (P1v3, 2 workers)",
        "              └── orders-func  ✓ on this subnet, the target",
    ]


def test_a_missing_link_leaves_the_plan_on_the_subnet_with_all_its_apps() -> None:
    text = shown(shared()).text
    assert "✗ no service association link" in text
    for name in ("orders-func/staging", "billing-web", "mail-web"):
        assert f"{name}  ✓ on this subnet\n" in text
    assert "reports-web  not integrated\n" in text


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (LinkedPlan(OTHER_PLAN, "found", (BILLING,)), "plan plan-other · another plan, 1 app on this subnet"),
        (LinkedPlan(OTHER_PLAN, "found", None), "? its apps could not be read"),
        (LinkedPlan(OTHER_PLAN, "absent"), "plan-other  ✗ 404, not there"),
        (LinkedPlan(OTHER_PLAN, "denied"), "plan-other  ? could not be read"),
    ],
)
def test_the_tree_says_what_is_known_of_another_plan(other: LinkedPlan, words: str) -> None:
    known = occupying(other, SUBNET)
    assert words in shown(integration(replace(RIGHT_LINK, target=OTHER_PLAN), known=known)).text


def test_the_tree_counts_a_slot_for_the_plan_of_its_app() -> None:
    idle = replace(app(BILLING), plan=OTHER_PLAN, subnet=None)
    slot = replace(app(f"{BILLING}/slots/staging"), plan=PLAN, subnet=SUBNET)
    known = occupying(LinkedPlan(OTHER_PLAN, "found", ()), SUBNET)
    seen = integration(replace(RIGHT_LINK, target=OTHER_PLAN), others=(idle, slot), known=known)
    assert "plan plan-other · another plan, 1 app on this subnet" in shown(seen).text


def test_the_tree_shows_the_plans_that_no_link_names() -> None:
    known = occupying(LinkedPlan(OTHER_PLAN, "found", (BILLING,)), SUBNET)
    words = "plan plan-other · another plan, 1 app on this subnet"
    assert shown(integration(known=known)).text.count(words) == 1
    assert shown(integration(replace(RIGHT_LINK, target=OTHER_PLAN), known=known)).text.count(words) == 1


def test_the_tree_shows_what_else_is_in_the_subnet_and_counts_rather_than_list_without_end() -> None:
    there = tuple(Occupant(f"{SUBNET}/other-{n}", "" if n else "Microsoft.Network/x") for n in range(20))
    text = shown(integration(subnet=replace(subnet_with(RIGHT_LINK), occupants=there))).text
    assert "other-0 · Microsoft.Network/x\n" in text
    assert text.count("its type could not be read") == 11
    assert "and 8 more resources" in text


def test_every_link_and_delegation_is_shown_and_a_subnet_without_delegation_is_marked() -> None:
    foreign = replace(RIGHT_LINK, name="pg", type="Microsoft.DBforPostgreSQL/flexibleServers", target=None)
    subnet = replace(subnet_with(foreign, RIGHT_LINK), delegations=(), state="Updating")
    text = shown(integration(subnet=subnet)).text
    assert "link pg · Microsoft.DBforPostgreSQL/flexibleServers" in text
    assert "link AppServiceLink" in text
    assert "✗ no delegation  ! Updating" in text


def test_apps_elsewhere_are_counted_rather_than_listed_without_end() -> None:
    many = tuple(app(ids.app(SUBSCRIPTION, "rg-sandbox", f"web-{n:03}"), subnet=None) for n in range(200))
    text = shown(integration(others=many)).text
    assert text.count("not integrated") == 12
    assert "and 188 more apps, not on this subnet" in text


def test_a_stopped_app_is_marked() -> None:
    assert shown(integration(target=app(state="Stopped"))).lines[0] == "orders-func  ! Stopped"


def test_the_last_line_counts_the_requests() -> None:
    assert shown(integration()).lines[-1] == "12 requests, none of them a write."


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=40))
def test_no_name_or_message_from_azure_can_style_or_move_the_cursor(text: str) -> None:
    evil = text + "\x1b[2J\x9b1A\u202e\r\n[bold]"
    finding = replace(
        LINK_MISSING, title=evil, detail=evil, evidence=(replace(LINK_MISSING.evidence[0], value=evil),)
    )
    seen = integration(
        replace(RIGHT_LINK, name=evil, state=evil), target=app(state=evil, kind=evil, location=evil)
    )
    said = views(plan=View("found", f"{VNET}/subnets/{evil}", evil, evil))
    plain = shown(seen, verified(replace(finding, action=evil), views=said), width=200)
    forbidden = set(map(chr, (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)))) | {"\u202e"}
    assert not forbidden & set(plain.text)
    assert "[bold]" in plain.text
    assert r"\x1b[2J" in plain.text
