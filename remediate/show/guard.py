"""The page of `remediate guard`: the verdict, the holders, and a deletion order that works."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.model import Deletable, Guard, Holder
from remediate.show.commands import with_options
from remediate.show.console import safe
from remediate.show.findings import all_finding_parts
from remediate.show.layout import Unbroken, blank, heading, marked, print_parts, prose, table
from remediate.show.words import plural, resource_name, subnet_name

KIND_NAMES: dict[Deletable, str] = {
    "app": "app",
    "slot": "slot",
    "plan": "App Service plan",
    "subnet": "subnet",
    "vnet": "virtual network",
    "group": "resource group",
}
_NO_ORDER = "No order of commands is known to work here; the findings above say what has to be done first."
_NO_LINK = "no link seen"
_NOT_DISCONNECTED = (
    "A deletion does not disconnect apps first. The link of a connected app is left behind as an orphan, and "
    "a subnet with a link can be neither deleted nor used by another plan."
)


def print_guard(console: Console, document: Guard) -> None:
    """Print whether a deletion is safe, and what to do where it is not."""
    print_parts(
        console,
        Text(f"Before you delete {resource_name(document.target)}", style="strong"),
        Text(f"{KIND_NAMES[document.kind]}; {_takes(document)}", style="quiet"),
        _verdict(console, document),
        *_why(document),
        *_last(document),
        *_holders(document),
        *all_finding_parts(console, document.findings),
        blank(),
        *_order(document),
        blank(),
        Text(_requests(document), style="quiet"),
    )


def _takes(document: Guard) -> str:
    """What is deleted with it, by kind: `takes 3 apps, 1 slot with it`."""
    others = [one for one in document.takes if not ids.same(one, document.target)]
    kinds = [_kind(one) for one in others]
    parts = [plural(kinds.count(kind), kind) for kind in ("app", "slot", "plan", "subnet") if kind in kinds]
    if parts:
        return f"takes {', '.join(parts)} with it"
    return (
        "takes nothing else with it" if document.safe is not None else "nothing else is known to go with it"
    )


def _why(document: Guard) -> Iterator[RenderableType]:
    """What happens if the apps are not disconnected first (azure-facts.md, 2)."""
    if document.holders:
        yield prose(_NOT_DISCONNECTED, by=0)


def _last(document: Guard) -> Iterator[RenderableType]:
    """A plan that Azure deletes with its last app, by default and without a notice (azure-facts.md, 2)."""
    plans = [one for one in document.takes if _kind(one) == "plan" and not ids.within(one, document.target)]
    if document.kind == "plan" and any(_kind(one) == "app" for one in document.takes):
        yield prose(
            f"{resource_name(document.target)} is deleted with its last app: that is the default in Azure.", 0
        )
    if plans:
        names = ", ".join(resource_name(one) for one in plans)
        yield prose(f"{names} is left without an app: Azure deletes a plan with its last app, by default.", 0)


def _kind(identity: str) -> str:
    parsed = ids.parse(identity)
    kinds = {"slots": "slot", "sites": "app", "serverfarms": "plan", "subnets": "subnet"}
    return kinds.get(parsed.path[-1][0].casefold(), "resource")


def _verdict(console: Console, document: Guard) -> Text:
    if document.safe:
        return marked(console, "good", "safe: no integration is lost and no link is left behind")
    if document.safe is None:
        return marked(console, "unknown", "unknown: could not read everything")
    if not document.holders:
        return marked(console, "error", "unsafe: something prevents the deletion")
    return marked(console, "error", f"unsafe: held by {_tally(document)}")


def _tally(document: Guard) -> str:
    kinds = [one.kind for one in document.holders]
    words = {"app": "app", "slot": "slot", "plan": "plan", "service": "other service"}
    return ", ".join(plural(kinds.count(kind), word) for kind, word in words.items() if kind in kinds)


def _holders(document: Guard) -> Iterator[RenderableType]:
    if not document.holders:
        return
    yield blank()
    yield heading("Holders")
    rows = [_row(document, one) for one in document.holders]
    columns = 5 if any(row[4] for row in rows) else 4
    yield table(("holder", "kind", "subnet", "link", "")[:columns], [row[:columns] for row in rows])


def _row(document: Guard, one: Holder) -> tuple[str, ...]:
    goes = any(ids.same(mine, taken) for taken in document.takes for mine in (one.id, one.plan))
    apart = one.kind in ("app", "slot") and not goes
    return (
        resource_name(one.id),
        one.kind,
        subnet_name(one.subnet) if one.subnet else "none",
        safe(ids.name(one.link)) if one.link else _NO_LINK,
        "is not deleted" if apart else "",
    )


def _order(document: Guard) -> Iterator[RenderableType]:
    if not document.order:
        yield prose(_NO_ORDER, by=0)
        return
    yield heading("A deletion order that works")
    for line in document.order:
        yield Unbroken(Text(f"  {safe(with_options(line))}"))


def _requests(document: Guard) -> str:
    sent = document.requests
    if sent.writes:
        return f"{plural(sent.reads, 'read')}, {plural(sent.writes, 'write')}."
    return f"{plural(sent.reads, 'request')}, none of them a write."
