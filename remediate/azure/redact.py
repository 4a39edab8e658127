"""What may be shown of a text that may hold a secret. Imports no SDK: the command line starts with it."""

from __future__ import annotations

import re

HIDDEN = "REDACTED"
_SECRETS = (
    re.compile(r"(\bauthorization['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+", re.IGNORECASE),
    re.compile(r"(\b(?:set-)?cookie['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+", re.IGNORECASE),
    re.compile(r"(\bbearer\s+)[\w.~+/=-]+", re.IGNORECASE),
    re.compile(
        r"([?&;](?:sig|signature|code|password|client_secret|client_assertion|[\w-]*token)=)[^&\s'\"<>)]+",
        re.IGNORECASE,
    ),
    re.compile(
        r"(['\"](?:client_secret|client_assertion|password|(?:access|refresh|id)_token)['\"]\s*:\s*['\"])"
        r"[^'\"]+",
        re.IGNORECASE,
    ),
    re.compile(r"(\b(?:AccountKey|SharedAccessSignature)=)[^;\s'\"]+", re.IGNORECASE),
    re.compile(r"()\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"),
)


def redacted(text: str) -> str:
    """The text without credentials, cookies, signatures and tokens in addresses, and JSON web tokens."""
    for secret in _SECRETS:
        text = secret.sub(rf"\1{HIDDEN}", text)
    return text


def one_line(text: str, limit: int = 2000) -> str:
    """The same on one line, so that a message from outside cannot look like several of ours."""
    return redacted(" ".join(text[: 2 * limit].split()))[:limit]
