"""Resource ids: taken apart, compared, built, and found in what an operator pastes."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate import ids
from remediate.ids import InvalidId

GROUP = "/subscriptions/S/resourceGroups/G"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/orders"
SLOT = f"{SITE}/slots/staging"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
SUBNET = f"{VNET}/subnets/snet"
PORTAL = "https://portal.azure.com/"

names = st.text("abcXYZ012-_.()", min_size=1, max_size=12).filter(lambda name: name.strip(".") != "")
pairs = st.lists(st.tuples(names, names), min_size=1, max_size=3)
identifiers = st.builds(
    lambda subscription, group, pairs: str(
        ids.ResourceId(subscription, group, "Microsoft.Web", tuple(pairs))
    ),
    names,
    st.none() | names,
    pairs,
)


@pytest.mark.parametrize(
    ("text", "type_", "name"),
    [
        (SITE, "Microsoft.Web/sites", "orders"),
        (SLOT, "Microsoft.Web/sites/slots", "staging"),
        (SUBNET, "Microsoft.Network/virtualNetworks/subnets", "snet"),
        (GROUP, "", "G"),
        ("/subscriptions/S", "", "S"),
        (
            "/subscriptions/S/providers/Microsoft.Web/locations/westeurope",
            "Microsoft.Web/locations",
            "westeurope",
        ),
    ],
)
def test_an_id_is_taken_apart(text: str, type_: str, name: str) -> None:
    parsed = ids.parse(text)
    assert (parsed.type, parsed.name, parsed.subscription) == (type_, name, "S")
    assert str(parsed) == text


def test_names_are_found_by_their_kind_whatever_the_case() -> None:
    parsed = ids.parse(SLOT.upper())
    assert (parsed.named("sites"), parsed.named("slots"), parsed.named("subnets")) == (
        "ORDERS",
        "STAGING",
        None,
    )
    assert parsed.is_type("microsoft.web/sites/slots")
    assert not parsed.is_type("Microsoft.Web/sites")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "orders",
        "/subscriptions",
        "/subscriptions/",
        "/subscriptions//resourceGroups/G",
        "/subscriptions/S/resourceGroups",
        f"{GROUP}/providers",
        f"{GROUP}/providers/Microsoft.Web/sites",
        f"{SITE}/slots",
        f"{GROUP}/sites/orders/a/b",
        f"{SITE}?api-version=1",
        f"{SITE}#part",
        f"{SITE}/slots/a\\b",
        f"{GROUP}/providers/Microsoft.Web/sites/..",
        f"{GROUP}/../../providers/Microsoft.Web/sites/orders",
        f"{GROUP}/providers/Microsoft.Web/sites/.",
        f"{GROUP}/providers/Microsoft.Web/sites/a\nb",
        f"{GROUP}/providers/Microsoft.Web/sites/a\x1b[2J",
        f"{GROUP}/providers/Microsoft.Web/sites/a\x7f",
        f"{GROUP}/providers/Microsoft.Web/sites/a\x9bb",
        f"{GROUP}/providers/Microsoft.Web/sites/a\u202eb",
        f"{GROUP}/providers/Microsoft.Web/sites/{'a' * 2100}",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        ids.parse(text)


@given(identifiers)
def test_parsing_and_building_give_the_id_back(text: str) -> None:
    assert str(ids.parse(text)) == text


@given(identifiers)
def test_case_and_outer_slashes_do_not_count(text: str) -> None:
    assert ids.same(text, text.upper())
    assert ids.same(text.lower() + "/", text)
    assert ids.same(str(ids.parse(text.swapcase())), text)


@given(identifiers, identifiers)
def test_same_means_the_same_parts(one: str, other: str) -> None:
    assert ids.same(one, other) is (str(ids.parse(one)).casefold() == str(ids.parse(other)).casefold())


def test_nothing_is_the_same_as_none() -> None:
    assert not ids.same(None, None)
    assert not ids.same(SITE, None)
    assert not ids.same(None, SITE)


@given(st.text())
def test_any_text_is_an_id_or_refused(text: str) -> None:
    try:
        ids.parse(text)
    except InvalidId as refused:
        assert str(refused)


@given(st.text().map(lambda text: f"/subscriptions/S/resourceGroups/{text}"))
def test_any_id_that_is_accepted_can_be_put_into_a_path(text: str) -> None:
    try:
        parsed = ids.parse(text)
    except InvalidId:
        return
    segments = str(parsed).strip("/").split("/")
    assert not {"", ".", ".."} & set(segments)
    assert all(char.isprintable() for char in str(parsed))


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        (SUBNET, VNET, True),
        (SUBNET, SUBNET.upper(), True),
        (SUBNET, GROUP.lower(), True),
        (VNET, SUBNET, False),
        (f"{VNET}-2/subnets/snet", VNET, False),
    ],
)
def test_within_goes_by_whole_segments(inner: str, outer: str, expected: bool) -> None:
    assert ids.within(inner, outer) is expected


def test_names_for_showing() -> None:
    assert (ids.app_name(SITE), ids.app_name(SLOT), ids.app_name(SUBNET)) == (
        "orders",
        "orders/staging",
        "snet",
    )
    assert ids.app_name("no id") == "no id"
    assert (ids.name(SUBNET), ids.name("plain"), ids.name(None)) == ("snet", "plain", "")


def test_an_app_id_is_built() -> None:
    assert ids.app("S", "G", "orders") == SITE
    assert ids.app("S", "G", "orders", "staging") == SLOT


def test_a_subnet_knows_its_network() -> None:
    assert ids.vnet_of(SUBNET) == VNET
    assert ids.vnet_of(SUBNET.lower()) == f"{VNET.lower()}".replace("resourcegroups", "resourceGroups")
    for other in (SITE, VNET, "nonsense"):
        with pytest.raises(InvalidId):
            ids.vnet_of(other)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (SITE, SITE),
        (f"  {SLOT}\n", SLOT),
        (f"{SITE}/", SITE),
        (f"{PORTAL}#@contoso.onmicrosoft.com/resource{SITE}", SITE),
        (f"{PORTAL}#@contoso.onmicrosoft.com/resource{SITE}/vnetIntegration", SITE),
        (f"{PORTAL}#@contoso.onmicrosoft.com/resource{SLOT}/networkingHub", SLOT),
        (f"{PORTAL}?feature.x=true#@contoso.com/resource{SUBNET}/overview?a=b", SUBNET),
        (f"{PORTAL}#view/WebsitesExtension/NetworkingBlade/id/{quote(SITE, safe='')}", SITE),
        (f"{PORTAL}#view/WebsitesExtension/NetworkingBlade/id/{quote(SLOT, safe='')}/tab/inbound", SLOT),
        (f"{PORTAL}#@contoso.onmicrosoft.com/resource{GROUP}/overview", GROUP),
        (f"https://management.azure.com{SITE}?api-version=2025-05-01", SITE),
    ],
)
def test_a_pasted_address_gives_the_id_inside(address: str, expected: str) -> None:
    assert ids.from_address(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "orders",
        PORTAL,
        f"{PORTAL}#@contoso.com/resource/subscriptions/",
        f"{PORTAL}#@contoso.com/resource{GROUP}/providers/Microsoft.Web/sites/..%2F..%2Fadmin",
        f"{PORTAL}#@contoso.com/resource{GROUP}/providers/Microsoft.Web/sites/a%0Ab",
        f"{GROUP}/providers/Microsoft.Web/sites/%2e%2e",
        f"{SITE}/..",
        f"{SITE}/.",
        f"{SITE}//vnetIntegration",
        f"{PORTAL}#@contoso.com/resource{SITE}/../overview",
    ],
)
def test_an_address_without_a_usable_id_is_refused(address: str) -> None:
    with pytest.raises(InvalidId):
        ids.from_address(address)


@pytest.mark.parametrize("end", ["", ".", ":", ").", "]}", "..."])
def test_the_end_of_a_sentence_is_no_part_of_an_id(end: str) -> None:
    assert ids.ids_in(f"it is in use by {SITE}{end}") == (SITE,)
    assert ids.short_id_in(f"{SITE.partition('/resourceGroups/')[2]}{end}") == SITE.partition("/S/")[2]


@pytest.mark.parametrize("end", ["/..", "/.", "/..)", "//x"])
def test_a_text_with_an_id_that_leads_up_is_refused(end: str) -> None:
    with pytest.raises(InvalidId):
        ids.ids_in(f"it is in use by {SITE}{end}")


@given(identifiers)
def test_the_id_in_any_portal_address_comes_back(text: str) -> None:
    assert ids.from_address(f"{PORTAL}#@contoso.com/resource{text}") == text


@given(st.text().map(lambda text: f"{PORTAL}#@contoso.com/resource/subscriptions/{text}"))
def test_what_an_address_gives_is_always_an_id(address: str) -> None:
    try:
        found = ids.from_address(address)
    except InvalidId:
        return
    assert str(ids.parse(found)).casefold() == found.casefold()
