"""The words that the schema of a world file has for a text's form, and what a wrong one is told."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime

from jsonschema import FormatChecker

from remediate.sandbox.worldfile.names import APP, NETWORK, PLAN, SUBNET, is_group_id, is_id, is_name
from remediate.sandbox.worldfile.records import moment


def _named(type_: str) -> Callable[[str], bool]:
    return lambda text: is_id(text, type_) if text.startswith("/") else is_name(text)


def _is_pair(text: str) -> bool:
    first, slash, second = text.partition("/")
    return bool(slash) and is_name(first) and is_name(second)


def _is_subnet(text: str) -> bool:
    return is_id(text, SUBNET) if text.startswith("/") else _is_pair(text)


def _is_scope(text: str) -> bool:
    return is_id(text) or is_id(f"/subscriptions/s/resourceGroups/g/providers/{text}")


def _is_prefix(text: str) -> bool:
    try:
        return "/" in text and ipaddress.ip_network(text) is not None
    except ValueError:
        return False


def _is_pattern(text: str) -> bool:
    try:
        return re.compile(text) is not None
    except (re.error, RecursionError, OverflowError):
        return False


def _is_moment(text: str) -> bool:
    try:
        return moment(text, datetime.now(UTC)) is not None
    except (ValueError, OverflowError):
        return False


FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "name": (is_name, "a name without / in it"),
    "plan": (_named(PLAN), "the name or ARM id of an App Service plan"),
    "app": (_named(APP), "the name or ARM id of an app; a slot is named under its app's 'slots'"),
    "network": (_named(NETWORK), "the name or ARM id of a virtual network"),
    "subnet": (_is_subnet, "NETWORK/SUBNET or the ARM id of a subnet"),
    "subnet-name": (_named(SUBNET), "the name or ARM id of a subnet"),
    "group": (
        lambda text: is_group_id(text) if text.startswith("/") else is_name(text),
        "a resource group's name or id",
    ),
    "group-id": (is_group_id, "a resource group's id: /subscriptions/ID/resourceGroups/NAME"),
    "subscription": (is_name, "a subscription's id, without /subscriptions/"),
    "id": (is_id, "a full ARM id"),
    "named": (lambda text: text == "subnet" or is_id(text), "'subnet' or a full ARM id"),
    "scope": (_is_scope, "a full ARM id, or TYPE/NAME in the group, such as Microsoft.Web/sites/orders-func"),
    "resource": (
        lambda text: is_id(text) or is_name(text) or _is_pair(text),
        "a full ARM id, the name of an app, plan or network, NETWORK/SUBNET or APP/SLOT",
    ),
    "prefix": (_is_prefix, "an address prefix, such as 10.10.1.0/27"),
    "pattern": (_is_pattern, "a regular expression"),
    "moment": (_is_moment, "a time, such as 2026-01-31T03:00:00Z or -3h"),
}
"""Each format: what fits it, and how an error describes it."""


def checker() -> FormatChecker:
    """The formats as jsonschema checks them; whatever is not text has none."""
    made = FormatChecker(formats=())
    for name, (fits, _) in FORMATS.items():
        made.checks(name)(_of_text(fits))
    return made


def _of_text(fits: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or fits(value)


def masked(value: str) -> str:
    """A question that offers the prefix whose host bits are not set, or nothing."""
    try:
        return f"; did you mean '{ipaddress.ip_network(value, strict=False)}'?" if "/" in value else ""
    except ValueError:
        return ""
