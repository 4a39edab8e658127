"""What is wrong with the networks, plans and apps of a whole world: what is missing or nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from remediate import ids
from remediate.sandbox.refusal import Refusal
from remediate.sandbox.rules.sites import tier_of
from remediate.sandbox.worldfile.errors import WorldError
from remediate.sandbox.worldfile.layers import Described
from remediate.sandbox.worldfile.names import Names, suggestion
from remediate.sandbox.worldfile.text import child, line_at, line_of


class Resources:
    """The resources of a world; `root` is the part of the file that names some of them.

    `subnets` are the ids in lower case of the subnets that any layer names, also to take one away.
    """

    def __init__(self, root: yaml.Node, whole: Described, subnets: set[str], names: Names) -> None:
        self._root = root
        self._whole = whole
        self._subnets = subnets
        self._names = names
        self._plans = {id_.casefold() for id_ in self._of("plans")}

    def errors(self) -> Iterator[WorldError]:
        """Everything that is wrong with them."""
        for id_, body in self._of("networks").items():
            yield from self._network(id_, body)
        for id_, body in self._of("plans").items():
            yield from self._plan(id_, body)
        for id_, body in self._of("apps").items():
            yield from self._app(id_, body)

    def _of(self, kind: str) -> Described:
        found: Described = self._whole.get(kind) or {}
        return found

    def _network(self, id_: str, body: Described) -> Iterator[WorldError]:
        name = ids.name(id_)
        if not body.get("prefixes"):
            yield self._wrong(f"the network {name!r} needs 'prefixes'", "networks", id_)
        for subnet, described in (body.get("subnets") or {}).items():
            if not ids.within(subnet, id_):
                yield self._wrong(f"{subnet!r} is not in the network {name!r}", "networks", id_, "subnets")
            elif not (described.get("prefix") or described.get("prefixes")):
                wrong = f"the subnet {ids.name(subnet)!r} needs a 'prefix'"
                yield self._wrong(wrong, "networks", id_, "subnets", ids.name(subnet))

    def _plan(self, id_: str, body: Described) -> Iterator[WorldError]:
        name, sku = ids.name(id_), body.get("sku")
        if sku is None:
            yield self._wrong(f"the plan {name!r} needs a 'sku'", "plans", id_)
        elif "tier" not in body and not _is_known(sku):
            yield self._wrong(f"the sku {sku!r} is not known: name its 'tier' too", "plans", id_, "sku")
        yield from self._subnet(body, "plans", id_)

    def _app(self, id_: str, body: Described) -> Iterator[WorldError]:
        yield from self._site(id_, body, "apps", id_)
        for slot, one in (body.get("slots") or {}).items():
            inherited = {"plan": body["plan"]} if "plan" in body else {}
            yield from self._site(f"{id_}/slots/{slot}", {**inherited, **one}, "apps", id_, "slots", slot)

    def _site(self, id_: str, body: Described, *where: str) -> Iterator[WorldError]:
        plan = body.get("plan")
        if plan is None:
            yield self._wrong(f"the app {ids.app_name(id_)!r} needs a 'plan'", *where)
        elif self._names.plan(plan).casefold() not in self._plans:
            near = suggestion(plan, [ids.name(one) for one in self._of("plans")])
            yield self._wrong(f"there is no plan {plan!r} in this world{near}", *where, "plan")
        yield from self._subnet(body, *where)
        yield from self._gateway(body, *where)

    def _subnet(self, body: Described, *where: str) -> Iterator[WorldError]:
        """A subnet that nothing names is a slip; one that was taken away, or named by its id, is meant."""
        name = body.get("subnet")
        if name is None or name.startswith("/") or self._names.subnet(name).casefold() in self._subnets:
            return
        near = suggestion(name, ["/".join(one.split("/")[-3::2]) for one in self._subnets])
        yield self._wrong(f"there is no subnet {name!r} in this world{near}", *where, "subnet")

    def _gateway(self, body: Described, *where: str) -> Iterator[WorldError]:
        gateway = body.get("gateway")
        missing = [one for one in ("network", "thumbprint") if gateway is not None and one not in gateway]
        for one in missing:
            yield self._wrong(f"'gateway' needs {one!r}", *where, "gateway")

    def _wrong(self, message: str, kind: str, id_: str, *rest: str) -> WorldError:
        """An error at its place in the file; where the file does not name the resource, at its kind."""
        id_of = {"networks": self._names.network, "plans": self._names.plan, "apps": self._names.app}[kind]
        resources = child(self._root, kind)
        for key, value in resources.value if isinstance(resources, yaml.MappingNode) else ():
            if ids.same(id_of(key.value), id_):
                return WorldError(line_at(value, rest) if rest else line_of(key), message)
        return WorldError(line_of(resources or self._root), message)


def _is_known(sku: str) -> bool:
    try:
        return tier_of(sku) is not None
    except Refusal:
        return False
