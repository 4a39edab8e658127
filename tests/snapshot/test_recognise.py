"""What other tools print, recognised by its shape, or one line that says why it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from remediate.model import Snapshot
from remediate.snapshot.decoding import MAX_BYTES, Unrecognised
from remediate.snapshot.parsing import MAX_DEPTH
from remediate.snapshot.recognise import recognise
from remediate.snapshot.resources import ImportedResource
from tests.checks.worlds import (
    PLAN,
    SUBNET,
    TARGET,
    VNET,
)

from .shapes import ENCODINGS
from .test_compare import bodies


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def resources(content: bytes) -> tuple[ImportedResource, ...]:
    found = recognise(content)
    assert not isinstance(found, Snapshot)
    return found


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-16 be", "utf-16 be without a mark"])
def test_the_encoding_is_told_by_the_mark_or_by_the_zero_bytes(encoding: str) -> None:
    body = {**bodies()["subnet"], "name": "größe"}
    written = {
        **ENCODINGS,
        "utf-16 be": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        "utf-16 be without a mark": lambda text: text.encode("utf-16-be"),
    }[encoding](json.dumps(body, ensure_ascii=False))
    (found,) = resources(written)
    assert (found.kind, found.body["name"]) == ("subnet", "größe")


KINDS: list[tuple[str, dict[str, Any], str]] = [
    ("subnet", {"id": SUBNET, "properties": {"addressPrefix": "x"}}, "ARM"),
    ("vnet", {"id": VNET, "addressSpace": {}}, "az"),
    ("site", {"id": TARGET, "properties": {"virtualNetworkSubnetId": None}}, "ARM"),
    ("site", {"id": f"{TARGET}/slots/x", "appServicePlanId": PLAN}, "az"),
    ("plan", {"id": PLAN, "numberOfWorkers": 1}, "az"),
    (
        "networkConfig",
        {"id": f"{TARGET}/config/virtualNetwork", "properties": {"subnetResourceId": SUBNET}},
        "ARM",
    ),
    ("networkConfig", {"id": f"{TARGET}/networkConfig/virtualNetwork", "subnetResourceId": SUBNET}, "az"),
    ("networkConfig", {"id": f"{TARGET}/slots/x/networkConfig/virtualNetwork", "subnetResourceId": ""}, "az"),
    ("networkConfig", {"id": f"{TARGET}/slots/x/config/virtualNetwork", "subnetResourceId": ""}, "az"),
    ("subnet", {"Id": SUBNET, "Name": "snet-web", "Delegations": []}, "PowerShell"),
]


@pytest.mark.parametrize(("kind", "body", "shape"), KINDS)
def test_each_kind_is_known_by_its_id_and_a_field(kind: str, body: dict[str, Any], shape: str) -> None:
    (found,) = resources(text(body))
    assert (found.kind, found.shape) == (kind, shape)
    bare = {key: {} if key == "properties" else one for key, one in body.items() if key.lower() in NAMES}
    with pytest.raises(Unrecognised):
        recognise(text(bare))


NAMES = ("id", "properties")


def test_what_az_flattened_stands_in_properties_again() -> None:
    flat = {
        "id": TARGET,
        "name": "orders",
        "type": "t",
        "etag": "e",
        "location": "l",
        "kind": "k",
        "tags": {},
        "sku": {},
        "identity": {},
        "zones": [],
        "resourceGroup": "rg",
        "appServicePlanId": PLAN,
        "state": "Running",
    }
    (found,) = resources(text(flat))
    inner = {"appServicePlanId": PLAN, "serverFarmId": PLAN, "state": "Running"}
    beside = {key: one for key, one in flat.items() if key not in (*inner, "resourceGroup")}
    assert found.body == {**beside, "properties": inner}


def nested(depth: int) -> bytes:
    """A subnet so many levels deep."""
    value: Any = 1
    for _ in range(depth - 2):
        value = [value]
    return text({"id": SUBNET, "properties": {"addressPrefix": "x"}, "deep": value})


@pytest.mark.parametrize(
    ("depth", "taken"), [(MAX_DEPTH - 1, True), (MAX_DEPTH, True), (MAX_DEPTH + 1, False)]
)
def test_a_file_may_be_so_deep_and_no_deeper(depth: int, taken: bool) -> None:
    if taken:
        assert resources(nested(depth))
        return
    with pytest.raises(Unrecognised, match=r"^it is nested too deeply$"):
        recognise(nested(depth))


def test_a_file_may_be_so_large_and_no_larger() -> None:
    content = text({"id": SUBNET, "properties": {"addressPrefix": "x"}})
    assert resources(content.ljust(MAX_BYTES))
    with pytest.raises(Unrecognised, match=r"^it is larger than 20 MB$"):
        recognise(content.ljust(MAX_BYTES + 1))


def test_a_text_that_is_no_json_may_be_less_large() -> None:
    with pytest.raises(Unrecognised, match=r"^it is no JSON, and larger than 4 MB$"):
        recognise(b"id,name\n" * 600_000)


OURS = "it holds {}no subnet, network, app, plan or networkConfig as ARM, az or PowerShell print them"
NOTHING = "it is neither JSON, YAML nor what PowerShell prints of a resource"
WRONG: list[tuple[bytes, str]] = [
    (b"", "it is empty"),
    (b"\0 \t\r\n", "it is empty"),
    (b"not JSON", NOTHING),
    (b"{} x", "it is JSON that was cut off or damaged: JSON is malformed: trailing characters (byte 4)"),
    (b'{"id": "x", "properties": {', "it is JSON that was cut off or damaged: "),
    (b'{"id": "x"}\n{"id": ', "it is JSON that was cut off or damaged: "),
    (b'WARNING: x\n{"id": "x", ', OURS.format("")),
    (b"a: &a [1]\nb: *a\nc: 1", "it is YAML with aliases, which no tool of Azure prints"),
    (b"- " * 70 + b"x\n", "it is nested too deeply"),
    (b"a: \x07", "it is not text"),
    (b"\x1b[0m\x1b[1m", "it is empty"),
    (b"[" * 100_000, "it is nested too deeply"),
    (b"\x81\xff\xff", "it is not text"),
    (b"\xff\xff\xff", NOTHING),
    (b"\xff\xfe\x00\xd8", "it is not text in UTF-16"),
    (b"[]", "it is an empty list: it does not say of which subnet"),
    (b'{"value": []}', OURS.format("")),
    (b"7", OURS.format("")),
    (b'{"value": 7}', OURS.format("")),
    (b'{"id": 7, "properties": {}}', OURS.format("")),
    (text({"id": "no id", "properties": {"addressPrefix": 1}}), OURS.format("")),
    (text({"id": SUBNET, "properties": {}}), OURS.format("")),
    (
        text([{"id": SUBNET}, {"id": f"{TARGET}/hostNameBindings/x"}]),
        OURS.format("'microsoft.web/sites/hostnamebindings', and "),
    ),
    (
        text([7, {"Id": f"{TARGET}/hostNameBindings/x"}]),
        OURS.format("'microsoft.web/sites/hostnamebindings', and "),
    ),
    (
        b'{"schema": "remediate.run/1"}',
        "it is a run, and no snapshot: pass RUN/before or RUN/after in place of a file",
    ),
    (
        text({"schema": f"remediate.{'x' * 90}"}),
        f"it is a 'remediate.{'x' * 50}', and no snapshot",
    ),
    (b'{"schema": "remediate.snapshot/1", "label": 7}', "it is a damaged snapshot: "),
]


@pytest.mark.parametrize(("content", "message"), WRONG)
def test_what_is_not_recognised_is_told_in_one_line(content: bytes, message: str) -> None:
    with pytest.raises(Unrecognised) as caught:
        recognise(content)
    told = str(caught.value)
    assert told.startswith(message) if message.endswith(": ") else told == message
    assert len(told.splitlines()) == 1
    assert len(told) < 300
