"""What an app is to expect without its network, where its own content lies behind it."""

from __future__ import annotations

from remediate.model import App


def expectation(app: App) -> str | None:
    """What a function or Logic app whose content share is reached through the network may do meanwhile.

    The routing flags say that the traffic goes through the network. Whether the share could be reached
    without it as well, they do not say; then nothing of this happens (azure-facts.md, 2).
    """
    flags = [
        name
        for name, value in (
            ("contentShareTraffic", app.routing.content_share_traffic),
            ("allTraffic", app.routing.all_traffic),
        )
        if value
    ]
    if "functionapp" not in app.kind.casefold() or not flags:
        return None
    return (
        f"{app.name} reaches its content share through this network ({flags[0]}). Where that is the only way "
        "to the share, the app can fail for as long as it is disconnected."
    )
