"""Azure resource ids: parse, compare, build.

An id is text that Azure spells differently from view to view (azure-facts.md, 1), so ids are
kept as they were read, and compared only through `same`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import unquote

from remediate.errors import UsageError

_SEGMENT = re.compile(r"[^/?#\\]+")
_ENCODED = re.compile(r"%2Fsubscriptions%2F[^/?#&]+", re.IGNORECASE)
_WORD = re.compile(r"[^\s'\"<>`,;]*(?:/|%2F)subscriptions(?:/|%2F)[^\s'\"<>`,;]*", re.IGNORECASE)
_SHORT = re.compile(
    r"(?<![\w./-])/?(?:resourceGroups/)?(?P<group>[\w().-]+)/providers/"
    r"(?P<rest>Microsoft\.(?:Web|Network)/[^\s'\"<>`,;]+)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"/subscriptions/.+", re.IGNORECASE | re.DOTALL)


class InvalidId(UsageError):
    """The text is not an Azure resource id; the message says what is wrong with it."""


@dataclass(frozen=True)
class ResourceId:
    """A resource id taken apart: `/subscriptions/S/resourceGroups/G/providers/NS/type/name/…`."""

    subscription: str
    group: str | None
    namespace: str | None
    path: tuple[tuple[str, str], ...]

    @property
    def type(self) -> str:
        """The full type, as in `Microsoft.Web/sites/slots`; empty for a group or subscription."""
        return "/".join([self.namespace or "", *(kind for kind, _ in self.path)]).strip("/")

    @property
    def name(self) -> str:
        """The last name in the id."""
        if self.path:
            return self.path[-1][1]
        return self.group or self.subscription

    def named(self, kind: str) -> str | None:
        """The name under one segment: `named("sites")` of a slot's id is the app's name."""
        for segment, name in self.path:
            if segment.casefold() == kind.casefold():
                return name
        return None

    def is_type(self, type_: str) -> bool:
        """Whether the id's full type is this one, whatever the case."""
        return self.type.casefold() == type_.casefold()

    def __str__(self) -> str:
        text = f"/subscriptions/{self.subscription}"
        if self.group is not None:
            text += f"/resourceGroups/{self.group}"
        if self.namespace is not None:
            text += f"/providers/{self.namespace}"
        return text + "".join(f"/{kind}/{name}" for kind, name in self.path)


@lru_cache(maxsize=4096)
def parse(text: str) -> ResourceId:
    """Take an id apart. Raises InvalidId for anything that is not one."""
    parts = text.strip().strip("/").split("/")
    if len(text) > 2048 or not all(_is_segment(part) for part in parts):
        raise InvalidId(f"not a resource id: {text[:200]!r}")
    if len(parts) < 2 or parts[0].casefold() != "subscriptions":
        raise InvalidId("a resource id starts with /subscriptions/")
    subscription, rest = parts[1], parts[2:]
    group = None
    if rest and rest[0].casefold() == "resourcegroups":
        if len(rest) < 2:
            raise InvalidId("the resource group's name is missing")
        group, rest = rest[1], rest[2:]
    if not rest:
        return ResourceId(subscription, group, None, ())
    if rest[0].casefold() != "providers" or len(rest) < 4 or len(rest) % 2:
        raise InvalidId("after the group a resource id goes on with /providers/NAMESPACE/TYPE/NAME")
    pairs = tuple(zip(rest[2::2], rest[3::2], strict=True))
    return ResourceId(subscription, group, rest[1], pairs)


def _is_segment(part: str) -> bool:
    """Whether a name can stand in a path and on a screen: no `..`, no control or direction characters."""
    return bool(_SEGMENT.fullmatch(part)) and part.isprintable() and part not in (".", "..")


def same(one: str | None, other: str | None) -> bool:
    """Whether two ids name the same thing: case and outer slashes do not count, None equals nothing."""
    if one is None or other is None:
        return False
    return one.strip("/").casefold() == other.strip("/").casefold()


def alike(one: str | None, other: str | None) -> bool:
    """Whether two ids name the same thing, or both name nothing."""
    return (one is None and other is None) or same(one, other)


