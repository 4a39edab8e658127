"""What the page of findings is made of: the checks themselves, and what each says in a simulated world."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable

from remediate.checks import CHECKS, SEVERITIES, Check
from remediate.playbook import FINDING_CODES, shipped

Printed = Callable[[str], str]
"""What `remediate COMMAND` prints."""

VERIFY, PREVIEW = "verify orders-func", "reconnect orders-func --dry-run"
SUBNET = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sandbox/providers"
    "/Microsoft.Network/virtualNetworks/vnet-prod/subnets/snet-apps"
)
ASKED = "--subnet SUBNET_ID"
PROBE = "--probe sql.internal:1433"
SHOWN_BY = {
    "not-integrated": f"{VERIFY} --sandbox not-integrated",
    "gateway-integration": f"{VERIFY} --sandbox gateway-required",
    "plan-unsupported": f"{VERIFY} --sandbox plan-unsupported",
    "flex-consumption": f"{VERIFY} --sandbox flex-consumption",
    "managed-instance": f"{VERIFY} --sandbox managed-instance",
    "subnet-missing": f"{VERIFY} --sandbox subnet-missing",
    "subnet-other-region": f"{VERIFY} {ASKED} --sandbox subnet-other-region",
    "subnet-full": f"{VERIFY} --sandbox subnet-full",
    "subnet-tight": f"{VERIFY} --sandbox subnet-tight",
    "subnet-shared": f"{VERIFY} --sandbox multi-plan-subnet",
    "subnet-occupied": f"{VERIFY} --sandbox subnet-occupied",
    "delegation-missing": f"{VERIFY} --sandbox delegation-missing",
    "delegation-other": f"{VERIFY} --sandbox delegation-other",
    "link-missing": f"{VERIFY} --sandbox shared-link",
    "link-not-ready": f"{VERIFY} --sandbox link-not-ready",
    "link-other-plan": f"{VERIFY} --sandbox link-other-plan",
    "link-former-id": f"{VERIFY} --sandbox link-former-id",
    "link-orphaned": f"{VERIFY} {ASKED} --sandbox link-orphaned",
    "link-unused": f"{VERIFY} {ASKED} --sandbox link-unused",
    "link-foreign": f"{VERIFY} {ASKED} --sandbox link-foreign",
    "views-disagree": f"{VERIFY} --sandbox views-disagree",
    "stale-graph": f"{VERIFY} --sandbox stale-graph",
    "routing-conflict": f"{VERIFY} --sandbox routing-conflict",
    "slot-differs": f"{VERIFY} --sandbox slot-differs",
    "plan-limit": f"{PREVIEW} {ASKED} --sandbox plan-limit",
    "operation-in-progress": f"{VERIFY} --sandbox operation-in-progress",
    "locked": f"{PREVIEW} --sandbox locked",
    "no-permission": f"{PREVIEW} --sandbox no-join",
    "no-read-permission": f"{PREVIEW} --sandbox no-read",
    "not-visible": f"{VERIFY} --sandbox not-visible",
    "provider-unregistered": f"{PREVIEW} --sandbox provider-unregistered",
    "network-ipv6": f"{PREVIEW} --sandbox network-ipv6",
    "deny-assignment": f"{PREVIEW} --sandbox deny-assignment",
    "gateway-in-plan": f"{PREVIEW} --sandbox gateway-in-plan",
    "policy-denies": "reconnect orders-func --yes --sandbox policy-denies",
    "worker-without-ip": f"{VERIFY} {PROBE} --sandbox worker-without-ip",
    "probe-failed": f"{VERIFY} {PROBE} --sandbox probe-failed",
    "iac-managed": f"{VERIFY} --sandbox iac-managed",
}
"""The command that shows each finding in a simulated world. The page has the findings that are named here."""

_SOURCE = re.compile(r"[; ]*azure-facts\.md[^)]*")
_INTRO = """# Findings

This page is generated from the checks themselves (`make docs`); what a finding says is what it says in the
simulated world that is named with it, with that world's names.

