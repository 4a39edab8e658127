"""Keeps the names of apps that a command read, so that the shell can complete them."""

from __future__ import annotations

import os
from collections.abc import Iterable

from remediate.jobs.context import CommandContext
from remediate.jobs.store import shared_state, state_folder
from remediate.state.app_names import keep_names


def remember_names(context: CommandContext, names: Iterable[str], *, complete: bool = False) -> None:
    """Keep names of apps; `complete` says that there are no others in the subscription.

    Nothing is kept of a private sandbox, nor where the state is shared or options name another subscription.
    """
    options = context.options
    usual = (None, os.environ.get("REMEDIATE_ARM_ENDPOINT"))
    elsewhere = options.subscription or options.cloud or options.arm_endpoint not in usual
    if options.sandbox or elsewhere or shared_state(options):
        return
    keep_names(state_folder(options), names, complete=complete)
