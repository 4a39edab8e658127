"""The wizard's question for the subscription, where none is configured or the one that is cannot be seen."""

from __future__ import annotations

from remediate.cli.wizard.conversation import Conversation
from remediate.jobs.subscription import visible_subscriptions
from remediate.show.console import safe, warn


def choose_subscription(talk: Conversation) -> None:
    """Ask which subscription to search, from a list. Raises Interrupted, and RequestFailed."""
    context = talk.context
    if context.default_subscription is not None:
        return
    if context.unknown_subscription is not None:
        warn(talk.console, str(context.unknown_subscription))
    visible = visible_subscriptions(context.session)
    if visible:
        choices = [((safe(one.name), safe(one.id)), one) for one in visible]
        chosen = talk.choose("Which subscription?", choices, search=True, noun="subscription")
        context.choose_subscription(chosen)
