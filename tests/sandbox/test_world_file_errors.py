"""World files that are wrong: every error at once, with its line, in every command that takes one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from remediate.sandbox.scenarios import GROUP, InvalidWorld, UnreadableWorld, load
from remediate.sandbox.worldfile.check import checked
from tests.conftest import APP, PLAN, Ran

FAR = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-far/providers"
FAR_PLAN = f"{FAR}/Microsoft.Web/serverfarms/plan-far"
FAR_NETWORK = f"{FAR}/Microsoft.Network/virtualNetworks/vnet-far"
PRIVATE = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
CARD = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic"
ENVIRONMENT = f"{GROUP}/providers/Microsoft.Web/hostingEnvironments/ase"
GATEWAY = f"{GROUP}/providers/Microsoft.Network/applicationGateways/agw"


LINK = "networks: {vnet-prod: {subnets: {snet-apps: {link: %s}}}}"


def errors(text: str | bytes) -> list[tuple[int, str]]:
    """What is wrong with a file, line by line."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidWorld) as caught:
        checked(data, "mine.yaml")
    return [tuple(one) for one in caught.value.errors]


WRONG: list[tuple[str, list[tuple[int, str]]]] = [
    ("networks:\n  vnet-prod:\n    sbnets: {}", [(3, "unknown key 'sbnets'; did you mean 'subnets'?")]),
    ("plans:\n  plan-orders:\n    workers: many", [(3, "'workers' must be a whole number, not 'many'")]),
    ("plans:\n  plan-orders: {workers: -1}", [(2, "'workers' must be at least 0, not -1")]),
    ("plans: [plan-orders]", [(1, "'plans' must be a mapping, not a list")]),
    (
        "apps:\n  orders-func:\n    plan: plan-order",
        [(3, "there is no plan 'plan-order' in this world; did you mean 'plan-orders'?")],
    ),
    (
        "apps:\n  orders-func:\n    subnet: vnet-prod/snet-aps",
        [(3, "there is no subnet 'vnet-prod/snet-aps' in this world; did you mean 'vnet-prod/snet-apps'?")],
    ),
    (
        "apps: {orders-func: {subnet: snet-apps}}",
        [(1, "'subnet' must be NETWORK/SUBNET or the ARM id of a subnet, not 'snet-apps'")],
    ),
    ("extends: helthy", [(1, "there is no scenario 'helthy'; did you mean 'healthy'?")]),
    (
        "apps:\n  a/b: {}",
        [
            (
                2,
                "the key must be the name or ARM id of an app; a slot is named under its app's 'slots', "
                "not 'a/b'",
            )
        ],
    ),
    ("plans: {plan-b: {}}", [(1, "the plan 'plan-b' needs a 'sku'")]),
    ("plans:\n  plan-b:\n    sku: Q9", [(3, "the sku 'Q9' is not known: name its 'tier' too")]),
    ("apps: {other: {}}", [(1, "the app 'other' needs a 'plan'")]),
    ("plans: {plan-orders: null}", [(1, "there is no plan 'plan-orders' in this world")]),
    ("networks:\n  vnet-x: {}", [(2, "the network 'vnet-x' needs 'prefixes'")]),
    (
        "networks:\n  vnet-prod:\n    subnets:\n      snet-x: {}",
        [(4, "the subnet 'snet-x' needs a 'prefix'")],
    ),
    (
        "networks: {vnet-prod: {prefixes: [10.10.0.1/16]}}",
        [
            (
                1,
                "entry 1 of 'prefixes' must be an address prefix, such as 10.10.1.0/27, not '10.10.0.1/16'; "
                "did you mean '10.10.0.0/16'?",
            )
        ],
    ),
    (
        LINK % "3",
        [
            (
                1,
                "'link' must be a plan's name or ARM id, a mapping such as {plan: plan-orders, state: "
                "Updating}, or a list of them, not 3",
            )
        ],
    ),
    (LINK % "{nam: x}", [(1, "unknown key 'nam'; did you mean 'name'?")]),
    (LINK % APP, [(1, f"'link' must be the name or ARM id of an App Service plan, not {APP!r}")]),
    ("locks:\n- {level: ReadOnly}", [(2, "entry 1 of 'locks' needs 'name'")]),
    (
        "locks: [{name: a, level: Readonly}]",
        [(1, "'level' must be CanNotDelete or ReadOnly, not 'Readonly'; did you mean 'ReadOnly'?")],
    ),
    (
        "activity: [{at: yesterday, operation: x, resource: orders-func}]",
        [(1, "'at' must be a time, such as 2026-01-31T03:00:00Z or -3h, not 'yesterday'")],
    ),
    (
        "changes: [{at: -3h, type: Update, resource: nothing}]",
        [(1, "there is no app, plan or network 'nothing' in this world")],
    ),
    (
        "changes: [{at: -3h, type: Update, resource: orders-func, changes: {a: [1]}}]",
        [(1, "'a' must have 2 entries: [old, new]")],
    ),
    (
        "faults:\n- {match: {path: x}, garbage: true, stale: true}",
        [(2, "entry 1 of 'faults': needs exactly one of answer, reset, delay, garbage, stale, reversed")],
    ),
    ("faults: [{match: {path: '('}, stale: true}]", [(1, "'path' must be a regular expression, not '('")]),
    ("durations: {link: nevr}", [(1, "'link' must be seconds, or never, not 'nevr'")]),
    ("groups:\n  rg-old:", [(2, "'rg-old' must be a mapping, not null")]),
    (
        f"plans:\n  plan-orders: {{workers: 1}}\n  {PLAN}: {{workers: 2}}",
        [(3, f"{PLAN!r} is here twice, under another spelling")],
    ),
    ("location: a\nlocation: b", [(2, "'location' is here twice")]),
    ("plans: {plan-orders: {<<: {workers: 2}}}", [(1, "a merge key (<<) has no meaning here")]),
    ("- a", [(1, "the file must be a mapping, not a list")]),
    ("", [(1, "the file is empty")]),
    ("a: [b", [(1, "this is not YAML: expected ',' or ']', but got '<stream end>'")]),
    ("a: !!python/object:os.system x", [(1, "a world file has no tags (!); put the text in quotes")]),
    ("a: &a [*a]", [(1, "aliases (*) make this file too large")]),
    ('a: "\\UFFFFFFFF"', [(1, "this is not YAML: an escape that stands for no character")]),
    ('location: "\\ud800"', [(1, "a character that no text can hold")]),
    ("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", [(1, "nesting deeper than 24 levels")]),
    ("? {a: b}\n: c", [(1, "a key must be plain text")]),
]


