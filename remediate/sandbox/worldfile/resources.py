"""What is wrong with the networks, plans and apps of a whole world: what is missing or nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml

from remediate import ids
from remediate.sandbox.refusal import Refusal
from remediate.sandbox.rules.sites import tier_of
from remediate.sandbox.worldfile.errors import ContentError, Path, WorldError
from remediate.sandbox.worldfile.layers import Described
from remediate.sandbox.worldfile.names import Names, is_spelling_of, suggestion
from remediate.sandbox.worldfile.text import child, line_at, line_of

Place = tuple[str, ...]
"""Like a Path, with a resource's id for the key that the file has: kind, id, keys that lead to a part."""


class Resources:
    """The resources of a world; `root` is the part of the file, at `path`, that names some of them.

    `subnets` are the ids in lower case of the subnets that any layer names, also to take one away.
    """

    def __init__(
        self, root: yaml.Node, whole: Described, subnets: set[str], names: Names, path: Path = ()
    ) -> None:
        self._root = root
        self._path = path
        self._whole = whole
        self._subnets = subnets
        self._names = names
        self._plans = {id_.casefold() for id_ in self._of("plans")}

    def errors(self) -> Iterator[ContentError]:
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

    def _network(self, id_: str, body: Described) -> Iterator[ContentError]:
        name, where = ids.name(id_), ("networks", id_)
        if not body.get("prefixes"):
            yield self._wrong(f"the network {name!r} needs 'prefixes'", where, [(*where, "prefixes")])
        for subnet, described in (body.get("subnets") or {}).items():
            if not ids.within(subnet, id_):
                yield self._wrong(f"{subnet!r} is not in the network {name!r}", (*where, "subnets"))
            elif not (described.get("prefix") or described.get("prefixes")):
                wrong = f"the subnet {ids.name(subnet)!r} needs a 'prefix'"
                place = (*where, "subnets", ids.name(subnet))
                yield self._wrong(wrong, place, [(*place, "prefix"), (*place, "prefixes")])

    def _plan(self, id_: str, body: Described) -> Iterator[ContentError]:
        name, sku, where = ids.name(id_), body.get("sku"), ("plans", id_)
        if sku is None:
            yield self._wrong(f"the plan {name!r} needs a 'sku'", where, [(*where, "sku")])
        elif "tier" not in body and not _is_known(sku):
            wrong = f"the sku {sku!r} is not known: name its 'tier' too"
            yield self._wrong(wrong, (*where, "sku"), [(*where, "tier")])
        yield from self._subnet(body, where)

    def _app(self, id_: str, body: Described) -> Iterator[ContentError]:
        yield from self._site(id_, body, ("apps", id_))
        for slot, one in (body.get("slots") or {}).items():
            inherited = {"plan": body["plan"]} if "plan" in body else {}
            yield from self._site(f"{id_}/slots/{slot}", {**inherited, **one}, ("apps", id_, "slots", slot))

    def _site(self, id_: str, body: Described, where: Place) -> Iterator[ContentError]:
        plan = body.get("plan")
        if plan is None:
            wrong = f"the app {ids.app_name(id_)!r} needs a 'plan'"
            yield self._wrong(wrong, where, [(*where, "plan"), (*where[:2], "plan")])
        elif self._names.plan(plan).casefold() not in self._plans:
            near = suggestion(plan, [ids.name(one) for one in self._of("plans")])
            wrong = f"there is no plan {plan!r} in this world{near}"
            yield self._wrong(wrong, (*where, "plan"), [("plans",)])
        yield from self._subnet(body, where)
        yield from self._gateway(body, where)

    def _subnet(self, body: Described, where: Place) -> Iterator[ContentError]:
        """A subnet that nothing names is a slip; one that was taken away, or named by its id, is meant."""
        name = body.get("subnet")
        if name is None or name.startswith("/") or self._names.subnet(name).casefold() in self._subnets:
            return
        near = suggestion(name, ["/".join(one.split("/")[-3::2]) for one in self._subnets])
        network = self._names.network(name.partition("/")[0])
        wrong = f"there is no subnet {name!r} in this world{near}"
        yield self._wrong(wrong, (*where, "subnet"), [("networks", network, "subnets")])

    def _gateway(self, body: Described, where: Place) -> Iterator[ContentError]:
        gateway, place = body.get("gateway"), (*where, "gateway")
        missing = [one for one in ("network", "thumbprint") if gateway is not None and one not in gateway]
        for one in missing:
            yield self._wrong(f"'gateway' needs {one!r}", place, [(*place, one)])

    def _wrong(self, message: str, where: Place, missing: Sequence[Place] = ()) -> ContentError:
        """An error at its place in the file; where the file does not name the resource, at its kind."""
        resources = child(self._root, where[0])
        found = self._entry(where)
        if found is None:
            line = line_of(resources or self._root)
        else:
            line = line_at(found[1], where[2:]) if where[2:] else line_of(found[0])
        return ContentError(WorldError(line, message), tuple(self._spelled(one) for one in missing))

    def _spelled(self, place: Place) -> Path:
        """A place as a path of the file: a resource under the key that the file has for it."""
        found = self._entry(place)
        return (*self._path, place[0], *((found[0].value, *place[2:]) if found else ()))

    def _entry(self, place: Place) -> tuple[yaml.Node, yaml.Node] | None:
        """The key and the body of the resource that a place is in, or None where the file has none."""
        kind, *rest = place
        entries = child(self._root, kind)
        if not rest or not isinstance(entries, yaml.MappingNode):
            return None
        id_of = {"networks": self._names.network, "plans": self._names.plan, "apps": self._names.app}[kind]
        return next((one for one in entries.value if is_spelling_of(one[0].value, rest[0], id_of)), None)


def _is_known(sku: str) -> bool:
    try:
        return tier_of(sku) is not None
    except Refusal:
        return False
