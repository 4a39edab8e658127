"""What people saved in healthier days: each form is taken as it was saved, and says only what it holds."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from remediate.model import Snapshot
from remediate.snapshot import compare
from remediate.snapshot.conversion import convert
from remediate.snapshot.decoding import Unrecognised
from remediate.snapshot.recognise import recognise
from remediate.snapshot.secrets import redact_snapshot
from tests.checks.worlds import OTHER_PLAN, SUBNET, TARGET, VNET, case
from tests.sampled import tried

from .saved import WITH_LINKS, WITHOUT_LINKS, bicep, broken, dump, links_of, printed, template
from .shapes import flattened, pascal
from .test_conversion import AT, ORIGIN, imported, network
from .test_recognise import resources

SAVED = WITH_LINKS | WITHOUT_LINKS
LINKS = "subnet.serviceAssociationLinks"
NSG = f"{VNET.rpartition('/')[0].rpartition('/')[0]}/networkSecurityGroups/nsg-shop"


def estate() -> tuple[dict[str, Any], dict[str, Any]]:
    """The documents of a subnet and of its network, as Azure answers them."""
    vnet = network()
    vnet |= {"name": "vnet-shop", "etag": 'W/"1"', "type": "Microsoft.Network/virtualNetworks"}
    vnet["properties"]["provisioningState"] = "Succeeded"
    vnet["properties"]["virtualNetworkPeerings"][0]["type"] = f"{vnet['type']}/virtualNetworkPeerings"
    subnet = vnet["properties"]["subnets"][0]
    subnet["type"] = f"{vnet['type']}/subnets"
    for one in links_of(subnet):
        one["id"] = f"{SUBNET}/serviceAssociationLinks/{one['name']}"
    return subnet, vnet


def kept(content: bytes, subnet: str | None = None, **changes: Any) -> Snapshot:
    return convert(resources(content), case(**changes).integration, subnet, "old", AT, ORIGIN)


def now(lost: bool = False) -> Snapshot:
    """What Azure says now, as ARM's own documents."""
    subnet, vnet = estate()
    if lost:
        subnet["properties"]["serviceAssociationLinks"] = []
    return kept(dump([vnet, subnet]))


@pytest.mark.parametrize("what", SAVED)
def test_what_was_saved_agrees_with_azure_in_all_that_it_holds(what: str) -> None:
    taken = kept(SAVED[what](*estate()))
    found = compare(taken, now())
    assert (found.same, found.changes, taken.unread) == (True, (), {})
    assert taken.subnet == SUBNET
    assert "subnet.delegations" in taken.facts or what in WITH_LINKS


@pytest.mark.parametrize("what", SAVED)
def test_a_lost_link_is_seen_by_what_held_it_and_left_out_by_what_did_not(what: str) -> None:
    found = compare(kept(SAVED[what](*estate())), now(lost=True))
    left_out = {one.path: one.why for one in found.left_out}
    if what in WITH_LINKS:
        assert [one.meaning for one in found.changes] == ["the link was removed"]
    else:
        assert (found.changes, left_out[LINKS]) == ((), "not in old")


@pytest.mark.parametrize("what", [name for name in WITH_LINKS if "link" in name or "selection" in name])
def test_links_alone_say_nothing_about_the_delegation(what: str) -> None:
    taken = kept(WITH_LINKS[what](*estate()))
    assert set(taken.facts) <= {"subnet", LINKS, "subnet.addressPrefixes"}
    left_out = {one.path: one.why for one in compare(taken, now()).left_out}
    assert left_out["subnet.delegations"] == "not in old"


@tried(40, 2000, width=st.integers(38, 220), bare=st.booleans())
def test_the_width_of_the_console_does_not_matter(width: int, bare: bool) -> None:
    subnet, vnet = estate()
    texts = [printed(subnet, width), printed(vnet, width), broken(dump(flattened(subnet)).decode(), width)]
    for text in texts[: 2 + (not bare)]:
        lines = [line.strip() for line in text.split("\n")] if bare else text.split("\n")
        found = compare(kept("\n".join(lines).encode()), now())
        assert (found.same, found.changes) == (True, ())


