"""What of Azure's documents is kept: texts that say where and how something is, and no other text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from remediate.model import Document, Snapshot
from remediate.redaction import HIDDEN, holds_secret
from remediate.snapshot.facts import facts_of

_KNOWN = frozenset(
    """
    actions addressprefix addressprefixes availabilitystate computemode createdtime currentworkersize
    dnsaltserver dnsserver dnsservers etag family georegion homestamp inboundipaddress ipmode kind
    lastmodifiedtimeutc link linkedresourcetype location locations name nextlink operationid
    outboundipaddresses peeringstate planname possibleinboundipaddresses possibleoutboundipaddresses prefix
    privateendpointnetworkpolicies privatelinkservicenetworkpolicies provisioningstate resourcegroup
    resourceguid resourcename runtimeavailabilitystate serverfarmid service servicename size sku state status
    subnetresourceid subscription subscriptionid targetsubnetid tier type usagestate
    virtualnetworksubnetid vnetresourceid webspace workersize inprogressoperationid allocationstate
    """.split()  # noqa: SIM905 - a list of words reads as one
)
"""Fields, in lower case, whose texts name, place or count something. The text of any other is hidden:
settings, command lines and tags can hold a secret under any name."""
_WITHIN = frozenset(
    """
    addressspace delegations dhcpoptions dnsconfiguration hostingenvironmentprofile ipconfigurations
    natgateway network networksecuritygroup outboundvnetrouting properties remoteaddressspace
    remotevirtualnetwork routetable serviceassociationlinks serviceendpointpolicies serviceendpoints
    sku subnets virtualnetworkpeerings
    """.split()  # noqa: SIM905 - a list of words reads as one
)
"""Objects, in lower case, in which these fields have their meaning; in any other every text is hidden."""
_RESOURCE = re.compile(r"/subscriptions/[\w./()-]*", re.IGNORECASE)
_SECRET = re.compile(
    r"appsettings|connectionstring|azurestorageaccounts|metadata|certblob|pfx|password|passwd|pwd$|secret"
    r"|credential|tokens?$|keys?$|signature",
    re.IGNORECASE,
)
"""Names of fields of which nothing at all is kept, numbers included."""


def redact_documents(documents: Iterable[Document]) -> tuple[Document, ...]:
    """What is kept of documents. Facts are taken of these, so that they hold no more either."""
    return tuple(replace(one, body=without_secrets(one.body)) for one in documents)


def redact_snapshot(snapshot: Snapshot) -> Snapshot:
    """What is kept of a snapshot that a file holds: no fact but those that its documents bear out."""
    documents = redact_documents(snapshot.documents)
    facts, _ = facts_of(documents, snapshot.target, snapshot.subnet)
    held = {path: facts[path] for path in snapshot.facts if path in facts}
    return replace(snapshot, documents=documents, facts=held)


def without_secrets(value: Any, field: str = "", known: bool = True) -> Any:
    """The same document, where a text that may be a secret says REDACTED.

    `field` is what holds the value, and `known` whether fields mean there what they mean in ARM. What is
    there and what is null stays visible, and so do numbers, yes and no, and resource ids.
    """
    if value is None or isinstance(value, bool):
        return value
    if _SECRET.search(field):
        return HIDDEN
    if isinstance(value, dict):
        inside = known and (not field or field.casefold() in _WITHIN)
        return {key: without_secrets(one, str(key), inside) for key, one in value.items()}
    if isinstance(value, list):
        return [without_secrets(one, field, known) for one in value]
    return HIDDEN if isinstance(value, str) and value and not _harmless(value, field, known) else value


def _harmless(text: str, field: str, known: bool) -> bool:
    named = known and field.casefold() in _KNOWN
    return (named or _RESOURCE.fullmatch(text) is not None) and not holds_secret(text)
