"""Two snapshots beside each other: what changed, and what could not be compared.

Order of lists, case of ids and the spelling of regions are no changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediate import ids
from remediate.model import Change, Difference, LeftOut, Side, Snapshot
from remediate.snapshot.facts import Facts, is_web
from remediate.snapshot.meaning import describe_change

NAMED = ("subnet.serviceAssociationLinks", "apps")
"""Facts that are several things by their names; each of them is compared by itself."""
OF_SUBNET = ("subnet", "graph", "apps")
"""Parts that say something only beside the same subnet's."""
CACHED = "graph"
"""Resource Graph is good to find, never to decide (azure-facts.md, 1)."""


def compare(before: Snapshot, after: Snapshot) -> Difference:
    """What is different in the later of two looks at an app."""
    left_out = tuple(_left_out(before, after))
    skipped = {one.path for one in left_out}
    both = [
        path
        for path in before.facts
        if path in after.facts and path not in skipped and _part(path) not in skipped
    ]
    changes = tuple(
        change
        for path in sorted(both, key=_order)
        for change in _changes(path, before.facts, after.facts)
        if not _follows(change, after.facts)
    )
    unsure = {part for part in (*before.unread, *after.unread) if part != CACHED}
    same = False if changes else (None if unsure or not both else True)
    return Difference(same, summarize(before), summarize(after), changes, left_out, len(both))


def summarize(one: Snapshot) -> Side:
    """A snapshot in short."""
    return Side(one.label, one.target, one.at, one.healthy, one.findings, one.source)


def _changes(path: str, before: Facts, after: Facts) -> Iterator[Change]:
    was, now = before[path], after[path]
    if path in NAMED and isinstance(was, dict) and isinstance(now, dict):
        yield from _named(path, was, now, before, after)
    elif not _same(path, was, now):
        yield Change(path, was, now, describe_change(path, was, now, before, after))


def _named(path: str, was: Facts, now: Facts, before: Facts, after: Facts) -> Iterator[Change]:
    """Each thing by its name, and of those that were and are there each field that both hold."""
    names = {name.casefold(): name for name in (*was, *now)}
    old, new = ({name.casefold(): value for name, value in one.items()} for one in (was, now))
    for key, name in sorted(names.items()):
        one, other, at = old.get(key), new.get(key), f"{path}.{name}"
        if not isinstance(one, dict) or not isinstance(other, dict):
            if not _same(at, one, other):
                yield Change(at, one, other, describe_change(at, one, other, before, after))
            continue
        for field in one:
            if field in other and not _same(field, one[field], other[field]):
                deeper = f"{at}.{field}"
                told = describe_change(deeper, one[field], other[field], before, after)
                yield Change(deeper, one[field], other[field], told)


def _follows(change: Change, after: Facts) -> bool:
    """Whether a change is only another view of one that has its own line: the cached copy of a link."""
    if change.path != "graph.link" or "subnet.serviceAssociationLinks" not in after:
        return False
    return _same("link", change.after, _linked(after))


def _linked(facts: Facts) -> Any:
    """The plan that App Service's link names."""
    links = facts.get("subnet.serviceAssociationLinks")
    values = links.values() if isinstance(links, dict) else ()
    return next((link.get("link") for link in values if is_web(link)), None)


def _left_out(before: Snapshot, after: Snapshot) -> Iterator[LeftOut]:
    """What only one of them holds, told by whole parts where a whole part is missing."""
    elsewhere = _other_subnet(before, after)
    told: set[str] = set()
    for path in sorted({*before.facts, *after.facts, *before.unread, *after.unread}, key=_order):
        part = _part(path)
        if part in told:
            continue
        if elsewhere and part in OF_SUBNET:
            told.add(part)
            yield LeftOut(part, "the two are of different subnets")
        elif path not in before.facts or path not in after.facts:
            lacking = before if path not in before.facts else after
            if _is_gone(part, before, after):
                continue
            whole = not any(_part(one) == part for one in lacking.facts)
            told |= {part} if whole else set()
            yield LeftOut(part if whole else path, _why(path, lacking))


def _other_subnet(before: Snapshot, after: Snapshot) -> bool:
    return None not in (before.subnet, after.subnet) and not ids.same(before.subnet, after.subnet)


def _is_gone(part: str, before: Snapshot, after: Snapshot) -> bool:
    """A part that is not there any more has one change of its own, and nothing below it."""
    return "absent" in (before.facts.get(part), after.facts.get(part))


def _why(path: str, lacking: Snapshot) -> str:
    why = lacking.unread.get(path, lacking.unread.get(_part(path)))
    if why is not None:
        return f"could not be read for {lacking.label}: {why}"
    return f"{lacking.label} does not hold it"


def _part(path: str) -> str:
    return path.partition(".")[0]


_PARTS = ("subnet", "site", "networkConfig", "connections", "apps", "plan", "vnet", "graph")


def _order(path: str) -> tuple[int, str]:
    """The link first, then what hangs on it."""
    part = _part(path)
    return (_PARTS.index(part) if part in _PARTS else len(_PARTS)), path


def _same(path: str, one: Any, other: Any) -> bool:
    return bool(_canonical(path, one) == _canonical(path, other))


def _canonical(path: str, value: Any) -> Any:
    """The value without what Azure spells now so, now so (azure-facts.md, 1 and 4); nothing is None."""
    if isinstance(value, str):
        plain = value.strip("/").casefold()
        return (plain.replace(" ", "") if path.endswith("location") else plain) or None
    if isinstance(value, list):
        return sorted((_canonical(path, one) for one in value), key=repr) or None
    if isinstance(value, dict):
        plainer = {str(key).casefold(): _canonical(path, one) for key, one in value.items()}
        return {key: one for key, one in plainer.items() if one is not None} or None
    return value