@tried(150, 20_000, what=st.sampled_from(sorted(SAVED)), part=st.floats(0, 1))
def test_the_beginning_of_a_file_is_refused_or_says_nothing_that_is_wrong(what: str, part: float) -> None:
    if what == "a link that PowerShell printed":
        return  # its id or plan may end at the width of the console: nothing tells that more followed
    content = SAVED[what](*estate())
    try:
        taken = kept(content[: int(len(content) * part)])
    except Unrecognised as error:
        assert len(str(error).splitlines()) == 1
        return
    assert compare(taken, now()).changes == ()


@tried(
    100,
    20_000,
    what=st.sampled_from(sorted(SAVED)),
    at=st.floats(0, 1),
    junk=st.binary(max_size=6) | st.text(max_size=4).map(str.encode),
)
def test_a_damaged_file_is_taken_or_refused_in_one_line(what: str, at: float, junk: bytes) -> None:
    content = SAVED[what](*estate())
    place = int(len(content) * at)
    try:
        kept(content[:place] + junk + content[place + len(junk) :])
    except Unrecognised as error:
        assert len(str(error).splitlines()) == 1


def test_what_powershell_prints_of_another_resource_is_no_subnet() -> None:
    """It prints a reference to a subnet with empty lists, whatever the subnet has."""
    reference = {"Id": SUBNET, "Delegations": [], "ServiceAssociationLinks": []}
    interface = SUBNET.replace("virtualNetworks/vnet-shop/subnets/snet-web", "networkInterfaces/nic")
    for file in (reference, {"Id": interface, "Name": "nic", "IpConfigurations": [{"Subnet": reference}]}):
        with pytest.raises(Unrecognised):
            recognise(dump(file))
    subnet, vnet = estate()
    peered = {"name": "other", "properties": {"remoteVirtualNetwork": {"id": VNET}}}
    vnet["properties"] |= {"virtualNetworkPeerings": [peered], "subnets": [subnet]}
    assert kept(printed(vnet).encode()).facts[LINKS]


def test_what_powershell_cut_off_is_unread() -> None:
    subnet, _ = estate()
    text = printed(subnet)
    class_name = "{Microsoft.Azure.Commands.Network.Models.PSServiceAssocationLink}"
    start, end = text.index("[", text.index("ServiceAssociationLinks")), text.index("NetworkSecurityGroup")
    taken = kept((text[:start] + class_name + "\n" + text[end:]).encode())
    assert taken.unread == {LINKS: "truncated or not recognised"}
    more = f"{text[:start]}{class_name}\n{text[end:]}ServiceAssociationLinksText : {text[start:end]}\n"
    assert kept(more.encode()).facts[LINKS] == now().facts[LINKS]
    elided = text.replace("{10.1.0.0/27}", "{10.1.0.0/27, 10.2.0.0/27...}")
    assert "subnet.addressPrefixes" not in kept(elided.encode()).facts


@pytest.mark.parametrize(("vnet_resource", "kind"), [(SUBNET, "regional"), (VNET, "gateway")])
def test_a_connection_without_its_kind_is_told_by_what_it_names(vnet_resource: str, kind: str) -> None:
    """`az webapp vnet-integration list` leaves `isSwift` out."""
    entry = {"id": f"{TARGET}/virtualNetworkConnections/x", "name": "x", "vnetResourceId": vnet_resource}
    taken = kept(dump([entry]))
    assert taken.facts == {"connections": "found", f"connections.{kind}": [vnet_resource]}
    with pytest.raises(Unrecognised, match="not about orders"):
        kept(dump([{**entry, "id": f"{TARGET}/slots/x/virtualNetworkConnections/x"}]))


def test_warnings_of_az_before_a_large_document_do_not_matter() -> None:
    subnet, _ = estate()
    content = b"WARNING: x\n" + dump([flattened(subnet)] * 3000)
    assert len(content) > 4 * 1024 * 1024
    assert kept(content).facts[LINKS]


UNNAMED: list[tuple[str, Any]] = [
    ("az", lambda subnet: {"name": subnet["name"], "serviceAssociationLinks": [], "delegations": []}),
    ("PowerShell", lambda subnet: {"Name": subnet["name"], "ServiceAssociationLinks": []}),
]