def within(inner: str, outer: str) -> bool:
    """Whether `outer` is `inner` or one of its parents."""
    short, long = outer.strip("/").casefold(), inner.strip("/").casefold()
    return long == short or long.startswith(short + "/")


def name(text: str | None) -> str:
    """The last segment of an id, for showing; the text itself where it is no id."""
    return (text or "").rstrip("/").rpartition("/")[2]


def app(subscription: str, group: str, site: str, slot: str | None = None) -> str:
    """The id of an app, or of one of its slots."""
    text = f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Web/sites/{site}"
    return f"{text}/slots/{slot}" if slot else text


def app_name(text: str) -> str:
    """How an app is called: `orders-func`, and `orders-func/staging` for a slot."""
    try:
        parsed = parse(text)
    except InvalidId:
        return name(text)
    site, slot = parsed.named("sites"), parsed.named("slots")
    if site is None:
        return parsed.name
    return f"{site}/{slot}" if slot else site


def production(app_or_slot: str) -> str:
    """The id of the app that a slot belongs to; an app's own id for an app. Raises InvalidId."""
    parsed = parse(app_or_slot)
    return str(replace(parsed, path=parsed.path[:1]))


def vnet_of(subnet: str) -> str:
    """The id of the virtual network that a subnet is part of. Raises InvalidId for another id."""
    parsed = parse(subnet)
    if not parsed.is_type("Microsoft.Network/virtualNetworks/subnets"):
        raise InvalidId(f"not a subnet's id: {subnet[:200]!r}")
    return str(replace(parsed, path=parsed.path[:1]))


def with_parents(text: str) -> tuple[str, ...]:
    """An id and those of the resources that it is part of, the innermost first. Raises InvalidId."""
    parsed = parse(text)
    inner = [text, *(str(replace(parsed, path=parsed.path[:n])) for n in range(len(parsed.path) - 1, 0, -1))]
    return tuple(inner)


def group_of(text: str) -> str:
    """The id of the resource group, or where there is none the subscription, around a resource."""
    parsed = parse(text)
    return str(ResourceId(parsed.subscription, parsed.group, None, ()))


def from_address(text: str) -> str:
    """The id inside a portal address, cut at the resource; an id comes back as it is.

    Raises InvalidId when there is none.
    """
    encoded = _ENCODED.search(text)
    found = _PLAIN.search(unquote(encoded.group() if encoded else text))
    if not found:
        raise InvalidId(f"no resource id in {text[:200]!r}")
    parts = found.group().split("?")[0].split("#")[0].strip().strip("/").split("/")
    if any(part in ("", ".", "..") for part in parts):  # also in the part of an address that is cut off
        raise InvalidId(f"not a resource id: {found.group()[:200]!r}")
    identifier = "/" + "/".join(_resource_part(parts)).strip()
    parse(identifier)
    return identifier


def ids_in(text: str) -> tuple[str, ...]:
    """Every id in a text such as an error message or an address of the portal, in its order and once.

    An id that is part of another one's is left out: the innermost says more.
    Raises InvalidId for what begins like an id and is none.
    """
    words = (from_address(_unpunctuated(word)) for word in _WORD.findall(text))
    found = {one.casefold(): one for one in words}
    return tuple(one for one in found.values() if not any(_is_part(one, other) for other in found.values()))


def _is_part(outer: str, inner: str) -> bool:
    return within(inner, outer) and not same(inner, outer)


def _unpunctuated(word: str) -> str:
    """A word without the end of its sentence; dots after a slash are a segment, which makes it no id."""
    end = word.rstrip(".:)]}")
    return f"{end}.." if end.endswith("/") and "." in word[len(end) :] else end


def short_id_in(text: str) -> str | None:
    """The id without its subscription that a text holds, as messages of the portal print it.

    It begins with the resource group: `GROUP/providers/Microsoft.Network/…`.
    """
    found = _SHORT.search(text)
    return f"resourceGroups/{found['group']}/providers/{_unpunctuated(found['rest'])}" if found else None


def _resource_part(parts: list[str]) -> list[str]:
    """The leading segments that form an id; a portal address goes on with the blade's name."""
    lowered = [part.casefold() for part in parts]
    if "providers" not in lowered:
        return parts[:4]
    start = lowered.index("providers") + 2
    return parts[: start + (len(parts) - start) // 2 * 2]
