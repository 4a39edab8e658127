"""The table of Azure's views side by side: what each says about subnet and plan, and where they disagree."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remediate import ids
from remediate.model import Integration, View
from remediate.show.console import safe
from remediate.show.layout import marked, table
from remediate.show.words import place

NAMES = {
    "site": "site",
    "networkConfig": "networkConfig",
    "connections": "connections",
    "plan": "plan",
    "link": "link",
    "graph": "Resource Graph",
}
Views = dict[str, View]
"""What each view says, by its key."""
_APP_SIDE = ("site", "networkConfig", "connections")
_LINK_SIDE = ("link", "graph")


def views(console: Console, seen: Integration, said: Views) -> Padding:
    """One row a view; a disagreement has a sign and a word in the last column."""
    rows = [_row(console, seen, said, key) for key in NAMES if key in said]
    return table(("view", "subnet", "plan", ""), rows)


def _row(console: Console, seen: Integration, said: Views, key: str) -> tuple[Text, ...]:
    view = said[key]
    if view.status != "found":
        return Text(NAMES[key]), Text(""), Text(""), _unseen(console, key, view)
    subnet = place(view.subnet) if view.subnet else "none" if key in _APP_SIDE else ""
    plan = safe(ids.name(view.plan)) if view.plan else "none" if key in _LINK_SIDE else ""
    remark = disagreement(seen, said, key)
    note = marked(console, remark[0], remark[1]) if remark else Text(safe(view.detail or ""), style="quiet")
    return Text(NAMES[key]), Text(subnet), Text(plan), note


def _unseen(console: Console, key: str, view: View) -> Text:
    if view.status == "not-asked":
        return Text("not asked: no subnet is named", style="quiet")
    if view.status == "absent" and key == "graph":
        return marked(console, "info", "does not list it")
    if view.status == "absent":
        return marked(console, "error", "404, not there")
    return marked(console, "unknown", f"could not look: {view.status}")


def disagreement(seen: Integration, said: Views, key: str) -> tuple[str, str] | None:
    """Severity and words for what a view says that the others do not, or None.

    The app's three views must name the same subnet, where null is an answer too; the link must name
    the app's plan; Resource Graph must say of the link what ARM says (azure-facts.md, 1).
    """
    if key in _APP_SIDE:
        return _app_side(seen, said, key)
    if key == "link":
        return _link_side(seen, said)
    if key == "graph":
        return _graph_side(said)
    return None


def _app_side(seen: Integration, said: Views, key: str) -> tuple[str, str] | None:
    views = {one: said[one] for one in _APP_SIDE if one in said}
    named = [one for one, view in views.items() if view.status == "found" and view.subnet]
    if seen.plan and seen.plan.subnet and not views[key].subnet:
        return None  # the plan holds the subnet, and its apps may or may not name it
    if not named or ids.same(views[key].subnet, views[named[0]].subnet):
        return None
    return "warning", f"differs from {named[0]}"


def _link_side(seen: Integration, said: Views) -> tuple[str, str] | None:
    named, other = said["link"].plan, said["link"].detail
    if named is None:
        return ("error", "no link") if seen.on_subnet and not other else None
    if seen.plan is None or ids.same(named, seen.plan.id):
        return None
    shared = any(ids.same(one, named) for one in seen.beside)
    return ("info", "another plan, on it too") if shared else ("warning", "names another plan")


def _graph_side(said: Views) -> tuple[str, str] | None:
    link, graph = said.get("link"), said["graph"]
    if link is None or link.status != "found":
        return None
    if link.plan == graph.plan or ids.same(link.plan, graph.plan):
        return None
    return "warning", "differs from link"
