"""How numbers, places and values are spelled."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from remediate import ids
from remediate.model import App, AppServicePlan, Step
from remediate.show.console import safe
from remediate.steps import kind_of

_ID = re.compile(r"/subscriptions/[^\s\"',]*?/([^/\s\"',]+/[^/\s\"',]+/[^/\s\"',]+)(?=[\s\"',]|$)")


def counted(number: int, noun: str) -> str:
    """`1 app`, `2 apps`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def lasting(seconds: float) -> str:
    """A duration as one reads it: `8.2 s`, `74 s`, `15 min`, `2 min 14 s`."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def stamp(at: datetime) -> str:
    """A moment in UTC, ISO 8601 to the second: `2026-01-01T03:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def place(subnet: str) -> str:
    """A subnet as `vnet-prod/snet-apps`: the same subnet name is common in several networks."""
    try:
        parsed = ids.parse(subnet)
    except ids.InvalidId:
        return safe(subnet)
    network, name = parsed.named("virtualNetworks"), parsed.named("subnets")
    return safe(f"{network}/{name}" if network and name else parsed.name)


def resource(identity: str) -> str:
    """Whatever an id names, as one calls it: an app, a slot, a subnet in its network, or the last segment."""
    if "/virtualnetworks/" in identity.casefold():
        return place(identity)
    return safe(ids.app_name(identity))


def plan_words(plan: AppServicePlan) -> str:
    """A plan with its size: `plan-orders (P1v3, 2 workers)`."""
    return f"{safe(plan.name)} ({safe(plan.sku)}, {counted(plan.workers, 'worker')})"


def step_words(step: Step) -> str:
    """The step's own line; with the app's name where a playbook's one line stands for several apps."""
    name = resource(step.target)
    if kind_of(step.do).per_app and name not in step.tell:
        return f"{safe(step.tell)}: {name}"
    return safe(step.tell)


def group_of(app: App) -> str:
    """The resource group of an app."""
    try:
        return safe(ids.parse(app.id).group or "")
    except ids.InvalidId:
        return ""


def literal(value: Any) -> str:
    """A value as Azure gave it: text bare, everything else as JSON."""
    if isinstance(value, str):
        return safe(value)
    return safe(json.dumps(value, ensure_ascii=False, default=str))


def shortened(text: str, ellipsis: str) -> str:
    """Resource ids cut to their last three segments; for a terminal only, piped output keeps them whole."""
    return _ID.sub(lambda found: f"{ellipsis}/{found.group(1)}", text)
