"""The table of the actions that this tool needs: each with its requests, its use, and what happens without.

The names are those of Microsoft's pages "Azure permissions for Web and Mobile", "… Networking" and "…
Management and governance": Azure refuses a custom role with a name that it does not know
(`InvalidActionOrNotAction`).
"""

from __future__ import annotations

from remediate.roles.action import EVERYWHERE, PROBES, SITES, SLOTS, Action, Role

_NETWORKS = "Microsoft.Network/virtualNetworks/"
_LOOKS = ("verify", "watch", "snapshot save", "reconnect", "sandbox capture", "guard --disconnect")
_CHANGES = ("reconnect", "guard", "purge", "sandbox capture")
_CONNECTS = ("reconnect", "sandbox capture")
_UNREAD = "The finding is `no-read-permission`: the result is unknown."
_REFUSED = "The change is refused before anything is disconnected: `no-permission`."
_ALLOWABLE = "The change is refused: `no-read-permission`; `--allow-unknown` goes on without knowing."
_UNASKED = "The finding is `probe-failed`, severity unknown."
_PURGE = "POST {subscription}/providers/Microsoft.Web/locations/{any}/purgeUnusedVirtualNetworkIntegration"


def _of_apps(
    name: str,
    role: Role,
    requests: tuple[str, ...],
    use: str,
    commands: tuple[str, ...],
    without: str,
    optional: bool = False,
) -> tuple[Action, Action]:
    """An action of apps, and the one of slots: Azure has a name of its own for each."""
    app = Action(f"{SITES}{name}", role, "app", requests, use, commands, without, optional)
    listing = ("GET {app}/slots",) if name == "read" else ()
    slots = (*(one.replace("{app}", "{slot}") for one in requests if "{app}" in one), *listing)
    return app, Action(f"{SLOTS}{name}", role, "slot", slots, use, commands, without, optional)


