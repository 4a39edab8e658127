"""A playbook's probes, each told what the app is to reach."""

from __future__ import annotations

from msgspec.structs import replace

from remediate.errors import UsageError
from remediate.model import Endpoint
from remediate.playbook import Playbook, PlaybookStep
from remediate.steps import ProbeWorkers, kind_of


def told(playbook: Playbook, probe: Endpoint | None) -> Playbook:
    """The playbook with `probe` in every step that names nothing itself; at the end where there is none.

    Raises UsageError where nobody says what a step is to reach.
    """
    untold = [step for step in playbook.steps if kind_of(step.do).reaches and step.probe is None]
    if probe is None:
        if untold:
            raise UsageError(f"playbook {playbook.id} names nothing to probe: pass --probe HOST:PORT")
        return playbook
    steps = [replace(one, probe=probe) if one in untold else one for one in playbook.steps]
    if not untold:
        steps.append(
            PlaybookStep(ProbeWorkers.name, f"Trying to reach {probe} from the workers", probe=probe)
        )
    return replace(playbook, steps=tuple(steps))
