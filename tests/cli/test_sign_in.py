# ruff: noqa: E501 - the messages are as long as they are printed
"""Sign-ins that fail, made to happen: a fake `az`, a wrong secret, no managed identity."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from remediate.azure import credential
from tests.conftest import Azure, Ran

TENANT = "11111111-1111-1111-1111-111111111111"
SCOPE = "https://management.core.windows.net//.default"
Remediate = Callable[..., Ran]


@pytest.fixture
def az(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, azure: Callable[..., Azure]
) -> Callable[[str], Azure]:
    """Make `az` print this and fail; it is the only tool there is, and only people's tools are tried."""

    def install(said: str) -> Azure:
        simulated = azure("healthy")
        for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
            monkeypatch.delenv(name)
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "said").write_text(said)
        program = folder / "az"
        program.write_text(
            f'#!/bin/sh\nwhile IFS= read -r line; do echo "$line" >&2; done <{folder}/said\nexit 1\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")
        return simulated

    return install


def verify(remediate: Remediate) -> tuple[str, str, Ran]:
    """Message and hint of a sign-in that fails."""
    ran = remediate("verify", "orders-func", "-o", "json")
    assert (ran.code, ran.document["code"]) == (1, "not-signed-in")
    assert len([line for line in ran.err.splitlines() if line.startswith("✗ ")]) == 1
    return ran.document["message"], ran.document["hint"], ran


@pytest.mark.skipif(os.name == "nt", reason="the fake az is a shell script")
@pytest.mark.parametrize(
    ("said", "cause", "cure"),
    [
        (
            "ERROR: Please run 'az login' to setup account.\n",
            "not signed in: nobody is signed in to the Azure CLI",
            "az login",
        ),
        (
            "ERROR: AADSTS700082: The refresh token has expired due to inactivity. The token was issued on 2026-01-01"
            "T12:41:45Z and was inactive for 90.00:00:00. Trace ID: 9517106c Correlation ID: 1829eef6\nInteractive "
            f'authentication is needed. Please run:\naz login --tenant "{TENANT}" --scope "{SCOPE}"\n',
            "not signed in: the sign-in of Azure CLI (az) has expired (AADSTS700082)",
            f'az login --tenant "{TENANT}" --scope "{SCOPE}"',
        ),
        (
            "ERROR: AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a "
            "new location, you must use multi-factor authentication to access '797f4846-ba00-4fd7-ba43-dac1f8f63013'."
            f"\nInteractive authentication is needed. Please run:\naz login --scope {SCOPE}\n",
            "not signed in: Azure CLI (az) has to sign in again with multi-factor authentication or consent "
            "(AADSTS50076)",
            f"az login --scope {SCOPE}",
        ),
    ],
)
def test_what_az_says_is_told_with_the_command_that_cures_it(
    remediate: Remediate, az: Callable[[str], Azure], said: str, cause: str, cure: str
) -> None:
    simulated = az(said)
    message, hint, ran = verify(remediate)
    assert (message, hint) == (cause, cure)
    assert "tried Azure PowerShell: not installed" in ran.err
    assert simulated.writes == []


@pytest.mark.skipif(os.name == "nt", reason="the fake az is a shell script")
def test_an_az_that_hangs_is_given_up(
    remediate: Remediate, az: Callable[[str], Azure], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    az("")
    (tmp_path / "bin" / "az").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    monkeypatch.setattr(credential, "PROCESS_TIMEOUT", 1)
    message, hint, _ = verify(remediate)
    assert message == "not signed in: the Azure CLI did not answer in time"
    assert "az account get-access-token --debug" in hint


def test_without_az_it_is_told_how_to_get_it(
    remediate: Remediate, az: Callable[[str], Azure], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    az("")
    monkeypatch.setenv("PATH", str(tmp_path))
    message, hint, ran = verify(remediate)
    assert message == "not signed in: nothing is set up here that can sign in"
    assert "https://aka.ms/azure-cli" in hint
    assert "tried Azure CLI (az): az is not installed" in ran.err


def test_a_wrong_secret_is_told_as_one(
    remediate: Remediate, azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = azure("healthy").environment["AZURE_CLIENT_ID"]
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    message, hint, ran = verify(remediate)
    assert message == "not signed in: the client secret in AZURE_CLIENT_SECRET is wrong (AADSTS7000215)"
    assert f"az ad app credential reset --id {client} --append" in hint
    assert "tried environment variables: AADSTS7000215: Invalid client secret provided." in ran.err


def test_an_unknown_application_is_told_as_one(
    remediate: Remediate, azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    monkeypatch.setenv("AZURE_CLIENT_ID", TENANT)
    assert (
        verify(remediate)[0] == f"not signed in: the tenant adfs has no application {TENANT} (AADSTS700016)"
    )


def test_an_expired_secret_and_a_wrong_tenant_are_told_as_such(
    remediate: Remediate, azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    for path, error, description, cause in (
        (
            "/oauth2/v2.0/token|/oauth2/token",
            "invalid_client",
            "AADSTS7000222: The provided client secret keys for app 'x' are expired. Trace ID: 8c95acf1",
            "the client secret in AZURE_CLIENT_SECRET has expired (AADSTS7000222)",
        ),
        (
            "openid-configuration",
            "invalid_tenant",
            "AADSTS90002: Tenant 'adfs' not found. Check to make sure you have the correct tenant ID.",
            "there is no tenant adfs in this cloud (AZURE_TENANT_ID)",
        ),
    ):
        body = {"error": error, "error_description": description, "error_codes": [7000222]}
        headers = {"Content-Type": "application/json"}
        answer = {"status": 400, "headers": headers, "body": json.dumps(body)}
        simulated.fault({"match": {"path": path}, "times": 0, "answer": answer})
        assert verify(remediate)[0] == f"not signed in: {cause}"


def test_without_a_managed_identity_that_is_told_and_why_az_is_not_used(
    remediate: Remediate, azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "prod")
    message, hint, _ = verify(remediate)
    assert "this machine has no managed identity" in message
    assert "'prod', so `az login` is not used" in message
    assert "unset AZURE_TOKEN_CREDENTIALS" in hint
