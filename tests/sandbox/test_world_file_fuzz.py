"""Whatever a world file holds, it is a world or has errors, and nothing fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from remediate.sandbox.documents import network as documents
from remediate.sandbox.scenarios import GROUP, InvalidWorld
from remediate.sandbox.world import World
from remediate.sandbox.worldfile.check import checked
from remediate.sandbox.worldfile.schema import WORLD
from tests.conftest import APP, PLAN, SUBNET, Ran
from tests.sampled import tried

FAR = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-far/providers"
FAR_PLAN = f"{FAR}/Microsoft.Web/serverfarms/plan-far"
FAR_NETWORK = f"{FAR}/Microsoft.Network/virtualNetworks/vnet-far"
PRIVATE = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
CARD = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic"
ENVIRONMENT = f"{GROUP}/providers/Microsoft.Web/hostingEnvironments/ase"
GATEWAY = f"{GROUP}/providers/Microsoft.Network/applicationGateways/agw"


KEYS = sorted({*WORLD["properties"], *(key for one in WORLD["$defs"].values() for key in one["properties"])})
WORDS = st.sampled_from(
    [
        *KEYS,
        "vnet-prod",
        "vnet-prod/snet-apps",
        "plan-orders",
        "orders-func",
        "never",
        "lost",
        "-3h",
        APP,
        PLAN,
        SUBNET,
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 2000), st.floats(), WORDS, st.text(max_size=8))
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5))
def test_any_document_is_a_world_or_has_errors(document: Any) -> None:
    outcome(yaml.safe_dump(document).encode("utf-8", "surrogatepass"))


@given(
    st.text(alphabet="abc:{}[]&*!,-'\"#|>%@? \n\t0.~", max_size=60).map(str.encode) | st.binary(max_size=40)
)
def test_any_text_is_a_world_or_has_errors(text: bytes) -> None:
    outcome(text)


def by_schema(schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that are nearly right: of the type that the schema asks for, mostly with known names."""
    if "$ref" in schema:
        return by_schema(WORLD["$defs"][schema["$ref"].rpartition("/")[2]], depth)
    if "anyOf" in schema:
        return st.one_of(*(by_schema(one, depth) for one in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" and "properties" in schema:
        optional = {name: by_schema(one, depth + 1) for name, one in schema["properties"].items()}
        required = {name: optional.pop(name) for name in schema.get("required", [])}
        return st.fixed_dictionaries(required, optional=optional)
    if kind == "object":
        return st.dictionaries(
            NAMES[schema.get("propertyNames", {}).get("format", "")],
            by_schema(schema["additionalProperties"], depth + 1),
            max_size=2,
        )
    if kind == "array":
        return st.lists(by_schema(schema.get("items", {}), depth + 1), max_size=2)
    plain = {"boolean": st.booleans(), "integer": st.integers(0, 600), "number": st.integers(0, 9)}
    return plain[kind] if kind in plain else NAMES.get(schema.get("format", ""), WORDS)


ANY_ID = st.sampled_from([APP, PLAN, SUBNET, FAR_PLAN, FAR_NETWORK, PRIVATE, ENVIRONMENT])
NAMES: dict[str, st.SearchStrategy[str]] = {
    "": st.sampled_from(["a", "b"]),
    "name": st.sampled_from(["a", "blue"]),
    "plan": st.sampled_from(["plan-orders", "plan-x", PLAN, FAR_PLAN]),
    "app": st.sampled_from(["orders-func", "web", APP]),
    "network": st.sampled_from(["vnet-prod", "vnet-x", FAR_NETWORK]),
    "subnet": st.sampled_from(["vnet-prod/snet-apps", "vnet-x/snet", SUBNET, f"{FAR_NETWORK}/subnets/snet"]),
    "subnet-name": st.sampled_from(["snet-apps", "snet", SUBNET]),
    "group": st.sampled_from(["rg-x", GROUP]),
    "group-id": st.just(GROUP),
    "subscription": st.sampled_from(["00000000-0000-0000-0000-000000000001", "s-2"]),
    "id": ANY_ID,
    "named": ANY_ID | st.just("subnet"),
    "scope": ANY_ID | st.just("Microsoft.Web/sites/orders-func"),
    "resource": ANY_ID | st.sampled_from(["orders-func", "vnet-prod/snet-apps", "x"]),
    "prefix": st.sampled_from(["10.0.0.0/16", "10.0.1.0/27", "fd00::/64", "10.0.0.1/16", "0.0.0.0/0"]),
    "pattern": st.sampled_from(["x", ".*", "("]),
    "moment": st.sampled_from(["-3h", "2026-01-31", "-99999d", "soon"]),
}


@given(by_schema({**WORLD, "required": []}))
def test_any_document_that_is_nearly_right_is_a_world_or_has_errors(document: Any) -> None:
    made = outcome(yaml.safe_dump(document).encode())
    if made is not None:
        for vnet in made.state.vnets.values():
            json.dumps(documents.vnet(vnet, 0, "2024-05-01"))


def outcome(text: bytes) -> World | None:
    """The world that a file makes, or None where it has errors."""
    from remediate.sandbox.worldfile.build import build

    try:
        return build(checked(text, "any.yaml"), 1.0)
    except InvalidWorld as error:
        assert error.errors
        assert all(one.line >= 1 and "\n" not in one.message for one in error.errors)
        return None


@tried(some=25, many=1000, document=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), VALUES))
def test_check_ends_with_0_or_2_whatever_the_file_holds(
    remediate: Callable[..., Ran], tmp_path: Path, document: Any
) -> None:
    file = tmp_path / "any.yaml"
    file.write_bytes(yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "surrogatepass"))
    ran = remediate("sandbox", "check", str(file))
    assert ran.code in (0, 2)
    assert all(line.startswith(f"✗ {file}:") for line in ran.err.splitlines())
    assert (ran.out == "") == (ran.code == 2)
