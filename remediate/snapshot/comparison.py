"""The comparison of two snapshots: what changed, and what could not be compared.

The order of lists, the case of ids and the spelling of regions are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediate import ids
from remediate.model import Change, Difference, LeftOut, Side, Snapshot
from remediate.snapshot.facts import Facts, is_web
from remediate.snapshot.meaning import describe_change

NAMED = ("subnet.serviceAssociationLinks", "apps")
"""Facts that contain several objects by name; each object is compared by itself."""
OF_SUBNET = ("subnet", "graph", "apps")
"""Parts that can be compared only for the same subnet."""
CACHED = "graph"
"""Resource Graph is good to find, never to decide (azure-facts.md, 1)."""


def compare(before: Snapshot, after: Snapshot) -> Difference:
    """The differences between an earlier and a later snapshot of an app."""
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
    """The summary of a snapshot."""
    return Side(one.label, one.target, one.at, one.healthy, one.findings, one.source)


def _changes(path: str, before: Facts, after: Facts) -> Iterator[Change]:
    was, now = before[path], after[path]
    if path in NAMED and isinstance(was, dict) and isinstance(now, dict):
        yield from _named(path, was, now, before, after)
    elif not _same(path, was, now):
        yield Change(path, was, now, describe_change(path, was, now, before, after))


def _named(path: str, was: Facts, now: Facts, before: Facts, after: Facts) -> Iterator[Change]:
    """Compare objects by name, and for an object on both sides each field that both have."""
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
                text = describe_change(deeper, one[field], other[field], before, after)
                yield Change(deeper, one[field], other[field], text)


def _follows(change: Change, after: Facts) -> bool:
    """Whether Resource Graph's cached copy only follows a change of the link that is reported itself."""
    if change.path != "graph.link" or "subnet.serviceAssociationLinks" not in after:
        return False
    return _same("link", change.after, _linked(after))


def _linked(facts: Facts) -> Any:
    """The plan that App Service's link names."""
    links = facts.get("subnet.serviceAssociationLinks")
    values = links.values() if isinstance(links, dict) else ()
    return next((link.get("link") for link in values if is_web(link)), None)


def _left_out(before: Snapshot, after: Snapshot) -> Iterator[LeftOut]:
    """What only one snapshot has; a part that is missing completely is reported once."""
    elsewhere = _other_subnet(before, after)
    reported: set[str] = set()
    for path in sorted({*before.facts, *after.facts, *before.unread, *after.unread}, key=_order):
        part = _part(path)
        if part in reported:
            continue
        if elsewhere and part in OF_SUBNET:
            reported.add(part)
            yield LeftOut(part, "the snapshots are of different subnets")
        elif path not in before.facts or path not in after.facts:
            lacking = before if path not in before.facts else after
            if _is_gone(part, before, after):
                continue
            whole = not any(_part(one) == part for one in lacking.facts)
            reported |= {part} if whole else set()
            yield LeftOut(part if whole else path, _why(path, lacking))


def _other_subnet(before: Snapshot, after: Snapshot) -> bool:
    return None not in (before.subnet, after.subnet) and not ids.same(before.subnet, after.subnet)


def _is_gone(part: str, before: Snapshot, after: Snapshot) -> bool:
    """Whether the part is absent on one side: that is one change, without changes of its fields."""
    return "absent" in (before.facts.get(part), after.facts.get(part))


def _why(path: str, lacking: Snapshot) -> str:
    why = lacking.unread.get(path, lacking.unread.get(_part(path)))
    if why is not None:
        return f"could not be read for {lacking.label}: {why}"
    return f"not in {lacking.label}"


def _part(path: str) -> str:
    return path.partition(".")[0]


_PARTS = ("subnet", "site", "networkConfig", "connections", "apps", "plan", "vnet", "graph")


def _order(path: str) -> tuple[int, str]:
    """The link first, then what depends on it."""
    part = _part(path)
    return (_PARTS.index(part) if part in _PARTS else len(_PARTS)), path


def _same(path: str, one: Any, other: Any) -> bool:
    return bool(_canonical(path, one) == _canonical(path, other))


def _canonical(path: str, value: Any) -> Any:
    """The value without differences of Azure's spelling (azure-facts.md, 1 and 4); empty values are None."""
    if isinstance(value, str):
        plain = value.strip("/").casefold()
        return (plain.replace(" ", "") if path.endswith("location") else plain) or None
    if isinstance(value, list):
        return sorted((_canonical(path, one) for one in value), key=repr) or None
    if isinstance(value, dict):
        plainer = {str(key).casefold(): _canonical(path, one) for key, one in value.items()}
        return {key: one for key, one in plainer.items() if one is not None} or None
    return value
