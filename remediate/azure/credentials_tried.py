"""What each credential said that was tried, and which cause that is.

The codes are Microsoft Entra's (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from remediate.redaction import one_line

SignInCause = Literal[
    "no-credential",  # nothing is set up that could sign in
    "incomplete-environment",  # some of the AZURE_ variables of a service principal are set, not all
    "az-signed-out",  # `az` is there, and nobody is signed in to it
    "az-hangs",
    "no-managed-identity",  # no answer from IMDS, or no identity behind it
    "wrong-secret",
    "expired-secret",
    "wrong-certificate",
    "unknown-application",
    "wrong-password",
    "expired-sign-in",
    "wrong-tenant",
    "interaction-needed",
    "blocked",  # by Conditional Access
    "unreachable",  # the network, not the account
    "other",
]
CREDENTIALS = {
    "EnvironmentCredential": "environment variables",
    "WorkloadIdentityCredential": "workload identity",
    "ManagedIdentityCredential": "managed identity",
    "SharedTokenCacheCredential": "shared token cache",
    "VisualStudioCodeCredential": "Visual Studio Code",
    "AzureCliCredential": "Azure CLI (az)",
    "AzurePowerShellCredential": "Azure PowerShell",
    "AzureDeveloperCliCredential": "Azure Developer CLI (azd)",
    "BrokerCredential": "Windows account (broker)",
}
"""What azure-identity tries, in its order, and how it is called here."""
RARE = {"SharedTokenCacheCredential", "VisualStudioCodeCredential", "BrokerCredential"}
"""Credentials that are not worth a line while they are not set up: hardly anybody has one."""
_CODES: dict[SignInCause, str] = {
    "wrong-secret": "7000215 50012 7000218",
    "expired-secret": "7000222",
    "wrong-certificate": "700027 700024 700021 700023 70021 700211 700212 700213",
    "unknown-application": "700016 7000112 7000229 700030",
    "wrong-password": "50126 50034 50053 50055 50056 50057",
    "expired-sign-in": "700082 70043 70044 70008 700081 700084 50173 50132 50133 50089 50078 50013",
    "wrong-tenant": "90002 900021 900023 50020 50059 51004 90072 50128 50177",
    "interaction-needed": "50076 50079 50072 50074 50158 50058 50097 50105 50125 65001 160021",
    "blocked": "53003 53000 53001 53002 53004 530003 530031 530032 530035 50005",
}
_BY_CODE: dict[str, SignInCause] = {code: cause for cause, codes in _CODES.items() for code in codes.split()}
_BY_TEXT: tuple[tuple[str, SignInCause], ...] = (
    (r"invalid client id or client secret|\binvalid_client\b", "wrong-secret"),
    (r"please run '?az login|az login.*to set up an account", "az-signed-out"),
    (r"failed to invoke the azure cli", "az-hangs"),
    (r"support claims challenges", "interaction-needed"),
    (r"unable to get authority configuration", "wrong-tenant"),
    (
        r"max retries exceeded|proxyerror|unable to connect to proxy|connection refused|connection reset"
        r"|failed to (?:resolve|establish a new connection)|name or service not known|name resolution"
        r"|certificate[ _]verif|timed out|network is unreachable|connection aborted",
        "unreachable",
    ),
)
_UNAVAILABLE = {
    "EnvironmentCredential": ((r"not fully configured", "AZURE_CLIENT_ID and the like are not set"),),
    "WorkloadIdentityCredential": ((r"not fully configured", "not set up"),),
    "ManagedIdentityCredential": (
        (r"no identity has been assigned", "no identity is assigned to this machine"),
        (r"no response|unavailable\.?$", "no answer at 169.254.169.254: this is no machine in Azure"),
    ),
    "AzureCliCredential": (
        (r"not found on path", "az is not installed"),
        (r"az login' to set up", "az is installed, and nobody is signed in to it"),
        (r"failed to invoke the azure cli", "az did not answer in time"),
    ),
    "AzurePowerShellCredential": (
        (r"is not installed", "not installed"),
        (r"connect-azaccount", "installed, and nobody is signed in to it"),
    ),
    "AzureDeveloperCliCredential": (
        (r"could not be found", "not installed"),
        (r"azd auth login' from", "installed, and nobody is signed in to it"),
    ),
}
"""What azure-identity says of a credential that is not set up, and a short form of it."""
_ATTEMPT = re.compile(rf"^\t?({'|'.join(CREDENTIALS)})(?::\s|$)", re.MULTILINE)
ENTRA_CODE = re.compile(r"AADSTS(\d+)")


class Attempt(Struct, frozen=True):
    """One credential that was tried: azure-identity's name of it, and all that it said, in one line."""

    credential: str
    message: str

    @property
    def shown(self) -> str:
        """How it is told: the name, and what it said, shortened where that is known."""
        return f"{CREDENTIALS.get(self.credential, self.credential)}: {self.said}"

    @property
    def said(self) -> str:
        """What it said: a short form where it is only not set up, else Azure's words."""
        text = self.message.strip()
        for pattern, short in _UNAVAILABLE.get(self.credential, ()):
            if re.search(pattern, text, re.IGNORECASE) and not ENTRA_CODE.search(text):
                return short
        said = re.sub(r"\s*(?:Trace ID|Correlation ID|To mitigate this issue)\b.*", "", text)
        return one_line(said.removeprefix("Authentication failed: ").removeprefix("ERROR: "), 300)

    @property
    def cause(self) -> SignInCause | None:
        """Why it failed, None where it is only not set up."""
        for code in ENTRA_CODE.findall(self.message):
            return _BY_CODE.get(code, "other")
        found = (cause for text, cause in _BY_TEXT if re.search(text, self.message, re.IGNORECASE))
        return next(found, None if self._is_unavailable else "other")

    @property
    def _is_unavailable(self) -> bool:
        """Whether it is only not set up; of those that hardly anybody has, nothing else is known."""
        known = _UNAVAILABLE.get(self.credential, ((r"", ""),))
        return any(re.search(pattern, self.message, re.IGNORECASE) for pattern, _ in known)


def attempts_in(message: str) -> Iterator[Attempt]:
    """The attempts in the message of a chain of credentials; each may have several lines."""
    found = list(_ATTEMPT.finditer(message))
    ends = [*(one.start() for one in found[1:]), len(message)]
    for one, end in zip(found, ends, strict=False):
        said = message[one.end() : end].partition("\nTo mitigate this issue")[0]
        yield Attempt(one[1], one_line(said, 2000))
