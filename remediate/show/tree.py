"""The tree VNet, subnet, link, plan, apps and slots: what hangs on what."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from remediate import ids
from remediate.model import App, Link, ReadStatus, Subnet, Topology
from remediate.show.console import safe, signs
from remediate.show.layout import marked
from remediate.show.words import counted, place, plan_words

MOST_ELSEWHERE = 12
"""Apps of the plan that are not on the subnet are named up to this number, then counted."""


def trees(console: Console, topology: Topology) -> list[Tree]:
    """The network's tree, and the plan's own beside it where the plan has nothing on the subnet."""
    grown: list[Tree] = []
    holder: Tree | None = None
    if topology.subnet_id:
        root = Tree(_network(console, topology), guide_style="quiet")
        holder = _subnet(console, topology, root)
        grown.append(root)
    if holder is None:
        holder = Tree(_plan(console, topology), guide_style="quiet")
        grown.append(holder)
    else:
        holder = holder.add(_plan(console, topology))
    _apps(console, topology, holder)
    return grown


def _joined(console: Console, *parts: str) -> Text:
    return Text(f" {signs(console).dot} ".join(part for part in parts if part))


def _network(console: Console, topology: Topology) -> Text:
    if topology.vnet:
        return _joined(console, safe(topology.vnet.name), safe(topology.vnet.location))
    name = place(topology.subnet_id or "").partition("/")[0]
    return _unread(console, name, topology.status("vnet"))


def _unread(console: Console, name: str, status: ReadStatus | None) -> Text:
    label = Text(f"{safe(name)}  ")
    if status == "absent":
        return label.append_text(marked(console, "error", "404, not there"))
    words = "could not look" if status else "not looked at"
    return label.append_text(marked(console, "unknown", words))


def _subnet(console: Console, topology: Topology, root: Tree) -> Tree | None:
    """Add the subnet with its links; returns the branch that the plan belongs on, None for none of them."""
    if topology.subnet is None:
        status = topology.status("subnet") or topology.views["link"].status
        branch = root.add(_unread(console, ids.name(topology.subnet_id), status))
        return branch if topology.on_subnet else None
    branch = root.add(_subnet_label(console, topology.subnet))
    under_link = _links(console, topology, branch)
    return under_link or (branch if topology.on_subnet else None)


def _subnet_label(console: Console, subnet: Subnet) -> Text:
    services = ", ".join(safe(one.service) for one in subnet.delegations)
    prefixes = ", ".join(safe(one) for one in subnet.prefixes)
    label = _joined(console, safe(subnet.name), prefixes, f"delegated to {services}" if services else "")
    if not services:
        label.append("  ").append_text(marked(console, "error", "no delegation"))
    if subnet.state.casefold() != "succeeded":
        label.append("  ").append_text(marked(console, "warning", subnet.state))
    return label


def _links(console: Console, topology: Topology, branch: Tree) -> Tree | None:
    if topology.subnet is None or not topology.subnet.links:
        # Without an integration there is nothing that a link would be missing for.
        style = "error" if topology.on_subnet else "info"
        branch.add(marked(console, style, "no service association link"))
        return None
    mine: Tree | None = None
    for link in topology.subnet.links:
        added = branch.add(_link_label(console, link))
        if _is_mine(topology, link):
            mine = added
        elif link.target:
            added.add(_other_plan(console, topology, link))
    return mine


def _is_mine(topology: Topology, link: Link) -> bool:
    """Whether the target's plan hangs on this link; that of Flex names the subnet and is everybody's."""
    if topology.flex:
        return link.is_flex
    return topology.plan is not None and ids.same(link.target, topology.plan.id)


def _link_label(console: Console, link: Link) -> Text:
    label = _joined(console, f"link {safe(link.name)}", "" if link.is_web else safe(link.type or "no type"))
    style = "good" if link.state.casefold() == "succeeded" else "warning"
    return label.append("  ").append_text(marked(console, style, link.state))


def _other_plan(console: Console, topology: Topology, link: Link) -> Text:
    other = topology.linked_plan(link)
    if not link.is_web:
        return Text(safe(ids.name(link.target)))
    if other is None or other.status != "found":
        return _unread(console, ids.name(link.target), other.status if other else None)
    name = _joined(console, f"plan {safe(ids.name(other.id))}", "another plan")
    if other.apps is None:
        return name.append("  ").append_text(marked(console, "unknown", "could not look at its apps"))
    return name.append(f", {counted(len(other.apps), 'app')} on this subnet")


def _plan(console: Console, topology: Topology) -> Text:
    if topology.plan:
        return Text(f"plan {plan_words(topology.plan)}")
    return _unread(console, f"plan {ids.name(topology.target.plan)}", topology.status("plan"))


def _apps(console: Console, topology: Topology, branch: Tree) -> None:
    here = topology.on_subnet
    known = {app.id.casefold() for app in here}
    others = [app for app in (topology.target, *topology.apps) if app.id.casefold() not in known]
    rest = {app.id.casefold(): app for app in others}
    for app in here:
        branch.add(_app_label(console, topology, app, on_subnet=True))
    for app in list(rest.values())[:MOST_ELSEWHERE]:
        branch.add(_app_label(console, topology, app, on_subnet=False))
    if len(rest) > MOST_ELSEWHERE:
        more = counted(len(rest) - MOST_ELSEWHERE, "more app")
        branch.add(Text(f"and {more}, not on this subnet", style="quiet"))


def _app_label(console: Console, topology: Topology, app: App, *, on_subnet: bool) -> Text:
    target = ids.same(app.id, topology.target.id)
    label = Text(safe(app.name), style="strong" if target else "")
    label.append("  ")
    if on_subnet:
        label.append_text(marked(console, "good", "on this subnet"))
    else:
        nowhere = "through its plan" if topology.held_by_plan else "not integrated"
        where = f"on {place(app.subnet)}" if app.subnet else nowhere
        label.append_text(Text(where, style="quiet"))
    return label.append(", the target" if target else "")
