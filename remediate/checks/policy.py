"""The finding that only a write brings to light: Azure Policy refused it."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import listed
from remediate.model import Evidence, Finding, Question, World


def policy_denies(world: World, question: Question) -> Finding | None:
    """Azure answered RequestDisallowedByPolicy to a write (azure-facts.md, 3).

    Policy is decided when a request arrives, and no read of ours tells beforehand. The built-in ones deny a
    site write that leaves the site without a subnet, which this tool never sends; what others deny is
    anybody's rule [?].
    """
    denials = world.denials
    if not denials:
        return None
    methods = listed(dict.fromkeys(f"{one.request.method} of {ids.app_name(one.target)}" for one in denials))
    return Finding(
        code="policy-denies",
        severity="warning" if all(one.other_way for one in denials) else "error",
        title=f"Azure Policy denies {methods}",
        detail="A policy on the management group, the subscription or the resource group refuses this "
        "request, whoever sends it. That shows only once it is sent. Where there is another request for the "
        "same effect, it was tried.",
        action="Ask the owner of the policy that Azure names for an exemption of the app for the time of the "
        "change, then try again.",
        evidence=tuple(
            Evidence("policy", f"{one.request.method} {one.request.path}", one.said) for one in denials
        ),
    )
