"""What the printed commands of `az` do to a simulated Azure, for tests without an `az`.

`make conformance` brings the same commands before the real one (tests/conformance/test_az_advice.py).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from remediate.sandbox.resources import ServerFarm
from tests.conftest import Azure

WEB, NETWORK = "2025-05-01", "2024-05-01"
ACCEPTED, GONE = 202, 404


def carry_out(azure: Azure, arguments: list[str]) -> str | None:
    """Carry out one command; why it failed, else None. Raises LookupError for one that is not known here."""
    name, options = _parse(arguments)
    return _COMMANDS[name](azure, options)


def deletes(arguments: list[str]) -> bool:
    """Whether a command deletes something, which takes a permission that the product does not look for."""
    return _parse(arguments)[0].endswith(" delete")


def _parse(arguments: list[str]) -> tuple[str, argparse.Namespace]:
    """The command's own words, and its options."""
    at = next((n for n, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
    for option in (
        "subscription",
        "name",
        "resource-group",
        "slot",
        "scope",
        "role",
        "assignee",
        "namespace",
    ):
        parser.add_argument(f"--{option}")
    for option in ("query", "output", "set", "method", "url", "body", "number-of-workers"):
        parser.add_argument(f"--{option}")
    for option in ("tenant", "sku"):
        parser.add_argument(f"--{option}")
    for option in ("yes", "wait", "all", "refresh"):
        parser.add_argument(f"--{option}", action="store_true")
    for option in ("ids", "address-prefixes"):
        parser.add_argument(f"--{option}", nargs="+", default=[])
    given, unknown = parser.parse_known_args(arguments[at:])
    if unknown:
        raise LookupError(f"no test knows {unknown} of az {' '.join(arguments)}")
    return " ".join(arguments[:at]), given


def _sent(azure: Azure, method: str, path: str, version: str = "", body: str | None = None) -> str | None:
    """Send one request, and wait until what it deletes is gone; why Azure refused it, else None."""
    url = f"{path}?api-version={version}" if version else path
    answer = azure.ask(method, url, json=json.loads(body) if body else None)
    while answer.status_code == ACCEPTED and azure.ask("GET", url).status_code != GONE:
        pass
    return None if answer.ok else f"{answer.status_code} {answer.text}"


def _delete(version: str) -> Callable[[Azure, argparse.Namespace], str | None]:
    def delete(azure: Azure, given: argparse.Namespace) -> str | None:
        return next((why for one in given.ids if (why := _sent(azure, "DELETE", one, version))), None)

    return delete


def _delete_slot(azure: Azure, given: argparse.Namespace) -> str | None:
    group = f"/subscriptions/{given.subscription}/resourceGroups/{given.resource_group}"
    return _sent(
        azure, "DELETE", f"{group}/providers/Microsoft.Web/sites/{given.name}/slots/{given.slot}", WEB
    )


def _delete_group(azure: Azure, given: argparse.Namespace) -> str | None:
    group = f"/subscriptions/{given.subscription}/resourceGroups/{given.name}"
    return _sent(azure, "DELETE", group, "2024-11-01")


def _read(azure: Azure, given: argparse.Namespace) -> str | None:
    return next((why for one in given.ids if (why := _sent(azure, "GET", one, WEB))), None)


def _rest(azure: Azure, given: argparse.Namespace) -> str | None:
    return _sent(azure, given.method.upper(), given.url, body=given.body)


def _assign_role(azure: Azure, given: argparse.Namespace) -> str | None:
    """The role is taken to hold all that was missing, and to make its subscription visible."""
    azure.world.state.governance.permissions = [{"actions": ["*"], "notActions": []}]
    for subscription in azure.world.state.subscriptions.values():
        subscription.visible = True
    azure.fault()
    return None


def _log_in(azure: Azure, given: argparse.Namespace) -> str | None:
    """Another tenant's token is what the refusals of this one were about."""
    if given.tenant:
        azure.fault()
    return None


def _register(azure: Azure, given: argparse.Namespace) -> str | None:
    azure.world.state.governance.unregistered.remove(given.namespace)
    return None


def _scale(azure: Azure, given: argparse.Namespace) -> str | None:
    for one in given.ids:
        plan: ServerFarm = azure.world.state.plan(one)
        plan.workers = int(given.number_of_workers)
    return None


def _set_prefixes(azure: Azure, given: argparse.Namespace) -> str | None:
    for one in given.ids:
        azure.world.state.vnet(one).prefixes = given.address_prefixes
    return None


def _nothing(azure: Azure, given: argparse.Namespace) -> str | None:
    return None


_COMMANDS: dict[str, Callable[[Azure, argparse.Namespace], str | None]] = {
    "account list": _nothing,
    "account set": _nothing,
    "appservice plan create": _nothing,
    "appservice plan delete": _delete(WEB),
    "appservice plan update": _scale,
    "functionapp delete": _delete(WEB),
    "functionapp deployment slot delete": _delete_slot,
    "group delete": _delete_group,
    "login": _log_in,
    "lock delete": _delete("2016-09-01"),
    "network vnet delete": _delete(NETWORK),
    "network vnet update": _set_prefixes,
    "network vnet subnet delete": _delete(NETWORK),
    "provider register": _register,
    "resource show": _read,
    "rest": _rest,
    "role assignment create": _assign_role,
    "webapp delete": _delete(WEB),
    "webapp deployment slot delete": _delete_slot,
    "webapp list": _nothing,
}
