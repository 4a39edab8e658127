"""Every mutant of a file, and a sample of them that depends on the seed and on the mutated lines alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

from tests.mutants.operators import OPERATORS


@dataclass(frozen=True)
class Mutant:
    """One change to one file. `nth` tells those apart that an operator makes in equal lines of a function."""

    file: str
    function: str
    line: str
    operator: str
    nth: int
    occurrence: int

    def rank(self, seed: int) -> str:
        """Where it stands in the order of a seed: a change elsewhere in the file does not move it."""
        key = "\0".join(map(str, (seed, self.file, self.function, self.line, self.operator, self.nth)))
        return hashlib.sha256(key.encode()).hexdigest()

    def applied(self, code: str) -> str | None:
        """The file's code with the mutation; None where the operator changes nothing."""
        try:
            changed = mutate_code(code, OPERATORS[self.operator](), self.occurrence)
        except AttributeError:  # Cosmic Ray replaces no exception with a dotted name in a tuple
            return None
        return changed if isinstance(changed, str) and changed != code else None


@dataclass(frozen=True)
class Change:
    """What a mutant does to the text: the lines that go, and the lines that come, without indentation."""

    was: str
    becomes: str
    diff: str

    @classmethod
    def between(cls, file: str, code: str, changed: str) -> Change:
        """The change from one text of a file to another."""
        before, after = code.splitlines(), changed.splitlines()
        diff = list(unified_diff(before, after, f"a/{file}", f"b/{file}", lineterm="", n=2))
        return cls(_lines(diff[2:], "-"), _lines(diff[2:], "+"), "\n".join(diff))


def _lines(diff: list[str], sign: str) -> str:
    return "\n".join(line[1:].strip() for line in diff if line.startswith(sign))


def mutants(root: Path, file: str) -> Iterator[Mutant]:
    """Every mutant of a file; the path is relative to the root."""
    code = (root / file).read_text()
    tree, lines = get_ast(code), code.splitlines()
    met: Counter[tuple[str, str, str]] = Counter()
    for name, operator in OPERATORS.items():
        positions = ((node, at) for node in ast_nodes(tree) for at in operator().mutation_positions(node))
        for occurrence, (node, ((row, _), _)) in enumerate(positions):
            key = _function(node), lines[row - 1].strip(), name
            yield Mutant(file, *key, met[key], occurrence)
            met[key] += 1


def _function(node: Any) -> str:
    """The function or class that a node is in, with those around it: `RunState.open`."""
    names: list[str] = []
    while node is not None:
        if node.type in ("funcdef", "classdef"):
            names.insert(0, node.name.value)
        node = node.parent
    return ".".join(names) or "(module)"


def share(available: dict[str, int], wanted: int) -> dict[str, int]:
    """How many of each package are drawn: in proportion to what there is, and at least one."""
    total = sum(available.values())
    return {
        package: min(count, max(1, round(wanted * count / total)))
        for package, count in available.items()
        if count
    }
