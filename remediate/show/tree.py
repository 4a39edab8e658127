"""The tree VNet, subnet, link, plan, apps and slots: what hangs on what."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from remediate import ids
from remediate.model import App, Integration, Link, ReadStatus, Subnet
from remediate.show.console import safe, signs
from remediate.show.layout import marked
from remediate.show.words import counted, place, plan_words

MOST_ELSEWHERE = 12
"""Apps of the plan that are not on the subnet are named up to this number, then counted."""


def trees(console: Console, seen: Integration) -> list[Tree]:
    """The network's tree, and the plan's own beside it where the plan has nothing on the subnet."""
    grown: list[Tree] = []
    holder: Tree | None = None
    if seen.subnet_id:
        root = Tree(_network(console, seen), guide_style="quiet")
        holder = _subnet(console, seen, root)
        grown.append(root)
    if holder is None:
        holder = Tree(_plan(console, seen), guide_style="quiet")
        grown.append(holder)
    else:
        holder = holder.add(_plan(console, seen))
    _apps(console, seen, holder)
    return grown


def _joined(console: Console, *parts: str) -> Text:
    return Text(f" {signs(console).dot} ".join(part for part in parts if part))


def _network(console: Console, seen: Integration) -> Text:
    if seen.vnet:
        return _joined(console, safe(seen.vnet.name), safe(seen.vnet.location))
    name = place(seen.subnet_id or "").partition("/")[0]
    return _unread(console, name, seen.world.status(ids.vnet_of(seen.subnet_id) if seen.subnet_id else None))


def _unread(console: Console, name: str, status: ReadStatus | None) -> Text:
    label = Text(f"{safe(name)}  ")
    if status == "absent":
        return label.append_text(marked(console, "error", "404, not there"))
    words = "could not look" if status else "not looked at"
    return label.append_text(marked(console, "unknown", words))


def _subnet(console: Console, seen: Integration, root: Tree) -> Tree | None:
    """Add the subnet with its links; returns the branch that the plan belongs on, None for none of them."""
    if seen.subnet is None:
        status = seen.world.status(seen.subnet_id)
        branch = root.add(_unread(console, ids.name(seen.subnet_id), status))
        return branch if seen.on_subnet else None
    branch = root.add(_subnet_label(console, seen.subnet))
    under_link = _links(console, seen, branch)
    return under_link or (branch if seen.on_subnet else None)


def _subnet_label(console: Console, subnet: Subnet) -> Text:
    services = ", ".join(safe(one.service) for one in subnet.delegations)
    prefixes = ", ".join(safe(one) for one in subnet.prefixes)
    label = _joined(console, safe(subnet.name), prefixes, f"delegated to {services}" if services else "")
    if not services:
        label.append("  ").append_text(marked(console, "error", "no delegation"))
    if subnet.state.casefold() != "succeeded":
        label.append("  ").append_text(marked(console, "warning", subnet.state))
    return label


def _links(console: Console, seen: Integration, branch: Tree) -> Tree | None:
    if seen.subnet is None or not seen.subnet.links:
        # Without an integration there is nothing that a link would be missing for.
        style = "error" if seen.on_subnet else "info"
        branch.add(marked(console, style, "no service association link"))
        return None
    mine: Tree | None = None
    for link in seen.subnet.links:
        added = branch.add(_link_label(console, link))
        if _is_mine(seen, link):
            mine = added
        elif link.target:
            added.add(_other_plan(console, seen, link))
    return mine


def _is_mine(seen: Integration, link: Link) -> bool:
    """Whether the target's plan hangs on this link; that of Flex names the subnet and is everybody's."""
    if seen.flex:
        return link.is_flex
    return seen.plan is not None and ids.same(link.target, seen.plan.id)


def _link_label(console: Console, link: Link) -> Text:
    label = _joined(console, f"link {safe(link.name)}", "" if link.is_web else safe(link.type or "no type"))
    style = "good" if link.state.casefold() == "succeeded" else "warning"
    return label.append("  ").append_text(marked(console, style, link.state))


def _other_plan(console: Console, seen: Integration, link: Link) -> Text:
    status = seen.world.status(link.target)
    if not link.is_web:
        return Text(safe(ids.name(link.target)))
    if status != "found":
        return _unread(console, ids.name(link.target), status)
    name = _joined(console, f"plan {safe(ids.name(link.target))}", "another plan")
    if seen.world.plan_is_on(link.target, seen.subnet_id) is None:
        return name.append("  ").append_text(marked(console, "unknown", "could not look at its apps"))
    apps = seen.world.behind(link, seen.subnet_id)
    return name.append(f", {counted(len(apps), 'app')} on this subnet")


def _plan(console: Console, seen: Integration) -> Text:
    if seen.plan:
        return Text(f"plan {plan_words(seen.plan)}")
    return _unread(console, f"plan {ids.name(seen.target.plan)}", seen.world.status(seen.target.plan))


def _apps(console: Console, seen: Integration, branch: Tree) -> None:
    here = seen.on_subnet
    known = {app.id.casefold() for app in here}
    others = [app for app in seen.apps if app.id.casefold() not in known]
    rest = {app.id.casefold(): app for app in others}
    for app in here:
        branch.add(_app_label(console, seen, app, on_subnet=True))
    for app in list(rest.values())[:MOST_ELSEWHERE]:
        branch.add(_app_label(console, seen, app, on_subnet=False))
    if len(rest) > MOST_ELSEWHERE:
        more = counted(len(rest) - MOST_ELSEWHERE, "more app")
        branch.add(Text(f"and {more}, not on this subnet", style="quiet"))


def _app_label(console: Console, seen: Integration, app: App, *, on_subnet: bool) -> Text:
    target = ids.same(app.id, seen.target.id)
    label = Text(safe(app.name), style="strong" if target else "")
    label.append("  ")
    if on_subnet:
        label.append_text(marked(console, "good", "on this subnet"))
    else:
        nowhere = "through its plan" if seen.held_by_plan else "not integrated"
        where = f"on {place(app.subnet)}" if app.subnet else nowhere
        label.append_text(Text(where, style="quiet"))
    return label.append(", the target" if target else "")
