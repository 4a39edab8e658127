# ruff: noqa: E501 - the messages are as long as azure-identity prints them
"""What azure-identity's messages mean: one cause, told in one line, and the command that cures it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate.azure.credentials_tried import CREDENTIALS
from remediate.azure.sign_in import SignInFailure, diagnose

CLIENT, TENANT = "22222222-2222-2222-2222-222222222222", "11111111-1111-1111-1111-111111111111"
PRINCIPAL = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": "x"}
TRACE = "Trace ID: 8c95acf1-cc04-40a1-ad14-481862cf1801 Correlation ID: d65574ea-000b-4526-8595-ddaae8b4250d"
LONG = "https://aka.ms/azsdk/python/identity"
NOTHING = f"""DefaultAzureCredential failed to retrieve a token from the included credentials.
Attempted credentials:
\tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not fully configured.
Visit {LONG}/environmentcredential/troubleshoot to troubleshoot this issue.
\tWorkloadIdentityCredential: WorkloadIdentityCredential authentication unavailable. The workload options are not fully configured. See the troubleshooting guide for more information: {LONG}/workloadidentitycredential/troubleshoot. Missing required arguments: 'tenant_id', 'client_id', 'token_file_path'.
\tManagedIdentityCredential: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.
\tSharedTokenCacheCredential: SharedTokenCacheCredential authentication unavailable. No accounts were found in the cache.
\tVisualStudioCodeCredential: VisualStudioCodeCredential requires the 'azure-identity-broker' package to be installed.
\tAzureCliCredential: AZ
\tAzurePowerShellCredential: PowerShell is not installed
\tAzureDeveloperCliCredential: Azure Developer CLI could not be found. Please visit https://aka.ms/azure-dev for installation instructions and then,once installed, authenticate to your Azure account using 'azd auth login'.
\tBrokerCredential: InteractiveBrowserBrokerCredential unavailable. The 'azure-identity-broker' package is required to use brokered authentication.
To mitigate this issue, please refer to the troubleshooting guidelines here at {LONG}/defaultazurecredential/troubleshoot."""
"""azure-identity 1.27, as it was printed on a machine with nothing set up."""


def of_az(text: str) -> str:
    """The whole message, where `az` said this and the others are not set up."""
    return NOTHING.replace("AzureCliCredential: AZ", f"AzureCliCredential: {text}")


def of_principal(text: str) -> str:
    """The whole message, where the service principal in the environment was refused: the chain ends there."""
    return (
        "DefaultAzureCredential failed to retrieve a token from the included credentials.\nAttempted credentials:\n"
        f"\tEnvironmentCredential: Authentication failed: {text}\nTo mitigate this issue, please refer to …"
    )


AZ_MISSING = of_az("Azure CLI not found on path")
AZ_OUT = of_az("Please run 'az login' to set up an account")
EXPIRED = (
    "ERROR: AADSTS700082: The refresh token has expired due to inactivity. The token was issued on "
    f"2026-08-01T12:41:45.9066517Z and was inactive for 90.00:00:00. {TRACE}\nInteractive authentication is "
    f'needed. Please run:\naz login --tenant "{TENANT}" --scope "https://management.core.windows.net//.default"'
)
NO_SUCH_TENANT = (
    "AADSTS90002: Tenant 'contoso' not found. Check to make sure you have the correct tenant ID and are signing "
    f"into the correct cloud. {TRACE}"
)
TABLE: list[tuple[str, dict[str, str], str, str, str]] = [
    (AZ_MISSING, {}, "no-credential", "nothing is set up here", "az login"),
    (AZ_OUT, {}, "az-signed-out", "nobody is signed in to the Azure CLI", "az login"),
    (AZ_OUT, {"AZURE_TENANT_ID": TENANT}, "az-signed-out", "Azure CLI", f"az login --tenant {TENANT}"),
    (of_az("Failed to invoke the Azure CLI"), {}, "az-hangs", "did not answer in time", "get-access-token"),
    (
        AZ_MISSING,
        {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT},
        "incomplete-environment",
        "without AZURE_CLIENT_SECRET",
        "set AZURE_CLIENT_SECRET",
    ),
    (
        AZ_MISSING,
        {"AZURE_CLIENT_SECRET": "x"},
        "incomplete-environment",
        "without AZURE_CLIENT_ID and AZURE_TENANT_ID",
        "unset",
    ),
    (
        of_principal(
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the "
            f"client secret value, not the client secret ID, for a secret added to app '{CLIENT}'. {TRACE}"
        ),
        PRINCIPAL,
        "wrong-secret",
        "AZURE_CLIENT_SECRET is wrong (AADSTS7000215)",
        f"az ad app credential reset --id {CLIENT} --append",
    ),
    (
        of_principal("Invalid client id or client secret is provided."),
        PRINCIPAL,
        "wrong-secret",
        "AZURE_CLIENT_SECRET is wrong",
        "AZURE_CLIENT_SECRET",
    ),
    (
        of_principal(
            f"AADSTS7000222: The provided client secret keys for app '{CLIENT}' are expired. Visit the Azure "
            f"portal to create new keys for your app: https://aka.ms/NewClientSecret. {TRACE}"
        ),
        PRINCIPAL,
        "expired-secret",
        "has expired (AADSTS7000222)",
        f"az ad app credential reset --id {CLIENT} --append",
    ),
    (
        of_principal(
            f"AADSTS700016: Application with identifier '{CLIENT}' was not found in the directory 'x'."
        ),
        PRINCIPAL,
        "unknown-application",
        f"the tenant {TENANT} has no application {CLIENT}",
        "AZURE_CLIENT_ID",
    ),
    (
        of_principal(
            "OIDC Discovery failed on https://login.microsoftonline.com/contoso/v2.0/.well-known/openid-"
            f'configuration. HTTP status: 400, Error: {{"error":"invalid_tenant","error_description":"{NO_SUCH_TENANT}"}}'
        ),
        PRINCIPAL,
        "wrong-tenant",
        f"there is no tenant {TENANT} in this cloud",
        "set AZURE_TENANT_ID",
    ),
    (
        of_principal(
            f"Unable to get authority configuration for https://login.microsoftonline.com/{TENANT}. Authority "
            "would typically be in a format of https://login.microsoftonline.com/your_tenant or "
            "https://tenant_name.ciamlogin.com or https://tenant_name.b2clogin.com/tenant.onmicrosoft.com/policy.  "
            "Also please double check your tenant name or GUID is correct."
        ),
        PRINCIPAL,
        "wrong-tenant",
        f"there is no tenant {TENANT} in this cloud",
        "set AZURE_TENANT_ID",
    ),
    (of_az(f"ERROR: {NO_SUCH_TENANT}"), {}, "wrong-tenant", "no tenant contoso", "az login --tenant"),
    (
        of_az(
            "ERROR: AADSTS50020: User account 'ada@example.com' from identity provider 'live.com' does not exist "
            "in tenant 'Contoso' and cannot access the application '04b07795'(Microsoft Azure CLI) in that tenant."
        ),
        {},
        "wrong-tenant",
        "not known in the tenant Contoso (AADSTS50020)",
        "az login --tenant TENANT_ID",
    ),
    (
        of_az(EXPIRED),
        {},
        "expired-sign-in",
        "the sign-in of Azure CLI (az) has expired (AADSTS700082)",
        f'az login --tenant "{TENANT}" --scope "https://management.core.windows.net//.default"',
    ),
    (
        of_az(
            "ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks by "
            "conditional access. The token was issued on 2026-01-03T10:00:00Z and the maximum allowed lifetime "
            f"for this request is 43200. {TRACE}"
        ),
        {},
        "expired-sign-in",
        "AADSTS70043",
        "az login",
    ),
    (
        of_az(
            "ERROR: AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is "
            f"needed. The user might have changed or reset their password. {TRACE}"
        ),
        {},
        "expired-sign-in",
        "AADSTS50173",
        "az login",
    ),
    *(
        (
            of_az(
                f"ERROR: AADSTS{code}: Due to a configuration change made by your administrator, or because you "
                f"moved to a new location, you must use multi-factor authentication to access '797f4846'. {TRACE}"
                f"\nInteractive authentication is needed. Please run:\naz login --scope {scope}"
            ),
            {},
            "interaction-needed",
            f"multi-factor authentication or consent (AADSTS{code})",
            f"az login --scope {scope}",
        )
        for code, scope in (
            ("50076", "https://management.core.windows.net//.default"),
            ("50079", "a/.default"),
        )
    ),
    (
        of_az(
            "ERROR: AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does "
            f"not allow token issuance. {TRACE}"
        ),
        {},
        "blocked",
        "Conditional Access policy blocks this sign-in (AADSTS53003)",
        "az login",
    ),
    (
        NOTHING.partition("\tSharedTokenCacheCredential")[0],
        {"AZURE_TOKEN_CREDENTIALS": "prod"},
        "no-managed-identity",
        "this machine has no managed identity",
        "unset AZURE_TOKEN_CREDENTIALS",
    ),
    (
        NOTHING.replace(
            "PowerShell is not installed", "AADSTS50076: you must use multi-factor authentication"
        ),
        {},
        "interaction-needed",
        "Azure PowerShell",
        "Connect-AzAccount",
    ),
    (
        of_principal(
            "('Unable to connect to proxy', NewConnectionError(\"HTTPSConnection(host='127.0.0.1', port=9): Failed "
            'to establish a new connection: [Errno 111] Connection refused"))'
        ),
        PRINCIPAL,
        "unreachable",
        "could not reach Microsoft Entra",
        "HTTPS_PROXY",
    ),
    (
        of_principal("AADSTS99999: something new"),
        PRINCIPAL,
        "other",
        "AADSTS99999: something new",
        "az login",
    ),
    ("something else", {}, "other", "something else", "az login"),
    ("", {}, "other", "no credential is available", "az login"),
]


@pytest.mark.parametrize(("message", "environment", "cause", "summary", "cure"), TABLE)
def test_a_message_has_one_cause_and_one_cure(
    message: str, environment: dict[str, str], cause: str, summary: str, cure: str
) -> None:
    failure = diagnose(message, environment)
    assert failure.cause == cause
    assert summary in failure.summary
    assert cure in failure.cure
    assert "\n" not in failure.summary + failure.cure


@pytest.mark.parametrize(("message", "environment"), [(row[0], row[1]) for row in TABLE])
def test_what_was_tried_is_told_shortly_and_without_trace_ids(
    message: str, environment: dict[str, str]
) -> None:
    told = diagnose(message, environment).tried
    assert all(len(line) < 400 for line in told)
    assert not any(word in line for line in told for word in ("Trace ID", "troubleshoot", "\n"))


def test_each_credential_that_was_tried_says_what_it_lacks() -> None:
    assert diagnose(AZ_OUT, {}).tried == (
        "environment variables: AZURE_CLIENT_ID and the like are not set",
        "workload identity: not set up",
        "managed identity: no answer at 169.254.169.254: this is no machine in Azure",
        "Azure CLI (az): az is installed, and nobody is signed in to it",
        "Azure PowerShell: not installed",
        "Azure Developer CLI (azd): not installed",
    )


@given(st.text(), st.sampled_from([*CREDENTIALS, "x"]))
def test_any_text_has_a_cause(text: str, credential: str) -> None:
    failure = diagnose(f"Attempted credentials:\n\t{credential}: {text}", {})
    assert isinstance(failure, SignInFailure)
    assert failure.summary
    assert failure.cure
    assert "\n" not in failure.summary
