"""The pieces of Resource Graph queries that stand in the product's source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import remediate

SOURCE = Path(remediate.__file__).parent
_QUERY = re.compile(
    r"^\s*resource(s|changes|containers)\s*(\||$)"  # the beginning of one
    r"|\|\s*(where|project|extend|distinct|summarize|mv-expand|order\s+by|take|count)\b"  # a pipe in it
    r"|^\s*(where\s+[\w.()\[\]]+\s*([=!]~|==|!=|!?in\b|has\b|contains\b)|project\s+\w+,|mv-expand\s|summarize\s)"
)


def pieces() -> dict[str, re.Pattern[str]]:
    """A pattern for each piece, by the place where it stands: what is put into it may be anything."""
    found: dict[str, re.Pattern[str]] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        if "sandbox" not in file.relative_to(SOURCE).parts:
            for line, pattern in _in_module(ast.parse(file.read_text(encoding="utf-8"))):
                found[f"{file.relative_to(SOURCE)}:{line}"] = re.compile(pattern, re.DOTALL)
    return found


def _in_module(tree: ast.Module) -> Iterator[tuple[int, str]]:
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    documentation = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else None for one in node.values]
        elif isinstance(node, ast.Constant) and node not in inside | documentation:
            parts = [node.value]
        else:
            continue
        if any(isinstance(one, str) and _QUERY.search(one) for one in parts):
            yield node.lineno, "".join(".*" if one is None else re.escape(str(one)) for one in parts)
