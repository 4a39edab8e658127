"""The format of numbers, times, resource names and values."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from remediate import ids
from remediate.model import App, AppServicePlan, Scope, Step
from remediate.show.console import safe
from remediate.steps import kind_of

_ID = re.compile(r"/subscriptions/[^\s\"',]*?/([^/\s\"',]+/[^/\s\"',]+/[^/\s\"',]+)(?=[\s\"',]|$)")
NOT_VISIBLE = "not visible to this account"
"""What is shown in place of what is in a subscription or tenant that the account cannot see."""


def plural(number: int, noun: str) -> str:
    """`1 app`, `2 apps`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """A duration: `8.2 s`, `74 s`, `15 min`, `2 min 14 s`."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def age(seconds: float) -> str:
    """How long ago something was, in its largest unit: `just now`, `5 min ago`, `3 h ago`, `12 days ago`."""
    minutes = int(max(seconds, 0)) // 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{plural(hours // 24, 'day')} ago"


def timestamp(at: datetime) -> str:
    """A time in UTC, ISO 8601 to the second: `2026-01-01T03:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def subnet_name(subnet: str) -> str:
    """A subnet as `vnet-prod/snet-apps`: subnets of several networks often have the same name."""
    try:
        parsed = ids.parse(subnet)
    except ids.InvalidId:
        return safe(subnet)
    network, name = parsed.named("virtualNetworks"), parsed.named("subnets")
    return safe(f"{network}/{name}" if network and name else parsed.name)


def resource_name(identity: str) -> str:
    """The short name of a resource: of an app, a slot, a subnet in its network, or the last segment."""
    if "/virtualnetworks/" in identity.casefold():
        return subnet_name(identity)
    return safe(ids.app_name(identity))


def describe_plan(plan: AppServicePlan) -> str:
    """A plan with its size: `plan-orders (P1v3, 2 workers)`."""
    return f"{safe(plan.name)} ({safe(plan.sku)}, {plural(plan.workers, 'worker')})"


def describe_step(step: Step) -> str:
    """The step's text; with the app's name if the playbook's text is used for several apps."""
    name = resource_name(step.target)
    if kind_of(step.do).per_app and name not in step.tell:
        return f"{safe(step.tell)}: {name}"
    return safe(step.tell)


def scope_words(scope: Scope, apps: int) -> str:
    """How far a plan for so many apps goes: `this app only`, `all 4 apps on this link`."""
    if scope == "app":
        return "this app only"
    return "the link and its only app" if apps == 1 else f"all {apps} apps on this link"


def group_of(app: App) -> str:
    """The resource group of an app."""
    try:
        return safe(ids.parse(app.id).group or "")
    except ids.InvalidId:
        return ""


def format_value(value: Any) -> str:
    """A value from Azure: text unquoted, everything else as JSON."""
    if isinstance(value, str):
        return safe(value)
    return safe(json.dumps(value, ensure_ascii=False, default=str))


def shorten_ids(text: str, ellipsis: str) -> str:
    """The text with resource ids shortened to their last three segments; for terminals only."""
    return _ID.sub(lambda found: f"{ellipsis}/{found.group(1)}", text)
