"""`remediate sandbox list`, `serve` and `env`, as a shell would use them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from remediate.sandbox.running import state_file
from tests.conftest import Ran
from tests.sandbox.clients import eventually
from tests.sandbox.test_server import VARIABLES

PROGRAM = "import sys; from remediate.cli.app import run; sys.exit(run(['sandbox', *sys.argv[1:]]))"
Call = Callable[..., Ran]


@pytest.fixture
def call(remediate: Call) -> Call:
    """`remediate sandbox`, in this process."""
    return lambda *arguments: remediate("sandbox", *arguments)


@contextmanager
def served(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A sandbox in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, "serve", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def reach(environment: dict[str, str]) -> Any:
    address = f"{environment['REMEDIATE_ARM_ENDPOINT']}/_sandbox/state"
    return requests.get(address, verify=environment["REQUESTS_CA_BUNDLE"], timeout=10).json()


def test_list_shows_every_world_in_one_line(call: Call) -> None:
    lines = call("list").out.splitlines()
    assert ["healthy", "Connected, and the link is right."] in [line.split(maxsplit=1) for line in lines]
    assert len(lines) >= 15


def test_list_as_json(call: Call) -> None:
    document = json.loads(call("list", "-o", "json").out)["scenarios"]
    assert {"name": "healthy", "summary": "Connected, and the link is right."} in document


def test_env_without_a_running_sandbox_says_how_to_start_one(call: Call) -> None:
    result = call("env")
    assert (result.code, result.out) == (2, "")
    note = state_file()
    assert result.err == f"✗ no sandbox is running whose address is in {note}\n  → remediate sandbox serve\n"


def test_the_command_that_serve_prints_finds_it_also_from_a_shell_with_another_state(tmp_path: Path) -> None:
    folder = tmp_path / "my state"
    with served("healthy", "--state", str(folder)) as process:
        assert process.stderr
        process.stderr.readline()
        printed = process.stderr.readline().strip()
    assert printed == f"""eval "$(remediate sandbox env --state '{folder}')\""""


def test_an_unknown_world_is_wrong_use(call: Call) -> None:
    result = call("serve", "helthy")
    assert result.code == 2
    assert (
        result.err == "✗ there is no scenario 'helthy': did you mean healthy?\n  → remediate sandbox list\n"
    )


@pytest.mark.parametrize("arguments", [["--speed", "0"], ["--speed", "nan"], ["--port", "70000"]])
def test_settings_that_cannot_be_are_wrong_use(call: Call, arguments: list[str]) -> None:
    assert call("serve", *arguments).code == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_serve_can_be_found_until_it_is_told_to_end(
    call: Call, tmp_path: Path, ending: signal.Signals
) -> None:
    ready = tmp_path / "ready.json"
    with served("link-missing", "--speed", "100", "--ready-file", str(ready)) as process:
        assert eventually(ready.exists)
        environment = json.loads(ready.read_text())
        assert set(environment) == VARIABLES
        assert ready.stat().st_mode & 0o777 == 0o600
        assert reach(environment)["sites"]
        assert eventually(lambda: call("env").code == 0)
        assert json.loads(call("env", "-o", "json").out) == environment
        assert json.loads(call("env", "-o", "json", "--ready-file", str(ready)).out) == environment
        assert f"export AZURE_CLIENT_ID='{environment['AZURE_CLIENT_ID']}'" in call("env").out.splitlines()
        process.send_signal(ending)
        assert process.wait(10) == 0
    assert not ready.exists()
    assert call("env").code == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot ask whether a process lives")
def test_a_note_of_a_process_that_is_gone_counts_for_nothing(call: Call) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    note = Path(os.environ["REMEDIATE_STATE"]) / "sandbox.json"
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"pid": process.pid, "environment": {"REMEDIATE_ARM_ENDPOINT": "b"}}))
    assert call("env").code == 2


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"environment": {"REMEDIATE_ARM_ENDPOINT": "b"}}'])
def test_a_damaged_note_is_said_to_be_one(call: Call, content: str) -> None:
    note = Path(os.environ["REMEDIATE_STATE"]) / "sandbox.json"
    note.parent.mkdir(parents=True)
    note.write_text(content)
    result = call("env")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "damaged" in result.err


def test_a_file_that_is_no_ready_file_is_said_to_be_none(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text('{"A": 1}')
    result = call("env", "--ready-file", str(file))
    assert result.code == 2
    assert "is not the file of a sandbox" in result.err


@pytest.mark.parametrize("arguments", [["serve"], ["check", "world.yaml"]])
def test_a_plain_install_is_told_what_to_install(arguments: list[str]) -> None:
    """The server's libraries are hidden from a fresh process, as if they had never been installed."""
    hidden = "import sys; sys.modules.update(dict.fromkeys(['h11', 'jsonschema', 'trustme'])); "
    result = subprocess.run(
        [sys.executable, "-c", hidden + PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 2
    first, second = result.stderr.splitlines()
    assert first == "✗ the sandbox is not installed"
    assert second.endswith(" install h11 jsonschema trustme")


def test_the_command_itself_loads_no_server() -> None:
    loaded = "{'h11', 'jsonschema', 'trustme', 'azure'} & set(sys.modules)"
    program = f"import sys, remediate.jobs.sandbox; print({loaded})"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout == "set()\n"


@pytest.mark.parametrize("arguments", [["serve", "helthy"], ["env"], ["serve", "--port", "70000"], []])
def test_what_goes_wrong_is_one_document_as_everywhere(remediate: Call, arguments: list[str]) -> None:
    before = remediate("-o", "json", "sandbox", *arguments)
    after = remediate("sandbox", *arguments[:1], "-o", "json", *arguments[1:])
    assert before.code == after.code == before.document["exit"] == 2
    assert before.document == after.document


def test_the_options_everywhere_work_here_too(call: Call) -> None:
    ran = call("list", "-o", "yaml", "--query", "scenarios[?name=='healthy'].name")
    assert (ran.code, ran.out) == (0, "- healthy\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
def test_serve_as_json_prints_its_environment_and_nothing_more(call: Call, tmp_path: Path) -> None:
    elsewhere = ("--state", str(tmp_path / "elsewhere"))
    with served("-o", "json", *elsewhere) as process:
        assert process.stderr is not None
        assert "healthy is simulated at" in process.stderr.readline()
        assert call("env").code == 2
        assert call("env", *elsewhere).code == 0
        process.terminate()
        out, _ = process.communicate(timeout=10)
    assert set(json.loads(out)) == VARIABLES


def test_the_note_of_a_sandbox_is_on_this_machine_wherever_the_state_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REMEDIATE_STATE", "azblob://account/container")
    assert state_file().is_absolute()