@pytest.mark.parametrize(("tool", "made"), UNNAMED)
def test_a_subnet_without_an_id_is_found_by_its_name_if_that_is_unique(tool: str, made: Any) -> None:
    subnet, _ = estate()
    one, other = made(subnet), made({"name": "snet-other"})
    taken = kept(dump([other, one]))
    assert (taken.subnet, taken.facts[LINKS], taken.source) == (SUBNET, {}, f"{tool}: subnet")
    for file in ([one, one], [other]):
        with pytest.raises(Unrecognised, match="not about orders"):
            kept(dump(file))


def test_names_in_a_template_are_evaluated_and_the_rest_is_left_out() -> None:
    subnet, vnet = estate()
    made = template(subnet, vnet)
    made["variables"] = {"prefix": "[concat('10.1.', variables('rest'))]", "rest": "0.0/27"}
    made["parameters"]["nsg"] = {"type": "string", "defaultValue": "[toLower('NSG-shop')]"}
    made["parameters"]["table"] = {"type": "string"}
    inner = made["resources"][0]["properties"]["subnets"][0]["properties"]
    nsg = "[resourceId('Microsoft.Network/networkSecurityGroups', parameters('nsg'))]"
    inner |= {
        "addressPrefix": "[variables('prefix')]",
        "networkSecurityGroup": {"id": nsg},
        "routeTable": {"id": "[parameters('table')]"},
        "serviceEndpoints": [{"service": "Microsoft.Sql", "locations": ["[resourceGroup().location]"]}],
    }
    facts = kept(dump(made)).facts
    assert facts["subnet.addressPrefixes"] == ["10.1.0.0/27"]
    assert facts["subnet.networkSecurityGroup.id"] == NSG
    assert facts["subnet.serviceEndpoints"] == ["Microsoft.Sql"]
    assert "subnet.routeTable.id" not in facts
    inner["delegations"] = [{"name": "web", "properties": {"serviceName": "[parameters('table')]"}}]
    assert "subnet.delegations" not in kept(dump(made)).facts


EXPRESSIONS: list[tuple[str, str | None]] = [
    ("snet-web", "snet-web"),
    ("[concat('snet', '-web')]", "snet-web"),
    ("[format('{0}-{1}', 'snet', 'web')]", "snet-web"),
    ("[format('{0}-{9}', 'snet')]", None),
    ("[variables('names')[0]]", "snet-web"),
    ("[variables('names')[1]]", None),
    ("[parameters('names').web]", "snet-web"),
    ("[variables('loop')]", None),
    ("[concat('a'", None),
    ("[concat('a')) ]", None),
    ("[1]", None),
    ("[]", None),
    ("[reference('x').name]", None),
    ("[uniqueString(resourceGroup().id)]", None),
    ("[[snet-web]", None),
]


@pytest.mark.parametrize(("name", "resolved"), EXPRESSIONS)
def test_an_expression_is_a_name_or_unknown(name: str, resolved: str | None) -> None:
    subnet, vnet = estate()
    made = template(subnet, vnet)
    made["parameters"]["names"] = {"type": "object", "defaultValue": {"web": "snet-web"}}
    made["variables"] = {"names": ["snet-web"], "loop": "[variables('loop')]"}
    made["resources"] = made["resources"][:1]
    made["resources"][0]["properties"]["subnets"][0]["name"] = name
    facts = kept(dump(made)).facts
    assert ("subnet.delegations" in facts) is (resolved == "snet-web")
    assert facts["vnet.addressSpace.addressPrefixes"] == ["10.1.0.0/16"]


IDS: list[tuple[str, str | None]] = [
    ("[resourceId('Microsoft.Network/networkSecurityGroups', 'nsg-shop')]", NSG),
    ("[resourceId('s', 'g', 'N.S/type', 'x')]", "/subscriptions/s/resourceGroups/g/providers/N.S/type/x"),
    ("[resourceId('g', 'N.S/type', 'x')]", None),
    ("[resourceId('N.S/type/inner', 'x')]", None),
    ("[resourceId('N.S/type', variables('none'))]", None),
    ("[resourceId('x')]", None),
    ("[resourceId()]", None),
    ("[concat('/subscriptions/', 7, '/x')]", "/subscriptions/7/x"),
    ("[concat(createArray('a'), 'b')]", None),
    ("[concat(variables('prefixes'), 'b')]", None),
    (f"[concat('{'x' * 5000}')]", None),
    (f"{'[concat(' * 1}{'concat(' * 50}'a'{')' * 50})]", None),
    ("[variables('big')]", None),
]


