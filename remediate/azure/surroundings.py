"""ARM → Surroundings: a subnet, and everybody who is on it.

Who is named by a link is found through its plan, everybody else through Resource Graph; then each app is
read from ARM, which decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from remediate import ids
from remediate.azure import parse
from remediate.azure.documents import Documents
from remediate.azure.linked import Read, linked_plan
from remediate.azure.read import lock_scopes, locks_in
from remediate.azure.session import Session
from remediate.model import App, Document, Integrated, LinkedPlan, Lock, Permission, Subnet, Surroundings


class Notes:
    """Makes reads side by side, and keeps every document that came back."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.read = Documents(session)
        self.documents: list[Document] = []

    def all(self, reads: Iterable[Read]) -> list[Document]:
        """The documents, in the order of the reads."""
        documents = self._session.side_by_side(list(reads))
        self.documents += documents
        return documents

    def one(self, read: Read) -> Document:
        """The document of a single read."""
        return self.all([read])[0]

    def locks(self, scopes: list[str]) -> tuple[Lock, ...]:
        """Every lock that lies on one of these, above it or below it."""
        return locks_in(tuple(self.all(partial(self.read.locks, one) for one in lock_scopes(scopes))))

    def permissions(self, scopes: list[str]) -> dict[str, tuple[Permission, ...] | None]:
        """What the caller may do at each of these; None where that was not read."""
        given = self.all(partial(self.read.permissions, one) for one in scopes)
        return {
            scope: parse.permissions(one.body) if one.status == "found" else None
            for scope, one in zip(scopes, given, strict=True)
        }

    def integrated(self, listed: Iterable[App]) -> tuple[Integrated, ...]:
        """Each app and slot as it is now, for a listing may lag behind; what is gone by now is left out."""
        apps = list(listed)
        sites = self.all(partial(self.read.site, one.id, f"site:{one.name}") for one in apps)
        configs = self.all(partial(self.read.network_config, one.id) for one in apps)
        rows = zip(apps, sites, configs, strict=True)
        return tuple(_integrated(*row) for row in rows if row[1].status != "absent")


def surroundings(notes: Notes, subnet: str, known: tuple[Integrated, ...] = ()) -> Surroundings:
    """A subnet, the plans that its links name, and every app and slot on it.

    `known` are apps that were read already. Raises nothing: what could not be read is in the notes.
    """
    read = notes.read
    vnet = partial(read.vnet, ids.vnet_of(subnet))
    there, around, graph = notes.all([partial(read.subnet, subnet), vnet, partial(read.apps_on, subnet)])
    found = parse.subnet(there.body) if there.status == "found" else None
    named = parse.apps(graph.body) if graph.status == "found" else ()
    plans, theirs = _linked(notes, found, subnet)
    have = {one.app.id.casefold() for one in known}
    unread = {one.id.casefold(): one for one in (*named, *theirs) if one.id.casefold() not in have}
    everyone = (*known, *notes.integrated(unread.values()))
    return Surroundings(
        id=subnet,
        status=there.status,
        subnet=found,
        vnet=parse.vnet(around.body) if around.status == "found" else None,
        plans=plans,
        apps=tuple(one.app for one in everyone if any(ids.same(place, subnet) for place in one.subnets)),
    )


def _linked(
    notes: Notes, found: Subnet | None, subnet: str
) -> tuple[tuple[LinkedPlan, ...], tuple[App, ...]]:
    """The plans that App Service's links name, and their apps on the subnet as the listings have them."""
    targets = [one.target for one in (found.links if found else ()) if one.is_web and one.target]
    pairs = [
        linked_plan(notes.read, notes.all, plan, subnet, (f"plan:{plan}", "plan-apps")) for plan in targets
    ]
    return tuple(plan for plan, _ in pairs), tuple(app for _, apps in pairs for app in apps)


def _integrated(listed: App, site: Document, config: Document) -> Integrated:
    """What the site and its networkConfig name; where one was not read, the listing stands in."""
    app = parse.app(site.body) if site.status == "found" else listed
    configured = parse.network_config(config.body) if config.status == "found" else None
    return Integrated(
        app, tuple(once(one for one in (app.subnet, configured) if one and parse.is_subnet(one)))
    )


def once(texts: Iterable[str]) -> list[str]:
    """Ids without repetition, in the spelling that came first."""
    kept: dict[str, str] = {}
    for text in texts:
        kept.setdefault(text.casefold(), text)
    return list(kept.values())
