"""The finding about who else writes here: templates and pipelines that own what a change is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediate.checks.advice import listed
from remediate.model import Evidence, Finding, Integration, Question, World
from remediate.redaction import holds_secret, redacted

_DOCUMENTS = ("site", "plan", "vnet")
_TOOLS = re.compile(r"terraform|opentofu|pulumi|bicep|ansible|crossplane|(?<![a-z])azd(?![a-z])")
_OWNERS = re.compile(r"(managed|deployed|provisioned|created)[-_ ]?(by|with)|provisioner|iac")
_AUTOMATION = ("application", "managedidentity")
"""`systemData.lastModifiedByType` of what is no person. Azure leaves systemData out of many answers [?]."""


def iac_managed(world: World, question: Question) -> Finding | None:
    """Tags or the last writer say that a template or a pipeline owns the app, its plan or its network.

    A tag counts whose name is of a tool (`azd-env-name`), or that says by its name that it tells the owner
    and by its value that this is a tool (`managed-by: terraform`). Azure's own `hidden-` tags come from the
    portal as well, and do not.
    """
    seen = Integration(world, question)
    facts = tuple(fact for what in _DOCUMENTS for fact in _facts(what, _body(seen, what)))
    if not facts:
        return None
    what = {"site": seen.target.name, "plan": "its plan", "vnet": "its network"}
    owned = listed(dict.fromkeys(what[fact.view] for fact in facts))
    return Finding(
        code="iac-managed",
        severity="info",
        title=f"A template or a pipeline seems to own {owned}",
        detail="A reconnect sets the subnet that was set before and leaves routing as it is, so the template "
        "should see no difference. A delegation that is put back is a change; and the next deployment "
        "writes whatever the template says, also where it takes the integration away.",
        action="Nothing to do now. What is to last belongs in the template.",
        evidence=facts,
    )


def _body(seen: Integration, what: str) -> dict[str, Any]:
    document = seen.world.document(what)
    return document.body if document and isinstance(document.body, dict) else {}


def _facts(what: str, body: dict[str, Any]) -> Iterator[Evidence]:
    for name, value in owner_tags(body).items():
        yield Evidence(what, f"tags.{name}", value)
    written = body.get("systemData")
    kind = written.get("lastModifiedByType") if isinstance(written, dict) else None
    if isinstance(kind, str) and kind.casefold() in _AUTOMATION:
        yield Evidence(what, "systemData.lastModifiedByType", kind)


def owner_tags(body: dict[str, Any]) -> dict[str, str]:
    """The tags that say who owns a resource, each value without what looks like a secret."""
    tags = body.get("tags")
    given = ((str(name), str(value)) for name, value in (tags.items() if isinstance(tags, dict) else ()))
    return {
        name: redacted(f"{name}={value}").removeprefix(f"{name}=")
        for name, value in given
        if _says_owner(name, value) and not holds_secret(name)
    }


def _says_owner(name: str, value: str) -> bool:
    """Whether a tag says that a template or a pipeline owns the resource."""
    folded = name.casefold()
    return bool(_TOOLS.search(folded) or (_OWNERS.search(folded) and _TOOLS.search(value.casefold())))
