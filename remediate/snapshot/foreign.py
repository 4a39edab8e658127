"""The names of files that hold nothing of a subnet, so that the operator is told what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_AT_START = (
    (r"<!doctype html|<html\b", "it is an HTML page, and not what a tool printed"),
    (r"<Objs\b", "it is PowerShell's Export-Clixml: save `Import-Clixml FILE | ConvertTo-Json -Depth 10`"),
    (r"<\?xml\b", "it is XML"),
    (r"\{\\rtf", "it is a formatted text document (RTF)"),
)
"""What a text begins with, whatever follows."""
_ANYWHERE = (
    (
        r"\A(?:ERROR:|az: |AuthorizationFailed|\((?:Resource|Authorization|Invalid)\w+\) )",
        "it is an error message of az",
    ),
    (r'^(?:resource|data)\s+"\w+"\s+"[\w-]+"\s*\{', "it is Terraform code, which holds no links"),
    (
        r"^(?:resource\s+\w+\s+'[^'\n]+@[^'\n]+'|targetScope\s*=|param\s+\w+\s+(?:string|int|bool|object|array))",
        "it is Bicep code, which holds no links",
    ),
    (r"^ *-{2,}(?: +-{2,})+ *$", "it is a table, which holds no links"),
    (r"\A[^\n\t]*\t[^\n]*", "it is tab-separated text, which holds no links"),
)
_SETTING = re.compile(r"(?:export |SET )?[A-Za-z_]\w*=")
_OURS = {
    "snapshots": "a list of snapshots",
    "run": "a run",
    "journal": "the journal of a run",
    "runs": "a list of runs",
    "verify": "the output of `remediate verify`",
    "error": "an error message of remediate",
    "diff": "a comparison of two snapshots",
}
"""Documents of this tool, by the name in their schema."""


def name_of_text(text: str, *, at_start: bool) -> str | None:
    """What a text is by its beginning, or by anything in it; None for what is not known."""
    known, flags = (_AT_START, re.IGNORECASE) if at_start else (_ANYWHERE, re.MULTILINE)
    match = re.match if at_start else re.search
    if not at_start and _is_settings(text):
        return "it is a list of settings (.env), which holds no links"
    return next((name for pattern, name in known if match(pattern, text[:200_000], flags)), None)


def _is_settings(text: str) -> bool:
    lines = [one for one in text.splitlines() if one.strip() and not one.lstrip().startswith("#")]
    return bool(lines) and all(_SETTING.match(one) for one in lines)


def name_of_document(document: Any) -> str | None:
    """What a document is that holds no resource of Azure; None for what is not known."""
    if not isinstance(document, dict):
        return None
    schema = document.get("schema")
    if isinstance(schema, str) and schema.startswith("remediate."):
        return _ours(schema)
    return next((name for name, marks in _DOCUMENTS.items() if marks(document)), None) or _error(document)


def _ours(schema: str) -> str:
    name = schema.removeprefix("remediate.").partition("/")[0]
    more = ": pass RUN/before or RUN/after in place of a file" if name in ("run", "journal") else ""
    return f"it is {_OURS.get(name, f'a {schema[:60]!a}')}, and no snapshot{more}"


def _is_plan(document: dict[str, Any]) -> bool:
    return "resource_changes" in document or "planned_values" in document


def _is_state(document: dict[str, Any]) -> bool:
    return "terraform_version" in document or {"lineage", "serial"} <= set(document)


_DOCUMENTS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "it is a Terraform plan, which holds no links": _is_plan,
    "it is a Terraform state, which holds no links": _is_state,
    "it is a Pulumi state, which holds no links": lambda one: {"version", "deployment"} <= set(one),
    "it is the parameters of an ARM template, which hold no resources": (
        lambda one: "deploymentparameters.json" in str(one.get("$schema")).casefold()
    ),
    "it is a playbook, which holds no links": lambda one: {"id", "for", "steps"} <= set(one),
    "it is a world file of the sandbox: `remediate sandbox check FILE` validates it": (
        lambda one: bool({"networks", "extends"} & set(one)) and "id" not in one
    ),
}


def _error(document: dict[str, Any]) -> str | None:
    """An error of ARM, or of Microsoft.Web (azure-facts.md, 3)."""
    inner = document.get("error")
    held = inner if isinstance(inner, dict) else document
    code = held.get("code", held.get("Code"))
    told = "message" in held or "Message" in held
    return f"it is an error that Azure answered: {code[:60]!a}" if isinstance(code, str) and told else None
