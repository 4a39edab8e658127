"""What somebody else changed since a run: what it neither found nor was to bring about."""

from __future__ import annotations

from remediate import ids
from remediate.run.journal import Record
from remediate.run.resume import Standing, Verb, Where


def unexplained(record: Record, now: Standing, verb: Verb) -> tuple[str, ...]:
    """What neither the state before the run nor the one that it is to reach explains, one line each.

    An app that was to leave for good and is deleted, or its subnet, is what the run was for. Whose a link was
    is not known where something could not be read before the run.
    """
    plan = record.begin.plan
    leaving = plan.purpose == "disconnect" and verb == "resume"
    lines = [
        _told(app, now.apps[app], now.found.get(app))
        for app in now.lost
        if not (leaving and now.apps[app] == "gone")
    ]
    if now.subnet_gone and not leaving:
        lines.append(f"the subnet {ids.name(plan.subnet)} is deleted")
    lines += [
        f"the link of {ids.name(plan.subnet)} names the plan {ids.name(one)}" for one in now.other_links
    ]
    return tuple(lines)


def _told(app: str, where: Where, found: str | None) -> str:
    name = ids.app_name(app)
    if where == "elsewhere":
        return f"{name} is on another subnet: {found}"
    return f"{name} is on another plan: {found}" if where == "other-plan" else f"{name} is deleted"
