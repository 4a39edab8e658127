"""Why nobody is signed in: the one cause of what each credential said, and the command that cures it.

Pure: the message of azure-identity and the environment come in, a SignInFailure goes out. It imports no SDK.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from remediate.azure.credentials_tried import CREDENTIALS, ENTRA_CODE, RARE, Attempt, SignInCause, attempts_in
from remediate.errors import RemediateError
from remediate.redaction import one_line

Told = Callable[[Attempt, Mapping[str, str]], tuple[str, str]]
"""Of the attempt that decides and the environment: the cause in one line, and its cure."""
_LOGIN = re.compile(r"\baz login(?:\s+--(?:tenant|scope|claims-challenge)\s+\"?[\w.:/=+-]+\"?)+")
_TENANT = re.compile(r"[Tt]enant '([\w.-]{1,100})'")
_DEVELOPER = {"AzureCliCredential", "AzurePowerShellCredential", "AzureDeveloperCliCredential"}
"""Sign-ins of a person; `AZURE_TOKEN_CREDENTIALS=prod` takes them out."""
_PRINCIPAL = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
_SECRETS = (
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_PASSWORD",
)


class SignInFailure(Struct, frozen=True):
    """Why nobody is signed in. `summary` is one line, `cure` what to do: a command wherever there is one."""

    cause: SignInCause
    summary: str
    cure: str
    attempts: tuple[Attempt, ...] = ()

    @property
    def tried(self) -> tuple[str, ...]:
        """A line for each credential that was tried, less those that hardly anybody has."""
        worth = (one for one in self.attempts if one.credential not in RARE or one.cause)
        return tuple(one.shown for one in worth)


class NotSignedIn(RemediateError):
    """No credential gave a token; the message is the cause in one line, and `details` what was tried."""

    code = "not-signed-in"

    def __init__(self, failure: SignInFailure) -> None:
        super().__init__(f"not signed in: {failure.summary}", hint=failure.cure)
        self.failure = failure
        self.details = tuple(f"tried {one}" for one in failure.tried)


def diagnose(message: str, environment: Mapping[str, str]) -> SignInFailure:
    """What azure-identity's message means, in this environment (that of the process)."""
    attempts = tuple(attempts_in(message))
    failed = sorted((one for one in attempts if one.cause), key=lambda one: one.cause == "other")
    decisive = failed[0] if failed else None
    cause = decisive.cause if decisive and decisive.cause else _absent(attempts, environment)
    if decisive is None and not attempts:
        decisive = Attempt("", one_line(message, 1000))
        cause = decisive.cause or "other"
    summary, cure = _TOLD[cause](decisive or Attempt("", ""), environment)
    return SignInFailure(cause, summary, cure, attempts)


def _absent(attempts: tuple[Attempt, ...], environment: Mapping[str, str]) -> SignInCause:
    """The cause where no credential even began."""
    if _missing(environment):
        return "incomplete-environment"
    named = {one.credential for one in attempts}
    return "no-managed-identity" if attempts and not named & _DEVELOPER else "no-credential"


