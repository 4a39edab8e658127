"""A bare NAME: found by a query for that name, by Resource Graph or by Resource Manager itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from remediate.sandbox.resources import Group
from tests.conftest import APP, Azure, Ran

DENIED = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
NO_GRAPH = {"match": {"path": "ResourceGraph"}, "times": 0, "answer": DENIED}
EMPTY = {"status": 200, "body": {"data": [], "count": 0, "totalRecords": 0, "resultTruncated": "false"}}
NOTHING_IN_GRAPH = {"match": {"path": "ResourceGraph"}, "times": 0, "answer": EMPTY}
LISTS = ("/providers/Microsoft.Web/sites", "/resources")


def queries(azure: Azure) -> list[str]:
    """What Resource Graph was asked about apps."""
    asked = [entry["body"]["query"] for entry in azure.log if "ResourceGraph" in entry["path"]]
    return [one for one in asked if "microsoft.web/sites" in one]


def add_namesake(azure: Azure) -> str:
    """An app of the same name in another resource group."""
    there = APP.replace("rg-sandbox", "rg-other")
    state = azure.world.state
    state.add(Group(there.partition("/providers/")[0], "westeurope"))
    state.add(replace(state.site(APP), id=there, subnet=None))
    return there


def listed(azure: Azure) -> list[str]:
    """The lists of apps that Resource Manager was asked for, with their query."""
    paths = [unquote(entry["path"]).partition("?") for entry in azure.log if entry["method"] == "GET"]
    return [query for path, _, query in paths if path.endswith(LISTS) and "serverfarms" not in path]


@pytest.mark.parametrize("rule", [None, NO_GRAPH, NOTHING_IN_GRAPH])
@pytest.mark.parametrize(
    ("name", "target"),
    [("orders-func", APP), ("Orders-FUNC", APP), ("orders-func/staging", f"{APP}/slots/staging")],
)
def test_both_views_are_asked_for_the_name_alone(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], rule: Any, name: str, target: str
) -> None:
    simulated = azure("shared-link")
    simulated.fault(*([rule] if rule else []))
    ran = remediate("verify", name, "-o", "json")
    assert (ran.code, ran.document["target"].casefold()) == (3, target.casefold())
    [query] = [one for one in queries(simulated) if "| where name =~" in one]
    assert f"| where name =~ '{name}'" in query
    assert "properties" not in query
    lists = listed(simulated)
    assert all(f"name eq '{name}'" in one for one in lists)
    assert bool(lists) is (rule is not None)


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        (None, "did you mean orders-func, orders-func/staging?"),
        (NO_GRAPH, "did you mean orders-func?"),  # slots are not in Resource Manager's own list of apps
        (NOTHING_IN_GRAPH, "did you mean orders-func?"),
    ],
)
def test_a_name_that_is_nearly_right_gets_a_suggestion(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], rule: Any, hint: str
) -> None:
    simulated = azure("shared-link")
    simulated.fault(*([rule] if rule else []))
    ran = remediate("verify", "orders-fun", "-o", "json")
    assert (ran.code, ran.document["hint"]) == (2, hint)
    assert not [one for one in queries(simulated) if "properties" in one]


@pytest.mark.parametrize("rule", [None, NO_GRAPH])
def test_a_name_that_several_apps_have_is_told_with_their_ids(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], rule: Any
) -> None:
    simulated = azure("healthy")
    simulated.fault(*([rule] if rule else []))
    other = add_namesake(simulated)
    ran = remediate("verify", "orders-func", "-o", "json")
    assert (ran.code, ran.document["message"]) == (2, "2 apps are called 'orders-func'")
    assert APP in ran.document["hint"]
    assert other in ran.document["hint"]


@pytest.mark.parametrize("rule", [None, NO_GRAPH])
@pytest.mark.parametrize("name", ["o'brien", "a' or name ne '", "x\\", "'"])
def test_a_name_with_a_quote_in_it_is_a_name(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], rule: Any, name: str
) -> None:
    simulated = azure("healthy")
    simulated.fault(*([rule] if rule else []))
    ran = remediate("verify", name, "-o", "json")
    assert (ran.code, ran.document["code"]) == (2, "not-found")


def test_a_list_of_many_pages_is_read_to_its_end(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    simulated.world.page_size = 1
    simulated.fault(NO_GRAPH)
    ran = remediate("verify", "mail-wbe", "-o", "json")
    assert ran.document["hint"] == "did you mean mail-web, billing-web?"
