"""`remediate completion`: the scripts work in their shells, and the values are those that a command takes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from remediate.cli.app import run
from remediate.cli.completion import script
from remediate.playbook import shipped
from remediate.sandbox.scenarios import summaries
from remediate.state import app_names
from tests.conftest import Azure, Ran

Complete = Callable[..., list[str]]


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complete:
    """What is offered for the last of these words, as PowerShell asks for it."""

    def ask(*words: str) -> list[str]:
        capsys.readouterr()
        with monkeypatch.context() as environment:
            environment.setenv("_REMEDIATE_COMPLETE", "powershell_complete")
            environment.setenv("COMP_WORDS", "\n".join(["remediate", *words[:-1]]))
            environment.setenv("COMP_INCOMPLETE", words[-1])
            assert run([]) == 0
        return [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines() if line]

    return ask


def test_scenarios_playbooks_clouds_and_codes_are_completed(complete: Complete) -> None:
    assert set(complete("verify", "--sandbox", "")) >= {
        one.name for one in summaries() if "-N" not in one.name
    }
    assert complete("sandbox", "serve", "link-m") == ["link-missing"]
    assert complete("playbooks", "show", "") == sorted(one.id for one in shipped())
    assert complete("reconnect", "--playbook", "rebuild") == ["rebuild-link"]
    assert complete("--cloud", "AzureUS") == ["AzureUSGovernment"]
    assert complete("explain", "link-orph") == ["link-orphaned"]
    assert complete("reconnect", "--allow-unknown", "no-read") == ["no-read-permission"]
    assert complete("completion", "po") == ["powershell"]
    assert "reconnect" in complete("re")
    assert "--dry-run" in complete("reconnect", "--d")


def test_runs_and_snapshots_are_completed(
    complete: Complete, remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy")
    assert remediate("verify", "orders-func").code == 0
    name = remediate("reconnect", "orders-func", "--yes", "-o", "json", "--query", "run").document
    for command in (("resume",), ("rollback",), ("runs", "show")):
        assert complete(*command, name[:8]) == [name]
    assert complete("snapshot", "show", "h") == ["healthy"]
    assert complete("snapshot", "diff", "healthy", "l") == ["live"]
    assert complete("resume", "--state", "azblob://account/container", "") == []


def test_names_of_apps_are_completed_until_somebody_signs_in_again(
    complete: Complete,
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profile = tmp_path / "azure" / "azureProfile.json"
    profile.parent.mkdir()
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(profile.parent))
    azure("shared-link")
    assert complete("verify", "") == []
    assert remediate("verify", "orders-func").code == 3
    assert complete("verify", "ord") == ["orders-func"]
    assert remediate("verify", "no-such-app").code == 2
    assert set(complete("verify", "")) >= {"orders-func", "orders-func/staging", "billing-web", "mail-web"}
    assert complete("reconnect", "-n", "bill") == ["billing-web"]
    kept = Path(os.environ["REMEDIATE_STATE"]) / "app-names.json"
    assert kept.stat().st_mode & 0o077 == 0
    profile.write_text("{}")
    os.utime(profile, (kept.stat().st_mtime + 1,) * 2)
    assert complete("verify", "ord") == []


@pytest.mark.parametrize("changed", ["AZURE_CLIENT_ID", "AZURE_SUBSCRIPTION_ID", "REMEDIATE_ARM_ENDPOINT"])
def test_names_of_another_sign_in_are_not_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    app_names.keep_names(tmp_path, ["orders-func"], complete=True)
    assert app_names.read_names(tmp_path) == ["orders-func"]
    monkeypatch.setenv(changed, "another")
    assert app_names.read_names(tmp_path) == []


def test_old_or_damaged_names_are_not_offered(tmp_path: Path) -> None:
    app_names.keep_names(tmp_path, ["a"], complete=True)
    app_names.keep_names(tmp_path, ["b"], complete=False)
    assert app_names.read_names(tmp_path) == ["a", "b"]
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime - app_names.LONGEST - 1
    os.utime(kept, (before, before))
    assert app_names.read_names(tmp_path) == []
    for damaged in ("", "[]", "{}", '{"sign_in": 1, "names": 2}'):
        kept.write_text(damaged)
        assert app_names.read_names(tmp_path) == []


def test_a_private_sandbox_leaves_no_names(complete: Complete, remediate: Callable[..., Ran]) -> None:
    assert remediate("verify", "orders-func", "--sandbox", "healthy").code == 0
    assert complete("verify", "") == []


@pytest.mark.parametrize(
    ("shell", "check"),
    [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])],
)
def test_a_script_is_accepted_by_its_shell(tmp_path: Path, shell: str, check: list[str]) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")
    path = tmp_path / "script"
    path.write_text(script(shell))
    checked = subprocess.run([*check, str(path)], capture_output=True, text=True, check=False, timeout=60)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_bash_completes_through_the_script(tmp_path: Path) -> None:
    """Bash sources the script, and calls the function that it registers, as for a key press."""
    program = tmp_path / "remediate"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m remediate "$@"\n')
    program.chmod(0o755)
    asked = """
source <(remediate completion bash)
COMP_WORDS=(remediate sandbox serve link-miss) COMP_CWORD=3
"$(complete -p remediate | sed -E 's/.*-F ([^ ]+).*/\\1/')" remediate
echo "${COMPREPLY[@]}"
"""
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    completed = subprocess.run(
        ["bash", "-c", asked], env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=60
    )
    assert (completed.stdout, completed.stderr) == ("link-missing\n", "")


def test_powershell_calls_what_is_answered() -> None:
    text = script("powershell")
    for part in ("Register-ArgumentCompleter -Native -CommandName remediate", "powershell_complete"):
        assert part in text
    for variable in ("COMP_WORDS", "COMP_INCOMPLETE", "_REMEDIATE_COMPLETE"):
        assert f"$env:{variable} = " in text
        assert f"Env:{variable}" in text
