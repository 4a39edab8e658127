"""Worlds to show: one app and the resources around it, its findings, its plan and its run."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace
from rich.console import Console

from remediate import ids
from remediate.model import (
    App,
    AppServicePlan,
    Delegation,
    Evidence,
    Finding,
    Integration,
    Link,
    Plan,
    PlaybookStep,
    Question,
    ReadStatus,
    Request,
    Requests,
    Resource,
    Routing,
    Run,
    Step,
    StepResult,
    Subnet,
    TargetResult,
    Verification,
    View,
    VirtualNetwork,
    World,
    healthy,
    key,
)
from remediate.playbook import Playbook
from remediate.show.console import THEME
from tests.checks.worlds import resources

AT = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sandbox"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-prod"
SUBNET = f"{VNET}/subnets/snet-apps"
PLAN = f"{GROUP}/providers/Microsoft.Web/serverfarms/plan-orders"
OTHER_PLAN = f"{GROUP}/providers/Microsoft.Web/serverfarms/plan-other"
ORDERS = ids.app(SUBSCRIPTION, "rg-sandbox", "orders-func")
STAGING = ids.app(SUBSCRIPTION, "rg-sandbox", "orders-func", "staging")
BILLING = ids.app(SUBSCRIPTION, "rg-sandbox", "billing-web")
MAIL = ids.app(SUBSCRIPTION, "rg-sandbox", "mail-web")

RIGHT_LINK = Link("AppServiceLink", "Succeeded", "Microsoft.Web/serverfarms", PLAN)


@dataclass
class Page:
    """A console that keeps what it is given."""

    console: Console
    file: io.StringIO

    @property
    def text(self) -> str:
        return self.file.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class Encoded(io.StringIO):
    """A stream of text in a given encoding."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def page(width: int = 80, *, color: bool = False, terminal: bool = False, encoding: str = "utf-8") -> Page:
    file = Encoded(encoding)
    system: Any = "truecolor" if color else None
    console = Console(
        file=file,
        width=width,
        theme=THEME,
        force_terminal=color or terminal,
        color_system=system,
        markup=False,
        highlight=False,
        emoji=False,
    )
    return Page(console, file)


def app(identity: str = ORDERS, **changes: Any) -> App:
    whole = App(
        id=identity,
        kind="functionapp",
        location="West Europe",
        state="Running",
        plan=PLAN,
        subnet=SUBNET,
        routing=Routing(all_traffic=False, application_traffic=True),
    )
    return replace(whole, **changes)


def views(**changes: View) -> dict[str, View]:
    whole = {
        "site": View("found", SUBNET, PLAN),
        "networkConfig": View("found", SUBNET),
        "connections": View("found", SUBNET),
        "plan": View("found", None, PLAN, "1 of 2 connections used"),
        "link": View("found", SUBNET, PLAN),
        "graph": View("found", SUBNET, PLAN),
    }
    return {**whole, **changes}


def integration(
    link: Link | None = RIGHT_LINK,
    *,
    target: App | None = None,
    others: tuple[App, ...] = (),
    subnet: Subnet | None = None,
    read: ReadStatus = "found",
    plan: bool = True,
    asked: bool = False,
    known: World | None = None,
) -> Integration:
    """An app on a subnet; `read` is how the reads of the network ended, `known` is what else was read."""
    target = target or app()
    found = resources(
        target, *others, *([AppServicePlan(PLAN, "West Europe", "P1v3", "PremiumV3", 2)] * plan)
    )
    network = resources(subnet or subnet_with(link), VirtualNetwork(VNET, "westeurope"))
    unread = {key(one): Resource(one, read) for one in (SUBNET, VNET)}
    found |= network if read == "found" else unread
    config = {key(target.id): View("found", target.subnet)}
    known = known or World()
    world = replace(known, resources=known.resources | found, network_configs=config)
    return Integration(world, Question("look", target.id, SUBNET if asked else None))


def subnet_with(*links: Link | None) -> Subnet:
    """The subnet, delegated, with these links."""
    delegations = (Delegation("web", "Microsoft.Web/serverFarms"),)
    return Subnet(SUBNET, ("10.10.1.0/27",), delegations, tuple(one for one in links if one), "Succeeded")


def shared() -> Integration:
    """Four integrations of one plan on the subnet, and the link gone."""
    others = (
        app(STAGING),
        app(BILLING, kind="app"),
        app(MAIL, kind="app"),
        app(ids.app(SUBSCRIPTION, "rg-sandbox", "reports-web"), kind="app", subnet=None),
    )
    return integration(None, others=others)


