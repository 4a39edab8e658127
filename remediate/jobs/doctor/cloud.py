"""What is looked at on the way to Azure: network, clock, sign-in, subscription, Resource Graph."""

from __future__ import annotations

import os
import time

from remediate.azure.cloud import named
from remediate.azure.discover import check_graph
from remediate.azure.documents import SUBSCRIPTIONS_API
from remediate.azure.network_path import NetworkPath
from remediate.azure.session import Session, default_subscription
from remediate.jobs.doctor.outcome import sentence, skipped
from remediate.jobs.invocation import Options
from remediate.jobs.subscription import UnknownSubscription, find_subscription
from remediate.model import Check

SKEW = 300
"""Seconds by which a clock may be wrong: then Microsoft Entra begins to refuse tokens."""


def endpoint(options: Options) -> tuple[str, str]:
    """The address of ARM and the one that signs in, as far as they are known without asking.

    Raises UnknownCloud.
    """
    custom = os.environ.get("REMEDIATE_ARM_ENDPOINT") if options.sandbox else options.arm_endpoint
    if custom:
        return custom, custom
    cloud = named(options.cloud or "AzureCloud")
    return cloud.arm, cloud.authority


def network(host: str, found: NetworkPath) -> Check:
    """How ARM answered, and through what."""
    way = f"through the proxy {found.proxy}" if found.proxy else f"at {found.address or 'an unknown address'}"
    issuer = f", certificate issued by {found.issuer}" if found.issuer else ""
    return Check("network", "ok", f"{host} answers in {found.seconds * 1000:.0f} ms {way}{issuer}")


def clock(found: NetworkPath) -> Check:
    """Whether this machine's clock agrees with ARM's."""
    if found.ahead is None:
        return Check("clock", "unknown", "Azure's answer has no time", "Compare the clock of this machine.")
    off = abs(found.ahead)
    behind = "behind" if found.ahead > 0 else "ahead of"
    if off < SKEW:
        return Check("clock", "ok", "agrees with Azure's" if off < 2 else f"{off:.0f} s {behind} Azure's")
    return Check(
        "clock",
        "problem",
        f"{off:.0f} s {behind} Azure's: sign-in and tokens can be refused",
        "Set the clock of this machine, such as with `timedatectl set-ntp true`.",
    )


def sign_in(session: Session) -> Check:
    """Who is signed in, through which credential, and for how long."""
    signed_in = session.signed_in
    left = None if signed_in.expires is None else signed_in.expires - time.time()
    valid = "" if left is None else f", token valid for {max(0, left) / 60:.0f} min"
    through = session.credential.through
    return Check("sign-in", "ok", f"{signed_in.who} in tenant {signed_in.tenant}, through {through}{valid}")


def subscription(session: Session, options: Options) -> Check:
    """Whether the subscription that names are looked up in is there and enabled. Raises RequestFailed."""
    wanted, source = default_subscription(options.subscription), _source(options)
    if wanted is None:
        cure = "Name one: `az account set --subscription ID`, or --subscription with each command."
        return Check("subscription", "problem", "none is configured", cure)
    try:
        found = find_subscription(session, wanted)
    except UnknownSubscription as error:
        detail = f"{wanted}, from {source}, is not found or not visible to the account"
        return Check("subscription", "problem", detail, sentence(error.hint))
    state = session.ask("GET", f"/subscriptions/{found.id}?api-version={SUBSCRIPTIONS_API}").get("state")
    if state not in ("Enabled", None):
        cure = "Azure refuses writes: its owner can enable it again."
        return Check("subscription", "problem", f"{found} is {state}", cure)
    return Check("subscription", "ok", f"{found}, from {source}")


def _source(options: Options) -> str:
    if options.subscription:
        return "--subscription"
    return "AZURE_SUBSCRIPTION_ID" if os.environ.get("AZURE_SUBSCRIPTION_ID") else "the default of az"


def resource_graph(session: Session, wanted: str) -> Check:
    """Whether Resource Graph answers, and shows apps. Raises RequestFailed."""
    try:
        found = find_subscription(session, wanted)
    except UnknownSubscription:
        return skipped("resource-graph", "the subscription is not found")
    shown = "apps" if check_graph(session, found.id) else "no app"
    return Check("resource-graph", "ok", f"answers, and shows {shown} of the subscription")