@pytest.mark.parametrize(("text", "wrong"), WRONG)
def test_wrong(text: str, wrong: list[tuple[int, str]]) -> None:
    assert errors(text) == wrong


def test_every_error_at_once_also_of_different_kinds() -> None:
    text = """\
colour: red
plans:
  plan-x: {}
apps:
  orders-func:
    plan: plan-order
    routing: [allTrafic]
networks:
  vnet-prod:
    subnets:
      snet-apps: {prefix: 10.10.1.0/33}
"""
    assert [line for line, _ in errors(text)] == [1, 3, 6, 7, 11]


BESIDE: list[tuple[str, list[tuple[int, str]]]] = [
    (
        "apps: {orders-func: {routing: [allTrafic], plan: plan-order}}",
        [
            (
                1,
                "entry 1 of 'routing' must be allTraffic, applicationTraffic, ",
            ),
            (1, "there is no plan 'plan-order' in this world; did you mean 'plan-orders'?"),
        ],
    ),
    (
        "extends: helthy\nplans: {a: {workers: x, sku: Q9}, A: {}}",
        [
            (1, "there is no scenario 'helthy'; did you mean 'healthy'?"),
            (2, "'A' is here twice, under another spelling"),
            (2, "'workers' must be a whole number, not 'x'"),
        ],
    ),
    (
        "faults:\n- {match: {pth: x}, stale: true}\n- {match: {path: x}}",
        [(2, "unknown key 'pth'; did you mean 'path'?"), (3, "entry 2 of 'faults': needs exactly one of ")],
    ),
    (
        "activity:\n- {at: -3h, operation: x}\n- {at: -3h, operation: x, resource: nothing}",
        [
            (2, "entry 1 of 'activity' needs 'resource'"),
            (3, "there is no app, plan or network 'nothing' in this world"),
        ],
    ),
    (
        'networks: {"/bad": {}}\nplans: {plan-b: {}}',
        [
            (1, "the key must be the name or ARM id of a virtual network, not '/bad'"),
            (2, "the plan 'plan-b' needs a 'sku'"),
        ],
    ),
    (
        "plans:\n  plan-b: {sku: P1v3}\n  PLAN-B: {sku: P1v3}\napps: {shop: {plan: plan-c}}",
        [
            (3, "'PLAN-B' is here twice, under another spelling"),
            (4, "there is no plan 'plan-c' in this world; did you mean 'plan-b'?"),
        ],
    ),
]
"""Errors of form beside errors that only the whole of the world shows, each with how its message begins."""


