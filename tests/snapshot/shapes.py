"""What other tools print of a subnet and its network, made from what ARM says of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def flattened(value: Any) -> Any:
    """As az prints it: without `properties`."""
    if isinstance(value, list):
        return [flattened(one) for one in value]
    if not isinstance(value, dict):
        return value
    inner = value.get("properties") if isinstance(value.get("properties"), dict) else {}
    beside = {key: flattened(one) for key, one in value.items() if key != "properties"}
    return {**beside, **{key: flattened(one) for key, one in inner.items()}}


def pascal(value: Any) -> Any:
    """Names as PowerShell spells them."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(one) for key, one in value.items()}
    return [pascal(one) for one in value] if isinstance(value, list) else value


def powershell(body: dict[str, Any]) -> dict[str, Any]:
    """`Get-Az…` through `ConvertTo-Json` with depth enough: objects, and their text beside them."""
    made = pascal(flattened(body))
    if "AddressPrefix" in made:
        made["AddressPrefix"] = [made["AddressPrefix"]]
        made.setdefault("ServiceAssociationLinks", [])
    if "Subnets" in made:
        made["Subnets"] = [powershell(one) for one in body["properties"]["subnets"]]
    texts = {f"{key}Text": json.dumps(made[key], indent=2) for key in _NESTED if key in made}
    return {**made, **texts}


def cut_off(body: dict[str, Any]) -> dict[str, Any]:
    """The same with too little depth: nested parts are names of classes, and their text is whole."""
    made = powershell(body)
    return {key: _class(one) if key in _NESTED else one for key, one in made.items()}


def as_text(body: dict[str, Any]) -> dict[str, Any]:
    """The same where each nested part is JSON text itself."""
    made = {key: one for key, one in powershell(body).items() if not key.endswith("Text")}
    return {key: json.dumps(one) if key in _NESTED else one for key, one in made.items()}


def without_text(body: dict[str, Any]) -> dict[str, Any]:
    """Cut off, and saved without the text: what is nested is not held at all."""
    return {key: one for key, one in cut_off(body).items() if not key.endswith("Text")}


def _class(value: Any) -> Any:
    name = "Microsoft.Azure.Commands.Network.Models.PSPart"
    return [name for _ in value] or [name] if isinstance(value, list) else name


_NESTED = ("ServiceAssociationLinks", "Delegations", "Subnets", "AddressSpace")
BOM = b"\xef\xbb\xbf"
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "with a byte order mark": lambda text: BOM + text.encode(),
    "utf-16": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-le"),
}
"""How files are written; Windows PowerShell redirects into UTF-16."""
