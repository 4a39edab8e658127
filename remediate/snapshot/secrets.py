"""What of Azure's documents is not kept: everything that is, or looks like, a secret."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "REDACTED"
_NAMES = re.compile(
    r"certblob|appsettings|app_settings|connectionstring|azurestorageaccounts|publishing|password|passwd|pwd$"
    r"|secret|credential|token$|tokens$|accesskey|accountkey|sharedkey|apikey|api_key|functionkey|masterkey"
    r"|privatekey|protectedsettings|customdomainverificationid|sasurl|saskey|signature",
    re.IGNORECASE,
)
"""Names of fields whose values are not kept, however they are spelled around these."""
_TEXTS = re.compile(
    r"\beyJ[\w-]{8,}\.[\w-]+"  # a JSON web token
    r"|\bbearer\s+[\w.~+/=-]{8,}"
    r"|(?:accountkey|sharedaccesskey|sharedaccesssignature|password|pwd|client_secret)\s*="
    r"|[?&]sig="
    r"|://[^/\s:@]+:[^/\s@]+@"  # a password in an address
    r"|-----BEGIN [A-Z ]*PRIVATE KEY",
    re.IGNORECASE,
)


def without_secrets(value: Any) -> Any:
    """The same document; what was a secret says REDACTED, so that a reader sees that there was something."""
    if isinstance(value, dict):
        pair = _NAMES.search(str(value.get("name", ""))) is not None
        return {
            key: HIDDEN if pair and key == "value" else _kept(str(key), one) for key, one in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(one) for one in value]
    if isinstance(value, str) and _TEXTS.search(value):
        return HIDDEN
    return value


def _kept(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool) or not _NAMES.search(name):
        return without_secrets(value)
    return HIDDEN