@pytest.mark.parametrize(("expression", "value"), IDS)
def test_an_id_in_a_template_is_evaluated_or_left_out(expression: str, value: str | None) -> None:
    subnet, vnet = estate()
    made = template(subnet, vnet)
    doubled = {f"v{n}": f"[concat(variables('v{n + 1}'), variables('v{n + 1}'))]" for n in range(20)}
    made["variables"] = {"prefixes": ["10.1.0.0/27"], "big": "[variables('v0')]", **doubled, "v20": "a"}
    inner = made["resources"][0]["properties"]["subnets"][0]["properties"]
    inner.pop("addressPrefix")
    inner |= {
        "networkSecurityGroup": {"id": expression},
        "addressPrefixes": "[concat(variables('prefixes'), variables('prefixes'))]",
    }
    facts = kept(dump(made)).facts
    assert facts.get("subnet.networkSecurityGroup.id") == value
    assert facts["subnet.addressPrefixes"] == ["10.1.0.0/27", "10.1.0.0/27"]


def test_what_exists_beside_a_template_is_not_its_own() -> None:
    subnet, vnet = estate()
    made = bicep(subnet, vnet)
    made["resources"]["subnet"]["existing"] = True
    with pytest.raises(Unrecognised):
        kept(dump(made))


def test_a_snapshot_of_a_part_holds_no_more_after_it_was_imported_again() -> None:
    taken = kept(WITH_LINKS["the links of az"](*estate()))
    again = recognise(msgspec.json.encode(taken))
    assert isinstance(again, Snapshot)
    assert set(redact_snapshot(again).facts) == {"subnet", LINKS}


def test_a_nested_template_has_its_own_parameters() -> None:
    subnet, vnet = estate()
    inner = template(subnet, vnet, default=False)
    [held] = inner["parameters"]
    outer = {
        "$schema": inner["$schema"],
        "parameters": {"network": {"defaultValue": "vnet-shop"}},
        "resources": [
            {
                "type": "Microsoft.Resources/deployments",
                "properties": {
                    "parameters": {held: {"value": "[parameters('network')]"}},
                    "template": inner,
                },
            }
        ],
    }
    assert kept(dump(outer)).facts["subnet.delegations"] == ["Microsoft.Web/serverFarms"]


def test_a_child_in_a_template_is_named_by_what_it_is_in() -> None:
    subnet, vnet = estate()
    made = template(subnet, vnet)
    network_, own = made["resources"]
    network_["properties"].pop("subnets")
    network_["resources"] = [{**own, "type": "subnets", "name": "snet-web"}]
    made["resources"] = [network_]
    assert kept(dump(made)).facts["subnet.delegations"] == ["Microsoft.Web/serverFarms"]


def test_an_app_and_its_plan_are_found_in_a_template() -> None:
    subnet, vnet = estate()
    made = template(subnet, vnet)
    made["parameters"]["subnet_externalid"] = {"defaultValue": SUBNET}
    app, plan = (TARGET.rpartition("/")[2], case().integration.target.plan or "")
    made["resources"] = [
        {
            "type": "Microsoft.Web/sites",
            "name": app,
            "location": "West Europe",
            "properties": {
                "virtualNetworkSubnetId": "[parameters('subnet_externalid')]",
                "serverFarmId": f"[resourceId('Microsoft.Web/serverfarms', '{plan.rpartition('/')[2]}')]",
            },
        }
    ]
    facts = kept(dump(made)).facts
    assert facts["site.virtualNetworkSubnetId"] == SUBNET
    assert facts["site.serverFarmId"] == plan
    assert "site.hostingEnvironmentProfile.id" not in facts


