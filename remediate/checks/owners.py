"""What an owner can do about a link of its service that stayed behind (azure-facts.md, 1: other owners)."""

from __future__ import annotations

from collections.abc import Iterable

from remediate.checks.advice import listed, typed
from remediate.model import Link

_CONTAINERS = "microsoft.containerinstance/"
_OWN = "If its container groups are gone and the link stays, delete it as its owner does:"
_SUPPORT = "If nothing of the service is left there and the link stays for hours, ask Azure support to remove"
_LINK_API = "2023-11-01"
"""api-version with which the deletion of a link of Container Instances was reported to work."""


def when_link_stays(found: Iterable[tuple[str, Link]]) -> str:
    """What to do where nothing of the service is left on the subnet, and its link still is.

    `found` are the links, each with its subnet. Container Instances lets anybody with the permission delete
    its link, under the name `default` (azure-cli 21637); for other services only Azure support is known.
    """
    links = list(found)
    containers = dict.fromkeys(subnet for subnet, link in links if _is_of_containers(link))
    others = [_id(*one) for one in links if not _is_of_containers(one[1])]
    ways = [f"{_OWN} {_delete(subnet)}." for subnet in containers]
    return " ".join([*ways, *([f"{_SUPPORT} {listed(others)}."] if others else [])])


def _id(subnet: str, link: Link) -> str:
    return f"{subnet}/serviceAssociationLinks/{link.name}"


def _is_of_containers(link: Link) -> bool:
    return (link.type or "").casefold().startswith(_CONTAINERS)


def _delete(subnet: str) -> str:
    url = f"{subnet}/serviceAssociationLinks/default?api-version={_LINK_API}"
    return typed(["az", "rest", "--method", "delete", "--url", url])
