"""What may be shown or kept of a text that may hold a secret: for logs, messages, tracebacks and snapshots.

Imports no SDK: the command line starts with it.
"""

from __future__ import annotations

import re
from functools import lru_cache

HIDDEN = "REDACTED"
_NAMES = (
    r"(?:password|passwd|passphrase|pwd|secret|token|assertion|accountkey|accesskey|shared[_-]?access[_-]?key"
    r"|sharedaccesssignature|api[_-]?key|(?:functions|subscription|host|master|private|storage|primary"
    r"|secondary|encryption)[_-]?key)"
)
"""How a setting that holds a secret is called, or how its name ends."""
_TOKENS = (
    r"eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"  # a JSON web token
    r"|(?:gh[oprsu]_|github_pat_)\w{16,}"
    r"|gl(?:pat|dt|rt|ft|cbt|ptt|soat|imt|agent)-[\w-]{16,}"
    r"|(?:xox[a-z]|xapp)-[\w-]{8,}"
    r"|npm_\w{16,}|pypi-[\w-]{16,}"
    r"|AKIA[0-9A-Z]{16}\b"
    r"|[\w~.-]{3}\dQ~[\w~.-]{28,}"  # a client secret of Microsoft Entra
    r"|[A-Za-z0-9+/]{86}=="  # the key of a storage account
)
"""Secrets that are known by their shape, whatever stands before them: in a traceback also the n of a \\n."""
_SECRETS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)",
        r"(authorization\\*['\"]?\s*[:=]\s*\\*['\"]?)[^\r\n'\"]+",
        r"(cookie\\*['\"]?\s*[:=]\s*\\*['\"]?)[^\r\n'\"]+",
        r"(bearer\s+)[\w.~+/=-]+",
        r"(basic\s+)(?-i:(?=[a-z]*[A-Z0-9+/=])[A-Za-z0-9+/]{6,}={0,2})",
        # in an address: a password, or a token in the place of the user's name
        r"(://[^/\s:@'\"]*:)[^/\s'\"]+(?=@)",
        r"(://)[^/\s:@'\"]{16,}(?=@)",
        r"(://hooks\.slack\.com/|://[\w.-]+\.webhook\.office\.com/)[^\s'\"<>]+",
        r"([?&;](?:sig|signature|code)=)[^&\s'\"<>)]+",
        # in a connection string, a form or an address
        rf"({_NAMES}\s*=\s*)(?:\\*'[^'\r\n]*|\\*\"[^\"\r\n]*|[^&;\s'\"<>)]+)",
        # as JSON, as JSON within a text, or as Python prints it
        rf"({_NAMES}\\*['\"]\s*:\s*\\*['\"])(?:\\.|[^'\"\\])+",
        # as a header
        rf"({_NAMES}:\s*)[^\s'\",;]+",
        rf"()(?:{_TOKENS})",
    )
)


def redacted(text: str) -> str:
    """The text without passwords, keys, signatures, cookies and tokens."""
    for secret in _SECRETS:
        text = secret.sub(rf"\1{HIDDEN}", text)
    return text


@lru_cache(4096)
def holds_secret(text: str) -> bool:
    """Whether a part of the text would be hidden. The texts of one snapshot are in the next one too."""
    return any(secret.search(text) for secret in _SECRETS)


def one_line(text: str, limit: int = 2000) -> str:
    """The same on one line, so that a message from outside cannot look like several of ours."""
    return redacted(" ".join(text[: 2 * limit].split()))[:limit]
