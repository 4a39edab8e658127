"""What was read and a playbook → ordered steps, each with the exact request of its write. Pure.

The plan that is shown is the plan that runs; only what brings an app back is sent more than once.
"""

from remediate.plan.leave import leave
from remediate.plan.purge import purge
from remediate.plan.rebuild import PlanDiffers, check_delegation, rebuild
from remediate.plan.reconnect import affected, delegation, make, scope_for
from remediate.plan.refusals import unread
from remediate.plan.steps import connection, disconnection

__all__ = [
    "PlanDiffers",
    "affected",
    "check_delegation",
    "connection",
    "delegation",
    "disconnection",
    "leave",
    "make",
    "purge",
    "rebuild",
    "scope_for",
    "unread",
]
