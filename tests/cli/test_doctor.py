"""`remediate doctor`: each problem is made to happen, has its own line, and keeps no other check back."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from remediate.roles import definition, of_role
from remediate.show.schemas import schemas
from tests.cli.operator import Wizard
from tests.conftest import APP, SUBNET, Azure, Ran

SUBSCRIPTION = APP.split("/")[2]
MACHINE = ["versions", "network", "clock", "sign-in", "az", "subscription", "resource-graph", "state", "runs"]
METADATA = "/metadata/endpoints?api-version=2022-09-01"


def checks(ran: Ran) -> dict[str, dict[str, Any]]:
    """Each check by its name, of a document that is valid."""
    document = ran.document
    jsonschema.validate(document, schemas()["remediate.doctor-1"])
    assert document["ready"] == (ran.code == 0) == all(one["result"] == "ok" for one in document["checks"])
    return {one["name"]: one for one in document["checks"]}


def results(ran: Ran) -> dict[str, str]:
    """The result of each check that is not ok."""
    return {name: one["result"] for name, one in checks(ran).items() if one["result"] != "ok"}


@pytest.fixture
def doctor(remediate: Callable[..., Ran]) -> Callable[..., Ran]:
    """`remediate doctor -o json` with more time than a busy machine needs."""
    return lambda *arguments: remediate("doctor", "-o", "json", "--timeout", "60", *arguments)


@pytest.fixture
def silent() -> Iterator[str]:
    """An address at which somebody listens, and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield f"https://localhost:{listening.getsockname()[1]}"


