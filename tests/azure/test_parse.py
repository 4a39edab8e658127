"""ARM's answers about locks, permissions and registrations, as words of the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from remediate.azure import fields, parse
from remediate.azure.deny_assignments import deny_assignments
from remediate.model import EVERYBODY, Lock, Permission, Principal

GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-shop"


def lock(id_: Any, level: Any = "ReadOnly") -> dict[str, Any]:
    return {"value": [{"id": id_, "properties": {"level": level}}]}


@pytest.mark.parametrize("namespace", ["Microsoft.Authorization", "microsoft.authorization"])
def test_a_lock_lies_on_what_stands_before_its_name(namespace: str) -> None:
    id_ = f"{GROUP}/providers/{namespace}/locks/keep"
    assert parse.locks(lock(id_), "/asked") == (Lock(id_, "ReadOnly", GROUP),)


def test_a_lock_whose_id_names_no_scope_lies_on_what_was_asked_about() -> None:
    id_ = "/providers/Microsoft.Authorization/locks/keep"
    assert parse.locks(lock(id_), GROUP) == (Lock(id_, "ReadOnly", GROUP),)


def test_permissions_are_kept_assignment_by_assignment() -> None:
    body = {"value": [{"actions": ["*"], "notActions": ["*/delete"]}, {"actions": ["*/read"]}, {}]}
    assert parse.permissions(body) == (
        Permission(("*",), ("*/delete",)),
        Permission(("*/read",)),
        Permission(()),
    )


def test_a_registration_is_its_state() -> None:
    assert parse.registration({"registrationState": "NotRegistered"}) == "NotRegistered"


def test_a_network_has_its_address_space_and_which_of_it_is_ipv6() -> None:
    network = parse.vnet(document(addressSpace={"addressPrefixes": ["10.1.0.0/16", "ACE:CAB::/48"]}))
    assert (network.prefixes, network.ipv6_prefixes) == (("10.1.0.0/16", "ACE:CAB::/48"), ("ACE:CAB::/48",))


def test_what_names_a_subnet_is_told_apart_by_its_type() -> None:
    def row(type_: str, **properties: Any) -> dict[str, Any]:
        return {"id": f"{GROUP}/providers/{type_}/one", "properties": properties}

    environment = row("microsoft.app/managedenvironments")
    found = parse.users([row("microsoft.web/sites"), environment, row("Microsoft.Web/serverFarms")])
    assert [one.id for one in found.apps] == [f"{GROUP}/providers/microsoft.web/sites/one"]
    assert [one.id for one in found.plans] == [f"{GROUP}/providers/Microsoft.Web/serverFarms/one"]
    assert found.environments == (environment["id"],)


def denial(**properties: Any) -> dict[str, Any]:
    return {"value": [{"name": "a-guid", "properties": {"permissions": [{"actions": ["*"]}]} | properties}]}


def test_a_deny_assignment_says_what_where_to_whom_and_to_whom_not() -> None:
    body = denial(
        denyAssignmentName="stack",
        permissions=[{"actions": ["*"], "notActions": ["*/read"], "dataActions": ["*"]}],
        scope=GROUP,
        doNotApplyToChildScopes=True,
        principals=[{"id": "a", "type": "Group"}],
        excludePrincipals=[{"id": "b", "type": "User"}, {"id": "c", "type": "ServicePrincipal"}],
    )
    (one,) = deny_assignments(body)
    assert (one.name, one.scope, one.permissions) == ("stack", GROUP, (Permission(("*",), ("*/read",)),))
    assert (one.only_there, one.conditional, one.principals) == (True, False, (Principal("a", False),))
    assert one.excluded == (Principal("b", True), Principal("c", True))


@pytest.mark.parametrize("nobody", [{}, {"principals": None}, {"principals": []}])
def test_a_deny_assignment_that_names_nobody_holds_for_everybody(nobody: dict[str, Any]) -> None:
    (one,) = deny_assignments(denial(**nobody))
    assert (one.name, one.scope, one.excluded) == ("a-guid", "/", ())
    assert one.principals == (Principal(EVERYBODY, False),)


@pytest.mark.parametrize(
    "properties", [{"condition": "x"}, {"permissions": [{"actions": ["*"]}, {"condition": "@Resource"}]}]
)
def test_a_deny_assignment_with_a_condition_is_known_as_one(properties: dict[str, Any]) -> None:
    (one,) = deny_assignments(denial(**properties))
    assert one.conditional


def document(**properties: Any) -> dict[str, Any]:
    return {"id": f"{GROUP}/providers/Microsoft.Any/kinds/one", "properties": properties}


@pytest.mark.parametrize("wrong", ["text", 5, True, {"a": 1}])
@pytest.mark.parametrize(
    ("parser", "field"),
    [
        (parse.subnet, "serviceAssociationLinks"),
        (parse.subnet, "delegations"),
        (parse.subnet, "addressPrefixes"),
        (parse.subnets, "subnets"),
        (parse.row, "subnets"),
    ],
)
def test_a_list_that_is_something_else_is_not_an_empty_one(
    parser: Callable[[Any], object], field: str, wrong: Any
) -> None:
    parser(document(**{field: None}))
    with pytest.raises(fields.MalformedDocument):
        parser(document(**{field: wrong}))


@pytest.mark.parametrize("wrong", ["text", 5, True, [1]])
@pytest.mark.parametrize(
    ("parser", "field"),
    [
        (parse.app, "outboundVnetRouting"),
        (parse.app, "dnsConfiguration"),
        (parse.app, "hostingEnvironmentProfile"),
        (parse.plan, "network"),
        (parse.vnet, "dhcpOptions"),
        (parse.vnet, "addressSpace"),
    ],
)
def test_an_object_that_is_something_else_is_not_an_empty_one(
    parser: Callable[[Any], object], field: str, wrong: Any
) -> None:
    parser(document(**{field: None}))
    with pytest.raises(fields.MalformedDocument):
        parser(document(**{field: wrong}))


@pytest.mark.parametrize(
    ("parser", "body"),
    [
        (lambda body: parse.locks(body, GROUP), lock(None)),
        (lambda body: parse.locks(body, GROUP), lock("/an/id", None)),
        (lambda body: parse.locks(body, GROUP), {"value": ["a lock"]}),
        (lambda body: parse.locks(body, GROUP), {}),
        (parse.permissions, []),
        (parse.permissions, {"value": "all"}),
        (deny_assignments, {}),
        (deny_assignments, {"value": [{"name": "x"}]}),
        (deny_assignments, denial(permissions="*")),
        (deny_assignments, denial(principals=["me"])),
        (deny_assignments, denial(scope=5)),
        (parse.registration, {}),
        (parse.registration, None),
    ],
)
def test_anything_else_is_unexpected(parser: Callable[[Any], object], body: Any) -> None:
    with pytest.raises(fields.MalformedDocument):
        parser(body)
