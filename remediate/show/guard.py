"""The page of `remediate guard`: the verdict, who holds what, and a deletion order that works."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.model import Deletable, Guard, Holder
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
_NO_ORDER = "No order of commands is known that works here; the findings above say what has to come first."
_NO_LINK = "no link seen"
_NOBODY_FIRST = (
    "A deletion disconnects nobody first. The link of whoever is connected stays behind as an orphan, and a "
    "subnet with a link on it can be neither deleted nor used by another plan."
)


def print_guard(console: Console, judged: Guard) -> None:
    """Print whether a deletion is safe, and what to do where it is not."""
    print_parts(
        console,
        Text(f"Before you delete {resource_name(judged.target)}", style="strong"),
        Text(f"{KIND_NAMES[judged.kind]}; {_takes(judged)}", style="quiet"),
        _verdict(console, judged),
        *_why(judged),
        *_last(judged),
        *_holders(judged),
        *all_finding_parts(console, judged.findings),
        blank(),
        *_order(judged),
        blank(),
        Text(_requests(judged), style="quiet"),
    )


def _takes(judged: Guard) -> str:
    """What goes along, by kind: `takes 3 apps, 1 slot and plan-orders with it`."""
    others = [one for one in judged.takes if not ids.same(one, judged.target)]
    kinds = [_kind(one) for one in others]
    parts = [plural(kinds.count(kind), kind) for kind in ("app", "slot", "plan", "subnet") if kind in kinds]
    return f"takes {', '.join(parts)} with it" if parts else "takes nothing else with it"


def _why(judged: Guard) -> Iterator[RenderableType]:
    """What happens where nobody disconnects first (azure-facts.md, 2)."""
    if judged.holders:
        yield prose(_NOBODY_FIRST, by=0)


def _last(judged: Guard) -> Iterator[RenderableType]:
    """A plan that nobody asked to delete goes with its last app, and nobody says so (azure-facts.md, 2)."""
    plans = [one for one in judged.takes if _kind(one) == "plan" and not ids.within(one, judged.target)]
    if judged.kind == "plan" and any(_kind(one) == "app" for one in judged.takes):
        yield prose(
            f"{resource_name(judged.target)} goes with its last app: Azure deletes it then, by default.", 0
        )
    if plans:
        names = ", ".join(resource_name(one) for one in plans)
        yield prose(f"{names} is left without an app: Azure deletes a plan with its last app, by default.", 0)


def _kind(identity: str) -> str:
    parsed = ids.parse(identity)
    kinds = {"slots": "slot", "sites": "app", "serverfarms": "plan", "subnets": "subnet"}
    return kinds.get(parsed.path[-1][0].casefold(), "resource")


def _verdict(console: Console, judged: Guard) -> Text:
    if judged.safe:
        return marked(console, "good", "safe: no integration is lost and no link is left behind")
    if judged.safe is None:
        return marked(console, "unknown", "unknown: could not look at everything")
    if not judged.holders:
        return marked(console, "error", "unsafe: something stands in the way")
    return marked(console, "error", f"unsafe: held by {_tally(judged)}")


def _tally(judged: Guard) -> str:
    kinds = [one.kind for one in judged.holders]
    words = {"app": "app", "slot": "slot", "plan": "plan", "service": "other service"}
    return ", ".join(plural(kinds.count(kind), word) for kind, word in words.items() if kind in kinds)


def _holders(judged: Guard) -> Iterator[RenderableType]:
    if not judged.holders:
        return
    yield blank()
    yield heading("Who holds it")
    rows = [_row(judged, one) for one in judged.holders]
    columns = 5 if any(row[4] for row in rows) else 4
    yield table(("holder", "kind", "subnet", "link", "")[:columns], [row[:columns] for row in rows])


def _row(judged: Guard, one: Holder) -> tuple[str, ...]:
    goes = any(ids.same(mine, taken) for taken in judged.takes for mine in (one.id, one.plan))
    apart = one.kind in ("app", "slot") and not goes
    return (
        resource_name(one.id),
        one.kind,
        subnet_name(one.subnet) if one.subnet else "none",
        safe(ids.name(one.link)) if one.link else _NO_LINK,
        "is not deleted" if apart else "",
    )


def _order(judged: Guard) -> Iterator[RenderableType]:
    if not judged.order:
        yield prose(_NO_ORDER, by=0)
        return
    yield heading("A deletion order that works")
    for line in judged.order:
        yield Unbroken(Text(f"  {safe(line)}"))


def _requests(judged: Guard) -> str:
    sent = judged.requests
    if sent.writes:
        return f"{plural(sent.reads, 'read')}, {plural(sent.writes, 'write')}."
    return f"{plural(sent.reads, 'request')}, none of them a write."
