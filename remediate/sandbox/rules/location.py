"""Where a resource is: what is made needs a region, and what there is keeps its own."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.resources import region


def check_location(id_: str, body: dict[str, Any], current: str | None) -> None:
    """Raise Resource Manager's 400 for a PUT without a region, and its 409 for one that names another.

    `current` is the region of the resource, None where there is none of that id.
    """
    asked = body.get("location")
    if not asked:
        raise refusal.arm(400, "LocationRequired", "The location property is required for this definition.")
    if current is not None and region(asked) != region(current):
        raise refusal.arm(
            409,
            "InvalidResourceLocation",
            f"The resource '{ids.name(id_)}' already exists in location '{region(current)}' in resource "
            f"group '{ids.parse(id_).group}'. A resource with the same name cannot be created in location "
            f"'{region(asked)}'. Please select a new resource name.",
        )
