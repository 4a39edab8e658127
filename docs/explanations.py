"""What `remediate explain` says offline: made from the checks, the page of exit codes, and the errors."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import remediate
from docs.findings import (
    SHOWN_BY,
    Printed,
    meaning_of,
    playbooks_for,
    severities_of,
    shown,
    without_marks,
)
from docs.findings import when as looked_for
from remediate.checks import CHECKS
from remediate.errors import RemediateError
from remediate.model import failure
from remediate.playbook import FINDING_CODES

EXIT_CODES = Path(__file__).parent / "reference" / "exit-codes.md"
_ROW = re.compile(r"^\| (?P<code>\d+) \| (?P<meaning>.+) \| (?P<action>.+) \|$", re.MULTILINE)
_FILE = re.compile(r" \([\w/]+\.py\)")
_KIND = re.compile(r'^    "([a-z-]+)",  # (.+)$', re.MULTILINE)
_SUBNET = "vnet-prod/snet-apps"


def explanations(printed: Printed) -> str:
    """The file that is shipped: a list of `Explanation`, as JSON."""
    found = [*_findings(printed), *_exit_codes(), *_errors(), *_failures()]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _findings(printed: Printed) -> Iterator[dict[str, object]]:
    for code in FINDING_CODES:
        if code in SHOWN_BY:
            check = next(one for one in CHECKS if one.code == code)
            example = shown(code, printed)
            yield {
                "code": code,
                "kind": "finding",
                "meaning": meaning_of(check.find),
                "severities": severities_of(check),
                "looked_for": without_marks(looked_for(check)),
                "playbooks": without_marks(playbooks_for(code)).split(", ") if playbooks_for(code) else [],
                "example": f"{example['title']}. {example['detail']}".replace("SUBNET_ID", _SUBNET),
                "action": example["action"].replace("SUBNET_ID", _SUBNET),
                "see": f"remediate {SHOWN_BY[code]}".replace("SUBNET_ID", _SUBNET),
            }


def _exit_codes() -> Iterator[dict[str, object]]:
    for row in _ROW.finditer(EXIT_CODES.read_text(encoding="utf-8")):
        yield {
            "code": row["code"],
            "kind": "exit code",
            "meaning": f"{without_links(row['meaning'])}.",
            "action": f"{without_links(row['action'])}.",
        }


def _errors() -> Iterator[dict[str, object]]:
    """The codes of `remediate.error/1`; several errors may have one code."""
    by_code: dict[str, list[type[RemediateError]]] = {}
    for one in sorted(_error_types(), key=lambda one: one.__name__):
        if "code" in vars(one) and not any(one.code == base.code for base in _errors_above(one)):
            by_code.setdefault(one.code, []).append(one)
    for code, several in sorted(by_code.items()):
        hints = dict.fromkeys(one.hint for one in several if one.hint)
        yield {
            "code": code,
            "kind": "error",
            "meaning": " ".join(dict.fromkeys(map(_first_paragraph, several))),
            "exits": sorted({int(one.exit) for one in several}),
            "action": " ".join(hints),
        }


def _failures() -> Iterator[dict[str, object]]:
    """The kinds of a request that failed, with what the source says of each."""
    for kind, meaning in _KIND.findall(inspect.getsource(failure)):
        error = failure.RequestFailed(kind, "")
        yield {
            "code": kind,
            "kind": "error",
            "meaning": f"A request to Azure failed. {meaning[0].upper()}{_FILE.sub('', meaning[1:])}.",
            "exits": [int(error.exit)],
            "action": error.hint,
        }


def _error_types() -> set[type[RemediateError]]:
    """Every error that can end a command."""
    for found in pkgutil.walk_packages(remediate.__path__, "remediate."):
        if not found.name.startswith("remediate.sandbox") and found.name != "remediate.__main__":
            importlib.import_module(found.name)
    return _below(RemediateError)


def _errors_above(one: type[RemediateError]) -> list[type[RemediateError]]:
    """The errors that this one derives from, without the root of all."""
    return [
        base for base in one.__mro__[1:] if issubclass(base, RemediateError) and base is not RemediateError
    ]


def _below(base: type[RemediateError]) -> set[type[RemediateError]]:
    inherited = {one for child in base.__subclasses__() for one in _below(child)}
    return {base, *inherited}


def _first_paragraph(of: type) -> str:
    return " ".join((of.__doc__ or "").partition("\n\n")[0].split())


def without_links(text: str) -> str:
    """Text of a page without its links: a link in parentheses goes, another one leaves its words."""
    return re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", re.sub(r" \(\[[^]]+\]\([^)]*\)\)", "", text))
