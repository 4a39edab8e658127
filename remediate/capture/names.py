"""Ids as a world file writes them: a plain name for what is in its group, and the full id for all else."""

from __future__ import annotations

from collections.abc import Iterable

from remediate import ids
from remediate.model import key


class Shortening:
    """Names within one resource group, by its id; a subnet has a name only where the file describes it."""

    def __init__(self, group: str, subnets: Iterable[str] = ()) -> None:
        self.group = group
        self._subnets = {key(one) for one in subnets}

    def resource(self, id_: str) -> str:
        """The name of a plan, app or network."""
        return ids.name(id_) if self._is_here(id_) else id_

    def subnet(self, id_: str) -> str:
        """A subnet as NETWORK/SUBNET."""
        if key(id_) not in self._subnets or not self._is_here(id_):
            return id_
        return f"{ids.name(ids.vnet_of(id_))}/{ids.name(id_)}"

    def scope(self, id_: str) -> str | None:
        """A scope: None for the group itself, and TYPE/NAME for what is in it."""
        if ids.same(id_, self.group):
            return None
        return str(ids.parse(id_)).partition("/providers/")[2] if self._is_here(id_) else id_

    def _is_here(self, id_: str) -> bool:
        return ids.within(id_, self.group)