A result is unhealthy with any `error` or `warning`, unknown with any `unknown`, and otherwise healthy: an
`info` is worth knowing and nothing to repair. What is unknown is never called wrong, and never called right.
`--query "findings[].code"` of `-o json` gives the codes alone; they do not change.
"""


_LOOKED_FOR = """
What only `reconnect`, `purge` or `guard` look for does not count for `verify`: a lock or a missing permission
does not make an app unhealthy, but it would prevent that the app is connected again.
"""
_COMMANDS = {
    "look": "`verify`",
    "change": "`reconnect`",
    "leave": "`guard --disconnect`",
    "purge": "`purge`",
    "delete": "`guard`",
}
"""Which command asks which question."""
_ONLY = {
    "worker-without-ip": "with `--probe`",
    "probe-failed": "with `--probe`",
    "policy-denies": "when a write is refused",
}
"""The findings that take more than reading."""


def when(check: Check) -> str:
    """Which commands look for a finding, or what it takes beside reading."""
    if check.code in _ONLY:
        return _ONLY[check.code]
    return "by " + ", ".join(_COMMANDS[one] for one in _COMMANDS if one in check.questions)


def findings_page(printed: Printed, overview: str) -> str:
    """The page: the table of all findings, then one section a finding, in the order of the codes."""
    sections = (section(code, printed) for code in FINDING_CODES if code in SHOWN_BY)
    return "\n".join([_INTRO, overview, _LOOKED_FOR, *sections])


def section(code: str, printed: Printed) -> str:
    """One finding: when it is looked for, what was seen, what it means, what to do, and how to see it."""
    check = next(one for one in CHECKS if one.code == code)
    playbooks = playbooks_for(code)
    facts = [
        " or ".join(severities_of(check)),
        f"looked for {when(check)}",
        *([f"playbook {playbooks}"] if playbooks else []),
    ]
    example = shown(code, printed)
    return "\n\n".join(
        [
            f"## {code}",
            f"*{' · '.join(facts)}*",
            meaning_of(check.find),
            f"**{example['title']}.** {example['detail']}",
            f"**What to do.** {example['action']}",
            f"**See it.** `remediate {SHOWN_BY[code]}`\n",
        ]
    )


def shown(code: str, printed: Printed) -> dict[str, str]:
    """The words of the finding as the command of the table shows it."""
    command = SHOWN_BY[code].replace("SUBNET_ID", SUBNET)
    document = json.loads(printed(f"{command} -o json"))
    told = [document.get(name, ()) for name in ("findings", "findings_before", "findings_after")]
    found = next(one for findings in told for one in findings if one["code"] == code)
    return {name: str(found[name]).replace(SUBNET, "SUBNET_ID") for name in ("title", "detail", "action")}


def severities_of(check: Check) -> list[str]:
    """The severities with which a check makes its finding, read from its source and that of what it calls."""
    module = ast.parse(inspect.getsource(inspect.getmodule(check.find) or check.find))
    functions = {one.name: one for one in module.body if isinstance(one, ast.FunctionDef)}
    wanted, done = [check.find.__name__], set[str]()
    given: dict[str, None] = {}
    while wanted:
        name = wanted.pop(0)
        if name in done or name not in functions:
            continue
        done.add(name)
        for node in ast.walk(functions[name]):
            if isinstance(node, ast.keyword) and node.arg == "severity":
                given |= dict.fromkeys(
                    str(one.value) for one in ast.walk(node.value) if isinstance(one, ast.Constant)
                )
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                wanted.append(node.func.id)
    return [one for one in SEVERITIES if one in given]


def meaning_of(check: Callable[..., object]) -> str:
    """What a check says it sees, without the note of where the fact comes from."""
    said = (inspect.getdoc(check) or "").partition("\n\n")[0].replace("\n", " ")
    return _SOURCE.sub("", said).replace(" ()", "")


def playbooks_for(code: str) -> str:
    """The shipped playbooks that name a finding."""
    return ", ".join(f"`{one.id}`" for one in shipped() if code in one.for_)


def without_marks(text: str) -> str:
    """Text of a page without the marks around commands."""
    return text.replace("`", "")
