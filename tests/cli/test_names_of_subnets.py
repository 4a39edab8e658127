"""What --subnet, SUBNET and TARGET take: names, ids, those of links, short ids, pasted error messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import APP, GROUP, PLAN, SUBNET, Ran

LINK = f"{SUBNET}/serviceAssociationLinks/AppServiceLink"
SHORT = SUBNET.partition("/resourceGroups/")[2]
IN_USE = f"Subnet snet-apps is in use by {LINK} and cannot be deleted. See aka.ms/deletesubnet."
WITH_PLAN = f"Operation on {PLAN} failed: subnet {SUBNET} has the link {LINK}."
WITH_APP = f"App {APP} cannot join {SUBNET}: InUse."
NEAR = "did you mean vnet-prod/snet-apps, vnet-prod/snet-data?"
SANDBOX = ("--sandbox", "link-orphaned", "-o", "json")


@pytest.mark.parametrize(
    "text",
    [
        SUBNET,
        LINK,
        SHORT,
        f"{SHORT}.",
        "vnet-prod/snet-apps",
        "VNET-Prod/Snet-Apps",
        IN_USE,
        WITH_PLAN,
        WITH_APP,
        f"https://portal.azure.com/#@contoso.com/resource{SUBNET}/overview",
    ],
)
def test_any_text_that_names_one_subnet_is_taken(remediate: Callable[..., Ran], text: str) -> None:
    ran = remediate("verify", "orders-func", "--subnet", text, *SANDBOX)
    assert (ran.code, ran.codes >= {"link-orphaned"}) == (3, True)


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("vnet-prod/snet-ap", "is called 'vnet-prod/snet-ap'", NEAR),
        ("vnet-prd/snet-apps", "is called 'vnet-prd/snet-apps'", NEAR),
        ("snet-apps", "is called 'snet-apps'", "did you mean vnet-prod/snet-apps?"),
        ("vnet-prod/../snet-apps", "is called", NEAR),
        (f"{SUBNET}/..", "not a resource id", ""),
        (f"{SUBNET}/.", "not a resource id", ""),
        (f"{SUBNET}/../snet-data", "not a resource id", ""),
        (SUBNET.replace("/snet-apps", "/.."), "not a resource id", ""),
        (SHORT.replace("/snet-apps", "/.."), "not a resource id", ""),
        (SUBNET.replace("/rg-sandbox/", "//"), "not a resource id", ""),
        (PLAN, "not a subnet's id", ""),
        (f"{SUBNET} and {SUBNET}2", "holds several ids", "pass one of"),
    ],
)
@pytest.mark.parametrize("command", [("verify", "orders-func", "--subnet"), ("purge",)])
def test_what_names_none_or_several_is_refused(
    remediate: Callable[..., Ran], command: tuple[str, ...], text: str, said: str, hint: str
) -> None:
    ran = remediate(*command, text, *SANDBOX)
    assert ran.code == 2
    assert said in ran.document["message"]
    assert hint in (ran.document["hint"] or "")


@pytest.mark.parametrize("text", [f"{SUBNET}/..", SUBNET.replace("/snet-apps", "/..")])
def test_guard_never_takes_the_network_for_a_subnet(remediate: Callable[..., Ran], text: str) -> None:
    ran = remediate("guard", text, *SANDBOX)
    assert (ran.code, ran.document["schema"]) == (2, "remediate.error/1")
    assert "not a resource id" in ran.document["message"]


@pytest.mark.parametrize("text", [WITH_APP, f"{APP}/config/web is broken.", APP.partition("Groups/")[2]])
def test_a_message_that_names_one_app_names_the_target(remediate: Callable[..., Ran], text: str) -> None:
    ran = remediate("verify", text, *SANDBOX)
    assert (ran.code, ran.document["target"]) == (3, APP)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ((IN_USE,), "name the app, and its subnet with --subnet"),
        (("-g", "rg-sandbox", "-n", "orders-fnc"), "did you mean orders-func?"),
        (("-g", "rg-sandbx", "-n", "orders-func"), f"did you mean {APP}?"),
        ((f"{GROUP}/Microsoft.Web/sites/orders-fnc",), "did you mean orders-func?"),
        (("-g", "rg-sandbox", "-n", "zzzzzz"), ""),
    ],
)
def test_a_target_that_is_not_there_gets_what_is_near(
    remediate: Callable[..., Ran], arguments: tuple[str, ...], hint: str
) -> None:
    ran = remediate("verify", *arguments, *SANDBOX)
    assert (ran.code, ran.document["hint"]) == (2, hint)
