"""The form of a world file as JSON Schema: it validates and is published (docs/reference/worlds.md).

`format` has words of our own, such as `plan` for a plan's name or ARM id: see `formats`.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from remediate.sandbox.governance import Behavior
from remediate.sandbox.rules.sites import ROUTING_FIELDS
from remediate.sandbox.world import Durations

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def _object(description: str, **properties: Schema) -> Schema:
    """A mapping with these keys, `-` for `_`, and no others; null takes away what the base world has."""
    return {
        "description": description,
        "type": ["object", "null"],
        "properties": {name.rstrip("_").replace("_", "-"): one for name, one in properties.items()},
        "additionalProperties": False,
    }


def _record(description: str, required: str, **properties: Schema) -> Schema:
    """The same as an entry of a list, which needs some of its keys."""
    return {**_object(description, **properties), "type": "object", "required": required.split()}


def _mapping(description: str, key: str, each: Schema) -> Schema:
    """A mapping from names of one format."""
    return {
        "description": description,
        "type": ["object", "null"],
        "propertyNames": {"format": key},
        "additionalProperties": each,
    }


def _list(description: str, item: Schema) -> Schema:
    return {"description": description, "type": ["array", "null"], "items": item}


def _text(description: str, **more: Any) -> Schema:
    return {"description": description, "type": ["string", "null"], **more}


def _described(description: str, format_: str) -> Schema:
    return {"description": description, "type": "string", "format": format_}


def _choice(description: str, *words: str) -> Schema:
    return {"description": description, "enum": [*words, None]}


def _flag(description: str) -> Schema:
    return {"description": description, "type": ["boolean", "null"]}


def _count(description: str, most: int = 1000) -> Schema:
    return {"description": description, "type": ["integer", "null"], "minimum": 0, "maximum": most}


def _one_of(description: str, *branches: Schema) -> Schema:
    return {"description": description, "anyOf": list(branches)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


TEXT: Schema = {"type": "string"}
TEXTS = _list("texts", TEXT)
PREFIX: Schema = {"type": "string", "format": "prefix"}
ID: Schema = {"type": "string", "format": "id"}
LOCATION = _text("the Azure region, `westeurope` unless said otherwise", minLength=1)
TAGS: Schema = {"description": "tags", "type": ["object", "null"], "additionalProperties": TEXT}
SECONDS: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1_000_000}

_DURATIONS = {one.name: SECONDS for one in fields(Durations)}

_LINK = _object(
    "a service association link",
    name=_text("its name, `AppServiceLink` unless said otherwise", format="name"),
    type=_text("the type of its owner, `Microsoft.Web/serverfarms` unless said otherwise"),
    plan=_text("the plan that it names", format="plan"),
    names=_text("what it names instead of a plan: `subnet`, or an ARM id", format="named"),
    state=_text("its provisioningState"),
    allow_delete=_flag("its allowDelete"),
)
_LINK_ENTRY = _one_of(
    "a plan's name or ARM id, or a mapping such as {plan: plan-orders, state: Updating}",
    {"type": "string", "format": "plan"},
    _LINK,
)
_SUBNET = _object(
    "a subnet",
    prefix=_text("its one address prefix", format="prefix"),
    prefixes=_list("its address prefixes, where it has several, or shows one as a list", PREFIX),
    delegation=_one_of(
        "the service that it is delegated to, such as Microsoft.Web/serverFarms, or a list",
        {"type": ["string", "null"]},
        TEXTS,
    ),
    link=_one_of(
        "a plan's name or ARM id, a mapping such as {plan: plan-orders, state: Updating}, or a list of them",
        {"type": ["string", "null"], "format": "plan"},
        _LINK,
        _list("links", _LINK_ENTRY),
    ),
    occupants=_list("what else is in it: network interfaces, private endpoints, an environment, …", ID),
)
_SITE = {
    "kind": _text("`app`, `functionapp`, `functionapp,linux`, …", minLength=1),
    "plan": _text("its App Service plan", format="plan"),
    "subnet": _text("the subnet that it is connected to", format="subnet"),
    "routing": _list("the outbound traffic that goes into the network", {"enum": list(ROUTING_FIELDS)}),
    "gateway": _object(
        "a gateway-required connection to a virtual network",
        network=_text("the virtual network", format="network"),
        thumbprint=_text("the thumbprint of its certificate"),
    ),
    "network_config": _choice("`lost`: networkConfig answers null although it is connected", "lost"),
    "private_address": _choice("`lost`: no worker has a private address", "lost"),
    "operation": _text("the id of an operation that is under way"),
    "state": _text("`Running`, `Stopped`, …"),
    "tags": TAGS,
}
_NETWORK = _object(
    "a virtual network",
    location=LOCATION,
    prefixes=_list("its address space; may be IPv6", PREFIX),
    dns_servers=_list("its DNS servers", TEXT),
    tags=TAGS,
    subnets=_mapping("its subnets", "subnet-name", _ref("subnet")),
)
_PLAN = _object(
    "an App Service plan",
    sku=_text("`P1v3`, `EP1`, `FC1`, `Y1`, …"),
    tier=_text("its tier, where it does not follow from the sku"),
    workers=_count("its instances, 1 unless said otherwise"),
    elastic_workers=_count("how many instances it may scale out to"),
    linux=_flag("Linux workers"),
    windows_containers=_flag("its apps run in Windows containers"),
    connections_max=_count("how many subnets its apps may join, 2 unless said otherwise"),
    subnet=_text("the subnet that a Managed Instance plan holds itself", format="subnet"),
    managed_instance=_flag("a Managed Instance plan, also where it holds no subnet"),
    location=LOCATION,
    tags=TAGS,
)
_RESOURCES: dict[str, Schema] = {
    "networks": _mapping("virtual networks", "network", _ref("network")),
    "plans": _mapping("App Service plans", "plan", _ref("plan")),
    "apps": _mapping("apps", "app", _ref("app")),
}
_RULE = _record(
    "a rule of misbehaviour (docs/reference/sandbox.md, Faults)",
    "",
    match=_object(
        "which requests",
        method=_text("a regular expression", format="pattern"),
        path=_text("a regular expression", format="pattern"),
        nth=_count("from this match on"),
        every=_count("every so many matches"),
    ),
    times=_count("how often; 0 is always", 1_000_000),
    answer=_object(
        "the answer instead of the real one",
        status={"type": "integer", "minimum": 200, "maximum": 599},
        headers={"type": ["object", "null"], "additionalProperties": {"type": ["string", "number"]}},
        body={},
    ),
    effect=_choice("whether the write is carried out behind the answer", "none", "kept"),
    reset=_choice("the connection is dropped before or after the effect", "before", "after"),
    delay=SECONDS,
    garbage=_flag("an answer that is not JSON"),
    stale=_flag("a read of the world before the last write"),
    reversed=_flag("a listing in the opposite order"),
)
_MOMENT = {"type": "string", "format": "moment"}
_RECORD: dict[str, Schema] = {"at": _MOMENT, "resource": {"type": "string", "format": "resource"}}

WORLD: Schema = {
    "$schema": DIALECT,
    "title": "remediate.world-1",
    **_object(
        "a simulated world: what is different from the base world, or from the scenario that it extends",
        summary=_text("the world in one line"),
        extends=_text("the scenario to start from; null starts from nothing"),
        group=_described("the id of the resource group that plain names are in", "group-id"),
        location=LOCATION,
        subscriptions=_mapping(
            "further subscriptions, by id",
            "subscription",
            {
                **_object(
                    "a subscription",
                    name=_text("its display name"),
                    visible=_flag("false: everything in it answers 404 SubscriptionNotFound"),
                ),
                "type": "object",
            },
        ),
        groups=_mapping(
            "further resource groups",
            "group",
            {**_object("a resource group", location=LOCATION, tags=TAGS), "type": "object"},
        ),
        **_RESOURCES,
        graph=_object("what Resource Graph goes on showing instead", **_RESOURCES),
        durations=_object(
            "how long things take, in simulated seconds",
            **_DURATIONS | {"link": _one_of("seconds, or never", SECONDS, {"const": "never"})},
        ),
        behavior=_object(
            "which of two ways the platform takes where nobody could confirm one",
            **{one.name: _flag("false unless said otherwise") for one in fields(Behavior)},
        ),
        faults=_list("rules of misbehaviour", _RULE),
        locks=_list(
            "management locks",
            _record(
                "a lock",
                "name level",
                name={"type": "string", "format": "name"},
                level={"enum": ["CanNotDelete", "ReadOnly"]},
                resource=_text("what it lies on; the group unless said otherwise", format="scope"),
            ),
        ),
        permissions=_list(
            "what the signed-in account may do; everything unless said otherwise",
            _record(
                "a role assignment",
                "actions",
                scope=_text("where; everywhere unless said otherwise", format="scope"),
                actions={"type": "array", "items": TEXT},
                not_actions=TEXTS,
            ),
        ),
        deny_assignments=_list(
            "deny assignments",
            _record(
                "a deny assignment",
                "name actions",
                name={"type": "string", "minLength": 1},
                scope=_text("where; the group unless said otherwise", format="scope"),
                actions={"type": "array", "items": TEXT},
                not_actions=TEXTS,
                exclude_principals=_list("object ids that it does not hold for", TEXT),
            ),
        ),
        unregistered=_list("resource providers that the subscriptions do not know", TEXT),
        policy=_choice("`subnet-required`: a site write that leaves it without a subnet", "subnet-required"),
        unreachable=_list("HOST:PORT that a firewall lets no app reach", TEXT),
        activity=_list(
            "events of the Activity Log",
            _record("an event", "at operation resource", who=TEXT, operation=TEXT, status=TEXT, **_RECORD),
        ),
        changes=_list(
            "rows of Resource Graph's `resourcechanges`",
            _record(
                "a change",
                "at type resource",
                who=TEXT,
                client=TEXT,
                type={"enum": ["Create", "Update", "Delete"]},
                changes={
                    "type": "object",
                    "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2},
                },
                **_RECORD,
            ),
        ),
    ),
    "type": "object",
    "$defs": {
        "app": _object(
            "an app",
            **_SITE,
            location=LOCATION,
            slots=_mapping("its slots", "name", _object("a slot", **_SITE)),
        ),
        "network": _NETWORK,
        "plan": _PLAN,
        "subnet": _SUBNET,
    },
}
"""The whole of it."""
