"""World files: what each key makes of the base world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from remediate.sandbox.documents import network as documents
from remediate.sandbox.governance import DenyAssignment
from remediate.sandbox.resources import Link
from remediate.sandbox.scenarios import GROUP, load, summaries
from remediate.sandbox.world import World
from remediate.sandbox.worldfile.check import checked
from remediate.sandbox.worldfile.layers import FOLDER
from remediate.sandbox.worldfile.schema import WORLD
from tests.conftest import APP, PLAN, SUBNET

FAR = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-far/providers"
FAR_PLAN = f"{FAR}/Microsoft.Web/serverfarms/plan-far"
FAR_NETWORK = f"{FAR}/Microsoft.Network/virtualNetworks/vnet-far"
PRIVATE = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
CARD = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic"
ENVIRONMENT = f"{GROUP}/providers/Microsoft.Web/hostingEnvironments/ase"
GATEWAY = f"{GROUP}/providers/Microsoft.Network/applicationGateways/agw"


@pytest.fixture
def world(tmp_path: Path) -> Callable[[str], World]:
    """The world of a file with this text."""

    def make(text: str) -> World:
        file = tmp_path / "world.yaml"
        file.write_text(text, encoding="utf-8")
        return load(str(file))

    return make


Make = Callable[[str], World]


@pytest.mark.parametrize("name", ["_base", *(one.name for one in summaries())])
def test_every_shipped_scenario_is_a_file_without_an_error(name: str) -> None:
    assert checked((FOLDER / f"{name}.yaml").read_bytes(), name)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(WORLD)


def test_a_file_says_what_is_different_from_the_base_world(world: Make) -> None:
    made = world("plans: {plan-orders: {workers: 5}}")
    assert (made.state.plan(PLAN).workers, made.state.plan(PLAN).sku) == (5, "P1v3")
    assert made.state.site(APP).subnet == SUBNET


def test_a_file_extends_a_scenario(world: Make) -> None:
    made = world("extends: shared-link\nplans: {plan-orders: {windows-containers: true}}")
    assert (len(made.state.sites), made.state.plan(PLAN).windows_containers) == (4, True)


def test_a_file_may_start_from_nothing(world: Make) -> None:
    made = world("extends: null")
    assert not (made.state.sites or made.state.plans or made.state.vnets)
    assert [one.id for one in made.state.groups.values()] == [GROUP]


def test_plain_names_may_be_in_another_group(world: Make) -> None:
    made = world("group: /subscriptions/s-1/resourceGroups/rg-mine\nlocation: northeurope")
    assert [one.id for one in made.state.sites.values()] == [
        APP.replace(GROUP, "/subscriptions/s-1/resourceGroups/rg-mine")
    ]
    assert list(made.state.subscriptions) == ["s-1"]


def test_an_id_may_stand_for_every_name(world: Make) -> None:
    made = world(
        f"""
networks:
  {FAR_NETWORK}: {{prefixes: [10.9.0.0/16], subnets: {{snet: {{prefix: 10.9.1.0/27, link: {FAR_PLAN}}}}}}}
  {GROUP}/providers/microsoft.network/virtualnetworks/VNET-PROD:
    subnets:
      {SUBNET}: {{link: null}}
plans:
  {FAR_PLAN}: {{sku: P1v3}}
  {PLAN}: {{workers: 7}}
apps:
  {APP}: {{plan: {FAR_PLAN}, subnet: {FAR_NETWORK}/subnets/snet}}
