"""What a deny assignment forbids, where, and to whom: patterns, scopes and principals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate import checks
from remediate.checks.deny_assignments import concerns_caller, denies
from remediate.checks.permissions import JOIN
from remediate.model import EVERYBODY, DenyAssignment, Permission, Principal

from .worlds import GROUP, NEIGHBOUR, SUBNET, SUBSCRIPTION, TARGET, VNET
from .worlds_of_apps import denied, denying

DELETE = "Microsoft.Web/sites/networkConfig/delete"
WRITE = "Microsoft.Web/sites/write"
CONFIG = f"{TARGET}/networkConfig/virtualNetwork"
ME, OTHER = Principal("ME", True), Principal("other", True)
TEAM = Principal("team", False)
ALL = Principal(EVERYBODY, False)


@pytest.mark.parametrize(
    ("assignment", "action", "scope", "forbidden"),
    [
        (denying(TARGET, "*"), WRITE, TARGET, True),
        (denying(TARGET, WRITE.upper()), WRITE, TARGET, True),
        (denying(TARGET, "*/write"), WRITE, TARGET, True),
        (denying(TARGET, "Microsoft.Web/sites/*/delete"), DELETE, TARGET, True),
        (denying(TARGET, "*/delete"), WRITE, TARGET, False),
        (denying(TARGET, "*", but=("Microsoft.Web/*",)), WRITE, TARGET, False),
        (denying(TARGET, "*", but=("*/read",)), WRITE, TARGET, True),
        (denying(TARGET), WRITE, TARGET, False),
        (denying(GROUP.upper(), "*"), WRITE, TARGET, True),
        (denying(f"/subscriptions/{SUBSCRIPTION}", "*"), JOIN, SUBNET, True),
        (denying("/", "*"), WRITE, TARGET, True),
        (denying("/providers/Microsoft.Management/managementGroups/top", "*"), JOIN, SUBNET, True),
        (denying(VNET, "*"), JOIN, SUBNET, True),
        (denying(NEIGHBOUR, "*"), WRITE, TARGET, False),
        (denying(TARGET[:-1], "*"), WRITE, TARGET, False),
        (denying(f"{SUBNET}/serviceAssociationLinks/x", "*"), JOIN, SUBNET, False),
        (denying(CONFIG, "*"), DELETE, TARGET, True),
        (denying(CONFIG, "*"), WRITE, TARGET, False),
        (denying(TARGET, "*", only_there=True), WRITE, TARGET, True),
        (denying(TARGET, "*", only_there=True), DELETE, TARGET, True),
        (denying(GROUP, "*", only_there=True), WRITE, TARGET, False),
        (denying("/", "*", only_there=True), WRITE, TARGET, False),
        (denying(VNET, "*", only_there=True), JOIN, SUBNET, False),
    ],
)
def test_it_denies_what_its_patterns_cover_at_its_scope_and_below(
    assignment: DenyAssignment, action: str, scope: str, forbidden: bool
) -> None:
    assert denies(assignment, action, scope) is forbidden


def test_one_entry_s_exceptions_say_nothing_of_another_entry() -> None:
    both = DenyAssignment("x", GROUP, (Permission(("*",), ("*/write",)), Permission((WRITE,))))
    assert denies(both, WRITE, TARGET)


@pytest.mark.parametrize(
    ("principals", "excluded", "caller", "concerned"),
    [
        ((ALL,), (), None, True),
        ((ALL,), (), "me", True),
        ((ALL,), (ME,), "me", False),
        ((ALL,), (OTHER,), "me", True),
        ((ALL,), (OTHER,), None, None),
        ((ALL,), (TEAM,), "me", None),
        ((ALL,), (TEAM, ME), "me", False),
        ((ME,), (), "me", True),
        ((OTHER,), (), "me", False),
        ((OTHER,), (), None, None),
        ((TEAM,), (), "me", None),
        ((TEAM, ME), (), "me", True),
        ((TEAM,), (ME,), "me", False),
        ((OTHER,), (TEAM,), "me", False),
        ((ALL,), (ALL,), "me", False),
    ],
)
def test_it_concerns_the_caller_by_its_principals_and_is_unknown_with_groups(
    principals: tuple[Principal, ...],
    excluded: tuple[Principal, ...],
    caller: str | None,
    concerned: bool | None,
) -> None:
    assignment = denying(GROUP, "*", principals=principals, excluded=excluded)
    assert concerns_caller(assignment, caller) is concerned


def test_under_a_condition_it_is_not_known_whether_it_holds() -> None:
    assert concerns_caller(denying(GROUP, "*", conditional=True), "me") is None
    assert concerns_caller(denying(GROUP, "*", conditional=True, excluded=(ME,)), "me") is False


def severity(*assignments: DenyAssignment) -> str | None:
    found = (one for one in checks.judge(*denied(*assignments, caller="me")) if one.code == "deny-assignment")
    return next((one.severity for one in found), None)


principals = st.lists(st.sampled_from([ALL, ME, OTHER, TEAM]), max_size=2).map(tuple)
assignments: st.SearchStrategy[DenyAssignment] = st.builds(
    DenyAssignment,
    st.just("any"),
    st.sampled_from([GROUP, VNET, SUBNET, TARGET, NEIGHBOUR, CONFIG, "/"]),
    st.lists(
        st.builds(
            Permission,
            st.sampled_from([("*",), ("*/delete",), (JOIN,), ("Microsoft.Web/*",), ()]),
            st.sampled_from([(), ("*/read",), ("*",)]),
        ),
        max_size=2,
    ).map(tuple),
    principals.map(lambda some: some or (ALL,)),
    principals,
    st.booleans(),
    st.booleans(),
)
WORSE: list[Any] = [None, "unknown", "error"]


@given(st.lists(assignments, max_size=3), assignments)
def test_one_more_deny_assignment_never_makes_it_better(
    before: list[DenyAssignment], more: DenyAssignment
) -> None:
    assert WORSE.index(severity(more, *before)) >= WORSE.index(severity(*before))
