"""The tree of network, subnet, link, plan, apps and slots."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from remediate import ids
from remediate.model import App, Integration, Link, ReadStatus, Subnet
from remediate.show.console import safe, symbols
from remediate.show.layout import marked
from remediate.show.words import NOT_VISIBLE, describe_plan, plural, subnet_name

MAX_LISTED = 12
"""How many apps of the plan outside the subnet are listed, and how many other resources in the subnet."""


def build_trees(console: Console, integration: Integration) -> list[Tree]:
    """The tree of the network, and a tree of the plan if the plan has nothing on the subnet."""
    trees: list[Tree] = []
    subnet: Tree | None = None
    holder: Tree | None = None
    if integration.subnet_id:
        trees.append(Tree(_network(console, integration), guide_style="quiet"))
        subnet = trees[0].add(_subnet(console, integration))
        holder = _plan_branch(console, integration, subnet)
    if holder is None:
        holder = Tree(_plan(console, integration), guide_style="quiet")
        trees.append(holder)
    else:
        holder = holder.add(_plan(console, integration))
    _apps(console, integration, holder)
    if subnet is not None:
        _others(console, integration, subnet)
    return trees


def _joined(console: Console, *parts: str) -> Text:
    return Text(f" {symbols(console).dot} ".join(part for part in parts if part))


def _network(console: Console, integration: Integration) -> Text:
    if integration.vnet:
        return _joined(console, safe(integration.vnet.name), safe(integration.vnet.location))
    name = subnet_name(integration.subnet_id or "").partition("/")[0]
    return _unread(
        console,
        name,
        integration.world.status(ids.vnet_of(integration.subnet_id) if integration.subnet_id else None),
    )


def _unread(console: Console, name: str, status: ReadStatus | None) -> Text:
    label = Text(f"{safe(name)}  ")
    if status == "absent":
        return label.append_text(marked(console, "error", "404, not there"))
    if status == "not-visible":
        return label.append_text(marked(console, "unknown", NOT_VISIBLE))
    words = "could not be read" if status else "not read"
    return label.append_text(marked(console, "unknown", words))


def _subnet(console: Console, integration: Integration) -> Text:
    if integration.subnet is not None:
        return _subnet_label(console, integration.subnet)
    status = integration.world.status(integration.subnet_id)
    return _unread(console, ids.name(integration.subnet_id), status)


def _plan_branch(console: Console, integration: Integration, subnet: Tree) -> Tree | None:
    """Add the links to the subnet's branch; return the branch that the plan belongs to, None without one."""
    own_link = _links(console, integration, subnet) if integration.subnet is not None else None
    return own_link or (subnet if integration.on_subnet else None)


def _subnet_label(console: Console, subnet: Subnet) -> Text:
    services = ", ".join(safe(one.service) for one in subnet.delegations)
    prefixes = ", ".join(safe(one) for one in subnet.prefixes)
    label = _joined(console, safe(subnet.name), prefixes, f"delegated to {services}" if services else "")
    if not services:
        label.append("  ").append_text(marked(console, "error", "no delegation"))
    if subnet.state.casefold() != "succeeded":
        label.append("  ").append_text(marked(console, "warning", subnet.state))
    return label


def _links(console: Console, integration: Integration, branch: Tree) -> Tree | None:
    if integration.subnet is None or not integration.subnet.links:
        # Without an integration no link is expected.
        style = "error" if integration.on_subnet else "info"
        branch.add(marked(console, style, "no service association link"))
        return None
    mine: Tree | None = None
    for link in integration.subnet.links:
        added = branch.add(_link_label(console, link))
        if _is_mine(integration, link):
            mine = added
        elif link.target:
            added.add(_linked_plan(console, integration, link))
    return mine


def _is_mine(integration: Integration, link: Link) -> bool:
    """Whether the link is that of the target's plan; a Flex link names the subnet and is shared."""
    if integration.flex:
        return link.is_flex
    return integration.plan is not None and ids.same(link.target, integration.plan.id)


def _link_label(console: Console, link: Link) -> Text:
    label = _joined(console, f"link {safe(link.name)}", "" if link.is_web else safe(link.type or "no type"))
    style = "good" if link.state.casefold() == "succeeded" else "warning"
    return label.append("  ").append_text(marked(console, style, link.state))


def _linked_plan(console: Console, integration: Integration, link: Link) -> Text:
    if not link.is_web:
        return Text(safe(ids.name(link.target)))
    return _other_plan(console, integration, link.target)


def _other_plan(console: Console, integration: Integration, plan: str | None) -> Text:
    status = integration.world.status(plan)
    if status != "found":
        return _unread(console, ids.name(plan), status)
    name = _joined(console, f"plan {safe(ids.name(plan))}", "another plan")
    if integration.occupancy.has(plan) is None:
        return name.append("  ").append_text(marked(console, "unknown", "its apps could not be read"))
    apps = integration.occupancy.apps_of(plan)
    return name.append(f", {plural(len(apps), 'app')} on this subnet")


def _others(console: Console, integration: Integration, branch: Tree) -> None:
    """Who else is on the subnet: plans that no link names, and what is not of App Service."""
    drawn = [integration.target.plan, *(link.target for link in integration.occupancy.links)]
    for plan in integration.occupancy.plans:
        if not any(ids.same(plan, one) for one in drawn):
            branch.add(_other_plan(console, integration, plan))
    others = integration.occupancy.others
    for one in others[:MAX_LISTED]:
        branch.add(_joined(console, safe(ids.name(one.id)), safe(one.kind or "its type could not be read")))
    if len(others) > MAX_LISTED:
        branch.add(Text(f"and {plural(len(others) - MAX_LISTED, 'more resource')}", style="quiet"))


def _plan(console: Console, integration: Integration) -> Text:
    if integration.plan:
        return Text(f"plan {describe_plan(integration.plan)}")
    return _unread(
        console,
        f"plan {ids.name(integration.target.plan)}",
        integration.world.status(integration.target.plan),
    )


def _apps(console: Console, integration: Integration, branch: Tree) -> None:
    here = integration.on_subnet
    known = {app.id.casefold() for app in here}
    others = [app for app in integration.apps if app.id.casefold() not in known]
    rest = {app.id.casefold(): app for app in others}
    for app in here:
        branch.add(_app_label(console, integration, app, on_subnet=True))
    for app in list(rest.values())[:MAX_LISTED]:
        branch.add(_app_label(console, integration, app, on_subnet=False))
    if len(rest) > MAX_LISTED:
        more = plural(len(rest) - MAX_LISTED, "more app")
        branch.add(Text(f"and {more}, not on this subnet", style="quiet"))


def _app_label(console: Console, integration: Integration, app: App, *, on_subnet: bool) -> Text:
    target = ids.same(app.id, integration.target.id)
    label = Text(safe(app.name), style="strong" if target else "")
    label.append("  ")
    if on_subnet and integration.world.status(integration.subnet_id) == "absent":
        label.append_text(marked(console, "error", "names this subnet"))
    elif on_subnet:
        label.append_text(marked(console, "good", "on this subnet"))
    else:
        nowhere = "through its plan" if integration.held_by_plan else "not integrated"
        where = f"on {subnet_name(app.subnet)}" if app.subnet else nowhere
        label.append_text(Text(where, style="quiet"))
    return label.append(", the target" if target else "")