def _missing(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that are missing of a service principal that somebody began to set up."""
    given = {name for name in (*_PRINCIPAL, *_SECRETS) if environment.get(name)}
    has_secret, names = bool(given & set(_SECRETS)), {"AZURE_TENANT_ID", "AZURE_CLIENT_ID"}
    if not (has_secret or names <= given):
        return ()
    return tuple(sorted(names - given)) + (() if has_secret else ("AZURE_CLIENT_SECRET",))


def _login(attempt: Attempt, environment: Mapping[str, str]) -> str:
    """The sign-in of the tool that failed, with the tenant that is known; what `az` itself proposes wins."""
    if attempt.credential == "AzurePowerShellCredential":
        return "Connect-AzAccount"
    if attempt.credential == "AzureDeveloperCliCredential":
        return "azd auth login"
    if found := _LOGIN.search(attempt.message):
        return " ".join(found[0].split())
    tenant = environment.get("AZURE_TENANT_ID")
    return f"az login --tenant {tenant}" if tenant else "az login"


def _coded(attempt: Attempt, text: str) -> str:
    code = ENTRA_CODE.search(attempt.message)
    return f"{text} ({code[0]})" if code else text


def _principal(environment: Mapping[str, str]) -> str:
    return environment.get("AZURE_CLIENT_ID") or "CLIENT_ID"


def _is_principal(attempt: Attempt) -> bool:
    return attempt.credential in ("EnvironmentCredential", "WorkloadIdentityCredential")


def _no_credential(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    return (
        "nothing is set up here that can sign in",
        "install the Azure CLI (https://aka.ms/azure-cli) and run `az login`; for a service principal set "
        f"{', '.join(_PRINCIPAL)}",
    )


def _incomplete(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    missing = " and ".join(_missing(environment))
    return (
        f"a service principal is set up in the environment without {missing}",
        f"set {missing}; or unset {', '.join(_PRINCIPAL)} and run `az login`",
    )


def _no_identity(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    chosen = environment.get("AZURE_TOKEN_CREDENTIALS")
    only = f" (AZURE_TOKEN_CREDENTIALS is {chosen!r}, so `az login` is not used)" if chosen else ""
    return (
        f"this machine has no managed identity, and no service principal is set up{only}",
        "unset AZURE_TOKEN_CREDENTIALS and run `az login`; in Azure, assign a managed identity to the machine"
        if chosen
        else f"assign a managed identity to the machine, or set {', '.join(_PRINCIPAL)}",
    )


def _wrong_secret(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    reset = f"az ad app credential reset --id {_principal(environment)} --append"
    return (
        _coded(attempt, "the client secret in AZURE_CLIENT_SECRET is wrong"),
        f"set AZURE_CLIENT_SECRET to the secret's value, not its id; a new secret: `{reset}`",
    )


def _expired_secret(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    reset = f"az ad app credential reset --id {_principal(environment)} --append"
    return (
        _coded(attempt, "the client secret in AZURE_CLIENT_SECRET has expired"),
        f"make a new secret with `{reset}`, and set AZURE_CLIENT_SECRET to it",
    )


def _wrong_certificate(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    client = _principal(environment)
    if attempt.credential == "WorkloadIdentityCredential":
        return (
            _coded(attempt, "the federated token is not accepted for this application"),
            f"compare issuer, subject and audience with `az ad app federated-credential list --id {client}`",
        )
    return (
        _coded(attempt, "the certificate or assertion is not accepted for this application"),
        f"compare it with `az ad app credential list --id {client} --cert`, and check this machine's clock",
    )


def _unknown_application(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    tenant = environment.get("AZURE_TENANT_ID", "")
    return (
        _coded(
            attempt,
            f"the tenant {tenant} has no application {_principal(environment)}".replace("  ", " "),
        ),
        "set AZURE_CLIENT_ID to the application's client id and AZURE_TENANT_ID to its tenant: "
        '`az ad sp list --display-name NAME --query "[].[appId, appOwnerOrganizationId]"`',
    )


def _wrong_password(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    return _coded(attempt, "the user's name or password is not accepted"), _login(attempt, environment)


def _expired(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    return _coded(attempt, f"the sign-in of {_tool(attempt)} has expired"), _login(attempt, environment)


def _wrong_tenant(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    named = environment.get("AZURE_TENANT_ID") if _is_principal(attempt) else None
    found = _TENANT.search(attempt.message)
    tenant = named or (found[1] if found else "")
    if "AADSTS50020" in attempt.message:
        who = f"the account is not known in the tenant {tenant}".rstrip()
        return _coded(attempt, who), "sign in to the account's own tenant: `az login --tenant TENANT_ID`"
    there = f"there is no tenant {tenant} in this cloud" if tenant else "the tenant is wrong"
    if _is_principal(attempt):
        cure = "set AZURE_TENANT_ID to the subscription's tenant: `az account show --query tenantId -o tsv`"
        return _coded(attempt, f"{there} (AZURE_TENANT_ID)"), f"{cure}; for another cloud pass --cloud NAME"
    return _coded(attempt, there), "az login --tenant TENANT_ID"


def _interaction(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    return (
        _coded(attempt, f"{_tool(attempt)} has to sign in again with multi-factor authentication or consent"),
        _login(attempt, environment),
    )


def _blocked(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    return (
        _coded(attempt, "a Conditional Access policy blocks this sign-in"),
        f"`{_login(attempt, environment)}` from a device and network that the policy allows; else ask who "
        "administers Microsoft Entra",
    )


def _az_signed_out(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    return "nobody is signed in to the Azure CLI", _login(attempt, environment)


def _az_hangs(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    return (
        "the Azure CLI did not answer in time",
        "see what it waits for: `az account get-access-token --debug`",
    )


def _unreachable(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    who = CREDENTIALS.get(attempt.credential, "the credential")
    return (
        f"{who} could not reach Microsoft Entra: {attempt.said}",
        "check the network, and HTTPS_PROXY and REQUESTS_CA_BUNDLE; the account may be fine",
    )


def _other(attempt: Attempt, environment: Mapping[str, str]) -> tuple[str, str]:
    who = f"{CREDENTIALS[attempt.credential]}: " if attempt.credential in CREDENTIALS else ""
    said = attempt.said or "no credential is available"
    return f"{who}{said}", _login(attempt, environment)


def _tool(attempt: Attempt) -> str:
    return CREDENTIALS.get(attempt.credential, "the account")


_TOLD: dict[SignInCause, Told] = {
    "no-credential": _no_credential,
    "incomplete-environment": _incomplete,
    "no-managed-identity": _no_identity,
    "az-signed-out": _az_signed_out,
    "az-hangs": _az_hangs,
    "wrong-secret": _wrong_secret,
    "expired-secret": _expired_secret,
    "wrong-certificate": _wrong_certificate,
    "unknown-application": _unknown_application,
    "wrong-password": _wrong_password,
    "expired-sign-in": _expired,
    "wrong-tenant": _wrong_tenant,
    "interaction-needed": _interaction,
    "blocked": _blocked,
    "unreachable": _unreachable,
    "other": _other,
}