LINK_MISSING = Finding(
    code="link-missing",
    severity="error",
    title="snet-apps has no service association link",
    detail="The app and the network both believe in the integration, but the link that ties the plan to "
    "the subnet is gone, so the workers are not in the network. billing-web, mail-web and "
    "orders-func/staging are on the subnet too, so that rebuilding this app alone does not bring it back.",
    evidence=(
        Evidence("site", "properties.virtualNetworkSubnetId", SUBNET),
        Evidence("subnet", "properties.serviceAssociationLinks", None),
    ),
    playbook="rebuild-link",
    action="remediate reconnect orders-func --scope link",
)
STALE = Finding(
    code="stale-graph",
    severity="warning",
    title="Resource Graph still shows a link",
    detail="The portal may show it too. Azure Resource Manager says that there is none.",
    evidence=(Evidence("graph", "link", PLAN),),
)
UNREAD = Finding(
    code="no-read-permission",
    severity="unknown",
    title="The subnet could not be read",
    detail="Without it nothing can be said about the link.",
    evidence=(Evidence("link", "status", 403),),
    action="Ask for Reader on vnet-prod.",
)
LOCKED = Finding(
    code="locked",
    severity="error",
    title="A lock on rg-sandbox forbids deletions",
    detail="The disconnect would be refused.",
    action="Remove the lock, then start again.",
)


def verified(*findings: Finding, **changes: Any) -> Verification:
    whole = Verification(ORDERS, healthy(findings), findings, views(), 12)
    return replace(whole, **changes)


def disconnect(n: int, target: str) -> Step:
    path = f"{target}/networkConfig/virtualNetwork?api-version=2025-05-01"
    return Step(n, "disconnect", target, f"Disconnecting {ids.app_name(target)}", Request("DELETE", path))


def reconnect(n: int, target: str) -> Step:
    patch = Request(
        "PATCH", f"{target}?api-version=2025-05-01", {"properties": {"virtualNetworkSubnetId": SUBNET}}
    )
    put = Request(
        "PUT",
        f"{target}/networkConfig/virtualNetwork?api-version=2025-05-01",
        {"properties": {"subnetResourceId": SUBNET, "swiftSupported": True}},
    )
    return Step(n, "reconnect", target, f"Reconnecting {ids.app_name(target)}", patch, put)


def planned(*apps: str, scope: Any = "link", **changes: Any) -> Plan:
    """All apps disconnected, the link awaited gone, one app reconnected, the link awaited, then the rest."""
    apps = apps or (ORDERS,)
    steps = [Step(1, "preflight", apps[0], "Checking everything that can be checked beforehand")]
    steps += [disconnect(len(steps) + 1 + n, one) for n, one in enumerate(apps)]
    steps.append(
        Step(
            len(steps) + 1,
            "wait-link-gone",
            SUBNET,
            "Waiting for the link to be removed",
            timeout=900,
            every=2,
        )
    )
    steps.append(reconnect(len(steps) + 1, apps[0]))
    steps.append(
        Step(
            len(steps) + 1,
            "wait-link-ready",
            SUBNET,
            "Waiting for the link to be ready",
            timeout=900,
            every=2,
        )
    )
    steps += [reconnect(len(steps) + 1 + n, one) for n, one in enumerate(apps[1:])]
    steps.append(Step(len(steps) + 1, "verify", apps[0], "Looking at everything again"))
    whole = Plan("rebuild-link", scope, apps[0], SUBNET, tuple(app(one) for one in apps), tuple(steps))
    return replace(whole, **changes)


PLAYBOOK = Playbook(
    id="rebuild-link",
    title="Rebuild the service association link",
    for_=("link-missing",),
    scope="link",
    explain="The service association link ties the plan to the subnet. It is made when the first app of "
    "the plan connects, so every app of the plan is disconnected, and then connected again.",
    impact="Every app of the plan on this subnet restarts twice.",
    steps=(
        PlaybookStep("preflight", "Checking beforehand", None, None, "stop", 8),
        PlaybookStep("disconnect", "Disconnecting", None, None, "stop", 9),
        PlaybookStep("wait-link-gone", "Waiting for the link to be removed", 900.0, 2.0, "rollback", 10),
        PlaybookStep("reconnect", "Reconnecting", None, None, "rollback", 11),
    ),
)

FLAGS = Routing(
    all_traffic=False, application_traffic=False, content_share_traffic=True, image_pull_traffic=True
)


def outcome(*apps: str, **changes: Any) -> Run:
    """A run that went well."""
    apps = apps or (ORDERS,)
    steps = [
        StepResult(step.n, step.do, step.target, "succeeded", 8.0, step.request)
        for step in planned(*apps).steps
    ]
    whole = Run(
        run="20260101-030000-7f3a",
        status="succeeded",
        dry_run=False,
        scope="link",
        playbook="rebuild-link",
        targets=tuple(TargetResult(one, SUBNET, "reconnected", 12.4, FLAGS, FLAGS) for one in apps),
        steps=tuple(steps),
        findings_before=(LINK_MISSING, STALE),
        findings_after=(),
        changed=True,
        requests=Requests(31, 2 * len(apps)),
        started=AT,
        seconds=74.2,
    )
    return replace(whole, **changes)