"""
    )
    assert len(made.state.vnets) == len(made.state.plans) == 2
    assert (made.state.site(APP).plan, made.state.site(APP).subnet) == (
        FAR_PLAN,
        f"{FAR_NETWORK}/subnets/snet",
    )
    assert made.state.plan(PLAN).workers == 7
    assert made.state.subnet(SUBNET).links == []
    assert [link.target for link in made.state.subnet(f"{FAR_NETWORK}/subnets/snet").links] == [FAR_PLAN]
    assert len(made.state.groups) == len(made.state.subscriptions) == 2


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("plan-orders", [Link("AppServiceLink", "Microsoft.Web/serverfarms", PLAN)]),
        (PLAN, [Link("AppServiceLink", "Microsoft.Web/serverfarms", PLAN)]),
        (
            "{plan: plan-orders, state: Updating, allow-delete: true}",
            [Link("AppServiceLink", "Microsoft.Web/serverfarms", PLAN, "Updating", allow_delete=True)],
        ),
        (
            "[plan-orders, {name: acisal, type: Microsoft.ContainerInstance/containerGroups}]",
            [
                Link("AppServiceLink", "Microsoft.Web/serverfarms", PLAN),
                Link("acisal", "Microsoft.ContainerInstance/containerGroups", None),
            ],
        ),
        (f"{{name: x, type: y, names: {ENVIRONMENT}}}", [Link("x", "y", ENVIRONMENT)]),
        ("{name: x, type: y, names: subnet}", [Link("x", "y", SUBNET)]),
        ("null", []),
    ],
)
def test_a_link(world: Make, link: str, made: list[Link]) -> None:
    found = world(f"networks: {{vnet-prod: {{subnets: {{snet-apps: {{link: {link}}}}}}}}}")
    assert found.state.subnet(SUBNET).links == made


def test_occupants_are_in_the_body_of_the_subnet_by_their_kind(world: Make) -> None:
    occupants = ", ".join((PRIVATE, CARD, ENVIRONMENT, GATEWAY))
    made = world(f"networks: {{vnet-prod: {{subnets: {{snet-data: {{occupants: [{occupants}]}}}}}}}}")
    body = documents.subnet(made.state.subnet(SUBNET.replace("snet-apps", "snet-data")), 0, "2024-05-01")[
        "properties"
    ]
    assert body["privateEndpoints"] == [{"id": PRIVATE}]
    assert body["ipConfigurations"] == [{"id": f"{CARD}/ipConfigurations/ipconfig1"}]
    assert [one["id"].removeprefix(GATEWAY) for one in body["applicationGatewayIPConfigurations"]] == [
        "/gatewayIPConfigurations/appGatewayIpConfig"
    ]
    (link,) = body["resourceNavigationLinks"]
    assert (link["properties"]["link"], link["properties"]["linkedResourceType"]) == (
        ENVIRONMENT,
        "Microsoft.Web/hostingEnvironments",
    )


def test_a_network_may_have_ipv6_and_a_subnet_several_prefixes(world: Make) -> None:
    made = world(
        "networks: {vnet-prod: {prefixes: [10.10.0.0/16, 'ace:cab:deca::/48'], subnets: "
        "{snet-apps: {prefixes: [10.10.1.0/27, 'ace:cab:deca:1::/64']}}}}"
    )
    assert made.vnet_of(made.state.subnet(SUBNET)).prefixes[1] == "ace:cab:deca::/48"
    assert (made.state.subnet(SUBNET).listed, made.state.subnet(SUBNET).usable) == (True, 27)


def test_deny_assignments_and_locks_have_scopes(world: Make) -> None:
    made = world(
        f"""
deny-assignments:
  - {{name: here, actions: ['*'], not-actions: ['*/read'], exclude-principals: [me]}}
  - {{name: there, scope: {SUBNET}, actions: [Microsoft.Network/virtualNetworks/subnets/join/action]}}
locks:
  - {{name: all, level: ReadOnly}}
  - {{name: one, level: CanNotDelete, resource: Microsoft.Web/sites/orders-func}}
  - {{name: far, level: CanNotDelete, resource: {FAR_PLAN}}}
"""
    ).state.governance
    join = "Microsoft.Network/virtualNetworks/subnets/join/action"
    assert made.deny_assignments == [
        DenyAssignment("here", GROUP, ["*"], ["*/read"], ["me"]),
        DenyAssignment("there", SUBNET, [join]),
    ]
    assert [one.scope for one in made.locks] == [GROUP, APP, FAR_PLAN]


def test_records_are_in_order_with_full_ids_and_real_times(world: Make) -> None:
    state = world(
        f"""
activity:
  - {{at: -1h, who: ann@contoso.com, operation: Microsoft.Web/sites/write, resource: orders-func}}
  - {{at: 2026-01-31T03:00:00+01:00, operation: x, resource: vnet-prod/snet-apps}}
changes:
  - {{at: -3h, who: app-1, client: Portal, type: Update, resource: {PLAN}, changes: {{a.b: [P1v3, null]}}}}
  - {{at: -2h, type: Delete, resource: plan-orders}}
  - {{at: -1h, type: Delete, resource: vnet-prod}}
"""
    ).state
    assert [(one["resource"], one.get("who")) for one in state.activity] == [
        (SUBNET, None),
        (APP, "ann@contoso.com"),
    ]
    assert state.activity[0]["at"] == "2026-01-31T02:00:00Z"
    assert state.changes[0]["changes"] == {"a.b": ["P1v3", None]}
    assert [one["resource"].rpartition("/")[2] for one in state.changes] == [
        "plan-orders",
        "plan-orders",
        "vnet-prod",
    ]


def test_graph_goes_on_showing_what_the_file_says_also_what_it_takes_away(world: Make) -> None:
    made = world("graph: {networks: {vnet-prod: {subnets: {snet-apps: {link: null}}}}}")
    assert made.graph is not None
    assert (made.graph.subnet(SUBNET).links, len(made.state.subnet(SUBNET).links)) == ([], 1)


def test_a_slot_may_be_on_another_plan(world: Make) -> None:
    made = world("plans: {plan-b: {sku: S1}}\napps: {orders-func: {slots: {blue: {plan: plan-b}}}}")
    (slot,) = made.state.slots_of(APP)
    assert (slot.plan.rpartition("/")[2], slot.kind) == ("plan-b", "functionapp")