def test_where_everything_is_right_each_check_has_a_line(
    doctor: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    ran = doctor()
    assert (ran.code, list(checks(ran))) == (0, MACHINE)
    told = {name: one["detail"] for name, one in checks(ran).items()}
    assert "127.0.0.1" in told["network"] and "trustme" in told["network"]
    assert told["sign-in"].startswith("sandbox-operator in tenant adfs, through EnvironmentCredential, token")
    assert told["subscription"] == f"Sandbox ({SUBSCRIPTION}), from AZURE_SUBSCRIPTION_ID"
    assert "shows apps" in told["resource-graph"]
    assert os.environ["REMEDIATE_STATE"] in told["state"]
    assert simulated.writes == []
    assert not [one for one in Path(os.environ["REMEDIATE_STATE"]).rglob("*") if one.is_file()]


def test_the_page_is_short_and_says_how_it_is(remediate: Callable[..., Ran]) -> None:
    ran = remediate("doctor", "--sandbox", "healthy", "--timeout", "60")
    assert ran.code == 0
    assert [line.split()[1] for line in ran.out.splitlines()[:9]] == MACHINE
    assert ran.out.splitlines()[-1] == "✓ Ready: nothing here keeps a repair from working."


def test_a_wrong_secret_is_a_problem_of_the_sign_in(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    ran = doctor()
    expected = {"sign-in": "problem", "subscription": "unknown", "resource-graph": "unknown"}
    assert (ran.code, results(ran)) == (3, expected)
    sign_in = checks(ran)["sign-in"]
    assert sign_in["detail"].startswith("the client secret in AZURE_CLIENT_SECRET is wrong")
    assert "az ad app credential reset" in sign_in["cure"]
    assert sign_in["notes"][0].startswith("tried environment variables: AADSTS7000215")
    assert checks(ran)["subscription"]["detail"] == "not checked: there is no sign-in"


def test_without_any_credential_each_that_was_tried_is_named(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", "/nowhere")
    ran = remediate("doctor", "--timeout", "60")
    assert ran.code == 3
    assert "✗ sign-in" in ran.out
    assert "· tried Azure CLI (az): az is not installed" in ran.out
    assert "az login" in ran.out


def test_az_is_looked_for_and_its_lack_is_no_problem_by_itself(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    azure("healthy")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checks(doctor())["az"]["detail"] == "not found; needed only where nothing else signs in"
    (tmp_path / "az").write_text("#!/bin/sh\n")
    (tmp_path / "az").chmod(0o755)
    assert checks(doctor())["az"]["detail"] == f"found at {tmp_path / 'az'}"


def test_a_wrong_subscription_is_named_with_those_that_are_there(
    doctor: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy")
    ran = doctor("--subscription", "00000000-0000-0000-0000-000000000009")
    assert (ran.code, results(ran)["subscription"]) == (3, "problem")
    check = checks(ran)["subscription"]
    assert check["detail"].endswith("from --subscription, is not found or not visible to the account")
    assert f"Sandbox ({SUBSCRIPTION})" in check["cure"]


def test_a_subscription_may_be_named(doctor: Callable[..., Ran], azure: Callable[..., Azure]) -> None:
    azure("healthy")
    ran = doctor("--subscription", "sandbox")
    told = f"Sandbox ({SUBSCRIPTION}), from --subscription"
    assert (ran.code, checks(ran)["subscription"]["detail"]) == (0, told)


def test_no_subscription_at_all_is_a_problem(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID")
    ran = doctor("orders-func")
    assert (ran.code, results(ran)["subscription"]) == (3, "problem")
    assert "az account set" in checks(ran)["subscription"]["cure"]
    assert results(ran)["target"] == "problem"


def test_a_disabled_subscription_is_a_problem(
    doctor: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    body = {"displayName": "Old", "state": "Disabled"}
    path = f"^/subscriptions/{SUBSCRIPTION}$"
    azure("healthy").fault({"match": {"path": path}, "times": 0, "answer": {"status": 200, "body": body}})
    ran = doctor()
    assert results(ran) == {"subscription": "problem"}
    assert checks(ran)["subscription"]["detail"] == f"Old ({SUBSCRIPTION}) is Disabled"


def test_a_refused_port_is_a_problem_of_the_network(
    doctor: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"https://localhost:{unused.getsockname()[1]}"
    monkeypatch.setenv("REMEDIATE_ARM_ENDPOINT", endpoint)
    ran = doctor()
    assert ran.code == 3
    assert results(ran) == {
        "network": "problem",
        "sign-in": "unknown",
        "subscription": "unknown",
        "resource-graph": "unknown",
    }
    assert "does not answer" in checks(ran)["sign-in"]["detail"]
    assert checks(ran)["state"]["result"] == "ok"


def test_a_certificate_that_is_not_trusted_is_a_problem_with_its_issuer(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    ran = doctor()
    assert (ran.code, results(ran)["network"], results(ran)["sign-in"]) == (3, "problem", "unknown")
    network = checks(ran)["network"]
    assert "trustme" in network["detail"]
    assert "REQUESTS_CA_BUNDLE" in network["cure"]


def test_a_host_that_hangs_is_not_waited_for(remediate: Callable[..., Ran], silent: str) -> None:
    ran = remediate("doctor", "-o", "json", "--timeout", "0.5", "--arm-endpoint", silent)
    host = silent.removeprefix("https://")
    assert ran.code == 3
    assert checks(ran)["network"]["detail"] == f"no answer from {host} in 0.5 s"
    assert results(ran)["network"] == results(ran)["sign-in"] == "unknown"
    assert checks(ran)["versions"]["result"] == "ok"


def test_a_proxy_that_hangs_is_named(
    remediate: Callable[..., Ran], silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = silent.removeprefix("https://")
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:hunter2@{host}")
    ran = remediate("doctor", "-o", "json", "--timeout", "0.5")
    told = f"no answer from management.azure.com through the proxy http://{host} (from HTTPS_PROXY) in 0.5 s"
    assert checks(ran)["network"]["detail"] == told
    assert "hunter2" not in ran.out + ran.err


def test_resource_graph_that_hangs_keeps_the_command_from_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy").fault({"match": {"path": "ResourceGraph"}, "times": 0, "delay": 1e9})
    ran = remediate("doctor", "-o", "json", "--timeout", "1")
    assert (ran.code, list(checks(ran))) == (3, MACHINE)
    assert results(ran)["resource-graph"] == "unknown"
    assert "no answer from localhost" in checks(ran)["resource-graph"]["detail"]


@pytest.mark.parametrize(("hours", "result"), [(-1, "problem"), (2, "problem"), (0, "ok")])
def test_a_wrong_clock_is_told_by_the_answer_of_azure(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], hours: int, result: str
) -> None:
    simulated = azure("healthy")
    endpoint, bundle = (
        simulated.environment[name] for name in ("REMEDIATE_ARM_ENDPOINT", "REQUESTS_CA_BUNDLE")
    )
    body = requests.get(f"{endpoint}{METADATA}", verify=bundle, timeout=30).json()
    date = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    answer = {"status": 200, "headers": {"Date": date}, "body": body}
    simulated.fault({"match": {"path": "^/metadata/"}, "times": 0, "answer": answer})
    check = checks(doctor())["clock"]
    assert check["result"] == result
    assert ("behind Azure's" in check["detail"]) == (hours > 0)
    assert bool(check["cure"]) == bool(hours)


def test_a_state_that_is_no_folder_is_a_problem(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    azure("healthy")
    file = tmp_path / "file"
    file.write_text("")
    ran = doctor("--state", str(file))
    assert (ran.code, results(ran)) == (3, {"state": "problem"})
    assert "is not a folder" in checks(ran)["state"]["detail"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder in which nobody can write")
def test_a_state_folder_that_cannot_be_written_is_a_problem(
    doctor: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy")
    ran = doctor("--state", "/proc/remediate")
    assert (ran.code, results(ran)) == (3, {"state": "problem"})
    assert checks(ran)["state"]["detail"].startswith("cannot lock /proc/remediate")


@pytest.mark.parametrize(
    ("address", "detail"), [("azblob://x", "azblob"), ("s3://bucket/folder", "not at 's3://bucket/folder'")]
)
def test_a_wrong_address_of_the_state_is_a_problem(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], address: str, detail: str
) -> None:
    azure("healthy")
    ran = doctor("--state", address)
    assert (ran.code, results(ran)) == (3, {"state": "problem"})
    assert detail in checks(ran)["state"]["detail"]


def test_shared_state_is_tried_like_a_folder(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], container: Any
) -> None:
    azure("healthy")
    ran = doctor()
    assert (ran.code, checks(ran)["state"]["detail"]) == (0, f"writable, with locks: {container.url}")


def test_an_unfinished_run_is_a_problem(
    doctor: Callable[..., Ran], remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("stuck")
    quick = ("--poll-interval", "0.02", "--timeout", "1")
    ran = remediate("reconnect", "orders-func", "--yes", "-o", "json", *quick)
    assert ran.code == 5
    found = doctor()
    assert results(found) == {"runs": "problem"}
    assert checks(found)["runs"]["cure"] == f"Finish it: `remediate resume {ran.document['run']}`"


@pytest.mark.parametrize("target", ["orders-func", APP])
def test_what_is_lacking_at_the_target_is_named_with_the_role(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], target: str, tmp_path: Path
) -> None:
    simulated, file = azure("no-join"), tmp_path / "role.json"
    ran = doctor(target, "--role-file", str(file))
    assert (ran.code, results(ran)) == (3, {"permissions": "problem"})
    lacking = [(one["action"], one["scope"]) for one in ran.document["lacking"] if one["needed"]]
    subnets = "Microsoft.Network/virtualNetworks/subnets"
    assert lacking == [(f"{subnets}/join/action", SUBNET), (f"{subnets}/write", SUBNET)]
    assert ran.document["target"] == APP
    assert json.loads(file.read_text()) == ran.document["role"]
    assert ran.document["role"] == definition("repair", [f"/subscriptions/{SUBSCRIPTION}"])
    assert simulated.writes == []


def test_the_page_names_each_action_and_what_to_do(remediate: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "role.json"
    ran = remediate(
        "doctor", "orders-func", "--sandbox", "no-join", "--timeout", "60", "--role-file", str(file)
    )
    assert ran.code == 3
    assert "Microsoft.Network/virtualNetworks/subnets/join/action at vnet-prod/snet-apps" in ran.out
    assert f"az role definition create --role-definition @{file}" in " ".join(ran.out.split())
    assert "✗ Not ready: 1 problem." in ran.out


@pytest.mark.parametrize(("role", "code"), [("read", 3), ("repair", 0)])
def test_the_custom_role_to_repair_is_enough_and_the_one_to_read_is_not(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], role: Any, code: int
) -> None:
    simulated = azure("shared-link")
    actions = [one.name for one in of_role(role)]
    simulated.world.state.governance.permissions = [{"actions": actions, "notActions": []}]
    ran = doctor("orders-func", "-s", "staging")
    assert ran.code == code, ran.out
    expected = {one.name for one in of_role("repair")} - set(actions)
    assert {one["action"] for one in ran.document["lacking"]} == expected
    assert ran.document["target"] == f"{APP}/slots/staging"


def test_permissions_that_cannot_be_read_are_unknown(
    doctor: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("no-read")
    ran = doctor("orders-func")
    assert (ran.code, results(ran)) == (3, {"permissions": "unknown"})
    assert "could not be read at" in checks(ran)["permissions"]["detail"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("no-such-app",), 3, "is called 'no-such-app'"),
        (("-g", "rg-sandbox"), 2, "-g needs -n NAME"),
        (("--role-file", "role.json"), 2, "--role-file needs TARGET"),
        (("--cloud", "Elsewhere", "--arm-endpoint", ""), 2, "no cloud is called 'Elsewhere'"),
        (("orders-func", "--role-file", "/nowhere/role.json"), 2, "/nowhere/role.json cannot be written"),
    ],
)
def test_a_wrong_use_is_told_from_an_app_that_is_not_there(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    azure("healthy")
    ran = remediate("doctor", "--timeout", "60", *arguments)
    assert (ran.code, said in ran.out + ran.err) == (code, True), ran.out + ran.err


def test_a_role_that_cannot_be_known_is_not_written(
    doctor: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    azure("healthy")
    ran = doctor("no-such-app", "--role-file", str(tmp_path / "role.json"))
    assert (ran.code, list(tmp_path.glob("*.json"))) == (3, [])
    assert "was not written" in ran.err


def test_the_wizard_offers_it_where_nobody_can_sign_in(
    azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    wizard = Wizard("--timeout", "60")
    wizard.choose("What now?", "Check this machine and its way to Azure")
    wizard.sees("Not ready: 1 problem, and 2 without an answer.")
    wizard.choose("What now?", "Leave")
    assert "✓ network" in wizard.text
    assert wizard.exit_code() == 1


def test_a_subnet_that_could_not_be_read_is_unknown_and_not_none(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    denied = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    match = {"path": "/networkConfig/virtualNetwork$", "method": "GET"}
    azure("not-integrated").fault({"match": match, "times": 0, "answer": denied})
    ran = remediate("doctor", "orders-func", "--timeout", "60", "-o", "json")
    results = {one["name"]: one["result"] for one in ran.document["checks"]}
    assert (ran.code, results["target"], results["permissions"]) == (3, "unknown", "unknown")
    assert "is on no subnet" not in ran.out