@pytest.mark.parametrize(("text", "wrong"), BESIDE)
def test_an_error_of_form_hides_no_other_error(text: str, wrong: list[tuple[int, str]]) -> None:
    found = errors(text)
    assert [line for line, _ in found] == [line for line, _ in wrong], found
    assert [one for one, (_, begins) in zip(found, wrong, strict=True) if not one[1].startswith(begins)] == []


@pytest.mark.parametrize(
    "text",
    [
        "plans: {plan-b: {sku: 3}}",
        "plans: {plan-b: {skuu: P1v3}}",
        "plans: {plan-b: [P1v3]}\napps: {shop: {plan: plan-b}}",
        "plans: 3\napps: {shop: {plan: plan-b}}",
        "networks: {vnet-x: {prefixes: 10.0.0.0/8}}",
        "networks: {vnet-x: {prefixes: [10.0.0.0/8], subnets: []}}\napps: {orders-func: {subnet: vnet-x/a}}",
        "networks: {vnet-x: {prefixes: [10.0.0.0/8], sbnets: {a: {}}}}\n"
        "apps: {orders-func: {subnet: vnet-x/a}}",
        "networks: {vnet-prod: {subnets: {a: 10.10.9.0/24}}}\napps: {orders-func: {subnet: vnet-prod/a}}",
        "apps: {shop: {plan: [plan-orders], slots: {blue: {}}}}",
        "apps: {orders-func: {gateway: {network: [], thumbprint: A}}}",
        "apps: [shop]\nactivity: [{at: -3h, operation: x, resource: shop}]",
        "graph: {plans: {plan-b: {sku: 3}}}",
        "group: rg\napps: {shop: {plan: plan-b}}",
    ],
)
def test_what_an_error_of_form_leads_to_is_no_error_of_its_own(text: str) -> None:
    assert len(errors(text)) == 1


def test_the_name_of_a_scenario_is_not_a_file(
    remediate: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = remediate("sandbox", "check", "healthy", "-o", "json")
    message = "'healthy' is a shipped scenario, not a file: it needs no check"
    assert (ran.code, ran.document["message"]) == (2, message)
    assert "`--sandbox healthy`" in ran.document["hint"]
    (tmp_path / "healthy").write_text("extends: healthy", encoding="utf-8")
    assert remediate("sandbox", "check", "healthy").code == 0


def test_bytes_that_are_no_text() -> None:
    assert errors(b"a: 1\nb: \xff") == [(2, "this is not UTF-8 text")]
    assert errors("a: 1\nb: \x01") == [(2, "a control character")]
    assert errors(b"#" * (1024 * 1024 + 1)) == [(1, "the file is larger than 1024 KiB")]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableWorld, match=r"no\.yaml cannot be read: No such file"):
        load(str(tmp_path / "no.yaml"))


def test_check_says_what_is_in_the_world(remediate: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "world"
    file.write_text("extends: shared-link", encoding="utf-8")
    ran = remediate("sandbox", "check", str(file))
    assert (ran.code, ran.out, ran.err) == (0, f"✓ {file}: 4 apps, 1 plan, 2 subnets, no error\n", "")
    document = remediate("sandbox", "check", str(file), "-o", "json").document
    assert (document["valid"], document["apps"]) == (True, 4)


@pytest.mark.parametrize("command", ["sandbox check", "sandbox serve", "verify orders-func --sandbox"])
def test_a_wrong_file_gets_every_error_and_nothing_else(
    remediate: Callable[..., Ran], tmp_path: Path, command: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("colour: red\nplans: {plan-b: {}}", encoding="utf-8")
    ran = remediate(*command.split(), str(file))
    first, second = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert first.startswith(f"✗ {file}:1: unknown key 'colour'; known are summary, ")
    assert second == f"✗ {file}:2: the plan 'plan-b' needs a 'sku'"
    document = remediate(*command.split(), str(file), "-o", "json").document
    assert (document["code"], document["exit"], document["message"].count("\n")) == ("world", 2, 1)


def test_a_command_runs_in_the_world_of_a_file(remediate: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(LINK % "null", encoding="utf-8")
    ran = remediate("verify", "orders-func", "--sandbox", str(file), "-o", "json")
    assert (ran.code, ran.codes) == (3, {"link-missing"})
