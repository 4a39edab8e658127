"""The custom roles: with them every command works; with one action less something is refused or unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from remediate.azure.clock import SystemClock
from remediate.azure.cloud import discovered
from remediate.azure.inventory import inventory
from remediate.azure.session import open_session
from remediate.model import Deletable
from remediate.roles import definition, needed_for, of_role
from remediate.roles.action import EVERYWHERE, Action
from remediate.roles.actions import ACTIONS
from tests.conftest import APP, SUBNET, Azure, Ran
from tests.roles import cases
from tests.roles.cases import Case, world_of
from tests.sampled import in_sweep

SUBSCRIPTION = APP.split("/")[2]
SIGN_IN = re.compile(r"/(adfs|metadata)/")
UNNAMED = re.compile(r"/tcpPingCheck(\?|$)")
"""The one request for which Azure lists no action."""
UNREAD = {"no-read-permission", "not-visible", "probe-failed"}
GROUPS = "Microsoft.Resources/subscriptions/resourceGroups/read"
ELSEWHERE = {GROUPS, "Microsoft.Web/sites/slots/detectors/read"}
"""What the commands here do not need: the wizard lists groups; the detector is asked at any known app."""
APPS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/sites"
REPAIR = [one.name for one in of_role("repair")]
READ = [one.name for one in of_role("read")]


def run_case(
    case: Case,
    actions: list[str],
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    folder: Path,
) -> tuple[Ran, Azure]:
    simulated = azure(world_of(case, actions, folder))
    if case.faults:
        simulated.fault(*case.faults)
    return remediate(*case.command), simulated


def sent(simulated: Azure) -> list[tuple[str, str, int]]:
    """Method, path and status of every request to ARM."""
    log = ((one["method"], one["path"], one["status"]) for one in simulated.log)
    return [one for one in log if not SIGN_IN.match(one[1])]


def codes(ran: Ran) -> set[str]:
    """Every finding code that a document holds anywhere."""
    return set(re.findall(r'"code": "([a-z-]+)"', ran.out))


def test_a_request_leads_to_its_actions() -> None:
    def names(method: str, path: str) -> list[str]:
        return [one.name for one in needed_for(method, path)]

    network = "Microsoft.Network/virtualNetworks"
    assert names("GET", f"{APP}?api-version=2025-05-01") == ["Microsoft.Web/sites/read"]
    assert names("GET", f"{APP}/slots") == ["Microsoft.Web/sites/slots/read"]
    assert names("GET", f"{APP}/SLOTS/staging") == ["Microsoft.Web/sites/slots/read"]
    assert names("PATCH", APP) == ["Microsoft.Web/sites/write", f"{network}/subnets/join/action"]
    assert names("PUT", SUBNET) == [f"{network}/subnets/write"]
    assert names("GET", f"{SUBNET}/providers/Microsoft.Authorization/locks") == [
        "Microsoft.Authorization/locks/read"
    ]
    assert names("DELETE", APP) == []
    assert names("GET", f"{APP}/config/web") == []


def test_every_action_is_named_once_in_the_form_of_azure() -> None:
    names = [one.name for one in ACTIONS]
    assert len(set(names)) == len(names)
    assert all(
        re.fullmatch(r"Microsoft\.[A-Za-z]+(/[A-Za-z]+|/\*)+/(read|write|delete|action)", one)
        for one in names
    )
    assert all(one.endswith("/read") for one in READ)
    assert all(one.requests and one.commands and one.use.endswith(".") for one in ACTIONS)


@pytest.mark.parametrize("role", ["read", "repair"])
def test_the_published_role_is_the_one_that_is_tested(role: str) -> None:
    published = json.loads(Path(f"docs/reference/custom-role-{role}.json").read_text(encoding="utf-8"))
    assert published["Actions"] == (READ if role == "read" else REPAIR)
    assert published["AssignableScopes"] == ["/subscriptions/SUBSCRIPTION_ID"]
    assert published == definition("read" if role == "read" else "repair", published["AssignableScopes"])


def test_every_command_works_with_the_role_and_sends_what_is_in_the_table(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    used: set[str] = set()
    for case in (*cases.LOOKING, *cases.CHANGING):
        role = READ if case in cases.LOOKING else REPAIR
        ran, simulated = run_case(case, role, remediate, azure, tmp_path)
        assert ran.code == case.code, f"{case}: {ran.out}{ran.err}"
        assert not codes(ran) & UNREAD, case
        for method, path, status in sent(simulated):
            needed = needed_for(method, path)
            assert needed or UNNAMED.search(path), f"{case}: {method} {path} is not in the table"
            assert status != 403 or case.faults, f"{case}: {method} {path} is refused"
            assert all(is_told(case, one) for one in needed), f"{case}: {method} {path}"
            used |= {one.name for one in needed}
    assert set(REPAIR) - used == ELSEWHERE


def is_told(case: Case, action: Action) -> bool:
    """Whether the page says that this command needs the action."""
    return action.commands == EVERYWHERE or any(case.label.startswith(one) for one in action.commands)


WITHOUT: dict[str, tuple[Case, ...]] = {
    "Microsoft.Web/sites/read": (cases.VERIFY,),
    "Microsoft.Web/sites/slots/read": (cases.VERIFY, cases.VERIFY_SLOT),
    "Microsoft.Web/sites/networkConfig/read": (cases.VERIFY,),
    "Microsoft.Web/sites/slots/networkConfig/read": (cases.VERIFY_SLOT,),
    "Microsoft.Web/sites/virtualNetworkConnections/read": (cases.VERIFY,),
    "Microsoft.Web/sites/slots/virtualNetworkConnections/read": (cases.VERIFY_SLOT,),
    "Microsoft.Web/serverfarms/read": (cases.VERIFY,),
    "Microsoft.Web/serverfarms/sites/read": (cases.VERIFY,),
    "Microsoft.Web/serverfarms/virtualNetworkConnections/read": (cases.RECONNECT,),
    "Microsoft.Network/virtualNetworks/read": (cases.VERIFY,),
    "Microsoft.Network/virtualNetworks/subnets/read": (cases.VERIFY,),
    "Microsoft.Authorization/locks/read": (cases.RECONNECT, cases.PURGE, cases.GUARD_SUBNET),
    "Microsoft.Authorization/permissions/read": (cases.RECONNECT, cases.PURGE, cases.GUARD_SUBNET),
    "Microsoft.Authorization/denyAssignments/read": (cases.RECONNECT, cases.PURGE, cases.GUARD_SUBNET),
    "Microsoft.Resources/subscriptions/providers/read": (cases.RECONNECT,),
    "Microsoft.Web/sites/instances/read": (cases.PROBE,),
    "Microsoft.Web/sites/slots/instances/read": (cases.PROBE_SLOT,),
    "Microsoft.Web/sites/extensions/*/action": (cases.PROBE,),
    "Microsoft.Web/sites/slots/extensions/*/action": (cases.PROBE_SLOT,),
    "Microsoft.Web/sites/write": (cases.RECONNECT,),
    "Microsoft.Web/sites/slots/write": (cases.REBUILD,),
    "Microsoft.Web/sites/networkConfig/delete": (cases.RECONNECT, cases.LEAVE),
    "Microsoft.Web/sites/slots/networkConfig/delete": (cases.REBUILD, cases.LEAVE),
    "Microsoft.Web/sites/networkConfig/write": (cases.OTHER_WAY,),
    "Microsoft.Web/sites/slots/networkConfig/write": (cases.OTHER_WAY_OF_SLOTS,),
    "Microsoft.Network/virtualNetworks/subnets/join/action": (cases.RECONNECT,),
    "Microsoft.Network/virtualNetworks/subnets/write": (cases.DELEGATE, cases.PURGE, cases.OTHER_WAY),
    "Microsoft.Web/locations/*/action": (cases.PURGE,),
}
"""For each action the commands that fail or do not know without it."""
TRIED = ("Microsoft.Web/sites/networkConfig/read", "Microsoft.Network/virtualNetworks/subnets/join/action")
"""Those that `make test` tries, one of each role; `make sweep` tries all."""


def test_each_action_is_proved_or_named_as_unproven() -> None:
    unproven = {one.name for one in ACTIONS if one.unproven or one.optional}
    assert set(REPAIR) - set(WITHOUT) == unproven | {GROUPS}


@pytest.mark.parametrize(
    ("action", "case"),
    [
        *((name, case) for name in TRIED for case in WITHOUT[name]),
        *in_sweep(*((name, case) for name in WITHOUT if name not in TRIED for case in WITHOUT[name])),
    ],
    ids=str,
)
def test_with_one_action_less_a_command_fails_or_does_not_know(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path, action: str, case: Case
) -> None:
    ran, simulated = run_case(case, [one for one in REPAIR if one != action], remediate, azure, tmp_path)
    changes = case in cases.CHANGING and not case.label.startswith("verify")
    assert ran.code != case.code or codes(ran) & {*UNREAD, "no-permission"}, ran.out
    assert not changes or ran.code != 0
    assert not [one for one in sent(simulated) if one[0] == "DELETE"], "an app was disconnected"


@pytest.mark.parametrize(
    ("case", "code", "code_of_finding"),
    [
        (cases.VERIFY, 0, None),
        (cases.RECONNECT, 4, "no-read-permission"),
        (cases.PURGE, 4, "no-read-permission"),
    ],
    ids=str,
)
def test_on_the_resource_group_alone_the_role_is_enough_to_look(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    tmp_path: Path,
    case: Case,
    code: int,
    code_of_finding: str | None,
) -> None:
    azure(world_of(case, REPAIR, tmp_path, cases.GROUP_ID))
    ran = remediate(*case.command)
    assert ran.code == code, ran.out
    assert codes(ran) & UNREAD == ({code_of_finding} if code_of_finding else set())


def test_without_the_detector_the_apps_are_read_in_its_place(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    left = [one for one in REPAIR if "/detectors/" not in one]
    ran, simulated = run_case(cases.PURGE, left, remediate, azure, tmp_path)
    assert ran.code == 0
    assert any(path.partition("?")[0].endswith(APPS) for _, path, _ in sent(simulated))


def test_without_its_operation_the_subnet_is_read(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    left = [one for one in REPAIR if "/operations/" not in one]
    ran, simulated = run_case(cases.DELEGATE, left, remediate, azure, tmp_path)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert [path for _, path, status in sent(simulated) if status == 403 and "/operations/" in path]


def test_without_its_own_document_an_environment_still_occupies_the_subnet(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    left = [one for one in REPAIR if "managedEnvironments" not in one]
    ran, _ = run_case(cases.ENVIRONMENTS, left, remediate, azure, tmp_path)
    assert (ran.code, "subnet-occupied" in codes(ran)) == (3, True)


def test_the_lists_of_the_wizard_are_allowed_and_without_the_action_empty(
    azure: Callable[..., Azure], tmp_path: Path
) -> None:
    def groups(actions: list[str]) -> int:
        simulated = azure(world_of(cases.VERIFY, actions, tmp_path))
        with open_session(discovered(simulated.environment["REMEDIATE_ARM_ENDPOINT"]), SystemClock()) as one:
            kinds: tuple[Deletable, ...] = ("app", "plan", "vnet", "subnet")
            assert all(inventory(one, SUBSCRIPTION, kind) for kind in kinds)
            found = inventory(one, SUBSCRIPTION, "group")
        paths = [(method, path) for method, path, _ in sent(simulated)]
        assert all(needed_for(*each) for each in paths)
        return len(found)

    assert groups(READ) == 1
    assert groups([one for one in READ if one != GROUPS]) == 0
