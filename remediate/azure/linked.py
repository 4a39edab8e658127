"""ARM → LinkedPlan: whether a plan that a link names lives, and what of it is on the subnet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from remediate import ids
from remediate.azure import parse
from remediate.azure.documents import Documents
from remediate.model import App, Document, LinkedPlan

Read = Callable[[], Document]
Make = Callable[[Sequence[Read]], Sequence[Document]]
"""How reads are made: side by side, and kept by whoever asks."""


def linked_plan(
    read: Documents, make: Make, plan: str, subnet: str, names: tuple[str, str]
) -> tuple[LinkedPlan, tuple[App, ...]]:
    """Microsoft's own test for an orphan: is the plan there, and is any app or slot of it on the subnet?

    `names` are what the documents of the plan and of its apps are called. The apps on the subnet are as
    the listings have them. Raises nothing: what could not be read is not known.
    """
    there, listing = make([partial(read.plan, plan, names[0]), partial(read.apps_of, plan, names[1])])
    if there.status != "found":
        return LinkedPlan(plan, there.status), ()
    body = parse.plan(there.body)
    workers, holds = body.workers, ids.same(body.subnet, subnet)
    apps = parse.apps(listing.body) if listing.status == "found" else ()
    roots = {parse.production(app.id).casefold(): parse.production(app.id) for app in apps}
    slots = make([partial(read.slots, root) for root in roots.values()])
    if any(one.status != "found" for one in (listing, *slots)):
        return LinkedPlan(plan, "found", None, workers, holds), ()
    everyone = (*apps, *(slot for one in slots for slot in parse.apps(one.body)))
    here = {app.id: app for app in everyone if ids.same(app.subnet, subnet)}
    return LinkedPlan(plan, "found", tuple(here), workers, holds), tuple(here.values())
