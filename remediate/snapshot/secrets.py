"""What of Azure's documents is kept: texts that say where and how something is, and no other text."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "REDACTED"
_KNOWN = frozenset(
    """
    actions addressprefix addressprefixes availabilitystate computemode createdtime currentworkersize
    dnsaltserver dnsserver dnsservers etag family georegion homestamp inboundipaddress ipmode kind
    lastmodifiedtimeutc link linkedresourcetype location locations name nextlink operationid
    outboundipaddresses peeringstate planname possibleinboundipaddresses possibleoutboundipaddresses prefix
    privateendpointnetworkpolicies privatelinkservicenetworkpolicies provisioningstate resourcegroup
    resourceguid resourcename runtimeavailabilitystate serverfarmid servicename size sku state status
    subnetresourceid subscription subscriptionid targetsubnetid tier type usagestate
    virtualnetworksubnetid vnetresourceid webspace workersize inprogressoperationid allocationstate
    """.split()  # noqa: SIM905 - a list of words reads as one
)
"""Fields, in lower case, whose texts name, place or count something. The text of any other is hidden:
settings, command lines and tags can hold a secret under any name."""
_RESOURCE = re.compile(r"/subscriptions/[\w./()-]*", re.IGNORECASE)
_SECRET = re.compile(
    r"appsettings|connectionstring|azurestorageaccounts|metadata|certblob|pfx|password|passwd|pwd$|secret"
    r"|credential|tokens?$|keys?$|signature",
    re.IGNORECASE,
)
"""Names of fields of which nothing at all is kept, numbers included."""
_TEXTS = re.compile(
    r"\beyJ[\w-]{8,}\.[\w-]+"  # a JSON web token
    r"|\bbearer\s+[\w.~+/=-]{8,}"
    r"|(?:accountkey|sharedaccesskey|sharedaccesssignature|password|pwd|client_secret|token|code|sig)\s*="
    r"|\bgh[a-z]_\w{8,}"
    r"|://[^/\s:@]+:[^/\s@]+@"  # a password in an address
    r"|-----BEGIN [A-Z ]*PRIVATE KEY",
    re.IGNORECASE,
)
"""What is hidden even where the field is known."""


def without_secrets(value: Any, field: str = "") -> Any:
    """The same document, where a text that may be a secret says REDACTED; `field` is what holds the value.

    What is there and what is null stays visible, and so do numbers, yes and no, and resource ids.
    """
    if value is None or isinstance(value, bool):
        return value
    if _SECRET.search(field):
        return HIDDEN
    if isinstance(value, dict):
        inside = field.casefold() == "tags"
        return {key: without_secrets(one, "tags" if inside else str(key)) for key, one in value.items()}
    if isinstance(value, list):
        return [without_secrets(one, field) for one in value]
    return HIDDEN if isinstance(value, str) and value and not _harmless(value, field) else value


def _harmless(text: str, field: str) -> bool:
    known = field.casefold() in _KNOWN or _RESOURCE.fullmatch(text) is not None
    return known and _TEXTS.search(text) is None