NAMED: dict[str, tuple[bytes, str]] = {
    "Terraform state": (
        b'{"version": 4, "terraform_version": "1.9.0", "resources": []}',
        "a Terraform state",
    ),
    "Terraform plan": (b'{"terraform_version": "1.9.0", "planned_values": {}}', "a Terraform plan"),
    "Terraform code": (b'resource "azurerm_subnet" "x" {\n  name = "x"\n}\n', "Terraform code"),
    "Bicep": (b"param location string\nresource x 'Microsoft.Web/sites@2024-04-01' = {\n}\n", "Bicep code"),
    "parameters": (
        b'{"$schema": "https://schema.management.azure.com/2019-04-01/deploymentParameters.json#"}',
        "the parameters of an ARM template",
    ),
    "Pulumi": (b'{"version": 3, "deployment": {}}', "a Pulumi state"),
    ".env": (b"# app\nAPP=orders\nexport KEY=planted\n\n", "a list of settings (.env)"),
    "HTML": (b"<!DOCTYPE html>\n<html><body>x</body></html>", "an HTML page"),
    "Clixml": (b'<Objs Version="1.1.0.1"></Objs>', "PowerShell's Export-Clixml"),
    "XML": (b'<?xml version="1.0"?><a/>', "XML"),
    "RTF": (rb"{\rtf1 x}", "a formatted text document"),
    "PDF": (b"%PDF-1.7\n\xe2\xe3", "a PDF document"),
    "zip": (b"PK\x03\x04\x14\0", "a zip archive or an Office document"),
    "PNG": (b"\x89PNG\r\n\x1a\n\0", "a picture"),
    "BMP": (b"BM\x36\0\0\0\0\0", "a picture"),
    "gzip": (b"\x1f\x8b\x08\0", "a gzip archive"),
    "table of az": (b"Name       Prefix\n---------  ------------\nsnet-web   10.1.0.0/27\n", "a table"),
    "table of PowerShell": (b"Name AddressPrefix\n---- -------------\nsnet {10.1.0.0/27}\n", "a table"),
    "tsv": (b"10.1.0.0/27\tNone\tsnet-web\tSucceeded\n", "tab-separated text"),
    "error of az": (b"ERROR: (ResourceNotFound) The Resource was not found.\n", "an error message of az"),
    "error of ARM": (b'{"error": {"code": "NotFound", "message": "x"}}', "an error that Azure answered"),
    "error of Web": (b'{"Code": "BadRequest", "Message": "x"}', "an error that Azure answered"),
    "a run": (b'{"schema": "remediate.run/1"}', "a run, and no snapshot"),
    "verify": (b'{"schema": "remediate.verify/1"}', "the output of `remediate verify`"),
    "verify, yaml": (b"schema: remediate.verify/1\nhealthy: true\n", "the output of `remediate verify`"),
    "a world": (b"summary: x\nnetworks:\n  vnet-prod: {}\n", "a world file of the sandbox"),
    "a playbook": (b"id: x\nfor: []\nsteps: []\n", "a playbook"),
    "resources": (
        json.dumps([{"id": TARGET, "name": "x", "properties": None}]).encode(),
        "no subnet, network, app, plan or networkConfig",
    ),
}


@pytest.mark.parametrize("what", NAMED)
def test_what_is_something_else_is_named(what: str) -> None:
    content, name = NAMED[what]
    with pytest.raises(Unrecognised) as caught:
        recognise(content)
    assert name in str(caught.value)
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("render", [dump, lambda one: flattened(one) and dump(pascal(one))])
def test_nothing_secret_is_taken_from_what_was_saved(render: Any) -> None:
    subnet, _ = estate()
    subnet["tags"] = {"token": "planted"}
    subnet["properties"]["note"] = "planted"
    taken = kept(dump(flattened(subnet)))
    assert "planted" not in str(taken.documents)
    assert imported(subnet).facts[LINKS]


def test_a_template_whose_names_are_others_is_told_by_them() -> None:
    subnet, vnet = estate()
    content = dump(template(subnet, {**vnet, "name": "vnet-other"}))
    with pytest.raises(Unrecognised, match="it is about vnet-other and 1 more, and not about orders"):
        kept(content)


def test_a_link_that_names_another_plan_is_compared_as_such() -> None:
    subnet, vnet = estate()
    links_of(subnet)[0]["properties"]["link"] = OTHER_PLAN
    for what in WITH_LINKS:
        found = compare(kept(WITH_LINKS[what](subnet, vnet)), now())
        assert [one.meaning for one in found.changes] == ["the link names another plan"], what
