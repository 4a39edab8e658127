"""The table of Azure's views side by side: the subnet and plan in each, and where they disagree."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remediate import ids
from remediate.model import Integration, View
from remediate.show.console import safe
from remediate.show.layout import marked, table
from remediate.show.words import NOT_VISIBLE, subnet_name

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


def views_table(console: Console, integration: Integration, values: Views) -> Padding:
    """One row for each view; a disagreement has a symbol and words in the last column."""
    rows = [_row(console, integration, values, key) for key in NAMES if key in values]
    return table(("read from", "subnet", "plan", ""), rows)


def _row(console: Console, integration: Integration, values: Views, key: str) -> tuple[Text, ...]:
    view = values[key]
    if view.status != "found":
        return Text(NAMES[key]), Text(""), Text(""), _unseen(console, key, view)
    subnet = subnet_name(view.subnet) if view.subnet else "none" if key in _APP_SIDE else ""
    plan = safe(ids.name(view.plan)) if view.plan else "none" if key in _LINK_SIDE else ""
    remark = disagreement(integration, values, key)
    note = marked(console, remark[0], remark[1]) if remark else Text(safe(view.detail or ""), style="quiet")
    return Text(NAMES[key]), Text(subnet), Text(plan), note


def _unseen(console: Console, key: str, view: View) -> Text:
    if view.status == "not-asked":
        return Text("not read: no subnet is named", style="quiet")
    if view.status == "absent" and key == "graph":
        return marked(console, "info", "does not list it")
    if view.status == "absent":
        return marked(console, "error", "404, not there")
    if view.status == "not-visible":
        return marked(console, "unknown", NOT_VISIBLE)
    return marked(console, "unknown", f"could not be read: {view.status}")


def disagreement(integration: Integration, values: Views, key: str) -> tuple[str, str] | None:
    """The severity and words of a disagreement of this view with the others, or None.

    The app's three views must name the same subnet, where null is an answer too; the link must name
    the app's plan; Resource Graph must say of the link what ARM says (azure-facts.md, 1).
    """
    if key in _APP_SIDE:
        return _app_side(integration, values, key)
    if key == "link":
        return _link_side(integration, values)
    if key == "graph":
        return _graph_side(values)
    return None


def _app_side(integration: Integration, values: Views, key: str) -> tuple[str, str] | None:
    views = {one: values[one] for one in _APP_SIDE if one in values}
    named = [one for one, view in views.items() if view.status == "found" and view.subnet]
    if integration.plan and integration.plan.subnet and not views[key].subnet:
        return None  # the plan holds the subnet, and its apps may or may not name it
    if not named or ids.same(views[key].subnet, views[named[0]].subnet):
        return None
    return "warning", f"differs from {named[0]}"


def _link_side(integration: Integration, values: Views) -> tuple[str, str] | None:
    named, other = values["link"].plan, values["link"].detail
    if named is None:
        return ("error", "no link") if integration.on_subnet and not other else None
    if integration.plan is None or ids.same(named, integration.plan.id):
        return None
    shared = any(ids.same(one, named) for one in integration.beside)
    return ("info", "another plan, on it too") if shared else ("warning", "names another plan")


def _graph_side(values: Views) -> tuple[str, str] | None:
    link, graph = values.get("link"), values["graph"]
    if link is None or link.status != "found":
        return None
    if link.plan == graph.plan or ids.same(link.plan, graph.plan):
        return None
    return "warning", "differs from link"
