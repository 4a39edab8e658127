"""Yesterday's healthy link beside today's: kept by itself, kept by hand, imported, and compared."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remediate.sandbox.resources import APP_SERVICE_LINK, WEB_LINK, Link
from remediate.snapshot.decoding import MAX_BYTES, Unrecognised
from remediate.snapshot.recognise import recognise
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran
from tests.sampled import in_sweep
from tests.snapshot.saved import WITH_LINKS, WITHOUT_LINKS, printed
from tests.snapshot.shapes import ENCODINGS, as_text, cut_off, flattened, powershell, without_text
from tests.terminal import Terminal

LINK = f"subnet.serviceAssociationLinks.{APP_SERVICE_LINK}"
KEPT = "Kept as the newest healthy snapshot of orders-func."
VNET = SUBNET.partition("/subnets/")[0]
Remediate = Callable[..., Ran]


@pytest.fixture
def healthy(azure: Callable[..., Azure]) -> Azure:
    return azure("healthy")


def state() -> Path:
    return Path(os.environ["REMEDIATE_STATE"])


def lose_link(azure: Azure) -> None:
    azure.world.state.subnet(SUBNET).links.clear()


def network(azure: Azure, path: str = SUBNET) -> Any:
    return azure.ask("GET", f"{path}?api-version=2024-05-01").json()


def problems(ran: Ran) -> list[str]:
    return [line for line in ran.err.splitlines() if line.startswith("✗ ")]


def test_a_lost_link_is_the_one_thing_that_differs_from_the_healthy_snapshot(
    remediate: Remediate, healthy: Azure
) -> None:
    assert KEPT in remediate("verify", "orders-func").err
    same = remediate("snapshot", "diff", "healthy", "live", "-o", "json")
    assert (same.code, same.document["same"], same.document["changes"]) == (0, True, [])
    lose_link(healthy)
    ran = remediate("snapshot", "diff", "healthy", "live", "-o", "json")
    assert (ran.code, ran.document["schema"], ran.document["same"]) == (3, "remediate.diff/1", False)
    [change] = ran.document["changes"]
    assert (change["path"], change["meaning"], change["after"]) == (LINK, "the link was removed", None)
    assert change["before"]["link"] == PLAN
    assert ran.document["left_out"] == []
    assert healthy.writes == []


def test_verify_says_once_that_it_keeps_and_unasked_what_changed_since(
    remediate: Remediate, healthy: Azure
) -> None:
    assert KEPT in remediate("verify", "orders-func").err
    again = remediate("verify", "orders-func", "-o", "json")
    assert KEPT not in again.err
    assert again.document["changed_since"] is None
    lose_link(healthy)
    since = remediate("verify", "orders-func", "-o", "json").document["changed_since"]
    assert (since["label"], [one["meaning"] for one in since["changes"]]) == (
        "healthy",
        ["the link was removed"],
    )
    told = remediate("verify", "orders-func")
    assert "What changed since" in told.out
    assert "the link was removed" in told.out
    assert KEPT not in told.err


def test_a_private_sandbox_keeps_nothing_and_claims_nothing(remediate: Remediate) -> None:
    assert "Kept" not in remediate("verify", "orders-func", "--sandbox", "healthy").err
    assert not state().exists()
    ran = remediate("snapshot", "save", "orders-func", "--sandbox", "healthy", "-o", "json")
    assert (ran.code, len(problems(ran))) == (2, 1)


@pytest.mark.parametrize("scenario", ["healthy", "link-missing"])
def test_a_store_that_fails_is_told_and_the_verdict_stands(
    remediate: Remediate, azure: Callable[..., Azure], scenario: str
) -> None:
    azure(scenario)
    state().mkdir(mode=0o700)
    (state() / "snapshots").write_text("a file in the place of the folder")
    ran = remediate("verify", "orders-func", "-o", "json")
    assert ran.code == (0 if scenario == "healthy" else 3)
    assert "snapshots are neither kept nor compared" in ran.err
    assert ran.document["changed_since"] is None


def test_a_damaged_healthy_snapshot_is_told_and_replaced(remediate: Remediate, healthy: Azure) -> None:
    remediate("verify", "orders-func")
    [file] = state().glob("snapshots/*/healthy.json")
    file.write_text('{"schema": "remediate.snapshot/9"}')
    assert "is not a snapshot that this version reads" in remediate("snapshot", "list").err
    ran = remediate("verify", "orders-func")
    assert (ran.code, KEPT in ran.err) == (0, True)
    assert remediate("snapshot", "diff", "healthy", "live").code == 0


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_a_snapshot_is_one_private_file_that_says_where_it_comes_from(
    remediate: Remediate, healthy: Azure
) -> None:
    saved = remediate("snapshot", "save", "orders-func", "--label", "good", "-o", "json").document
    [file] = state().glob("snapshots/*/good.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()) == saved
    assert (saved["schema"], saved["label"], saved["target"]) == ("remediate.snapshot/1", "good", APP)
    assert (saved["healthy"], saved["who"], saved["cloud"]) == (True, "sandbox-operator", "Sandbox")
    kept = {one["what"]: one["body"] for one in saved["documents"]}
    assert {"site", "networkConfig", "connections", "plan", "subnet", "vnet", "graph"} <= set(kept)
    assert kept["subnet"] == network(healthy)


def test_what_is_or_looks_like_a_secret_is_never_kept(
    remediate: Remediate, healthy: Azure, tmp_path: Path
) -> None:
    site = healthy.world.state.site(APP)
    site.tags = {
        "dbPassword": "planted",
        "name": "planted",
        "hidden-link: /app-insights-instrumentation-key": "planted",
    }
    site.config |= {
        "appSettings": [{"name": "KEY", "value": "planted"}],
        "publishingPassword": "planted",
        "documentRoot": "https://h/?code=planted",
        "connectionStrings": [{"connectionString": "AccountKey=planted"}],
        "linuxFxVersion": "DOCKER|registry/planted",
        "machineKey": {"decryptionKey": "planted", "validationKey": "planted"},
        "metadata": [{"name": "stack", "value": "planted"}],
        "handlerMappings": [{"extension": "*.x", "arguments": "planted"}],
        "appCommandLine": "run --token planted --api-key=planted",
        "cers": [{"pfxBlob": "planted", "name": "https://user:planted@host"}],
        "type": "ghp_planted0123456789",
    }
    saved, ours = (tmp_path / name for name in ("saved.json", "ours.json"))
    body = healthy.ask("GET", f"{APP}?api-version=2025-05-01").json()
    body["properties"]["dnsConfiguration"] = {"note": "planted"}
    saved.write_text(json.dumps(body))
    ran = remediate("verify", "orders-func")
    assert KEPT in ran.err
    remediate("snapshot", "save", "orders-func", "--label", "good")
    shown = remediate("snapshot", "show", "good", "-o", "json").document
    [site_document] = [one for one in shown["documents"] if one["what"] == "site"]
    site_document["body"] = body
    shown["facts"]["site.dnsConfiguration"] = {"note": "planted"}
    ours.write_text(json.dumps(shown))
    for file in (saved, ours):
        label = ("--label", file.stem)
        assert remediate("snapshot", "import", str(file), "--target", "orders-func", *label).code == 0
    assert remediate("snapshot", "diff", "good", "ours", "-o", "json").document["left_out"] == []
    for file in state().rglob("*"):
        assert file.is_dir() or "planted" not in file.read_text(), file
    [file] = state().glob("snapshots/*/healthy.json")
    assert "hidden-link: /app-insights-instrumentation-key" in file.read_text()


def test_an_app_that_left_is_compared_at_the_subnet_that_it_was_on(
    remediate: Remediate, healthy: Azure
) -> None:
    assert KEPT in remediate("verify", "orders-func").err
    assert healthy.ask("DELETE", f"{APP}/networkConfig/virtualNetwork?api-version=2025-05-01").ok
    ran = remediate("verify", "orders-func", "-o", "json")
    since = ran.document["changed_since"]
    assert "the link was removed" in {one["meaning"] for one in since["changes"]}
    assert "subnet" not in {one["path"] for one in since["left_out"]}
    [told] = [one for one in ran.document["findings"] if one["code"] == "not-integrated"]
    assert f"--subnet {SUBNET}`" in told["action"]


def test_labels_are_listed_shown_and_taken_once(remediate: Remediate, healthy: Azure) -> None:
    assert "No snapshot" in remediate("snapshot", "list").out
    told = remediate("snapshot", "save", "orders-func", "--label", "good")
    assert "snapshot diff good live" in told.out
    again = remediate("snapshot", "save", "orders-func", "--label", "good", "-o", "json")
    assert (again.code, "already" in again.document["message"]) == (2, True)
    listed = remediate("snapshot", "list", "-o", "json").document
    assert [(one["label"], one["healthy"]) for one in listed["snapshots"]] == [("good", True)]
    assert remediate("snapshot", "show", "good", "-o", "json").document["label"] == "good"
    assert "subnet.delegations" in remediate("snapshot", "show", "good", "--target", "orders-func").out
    assert remediate("snapshot", "show", "good", "--target", "another").code == 2


@pytest.mark.parametrize("label", ["healthy", "live", "latest", "../x", "", "a/b", "x" * 200])
def test_a_label_that_nobody_may_give_is_refused(remediate: Remediate, healthy: Azure, label: str) -> None:
    ran = remediate("snapshot", "save", "orders-func", "--label", label)
    assert healthy.log == []
    assert (ran.code, len(problems(ran))) == (2, 1)
    assert not list(state().rglob("*.json"))


SHAPES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ARM": lambda body: body,
    "a listing of ARM": lambda body: {"value": [body]},
    "az": flattened,
    "PowerShell": powershell,
    "PowerShell, all of them": lambda body: [powershell(body)],
    "PowerShell, cut off": cut_off,
    "PowerShell, as text": as_text,
}


@pytest.mark.parametrize(
    ("shape", "of"),
    [
        *((shape, (SUBNET, VNET)[number % 2]) for number, shape in enumerate(SHAPES)),
        *in_sweep(*((shape, (VNET, SUBNET)[number % 2]) for number, shape in enumerate(SHAPES))),
    ],
)
def test_what_another_tool_saved_is_compared_with_live(
    remediate: Remediate, healthy: Azure, tmp_path: Path, shape: str, of: str
) -> None:
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(SHAPES[shape](network(healthy, of))))
    diff = ("snapshot", "diff", str(file), "live", "--target", "orders-func", "-o", "json")
    same = remediate(*diff)
    assert (same.code, same.document["changes"]) == (0, [])
    lose_link(healthy)
    ran = remediate(*diff)
    assert (ran.code, [one["meaning"] for one in ran.document["changes"]]) == (3, ["the link was removed"])
    left_out = {one["path"] for one in ran.document["left_out"]}
    assert {"site", "networkConfig", "plan"} <= left_out
    assert ("vnet" in left_out) == (of == SUBNET)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_import_is_kept_whatever_wrote_the_file(
    remediate: Remediate, healthy: Azure, tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "saved.json"
    file.write_bytes(ENCODINGS[encoding](json.dumps(powershell(network(healthy)))))
    told = remediate("snapshot", "import", str(file), "--target", "orders-func", "--label", "old")
    assert (told.code, "PowerShell: subnet" in told.out) == (0, True)
    lose_link(healthy)
    ran = remediate("snapshot", "diff", "old", "live")
    assert ran.code == 3
    assert "the link was removed" in ran.out
    assert "Not compared: " in ran.out
    assert "not in old" in ran.out


def cut_within(azure: Azure) -> Any:
    subnets = [without_text(one) for one in network(azure, VNET)["properties"]["subnets"]]
    return {**powershell(network(azure, VNET)), "Subnets": subnets}


def spoilt(azure: Azure) -> Any:
    subnet = network(azure)
    return {**subnet, "properties": {**subnet["properties"], "serviceAssociationLinks": "foo"}}


@pytest.mark.parametrize("saved", [lambda azure: without_text(network(azure)), cut_within, spoilt])
def test_parts_that_cannot_be_read_are_left_out_and_told(
    remediate: Remediate, healthy: Azure, tmp_path: Path, saved: Callable[[Azure], Any]
) -> None:
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(saved(healthy)))
    lose_link(healthy)
    ran = remediate("snapshot", "diff", str(file), "live", "--target", "orders-func", "-o", "json")
    assert (ran.code, ran.document["same"]) == (3, None)
    assert all(one["path"] != LINK for one in ran.document["changes"])
    left_out = {one["path"]: one["why"] for one in ran.document["left_out"]}
    assert "truncated or not recognised" in left_out["subnet.serviceAssociationLinks"]
    taken = remediate("snapshot", "import", str(file), "--target", "orders-func")
    assert "subnet.serviceAssociationLinks: truncated or not recognised" in taken.out


def test_an_app_that_lost_its_subnet_is_compared_with_the_subnet_that_it_had(
    remediate: Remediate, healthy: Azure, tmp_path: Path
) -> None:
    remediate("verify", "orders-func")
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(flattened(network(healthy, VNET))))
    healthy.ask("DELETE", f"{APP}/networkConfig/virtualNetwork?api-version=2025-05-01").raise_for_status()
    ran = remediate("snapshot", "diff", "healthy", "live", "-o", "json")
    meanings = {one["meaning"] for one in ran.document["changes"]}
    assert {"the link was removed", "the site lost its subnet", "networkConfig lost its subnet"} <= meanings
    # No view names a subnet any more, and of those in the file one was linked to the app's plan.
    taken = remediate("snapshot", "import", str(file), "--target", "orders-func", "-o", "json")
    assert (taken.code, taken.document["subnet"]) == (0, SUBNET)


WRONG: dict[str, bytes] = {
    "empty": b"",
    "text": b"not JSON at all",
    "binary": bytes(range(256)),
    "a list of nothing": b"[]",
    "an id alone": json.dumps({"id": SUBNET}).encode(),
    "another subnet": json.dumps(
        {"id": SUBNET.replace("snet-apps", "snet-x"), "properties": {"addressPrefix": "10.0.0.0/27"}}
    ).encode(),
    "another app": json.dumps(
        {"id": f"{GROUP}/Microsoft.Web/sites/other", "properties": {"serverFarmId": PLAN}}
    ).encode(),
    "a document of ours": b'{"schema": "remediate.run/1"}',
    "a damaged snapshot": b'{"schema": "remediate.snapshot/1", "label": 7}',
    "too deep": b"[" * 100_000,
    "too large": b" " * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_cannot_be_taken_is_one_line_and_exit_code_2(
    remediate: Remediate, healthy: Azure, tmp_path: Path, what: str
) -> None:
    file = tmp_path / "saved.json"
    file.write_bytes(WRONG[what])
    for command in (("import", str(file)), ("diff", str(file), "live")):
        ran = remediate("snapshot", *command, "--target", "orders-func", "-o", "json")
        assert (ran.code, ran.document["code"], len(problems(ran))) == (2, "unrecognised", 1)
    assert not list(state().glob("snapshots/*/*"))


def without_kind(connections: Any) -> Any:
    """As `az … vnet-integration list` prints them."""
    return [{key: value for key, value in one.items() if key != "isSwift"} for one in flattened(connections)]


@pytest.mark.parametrize("shape", [lambda body: body, without_kind], ids=["ARM", "az"])
def test_a_list_of_connections_is_compared_with_live(
    remediate: Remediate, healthy: Azure, tmp_path: Path, shape: Callable[[Any], Any]
) -> None:
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(shape(network(healthy, f"{APP}/virtualNetworkConnections"))))
    diff = ("snapshot", "diff", str(file), "live", "--target", "orders-func", "-o", "json")
    assert remediate(*diff).code == 0
    healthy.ask("DELETE", f"{APP}/networkConfig/virtualNetwork?api-version=2025-05-01").raise_for_status()
    ran = remediate(*diff)
    assert [one["path"] for one in ran.document["changes"]] == ["connections.regional"]
    assert "connections.gateway" in {one["path"] for one in ran.document["left_out"]}
    other = remediate("snapshot", "diff", str(file), "live", "--target", f"{APP}x", "-o", "json")
    assert other.code == 2


TARGETS = {
    "a name": "orders-func",
    "an id": APP,
    "an id of something below": f"{APP}/networkConfig/virtualNetwork",
    "an error message": f"(Conflict) The app '{APP}' is busy.",
    "an id cut short": APP.partition("/resourceGroups/")[2],
    "a portal address": f"https://portal.azure.com/#@contoso.com/resource{APP}/appServices",
}


@pytest.mark.parametrize("form", TARGETS)
def test_the_app_of_a_kept_snapshot_is_named_in_any_form(
    remediate: Remediate, healthy: Azure, form: str
) -> None:
    remediate("snapshot", "save", "orders-func", "--label", "good")
    assert remediate("snapshot", "show", "good", "--target", TARGETS[form]).code == 0
    assert remediate("snapshot", "diff", "good", "live", "--target", TARGETS[form]).code == 0
    others = (APP + "x", f"{APP}/slots/staging", "orders-func/staging")
    for other in others:
        assert remediate("snapshot", "show", "good", "--target", other).code == 2


SUBNETS = {
    "an id": SUBNET,
    "the id of its link": f"{SUBNET}/serviceAssociationLinks/{APP_SERVICE_LINK}",
    "VNET/SUBNET": "vnet-prod/snet-apps",
    "an error message": f"Subnet is in use by {SUBNET}/serviceAssociationLinks/x and cannot be deleted.",
    "an id cut short": SUBNET.partition("/resourceGroups/")[2],
}


@pytest.mark.parametrize("form", SUBNETS)
def test_the_subnet_of_an_import_is_named_in_any_form(
    remediate: Remediate, azure: Callable[..., Azure], tmp_path: Path, form: str
) -> None:
    simulated = azure("not-integrated")
    subnets = [network(simulated), {**network(simulated), "id": f"{SUBNET}-2"}]
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(subnets))
    taken = remediate(
        *("snapshot", "import", str(file), "--target", "orders-func", "--subnet", SUBNETS[form], "-o", "json")
    )
    assert (taken.code, taken.document["subnet"]) == (0, SUBNET)


def test_what_holds_no_link_says_so(remediate: Remediate, healthy: Azure, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_bytes(WITHOUT_LINKS["an exported template"](network(healthy), network(healthy, VNET)))
    assert (
        "It holds no service association link."
        in remediate("snapshot", "import", str(file), "--target", "orders-func").out
    )
    ran = remediate("snapshot", "diff", str(file), "live", "--target", "orders-func")
    assert "no change, but the link could not be compared" in ran.out
    remediate("snapshot", "save", "orders-func", "--label", "good")
    assert "could not be compared" not in remediate("snapshot", "diff", "good", "live").out


def test_a_list_of_the_links_is_compared_with_live(
    remediate: Remediate, healthy: Azure, tmp_path: Path
) -> None:
    file = tmp_path / "links.json"
    file.write_text(json.dumps(network(healthy, f"{SUBNET}/ServiceAssociationLinks")))
    diff = ("snapshot", "diff", str(file), "live", "--target", "orders-func", "-o", "json")
    assert remediate(*diff).code == 0
    lose_link(healthy)
    ran = remediate(*diff)
    assert [one["meaning"] for one in ran.document["changes"]] == ["the link was removed"]
    assert {"path": "subnet.delegations", "why": "not in links.json"} in ran.document["left_out"]


@pytest.mark.parametrize(
    "what",
    [
        "printed, redirected",
        "az yaml, the network",
        "Resource Graph, CSV",
        "an exported template",
        *in_sweep(*(WITH_LINKS | WITHOUT_LINKS)),
    ],
)
def test_what_people_saved_is_kept_and_compared_with_what_azure_says_now(
    remediate: Remediate, healthy: Azure, tmp_path: Path, what: str
) -> None:
    file = tmp_path / "saved"
    file.write_bytes((WITH_LINKS | WITHOUT_LINKS)[what](network(healthy), network(healthy, VNET)))
    taken = remediate("snapshot", "import", str(file), "--target", "orders-func", "--label", "old")
    assert (taken.code, "Kept old of orders-func" in taken.out) == (0, True), taken.err
    same = remediate("snapshot", "diff", "old", "live", "-o", "json")
    assert (same.code, same.document["changes"]) == (0, [])
    lose_link(healthy)
    ran = remediate("snapshot", "diff", "old", "live", "-o", "json")
    lost = ["the link was removed"] if what in WITH_LINKS else []
    assert [one["meaning"] for one in ran.document["changes"]] == lost
    left_out = {one["path"] for one in ran.document["left_out"]}
    assert ("subnet.serviceAssociationLinks" in left_out) is (what in WITHOUT_LINKS)


def test_a_file_of_another_tool_is_shown_for_an_app(
    remediate: Remediate, healthy: Azure, tmp_path: Path
) -> None:
    file = tmp_path / "saved.txt"
    file.write_text(printed(network(healthy), 80))
    shown = remediate("snapshot", "show", str(file), "--target", "orders-func")
    assert (shown.code, "subnet.serviceAssociationLinks" in shown.out) == (0, True)
    assert "PowerShell: subnet" in shown.out
    assert not list(state().glob("snapshots/*/*"))
    unnamed = remediate("snapshot", "show", str(file))
    assert (unnamed.code, "pass --target TARGET" in unnamed.err) == (2, True)


def test_a_snapshot_that_was_printed_as_yaml_is_one(
    remediate: Remediate, healthy: Azure, tmp_path: Path
) -> None:
    remediate("snapshot", "save", "orders-func", "--label", "good")
    file = tmp_path / "good.yaml"
    file.write_text(remediate("snapshot", "show", "good", "-o", "yaml").out)
    assert remediate("snapshot", "diff", str(file), "live", "-o", "json").code == 0


def test_a_file_of_something_else_is_named_with_the_command_that_saves_the_right_thing(
    remediate: Remediate, healthy: Azure, tmp_path: Path
) -> None:
    file = tmp_path / "terraform.tfstate"
    file.write_text('{"version": 4, "terraform_version": "1.9.0", "resources": []}')
    saves = f"az network vnet subnet show --ids {SUBNET} -o json > saved.json"
    for command in (("import", str(file)), ("diff", str(file), "live"), ("show", str(file))):
        ran = remediate("snapshot", *command, "--target", "orders-func", "-o", "json")
        assert (ran.code, ran.document["code"]) == (2, "unrecognised")
        assert "it is a Terraform state, which holds no links" in ran.document["message"]
        assert f"`{saves}`" in ran.document["hint"]
        assert "`remediate snapshot save orders-func`" in ran.document["hint"]
    unnamed = remediate("snapshot", "show", str(file), "-o", "json").document["hint"]
    assert "az network vnet subnet show -g GROUP --vnet-name VNET -n SUBNET -o json" in unnamed


def test_a_file_that_is_wrong_is_told_where_azure_cannot_be_asked(
    remediate: Remediate, healthy: Azure, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text("<html></html>")
    ran = remediate("snapshot", "import", str(file), "--target", "nobody-func", "-o", "json")
    assert (ran.code, ran.document["code"]) == (2, "unrecognised")
    assert "it is an HTML page" in ran.document["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("diff", "nowhere", "live"),
        ("diff", "live", "live"),
        ("diff", "/", "live"),
        ("diff", "\x1b[2J", "live"),
        ("import", "/nowhere", "--target", "orders-func"),
        ("import", "/nowhere"),
        ("show", "../../etc/passwd"),
        ("show", "20260101T000000Z-0000/before"),
    ],
)
def test_what_is_not_there_is_one_line(
    remediate: Remediate, healthy: Azure, arguments: tuple[str, ...]
) -> None:
    ran = remediate("snapshot", *arguments)
    assert (ran.code, ran.out, len(problems(ran))) == (2, "", 1)
    assert "\x1b" not in ran.err


KEYS = (
    *("id", "Id", "name", "properties", "value", "schema", "subnets", "Subnets", "delegations"),
    *("serviceAssociationLinks", "ServiceAssociationLinksText", "AddressPrefix", "addressPrefix"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(SUBNET) | st.just(VNET),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_file_holds_it_is_recognised_or_refused_in_one_line(content: bytes) -> None:
    try:
        assert recognise(content)
    except Unrecognised as error:
        assert "\n" not in str(error)


@given(JSON)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_subnet_in_a_file_is_made_of_nothing_breaks(
    remediate: Remediate, healthy: Azure, tmp_path: Path, inner: Any
) -> None:
    file = tmp_path / "saved.json"
    body = {"id": SUBNET, "properties": {"delegations": inner, "serviceAssociationLinks": inner}}
    file.write_text(json.dumps([body, {**body, "id": VNET, "properties": {"subnets": inner}}]))
    ran = remediate("snapshot", "diff", str(file), "live", "--target", APP)
    assert ran.code in (0, 2, 3), ran.err
    assert "unexpected" not in ran.err


def test_a_view_that_could_not_be_read_leaves_the_answer_open(remediate: Remediate, healthy: Azure) -> None:
    remediate("verify", "orders-func")
    refusal = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    healthy.fault({"match": {"method": "GET", "path": ".*/snet-apps$"}, "times": 0, "answer": refusal})
    ran = remediate("snapshot", "diff", "healthy", "live", "-o", "json")
    assert (ran.code, ran.document["same"], ran.document["changes"]) == (3, None, [])
    [told] = [one for one in ran.document["left_out"] if one["path"] == "subnet"]
    assert told["why"] == "could not be read for live: denied"


def test_a_run_keeps_how_the_app_was_before_and_after(
    remediate: Remediate, azure: Callable[..., Azure]
) -> None:
    azure("link-missing")
    done = remediate("reconnect", "orders-func", "--yes", "-o", "json", "--poll-interval", "0.02")
    assert done.code == 0
    run = done.document["run"]
    ran = remediate("snapshot", "diff", f"{run}/before", f"{run}/after", "-o", "json")
    assert [one["meaning"] for one in ran.document["changes"]] == ["the link was added"]
    assert remediate("runs", "list", "-o", "json").document["runs"][0]["status"] == "succeeded"


def test_a_run_that_disconnects_for_good_keeps_both_too(remediate: Remediate, healthy: Azure) -> None:
    ran = remediate("guard", APP, "--disconnect", "--yes", "-o", "json", "--poll-interval", "0.02")
    run = ran.document["runs"][0]["run"]
    diff = remediate("snapshot", "diff", f"{run}/before", f"{run}/after", "-o", "json")
    meanings = {one["meaning"] for one in diff.document["changes"]}
    assert {"the link was removed", "the site lost its subnet"} <= meanings


def test_snapshots_of_two_apps_are_not_compared(remediate: Remediate, azure: Callable[..., Azure]) -> None:
    azure("shared-link")
    for name in ("orders-func", "billing-web"):
        assert remediate("snapshot", "save", name, "--label", f"of-{name}").code == 0
        assert remediate("snapshot", "save", name, "--label", "same").code == 0
    ran = remediate("snapshot", "diff", "of-orders-func", "of-billing-web", "-o", "json")
    assert (ran.code, ran.document["code"]) == (2, "other-app")
    assert remediate("snapshot", "show", "same").code == 2
    assert remediate("snapshot", "show", "same", "--target", "billing-web").code == 0


def test_the_wizard_says_what_changed_since_it_was_healthy(remediate: Remediate, healthy: Azure) -> None:
    remediate("verify", "orders-func")
    lose_link(healthy)
    terminal = Terminal(columns=80)
    terminal.wait_for("What is happening?")
    terminal.type("\r")
    terminal.wait_for("Which app?")
    terminal.type("\r")
    terminal.wait_for("» Repair it: rebuild the link")
    assert "Since it was healthy, 20" in terminal.flowing
    assert ": the link was removed." in terminal.flowing
    terminal.type("\x03")
    assert terminal.exit_code() == 130


def test_side_by_side_in_eighty_columns_no_line_is_wider(remediate: Remediate, healthy: Azure) -> None:
    remediate("verify", "orders-func")
    links = healthy.world.state.subnet(SUBNET).links
    links[:] = [Link(APP_SERVICE_LINK, WEB_LINK, PLAN.replace("plan-orders", "plan-other"))]
    terminal = Terminal("snapshot", "diff", "healthy", "live", columns=80)
    assert terminal.exit_code() == 3
    lines = terminal.text.splitlines()
    [beside] = [line for line in lines if "healthy" in line and "live" in line]
    assert beside.index("live") == 42
    assert "the link names another plan" in terminal.text
    assert any("plan-other" in line[42:] for line in lines)
