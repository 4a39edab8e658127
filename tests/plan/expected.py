"""The plan for each named world, as a page to review. `python -m tests.plan.expected` writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from remediate import plan, playbook
from remediate.checks import judge
from remediate.errors import UsageError
from remediate.model import Plan, Request, Scope, Step
from remediate.plan import Options
from tests.checks.expected import finding_lines, shortened
from tests.checks.named_worlds import named_worlds
from tests.checks.worlds import Case

PAGES = Path(__file__).with_name("expected")
HEAD = "Written by `python -m tests.plan.expected`; review each difference before you commit it."
PLAYBOOKS = {"purge": "purge-orphan", "leave": "before-delete"}
ANYTHING = frozenset(playbook.FINDING_CODES)


def page(kind: str) -> str:
    """The plan for every world of one kind, with nothing allowed to be unknown and with everything."""
    worlds = named_worlds()[kind]
    parts = ["\n".join(_world(kind, name, seen)) for name, seen in worlds.items()]
    return shortened("\n\n".join((HEAD, *parts)) + "\n")


def _world(kind: str, name: str, seen: Case) -> Iterator[str]:
    yield f"## {name}"
    scopes: tuple[Scope, ...] = ("app", "link") if kind == "change" else ("link",)
    for scope in scopes:
        made = list(_made(kind, seen, scope, frozenset()))
        yield from (f"\nscope {scope}", *made)
        allowed = list(_made(kind, seen, scope, ANYTHING))
        if allowed != made:
            yield from (f"\nscope {scope}, all that is unknown allowed", *allowed)


def _made(kind: str, seen: Case, scope: Scope, allowed: frozenset[str]) -> Iterator[str]:
    default = "rebuild-link" if scope == "link" else "reconnect-app"
    book = playbook.find(PLAYBOOKS.get(kind, default))
    try:
        yield from _plan(plan.make(*seen, judge(*seen), book, Options(scope, allowed)))
    except UsageError as error:
        yield f"wrong use: {error}"


def _plan(made: Plan) -> Iterator[str]:
    yield f"{made.playbook}: {made.purpose} {made.target}, subnet {made.subnet} ({made.service})"
    yield f"  apps: {', '.join(one.name for one in made.apps) or 'none'}"
    yield f"  links: {', '.join(made.links) or 'none'}"
    for refusal in made.refusals:
        yield from (f"  refused: {line}" for line in finding_lines(refusal))
    for step in made.steps:
        yield f"  {step.n}. {step.do} {step.target}{_request(step.request)}{_fallback(step)}"


def _fallback(step: Step) -> str:
    return f", or else{_request(step.fallback)}" if step.fallback else ""


def _request(request: Request | None) -> str:
    if request is None:
        return ""
    body = f" {msgspec.json.encode(request.body).decode()}" if request.body is not None else ""
    headers = f" {request.headers}" if request.headers else ""
    return f": {request.method} {request.path}{headers}{body}"


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for kind in ("change", *PLAYBOOKS):
        (PAGES / f"{kind}.txt").write_text(page(kind))
