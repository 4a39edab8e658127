"""ARM → LinkReading: whose the links of a subnet are, and what Azure asks of whoever has one purged."""

from __future__ import annotations

from msgspec.structs import replace

from remediate import ids
from remediate.azure.session import Session
from remediate.azure.surroundings import Notes, surroundings
from remediate.model import LinkReading


def read(session: Session, subnet: str) -> LinkReading:
    """Everybody on a subnet, as ARM has them now. Raises nothing: what was not read is in the documents."""
    notes = Notes(session)
    around = surroundings(notes, subnet)
    return LinkReading(around, tuple(notes.documents))


def preflight(session: Session, reading: LinkReading) -> LinkReading:
    """The same with the locks around the subnet, and the permissions in the network's subscription.

    The purge is an action on that subscription; what else it asks for is not documented [?].
    """
    notes, subnet = Notes(session), reading.around.id
    scope = f"/subscriptions/{ids.parse(subnet).subscription}"
    locks, permissions = notes.locks([subnet]), notes.permissions([scope])
    return replace(
        reading,
        locks=locks,
        permissions=permissions[scope],
        documents=(*reading.documents, *notes.documents),
    )
