"""Worlds by name in which workers were asked."""

from __future__ import annotations

from typing import Any

from remediate.model import (
    Probe,
    Question,
    Worker,
    World,
)

from .worlds import (
    TARGET,
    Case,
)
from .worlds_of_apps import BARE, LOST, SLOT, denial

FINE = Worker("aaa", True, "10.1.0.4", True, "Connected")
BARER = Worker("bbc", False, "", True, "Connected")
MUTE, SILENT = Worker("ddd", None, None, True, "Connected"), Worker("eee", status="502: no Kudu")


def probe_worlds() -> dict[str, Case]:
    """What workers said."""

    def said(*workers: Worker, by: Any = "tcpping", message: str | None = None, of: str = TARGET) -> Case:
        probe = Probe(of, "db", 1433, by, workers, message)
        return Case(World(probes=(probe,)), Question("probe", of))

    return {
        "all is well": said(FINE),
        "one of one without an address": said(BARE),
        "two of three without an address": said(FINE, BARE, BARER),
        "address unknown": said(FINE, MUTE),
        "missed by one of two": said(FINE, LOST),
        "missed by a slot": said(LOST, of=SLOT),
        "silent": said(FINE, SILENT, message="403 Forbidden"),
        "nothing said": said(),
        "missed, no instance named": said(
            Worker(None, reached=False, status="Timeout", detail="after 10 s"), by="tcpPingCheck"
        ),
        "silent, no instance named": said(Worker(None, status="403: no"), by="tcpPingCheck"),
        "denied by policy": said(FINE).reading(denials=(denial("PATCH", TARGET),)),
    }
