"""Azure's regions, by both of their names."""

from __future__ import annotations

from remediate.sandbox.resources import region

NAMES = (
    "West Europe",
    "North Europe",
    "France Central",
    "Germany West Central",
    "Switzerland North",
    "Sweden Central",
    "UK South",
    "East US",
    "East US 2",
    "Central US",
    "West US 2",
    "West US 3",
    "Southeast Asia",
    "Japan East",
    "Australia East",
)
_BY_REGION = {region(name): name for name in NAMES}


def display_name(location: str) -> str:
    """How Microsoft.Web writes a location, whatever it was given: `West Europe` for `westeurope`."""
    return _BY_REGION.get(region(location), location)
