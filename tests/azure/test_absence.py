"""What is missing without a code that proves it is gone where the reads besides show that, and only there."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import remediate as product
from tests.azure.test_reader import refused
from tests.conftest import APP, PLAN, SUBNET, Azure, Ran

VNET = SUBNET.partition("/subnets/")[0]
SLOT = f"{APP}/slots/staging"
SUBNET_IS_MISSING = refused("NotFound", f"{SUBNET}$")
DENIED = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}


def answers(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    """A rule: reads of a path end like this."""
    return {"match": {"method": "GET", "path": f"{path}$"}, "times": 0, "answer": answer}


def network(azure: Azure, **properties: Any) -> dict[str, Any]:
    """A rule: the network's document with other properties; None takes one away."""
    body = azure.ask("GET", f"{VNET}?api-version=2024-05-01").json()
    changed = body["properties"] | properties
    body["properties"] = {name: value for name, value in changed.items() if value is not None}
    return answers(VNET, {"status": 200, "body": body})


@pytest.mark.parametrize("code", ["NotFound", "", "SubscriptionNotFound"])
def test_a_subnet_that_its_network_does_not_have_is_missing_whatever_code_the_404_has(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], code: str
) -> None:
    missing = azure("subnet-missing")
    before = remediate("verify", APP, "-o", "json").document["requests"]
    missing.fault(refused(code, f"{SUBNET}$"))
    ran = remediate("verify", APP, "-o", "json")
    assert (ran.code, ran.codes) == (3, {"subnet-missing"})
    assert ran.document["requests"] == before


@pytest.mark.parametrize("proof", ["held", "no list", "denied", "also a 404"])
def test_a_subnet_whose_network_does_not_prove_it_is_not_missing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], proof: str
) -> None:
    missing = azure("subnet-missing")
    held = {"id": SUBNET.upper(), "name": "SNET-APPS", "properties": {"addressPrefix": "10.0.1.0/24"}}
    rules = {
        "held": network(missing, subnets=[held]),
        "no list": network(missing, subnets=None),
        "denied": answers(VNET, DENIED),
        "also a 404": refused("NotFound", f"{VNET}$"),
    }
    missing.fault(SUBNET_IS_MISSING, rules[proof])
    ran = remediate("verify", APP, "-o", "json")
    assert ran.document["healthy"] is None
    assert ran.codes == {"no-read-permission"}


def test_a_missing_subnet_keeps_no_app_from_being_deleted_where_its_network_proves_it(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    missing = azure("subnet-missing")
    missing.fault(SUBNET_IS_MISSING)
    ran = remediate("guard", APP, "-o", "json")
    assert (ran.code, ran.document["safe"], ran.codes) == (0, True, set())
    missing.fault(SUBNET_IS_MISSING, answers(VNET, DENIED))
    unknown = remediate("guard", APP, "-o", "json")
    assert (unknown.code, unknown.document["safe"]) == (3, False)
    assert unknown.codes == {"no-read-permission"}


@pytest.mark.parametrize(
    "command", [("guard", SUBNET), ("purge", SUBNET, "--dry-run")], ids=lambda one: one[0]
)
def test_a_command_about_a_missing_subnet_says_that_there_is_none(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: tuple[str, ...]
) -> None:
    missing = azure("subnet-missing")
    missing.fault(SUBNET_IS_MISSING)
    assert remediate(*command, "-o", "json").document["code"] == "not-found"
    missing.fault(SUBNET_IS_MISSING, answers(VNET, DENIED))
    unknown = remediate(*command, "-o", "json").document
    told = {one["code"] for one in unknown.get("findings", unknown.get("findings_before", ()))}
    assert unknown.get("code") != "not-found"
    assert "no-read-permission" in told
    assert unknown.get("safe") is not True


@pytest.mark.parametrize("listed", [False, True], ids=["not listed", "listed"])
def test_a_slot_that_only_resource_graph_still_names_is_gone_where_its_app_does_not_list_it(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], listed: bool
) -> None:
    missing = [refused("NotFound", f"{SLOT}{part}$") for part in ("", "/networkConfig/virtualNetwork")]
    none = [] if listed else [answers(f"{APP}/slots", {"status": 200, "body": {"value": []}})]
    azure("shared-link").fault(*missing, *none)
    ran = remediate("guard", PLAN, "-o", "json")
    assert ran.codes == ({"no-read-permission"} if listed else set())
    assert (SLOT in [one["id"] for one in ran.document["holders"]]) is listed


def test_what_is_below_a_plan_that_is_gone_is_gone_whatever_code_its_404_has(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("link-orphaned").fault(refused("NotFound", "/plan-gone/sites$"))
    ran = remediate("purge", SUBNET, "--dry-run", "-o", "json")
    assert (ran.code, ran.document["status"]) == (0, "planned")


def test_the_app_itself_is_in_no_list_of_slots(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    production = f"{APP}/slots/production"
    rows = {"value": [{"id": production, "properties": {"virtualNetworkSubnetId": SUBNET}}]}
    azure("healthy").fault(
        answers(f"{PLAN}/sites", {"status": 200, "body": rows}), refused("NotFound", f"{production}$")
    )
    assert "no-read-permission" in remediate("guard", SUBNET, "-o", "json").codes


def decides(path: Path) -> bool:
    """Whether a module looks at the code of an answer of ARM, or compares with the number 404."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    codes = any(isinstance(one, ast.Attribute) and one.attr == "azure_code" for one in nodes)
    return codes or any(isinstance(one, ast.Constant) and one.value == 404 for one in nodes)


def test_nothing_else_decides_from_a_code_or_a_404() -> None:
    root = Path(product.__file__).parent
    deciding = {str(one.relative_to(root)) for one in root.rglob("*.py") if decides(one)}
    assert {one for one in deciding if not one.startswith("sandbox/")} == {
        "azure/absence.py",
        "azure/failure.py",
        "capture/unread.py",  # repeats the answer in a world file
        "model/failure.py",  # prints the code
        "state/lease.py",  # Azure Storage, not ARM
    }


@pytest.mark.parametrize(
    "gone",
    [
        PLAN,
        VNET,
        f"{PLAN}/sites",
        f"{APP}/slots",
        f"{APP}/networkConfig/virtualNetwork",
        f"{APP}/virtualNetworkConnections",
    ],
)
def test_what_another_answer_needs_is_not_gone_whatever_azure_says(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], gone: str
) -> None:
    azure("healthy").fault(refused("ResourceNotFound", f"{gone}$"))
    ran = remediate("verify", APP, "-o", "json")
    assert (ran.code, ran.codes, ran.document["healthy"]) == (3, {"no-read-permission"}, None)
