"""Which subnets are offered for an app, and why others do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from remediate.checks.subnet_choice import SubnetChoice, subnet_choices
from remediate.model import Delegation, Integration, ListedSubnet, Subnet
from tests.checks.worlds import DELEGATED, ELSEWHERE, NIC, NOWHERE, OTHER_PLAN, PLAN, SUBNET, case, link

SEEN = Integration(*case(**NOWHERE))


def listed(
    subnet: str = SUBNET, location: str = "westeurope", instances: int | None = 0, **changes: Any
) -> ListedSubnet:
    settings: dict[str, Any] = {
        "prefixes": ("10.1.0.0/27",),
        "delegations": (DELEGATED,),
        "links": (),
        "state": "Succeeded",
        **changes,
    }
    return ListedSubnet(Subnet(subnet, **settings), location, instances)


def chosen(one: ListedSubnet) -> SubnetChoice:
    (only,) = subnet_choices(SEEN, [one])
    return only


@pytest.mark.parametrize(
    ("one", "against"),
    [
        (listed(), ""),
        (listed(delegations=()), ""),
        (listed(links=(link(PLAN),), instances=2), ""),
        (listed(links=(link(OTHER_PLAN),), prefixes=("10.1.0.0/26",)), ""),
        (listed(links=(link(OTHER_PLAN),)), "its link names plan-other"),
        (listed(links=(link(None, type_="Microsoft.ContainerInstance"),)), "another service holds it"),
        (listed(location="northeurope"), "in northeurope, the app is in westeurope"),
        (listed(location="West Europe"), ""),
        (listed(delegations=(Delegation("sql", "Microsoft.Sql/x"),)), "delegated to Microsoft.Sql/x"),
        (listed(delegations=(), occupants=(NIC,)), "other resources are in it"),
        (listed(prefixes=("10.1.0.0/29",), instances=2), "too few addresses for 2 instances"),
        (listed(prefixes=("fd00::/64",)), ""),
    ],
)
def test_a_subnet_that_does_not_fit_says_why(one: ListedSubnet, against: str) -> None:
    assert chosen(one).against == against


@pytest.mark.parametrize(
    ("one", "addresses"),
    [
        (listed(), "27 of 27 free"),
        (listed(instances=2), "25 of 27 free"),
        (listed(instances=40), "0 of 27 free"),
        (listed(instances=None), "up to 27 free"),
        (listed(prefixes=("fd00::/64",)), "addresses unknown"),
        (listed(prefixes=("10.1.0.0/28", "10.2.0.0/28")), "22 of 22 free"),
    ],
)
def test_it_says_what_is_free(one: ListedSubnet, addresses: str) -> None:
    assert chosen(one).addresses == addresses


def test_it_says_whether_it_is_delegated() -> None:
    assert [chosen(listed(delegations=one)).delegation for one in ((DELEGATED,), ())] == [
        "delegated",
        "not delegated",
    ]


def test_those_that_fit_come_first() -> None:
    found = subnet_choices(SEEN, [listed(SUBNET, "northeurope"), listed(ELSEWHERE)])
    assert [one.id for one in found] == [ELSEWHERE, SUBNET]
