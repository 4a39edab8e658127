"""How a command is called, and what it says when it is called wrongly: one line, exit 2, nothing changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from remediate.sandbox.worldfile.layers import FOLDER
from remediate.show.schemas import schemas
from tests.conftest import APP, SUBNET, Azure, Ran

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


def test_help_imports_no_azure_sdk_and_no_server() -> None:
    heavy = ("azure", "msal", "requests", "h11", "trustme", "questionary", "tenacity")
    code = (
        "import sys; from remediate.cli.app import run; code = run(['--help']); "
        f"print(code, [one for one in {heavy!r} if one in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == "0 []"
    assert "Usage: remediate" in ended.stdout


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_ends_early_does_not_change_the_exit_code(unbuffered: str) -> None:
    command = [sys.executable, "-m", "remediate", "sandbox", "list"]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_without_a_terminal_the_wizard_prints_its_help_on_stderr(remediate: Callable[..., Ran]) -> None:
    ran = remediate()
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: remediate" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("frobnicate",), "No such command"),
        (("verify",), "which app?"),
        (("verify", "a", "-g", "b"), "either as TARGET or with -g and -n"),
        (("verify", "-g", "b"), "-g needs -n"),
        (("verify", "orders-fun"), "can see in the subscription is called 'orders-fun'"),
        (("verify", "/subscriptions/x/resourceGroups/y"), "not an app or a slot"),
        (("verify", "https://portal.azure.com/#@t/resource/subscriptions/"), "no resource id"),
        (("verify", f"{APP}/slots/a", "-s", "b"), "TARGET is the slot 'a', and -s names 'b'"),
        (("verify", "orders-func", "--subnet", "snet-aps"), "no subnet in the subscription"),
        (("verify", "orders-func", "--subnet", APP), "not a subnet's id"),
        (("verify", "orders-func", "-o", "xml"), "xml"),
        (("verify", "orders-\udcff"), "not UTF-8: 'orders-\\udcff'"),
        (("verify", "orders-func", "--timeout", "-1"), "-1"),
        (("verify", "orders-func", "--cloud", "Azure"), "--sandbox brings its own Azure"),
        (("reconnect", "orders-func"), "pass --yes"),
        (("reconnect", "orders-func", "--scope", "plan"), "plan"),
        (("reconnect", "orders-func", "--playbook", "nope"), "nope"),
        (("reconnect", "orders-func", "--subnet", SUBNET.replace("apps", "data"), "--yes"), "move it"),
        (("playbooks", "show", "nope"), "nope"),
    ],
)
def test_wrong_use_is_one_clear_line(
    remediate: Callable[..., Ran], arguments: tuple[str, ...], told: str
) -> None:
    where = ("--sandbox", "healthy") if arguments[0] in ("verify", "reconnect") else ()
    ran = remediate(*where, *arguments)
    assert (ran.code, ran.out) == (2, "")
    wrong = [line for line in ran.err.splitlines() if line.startswith("✗ ")]
    assert len(wrong) == 1
    assert told in wrong[0]
    assert "Traceback" not in ran.err


def test_a_query_that_cannot_work_is_refused_before_anything_is_done(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    ran = remediate("reconnect", "orders-func", "--yes", "-o", "json", "--query", "a[")
    assert (ran.code, ran.document["exit"]) == (2, 2)
    assert "not JMESPath" in ran.document["message"]
    assert simulated.log == []


def test_an_error_under_json_is_one_document(remediate: Callable[..., Ran]) -> None:
    ran = remediate("verify", "orders-fun", "--sandbox", "healthy", "-o", "json")
    assert ran.document == {
        "schema": "remediate.error/1",
        "code": "not-found",
        "message": "no app that the account can see in the subscription is called 'orders-fun'",
        "hint": "did you mean orders-func?",
        "exit": 2,
    }


def test_a_wrong_command_line_under_yaml_is_one_document_too(remediate: Callable[..., Ran]) -> None:
    ran = remediate("verify", "--output=yaml", "--nonsense")
    assert yaml.safe_load(ran.out)["exit"] == ran.code == 2


def test_an_unknown_scenario_names_the_nearest(remediate: Callable[..., Ran]) -> None:
    ran = remediate("verify", "orders-func", "--sandbox", "link-mising")
    assert ran.code == 2
    assert "link-missing" in ran.err


@pytest.mark.parametrize(
    "target",
    [
        ("orders-func",),
        ("ORDERS-FUNC",),
        (APP,),
        (APP.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/"),),
        (f"https://portal.azure.com/#@contoso.onmicrosoft.com/resource{APP}/vnetIntegration",),
        ("-g", "rg-sandbox", "-n", "orders-func"),
    ],
)
def test_an_app_can_be_named_in_many_ways(remediate: Callable[..., Ran], target: tuple[str, ...]) -> None:
    ran = remediate("verify", *target, "--sandbox", "-o", "json")
    assert ran.code == 0
    assert ran.document["target"].casefold() == APP.casefold()


@pytest.mark.parametrize(
    "target",
    [
        ("orders-func", "-s", "staging"),
        ("orders-func/staging",),
        (f"{APP}/slots/staging",),
        ("-g", "rg-sandbox", "-n", "orders-func", "-s", "staging"),
    ],
)
def test_so_can_a_slot(remediate: Callable[..., Ran], target: tuple[str, ...]) -> None:
    ran = remediate("verify", *target, "--sandbox", "shared-link", "-o", "json")
    assert ran.document["target"].casefold() == f"{APP}/slots/staging".casefold()


def test_options_may_stand_before_the_command(remediate: Callable[..., Ran]) -> None:
    ran = remediate("-o", "json", "--query", "healthy", "--sandbox", "healthy", "verify", "orders-func")
    assert (ran.code, ran.out) == (0, "true\n")


def test_every_document_that_is_printed_is_valid_by_the_schema_it_names(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy")
    run = remediate("reconnect", "orders-func", "--yes", "-o", "json", "--query", "run").document
    printed = [
        remediate(*command.split(), "-o", "json").document
        for command in (
            "verify orders-func",
            "verify nothing",
            "explain link-missing",
            f"guard {APP}",
            "reconnect orders-func --dry-run",
            f"resume {run} --dry-run",
            "doctor orders-func",
            "runs list",
            f"runs show {run}",
            "snapshot list",
            "snapshot show healthy",
            "snapshot diff healthy live --target orders-func",
            "watch orders-func --once",
            "playbooks list",
            "playbooks show rebuild-link",
            "playbooks validate rebuild-link",
            "sandbox list",
            "sandbox capture orders-func",
            f"sandbox check {FOLDER / 'healthy.yaml'}",
            "runs prune --older-than 0h --yes",
        )
    ]
    for document in printed:
        jsonschema.validate(document, schemas()[document["schema"].replace("/", "-")])
    assert {one["schema"].replace("/", "-") for one in printed} == set(schemas())


def test_yaml_holds_the_same_as_json(remediate: Callable[..., Ran]) -> None:
    command = ("verify", "orders-func", "--sandbox", "link-missing", "--query", "findings")
    assert yaml.safe_load(remediate(*command, "-o", "yaml").out) == remediate(*command, "-o", "json").document


@pytest.mark.parametrize("bundled", [["-yo", "json"], ["-vyojson"], ["-o=json"]])
def test_a_bundle_of_short_options_has_its_document_too(
    remediate: Callable[..., Ran], bundled: list[str]
) -> None:
    assert remediate("playbooks", "show", "nope", *bundled).document["exit"] == 2


def test_without_a_terminal_and_a_command_json_is_one_document(remediate: Callable[..., Ran]) -> None:
    ran = remediate("-o", "json")
    assert (ran.code, ran.document["message"]) == (2, "the wizard needs a terminal")


@pytest.mark.parametrize(
    ("group", "commands"), [("runs", "list, prune, show"), ("sandbox", "capture, check, env, list, serve")]
)
def test_a_group_without_a_command_names_its_commands(
    remediate: Callable[..., Ran], group: str, commands: str
) -> None:
    ran = remediate(group)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[0] == f"✗ {group} needs a command: {commands}"


def test_who_is_signed_in_and_where_comes_first(remediate: Callable[..., Ran]) -> None:
    told = remediate("verify", "orders-func", "--sandbox", "-v").err.splitlines()
    signed_in = next(line for line in told if line.startswith("Signed in as "))
    assert SUBSCRIPTION in signed_in
    app_reads = [at for at, line in enumerate(told) if "/sites/orders-func ->" in line]
    assert app_reads
    assert told.index(signed_in) < app_reads[0]


def test_piped_output_is_plain_and_whole(remediate: Callable[..., Ran]) -> None:
    ran = remediate("verify", "orders-func", "--sandbox", "link-missing")
    assert "\x1b" not in ran.out + ran.err
    assert SUBNET in ran.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--cloud", "AzureMoon"), "AzureUSGovernment"),
        (("--arm-endpoint", "http://localhost:1"), "https://"),
        (("--arm-endpoint", "https://localhost:1", "--cloud", "AzureCloud"), "choose one"),
    ],
)
def test_an_azure_that_is_none(remediate: Callable[..., Ran], arguments: tuple[str, ...], told: str) -> None:
    ran = remediate("verify", "orders-func", *arguments)
    assert ran.code == 2
    assert told in ran.err


def test_an_endpoint_that_does_not_answer_is_unexpected(remediate: Callable[..., Ran]) -> None:
    ran = remediate("verify", "orders-func", "--arm-endpoint", "https://localhost:1", "-o", "json")
    assert (ran.code, ran.document["code"]) == (1, "unreachable")


def test_the_default_subscription_of_az_is_used(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    azure("healthy")
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID")
    assert "no subscription is configured" in remediate("verify", "orders-func").err
    (tmp_path / "azure").mkdir()
    profile = {"subscriptions": [{"id": "other"}, {"id": SUBSCRIPTION, "isDefault": True}]}
    (tmp_path / "azure" / "azureProfile.json").write_text(json.dumps(profile), encoding="utf-8-sig")
    assert remediate("verify", "orders-func").code == 0


def test_playbooks_are_listed_shown_and_validated(remediate: Callable[..., Ran], tmp_path: Path) -> None:
    listed = remediate("playbooks", "list", "-o", "json").document["playbooks"]
    shipped = {"before-delete", "purge-orphan", "rebuild-link", "reconnect-app"}
    assert {one["id"] for one in listed} == shipped
    assert "wait-link-gone" in remediate("playbooks", "show", "rebuild-link").out
    assert remediate("playbooks", "validate", "rebuild-link").code == 0
    wrong = tmp_path / "mine.yaml"
    wrong.write_text("id: mine\nscope: all\nsteps:\n  - do: shell\n")
    ran = remediate("playbooks", "validate", str(wrong))
    assert ran.code == 2
    assert f"{wrong}:2: " in ran.err
    assert f"{wrong}:4: " in ran.err


def test_a_playbook_of_ones_own_runs(remediate: Callable[..., Ran], tmp_path: Path) -> None:
    shipped = Path("playbooks/reconnect-app.yaml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(shipped.replace("id: reconnect-app", "id: mine"), encoding="utf-8")
    ran = remediate("reconnect", "orders-func", "--playbook", str(mine), "--sandbox", "--yes", "-o", "json")
    assert (ran.code, ran.document["playbook"]) == (0, "mine")


def test_a_step_that_reconnect_does_not_carry_out_is_refused_before_anything(
    remediate: Callable[..., Ran], tmp_path: Path
) -> None:
    shipped = Path("playbooks/reconnect-app.yaml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(shipped + "\n  - do: restart\n    tell: Restarting\n", encoding="utf-8")
    ran = remediate("reconnect", "orders-func", "--playbook", str(mine), "--sandbox", "--yes")
    assert ran.code == 2
    assert "restart" in ran.err
