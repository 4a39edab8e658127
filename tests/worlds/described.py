"""The worlds of this folder, and those in `../shared/worlds` where they are there, as files and as served.

A file has a `world` (docs/reference/worlds.md), or a shipped `scenario` with `faults`, and `steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import APP, GROUP, SUBNET, Azure

OWN = Path(__file__).parent
SHARED = Path(__file__).resolve().parents[3] / "shared" / "worlds"
PLACES = {
    "{SUB}": GROUP.partition("/resourceGroups/")[0],
    "{RG}": GROUP.removesuffix("/providers"),
    "{WEB}": f"{GROUP}/Microsoft.Web",
    "{NET}": f"{GROUP}/Microsoft.Network",
    "{ORDERS}": APP,
    "{SUBNET}": SUBNET,
}
"""What stands for the ids of the sandbox."""


def files() -> Iterator[tuple[str, Path]]:
    """The name of each world, and its file."""
    for kind, folder in (("own", OWN), ("shared", SHARED)):
        for path in sorted(folder.glob("*.yaml")):
            yield f"{kind}/{path.stem}", path


def read(path: Path) -> dict[str, Any]:
    """The file with the ids of the sandbox filled in."""
    text = path.read_text(encoding="utf-8")
    for place, id_ in PLACES.items():
        text = text.replace(place, id_)
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def source_of(described: dict[str, Any], folder: Path) -> str:
    """What `--sandbox` takes for it: the scenario, or a world file that is written into `folder`."""
    if "world" not in described:
        return str(described["scenario"])
    file = folder / "world.yaml"
    file.write_text(yaml.safe_dump(described["world"]), encoding="utf-8")
    return str(file)


def serve(described: dict[str, Any], azure: Callable[..., Azure], folder: Path) -> Azure:
    """The world, served, with its faults."""
    served = azure(source_of(described, folder))
    if described.get("faults"):
        served.fault(*described["faults"])
    return served
