"""What is said about each named world, as a page to review. `make expected` writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from remediate.checks import judge
from remediate.checks.holders import holders, is_safe
from remediate.checks.order import order
from remediate.model import Deletion, Finding

from .named_worlds import named_worlds
from .worlds import GROUP, SUBSCRIPTION, VNET, Case

PAGES = Path(__file__).with_name("expected")
HEAD = "Written by `python -m tests.checks.expected`; review each difference before you commit it."


def page(kind: str) -> str:
    """Every finding of every world of one kind, whole."""
    parts = ["\n".join(_world(name, seen)) for name, seen in named_worlds()[kind].items()]
    return shortened("\n\n".join((HEAD, *parts)) + "\n")


def shortened(text: str) -> str:
    """The ids that every world has, in few words."""
    for id_, name in ((VNET, "/vnet-shop"), (GROUP, "/rg-shop"), (SUBSCRIPTION, "SUBSCRIPTION")):
        text = text.replace(id_, name)
    return text


def _world(name: str, seen: Case) -> Iterator[str]:
    findings = judge(*seen)
    yield f"## {name}"
    for one in findings:
        yield ""
        yield from finding_lines(one)
    if not findings:
        yield "nothing found"
    if seen.question.kind == "delete":
        yield from _deletion(Deletion(*seen), findings)


def finding_lines(one: Finding) -> Iterator[str]:
    """A finding, whole."""
    yield f"{one.severity} {one.code}" + (f" (playbook {one.playbook})" if one.playbook else "")
    yield f"  {one.title}"
    yield f"  {one.detail}"
    yield f"  -> {one.action}"
    for fact in one.evidence:
        yield f"  * {fact.view}: {fact.field} = {msgspec.json.encode(fact.value).decode()}"


def _deletion(deletion: Deletion, findings: tuple[Finding, ...]) -> Iterator[str]:
    found = holders(deletion)
    yield ""
    yield f"safe: {is_safe(found, findings)}"
    for one in found:
        yield f"  holder: {one.kind} {one.id} on {one.subnet}, plan {one.plan}, link {one.link}"
    for line in order(deletion, findings):
        yield f"  $ {line}"


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for kind in named_worlds():
        (PAGES / f"{kind}.txt").write_text(page(kind))
