"""The redaction of Azure's documents: only texts that name, locate or count something are stored."""

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
    subnetid subnetresourceid subscription subscriptionid targetsubnetid tier type usagestate
    virtualnetworksubnetid vnetresourceid webspace workersize inprogressoperationid allocationstate
    """.split()  # noqa: SIM905 - a list of words reads as one
)
"""Fields, in lower case, whose texts name, locate or count something. Any other text is redacted:
settings, command lines and tags can contain a secret under any name."""
_WITHIN = frozenset(
    """
    addressspace delegations dhcpoptions dnsconfiguration hostingenvironmentprofile ipconfigurations
    natgateway network networksecuritygroup outboundvnetrouting properties remoteaddressspace
    remotevirtualnetwork routetable serviceassociationlinks serviceendpointpolicies serviceendpoints
    sku subnets virtualnetworkpeerings
    """.split()  # noqa: SIM905 - a list of words reads as one
)
"""Objects, in lower case, in which these fields have that meaning; in any other every text is redacted."""
_RESOURCE = re.compile(r"/subscriptions/[\w./()-]*", re.IGNORECASE)
_SECRET = re.compile(
    r"appsettings|connectionstring|azurestorageaccounts|metadata|certblob|pfx|password|passwd|pwd$|secret"
    r"|credential|tokens?$|keys?$|signature",
    re.IGNORECASE,
)
"""Names of fields whose value is never stored, numbers included."""


def redact_documents(documents: Iterable[Document]) -> tuple[Document, ...]:
    """The documents without secrets. Facts are taken from these, so they contain no secret either."""
    return tuple(replace(one, body=without_secrets(one.body)) for one in documents)


def redact_snapshot(snapshot: Snapshot) -> Snapshot:
    """A snapshot from a file without secrets; only facts that follow from its documents are kept."""
    documents = redact_documents(snapshot.documents)
    facts, _ = facts_of(documents, snapshot.target, snapshot.subnet)
    held = {path: facts[path] for path in snapshot.facts if path in facts}
    return replace(snapshot, documents=documents, facts=held)


def without_secrets(value: Any, field: str = "", known: bool = True) -> Any:
    """The same document, with REDACTED for each text that may be a secret.

    `field` is the field of the value; `known` says whether field names have their meaning of ARM there.
    Nulls, numbers, booleans and resource ids are kept.
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