ACTIONS: tuple[Action, ...] = (
    *_of_apps(
        "read",
        "read",
        ("GET {app}", "GET {around}/providers/Microsoft.Web/sites"),
        "The subnet, plan and routing that the app names.",
        EVERYWHERE,
        "The app is not found, or the finding is `no-read-permission`.",
    ),
    *_of_apps(
        "networkConfig/read",
        "read",
        ("GET {app}/networkConfig/virtualNetwork",),
        "The regional connection of the app.",
        EVERYWHERE,
        _UNREAD,
    ),
    *_of_apps(
        "virtualNetworkConnections/read",
        "read",
        ("GET {app}/virtualNetworkConnections",),
        "The list of connections, also those through a gateway.",
        _LOOKS,
        _UNREAD,
    ),
    *_of_apps(
        "detectors/read",
        "read",
        ("GET {app}/detectors/{any}",),
        "Microsoft's own list of who is on a subnet, where a link seems unused.",
        ("guard", "purge", "reconnect --subnet", "verify --subnet", "sandbox capture"),
        "The apps of the subscription are read in its place.",
        optional=True,
    ),
    Action(
        "Microsoft.Web/serverfarms/read",
        "read",
        "plan",
        ("GET {plan}", "GET {around}/providers/Microsoft.Web/serverfarms"),
        "The plan of an app, and the plan that a link names.",
        EVERYWHERE,
        _UNREAD,
    ),
    Action(
        "Microsoft.Web/serverfarms/sites/read",
        "read",
        "plan",
        ("GET {plan}/sites",),
        "The apps of a plan: they share its link.",
        EVERYWHERE,
        _UNREAD,
    ),
    Action(
        "Microsoft.Web/serverfarms/virtualNetworkConnections/read",
        "read",
        "plan",
        ("GET {plan}/virtualNetworkConnections",),
        "Gateway connections of other apps of the plan, which can make a connect fail.",
        _CONNECTS,
        _ALLOWABLE,
    ),
    Action(
        "Microsoft.Network/virtualNetworks/read",
        "read",
        "network",
        ("GET {network}", "GET {around}/providers/Microsoft.Network/virtualNetworks"),
        "Region and address space of the network, and which subnets it has.",
        EVERYWHERE,
        _UNREAD,
    ),
    Action(
        f"{_NETWORKS}subnets/read",
        "read",
        "subnet",
        ("GET {subnet}",),
        "The subnet with its service association link and delegation.",
        EVERYWHERE,
        _UNREAD,
    ),
    Action(
        "Microsoft.App/managedEnvironments/read",
        "read",
        "subscription",
        ("GET {group}/providers/Microsoft.App/managedEnvironments/{any}",),
        "Whether a Container Apps environment on the subnet is there.",
        EVERYWHERE,
        "Resource Graph does not show it; the subnet's own document does.",
        optional=True,
    ),
    Action(
        "Microsoft.Authorization/locks/read",
        "read",
        "subscription",
        ("GET {scope}/providers/Microsoft.Authorization/locks",),
        "The locks that would stop a change half way.",
        _CHANGES,
        _ALLOWABLE,
    ),
    Action(
        "Microsoft.Authorization/permissions/read",
        "read",
        "subscription",
        ("GET {scope}/providers/Microsoft.Authorization/permissions",),
        "What the account may do, before an app is disconnected.",
        (*_CHANGES, "doctor"),
        _ALLOWABLE,
    ),
    Action(
        "Microsoft.Authorization/denyAssignments/read",
        "read",
        "subscription",
        ("GET {scope}/providers/Microsoft.Authorization/denyAssignments",),
        "What nobody may do, whatever a role allows.",
        _CHANGES,
        _ALLOWABLE,
    ),
    Action(
        "Microsoft.Resources/subscriptions/providers/read",
        "read",
        "subscription",
        ("GET {subscription}/providers/{any}",),
        "Whether Microsoft.Web and Microsoft.App are registered where the network is.",
        _CONNECTS,
        _ALLOWABLE,
    ),
    Action(
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "read",
        "subscription",
        ("GET {subscription}/resourceGroups",),
        "The resource groups to choose from.",
        ("remediate",),
        "The wizard shows no resource group to choose; `guard` takes the id of one.",
    ),
    Action(
        "Microsoft.Resources/subscriptions/read",
        "read",
        "subscription",
        ("GET {subscription}", "GET /subscriptions"),
        "The name of the subscription, and whether it is visible.",
        EVERYWHERE,
        "Azure may show a subscription to everybody who has a role in it.",
        unproven=True,
    ),
    Action(
        "Microsoft.Resources/subscriptions/resources/read",
        "read",
        "subscription",
        ("GET {subscription}/resources",),
        "To find an app by its name where Resource Graph does not know it.",
        EVERYWHERE,
        "Azure may leave out only what cannot be read.",
        unproven=True,
    ),
    Action(
        "Microsoft.ResourceGraph/resources/read",
        "read",
        "subscription",
        ("POST /providers/Microsoft.ResourceGraph/resources",),
        "To find apps, plans and networks; it shows only what the other actions let be read.",
        EVERYWHERE,
        "Microsoft documents only that the resources themselves have to be readable.",
        unproven=True,
    ),
    *_of_apps(
        "instances/read",
        "repair",
        ("GET {app}/instances",),
        "The workers of a Windows app, to ask each of them.",
        PROBES,
        _UNASKED,
    ),
    *_of_apps(
        "extensions/*/action",
        "repair",
        ("POST {app}/extensions/api/command",),
        "To run `tcpping` on the workers of a Windows app.",
        PROBES,
        _UNASKED,
    ),
    *_of_apps("write", "repair", ("PATCH {app}",), "To connect the app.", ("reconnect",), _REFUSED),
    *_of_apps(
        "networkConfig/delete",
        "repair",
        ("DELETE {app}/networkConfig/virtualNetwork",),
        "To disconnect the app.",
        ("reconnect", "guard --disconnect"),
        _REFUSED,
    ),
    *_of_apps(
        "networkConfig/write",
        "repair",
        ("PUT {app}/networkConfig/virtualNetwork",),
        "The other way to connect the app, where Azure refuses the first.",
        ("reconnect",),
        "The other way is not open; where Azure refuses the first, nothing is disconnected.",
    ),
    Action(
        f"{_NETWORKS}subnets/join/action",
        "repair",
        "subnet",
        ("PATCH {app}", "PATCH {slot}"),
        "To connect an app to the subnet.",
        ("reconnect",),
        _REFUSED,
    ),
    Action(
        f"{_NETWORKS}subnets/write",
        "repair",
        "subnet",
        (
            "PUT {subnet}",
            "PUT {app}/networkConfig/virtualNetwork",
            "PUT {slot}/networkConfig/virtualNetwork",
            _PURGE,
        ),
        "To delegate the subnet, to clear an unused link, and for the other way to connect.",
        ("reconnect", "purge"),
        "A subnet without delegation is refused (`no-permission`); Azure refuses to clear a link.",
    ),
    Action(
        "Microsoft.Network/locations/operations/read",
        "repair",
        "network-subscription",
        ("GET {subscription}/providers/Microsoft.Network/locations/{any}/operations/{any}",),
        "How the delegation of a subnet ended.",
        ("reconnect",),
        "The subnet is read in its place.",
        optional=True,
    ),
    Action(
        "Microsoft.Web/locations/*/action",
        "repair",
        "network-subscription",
        (_PURGE,),
        "To clear an unused link.",
        ("purge",),
        "The link is not cleared: `no-permission`.",
    ),
)
