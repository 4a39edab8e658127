"""A plan that was kept → the same plan with every request built anew, or why no plan can be like that. Pure.

What was kept is data: only its ids, names and times are taken, and each is checked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from remediate import ids
from remediate.errors import Exit, RemediateError, UsageError
from remediate.model import (
    FLEX_SERVICE,
    WEB_DELEGATION,
    WEB_LINK,
    InvalidEndpoint,
    Plan,
    PlaybookStep,
    Request,
    Step,
    endpoint,
)
from remediate.plan.disconnect import disconnect_layout, slots_first
from remediate.plan.planner import check_playbook, planned_steps
from remediate.plan.purge import purge_layout
from remediate.plan.reconnect import reconnect_layout
from remediate.playbook import LONGEST_WAIT, Playbook, is_line, sequence_errors
from remediate.steps import Layout, delegation_path, kind_of

_SITES = ("Microsoft.Web/sites", "Microsoft.Web/sites/slots")
_SUBNET = "Microsoft.Network/virtualNetworks/subnets"
_REGION = re.compile(r".*/locations/([a-z0-9]+)/purgeUnusedVirtualNetworkIntegration\?.*")


class PlanDiffers(RemediateError):
    """No plan of this kind can be like that; the message says in one line what differs."""

    exit = Exit.REFUSED
    code = "journal"


def rebuild(plan: Plan) -> Plan:
    """The same plan, its requests built by the code that makes plans. Raises PlanDiffers.

    The write that delegates a subnet holds what was read of it, so it is left out here: the caller reads the
    subnet again.
    """
    _check_ids(plan)
    for step in plan.steps:
        _check_settings(step)
    expected = _expected(plan)
    for kept, own in zip(plan.steps, expected, strict=False):
        _compare(kept, own)
    if len(plan.steps) != len(expected):
        raise PlanDiffers(f"it has {len(plan.steps)} steps, and such a plan has {len(expected)}")
    return replace(plan, steps=tuple(_without_delegation(step) for step in expected))


def check_delegation(kept: Request | None, fresh: Request) -> None:
    """Whether the write that was kept is the one that was read now. Raises PlanDiffers.

    A subnet that somebody changed since has another etag, and other contents.
    """
    if kept is None or kept.path != fresh.path:
        raise PlanDiffers(f"the delegation is {_shown(kept)}, and the plan's own is {_shown(fresh)}")
    if kept.headers == fresh.headers and kept.body != fresh.body:
        raise PlanDiffers("the delegation writes something else than what was read of the subnet")


def _check_ids(plan: Plan) -> None:
    subnet = plan.subnet
    if subnet is None or plan.refusals:
        raise PlanDiffers("it is a plan that was refused")
    _check_id(subnet, "subnet", _SUBNET)
    _check_id(plan.target, "target")
    for app in plan.apps:
        _check_id(app.id, "app", *_SITES)
        if app.plan is not None:
            _check_id(app.plan, "plan", WEB_LINK)
    for link in plan.links:
        _check_id(link, "link", WEB_LINK, _SUBNET)
    if len({app.id.casefold() for app in plan.apps}) != len(plan.apps):
        raise PlanDiffers("it names an app twice")
    if wrong := next(_contradictions(plan, subnet), None):
        raise PlanDiffers(wrong)


def _check_id(text: str, what: str, *types: str) -> None:
    """Whether this is an id, spelled as one and of one of the types. Raises PlanDiffers."""
    try:
        parsed = ids.parse(text)
    except ids.InvalidId as error:
        raise PlanDiffers(f"{what}: {error}") from error
    if str(parsed).casefold() != text.casefold() or (types and not any(map(parsed.is_type, types))):
        raise PlanDiffers(f"{what}: {text[:200]!r} is no id of {' or '.join(types) or 'a resource'}")


def _contradictions(plan: Plan, subnet: str) -> Iterator[str]:
    """What of a plan does not go with the rest of it."""
    if plan.brings_back:
        yield from _reconnect_contradictions(plan, subnet)
        return
    if plan.scope != "link" or plan.subnet_asked or plan.service != WEB_DELEGATION:
        yield f"scope, subnet_asked and service are not those of a {plan.purpose}"
    if plan.clears_link and (plan.apps or plan.target != subnet or not plan.links):
        yield "a purge is about one subnet, the plans that its links name, and no app"
    if plan.disconnects_for_good and (not plan.apps or slots_first(plan.apps) != plan.apps):
        yield "the apps are not those of a plan that disconnects, slots first"


def _reconnect_contradictions(plan: Plan, subnet: str) -> Iterator[str]:
    if not plan.apps or plan.apps[0].id != plan.target:
        yield "the target is not the first app"
    elif plan.scope == "app" and len(plan.apps) > 1:
        yield "scope app is about one app"
    elif not all(ids.same(app.subnet, subnet) for app in plan.apps[1:]):
        yield "an app was not on the subnet"
    elif plan.service == FLEX_SERVICE:
        if plan.links != (subnet,):
            yield "a link of Flex Consumption names the subnet"
    elif plan.service != WEB_DELEGATION:
        yield f"a subnet is not delegated to {plan.service[:80]!r}"
    elif plan.apps[0].plan is not None and plan.links[:1] != (plan.apps[0].plan,):
        yield "the first link is not that of the target's plan"


def _check_settings(step: Step) -> None:
    """Whether a playbook could have set these. Raises PlanDiffers."""
    for name, seconds in (("timeout", step.timeout), ("every", step.every)):
        if seconds is not None and not (math.isfinite(seconds) and 0 < seconds <= LONGEST_WAIT):
            raise PlanDiffers(f"step {step.n}: {name} {seconds!r} is no wait")
    if step.timeout is not None and step.every is not None and step.every > step.timeout:
        raise PlanDiffers(f"step {step.n}: every {step.every!r} is longer than the timeout")
    if not step.tell or not is_line(step.tell):
        raise PlanDiffers(f"step {step.n}: its text is no line that could be shown")
    _check_probe(step)


def _check_probe(step: Step) -> None:
    if kind_of(step.do).reaches != (step.probe is not None):
        raise PlanDiffers(f"step {step.n}: what is to be reached belongs to a probe, and to nothing else")
    if step.probe is None:
        return
    try:
        endpoint(str(step.probe))
    except InvalidEndpoint as error:
        raise PlanDiffers(f"step {step.n}: {str(step.probe)[:80]!r} is no host and port") from error


def _expected(plan: Plan) -> tuple[Step, ...]:
    """The steps that the code which makes plans makes of the same playbook and the same ids."""
    playbook = _playbook_of(plan)
    subnet = plan.subnet or ""
    try:
        check_playbook(playbook, plan.purpose)
    except UsageError as error:
        raise PlanDiffers(str(error)) from error
    if wrong := sequence_errors(playbook.steps, cures=plan.brings_back):
        raise PlanDiffers(wrong[0].message)
    return planned_steps(playbook, _layout(plan, subnet))


def _playbook_of(plan: Plan) -> Playbook:
    """The playbook that the steps came from: what stands there once for each app stood in it once."""
    steps: list[PlaybookStep] = []
    for step in plan.steps:
        if kind_of(step.do).per_app and any(one.do == step.do for one in steps):
            continue
        steps.append(
            PlaybookStep(step.do, step.tell, step.timeout, step.every, step.on_failure, probe=step.probe)
        )
    return Playbook(plan.playbook, "", (), plan.scope, "", "", tuple(steps))


def _layout(plan: Plan, subnet: str) -> Layout:
    if plan.disconnects_for_good:
        return disconnect_layout(subnet, plan.apps, plan.target, held=not _is_awaited(plan, subnet))
    if plan.clears_link:
        return purge_layout(subnet, _region(plan))
    return reconnect_layout(
        subnet,
        tuple(app.id for app in plan.apps),
        connected=any(kind_of(step.do).leaves for step in plan.steps),
        frees_subnet=_is_awaited(plan, subnet),
        delegation=next((step.request for step in plan.steps if kind_of(step.do).delegates), None),
    )


def _is_awaited(plan: Plan, subnet: str) -> bool:
    """Whether the subnet is awaited without its link, or just the disconnect of an app."""
    waits = [step for step in plan.steps if kind_of(step.do).leaves and kind_of(step.do).waits_for_link]
    return any(step.target == subnet for step in waits)


def _region(plan: Plan) -> str:
    """The region that was asked, which no id holds. Whoever goes on reads it again."""
    paths = [step.request.path for step in plan.steps if kind_of(step.do).clears_link and step.request]
    found = _REGION.fullmatch(paths[0]) if paths else None
    if found is None:
        raise PlanDiffers("the purge names no region")
    return found[1]


def _compare(kept: Step, own: Step) -> None:
    """Raises PlanDiffers with the first field that is not as the plan's own."""
    if kept != own:
        where, one, other = _difference(msgspec.to_builtins(kept), msgspec.to_builtins(own))
        what = f"step {own.n} ({own.do} {ids.app_name(own.target)}): {where}"
        raise PlanDiffers(f"{what} is {_shown(one)}, and the plan's own is {_shown(other)}")
    if kind_of(kept.do).delegates:
        _check_delegation_shape(kept)


def _difference(kept: Any, own: Any, where: str = "") -> tuple[str, Any, Any]:
    """The first place in which two documents differ, and what each has there."""
    if isinstance(kept, dict) and isinstance(own, dict):
        for key in (*own, *kept):
            if kept.get(key) != own.get(key):
                return _difference(kept.get(key), own.get(key), f"{where}.{key}".lstrip("."))
    return where, kept, own


def _check_delegation_shape(step: Step) -> None:
    request = step.request
    if request is None or (request.method, request.path) != ("PUT", delegation_path(step.target)):
        raise PlanDiffers(f"step {step.n}: {_shown(request)} does not delegate the subnet")
    if not isinstance(request.body, dict) or set(request.headers) != {"If-Match"}:
        raise PlanDiffers(f"step {step.n}: a delegation writes a subnet, on condition of its etag")


def _without_delegation(step: Step) -> Step:
    return replace(step, request=None) if kind_of(step.do).delegates else step


def _shown(value: Any) -> str:
    """A value of a plan for one line of a message; of a long one its beginning."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 300 else text[:297] + "..."
