"""What the page of findings is made of: the checks themselves, and what each says in a simulated world."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator

from remediate.checks import CHECKS, PREFLIGHT
from remediate.checks.policy import policy_denies
from remediate.playbook import FINDING_CODES, shipped

Printed = Callable[[str], str]
"""What `remediate COMMAND` prints."""

VERIFY, PREVIEW = "verify orders-func", "reconnect orders-func --dry-run"
SUBNET = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sandbox/providers"
    "/Microsoft.Network/virtualNetworks/vnet-prod/subnets/snet-apps"
)
ASKED = "--subnet SUBNET_ID"
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
    "delegation-missing": f"{VERIFY} --sandbox delegation-missing",
    "delegation-other": f"{VERIFY} --sandbox delegation-other",
    "link-missing": f"{VERIFY} --sandbox shared-link",
    "link-not-ready": f"{VERIFY} --sandbox link-not-ready",
    "link-other-plan": f"{VERIFY} --sandbox link-other-plan",
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
    "provider-unregistered": f"{PREVIEW} --sandbox provider-unregistered",
    "policy-denies": "reconnect orders-func --yes --sandbox policy-denies",
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


def seen() -> Iterator[tuple[Callable[..., object], str]]:
    """Every function that makes a finding, and when it looks."""
    yield from ((check, "always") for check in CHECKS)
    yield from ((check, "before a change") for check in PREFLIGHT)
    yield policy_denies, "when a write is refused"


def findings_page(printed: Printed) -> str:
    """The page: one section a finding, in the order of the codes."""
    return "\n".join([_INTRO, *(section(code, printed) for code in FINDING_CODES if code in SHOWN_BY)])


def section(code: str, printed: Printed) -> str:
    """One finding: when it is looked for, what was seen, what it means, what to do, and how to see it."""
    made_by = [(check, when) for check, when in seen() if code_of(check) == code]
    severities = " or ".join(dict.fromkeys(severity_of(check) for check, _ in made_by))
    whens = " and ".join(dict.fromkeys(when for _, when in made_by))
    playbooks = playbooks_for(code)
    facts = [severities, f"looked for {whens}", *([f"playbook {playbooks}"] if playbooks else [])]
    example = shown(code, printed)
    return "\n\n".join(
        [
            f"## {code}",
            f"*{' · '.join(facts)}*",
            " ".join(dict.fromkeys(meaning_of(check) for check, _ in made_by)),
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


def code_of(check: Callable[..., object]) -> str:
    """The code of the finding that a check is named after."""
    return check.__name__.replace("_", "-")


def severity_of(check: Callable[..., object]) -> str:
    """The severity with which a check makes its finding, or the two it chooses from, read from its source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(check)))
    given = next(
        node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "severity"
    )
    words = [str(node.value) for node in ast.walk(given) if isinstance(node, ast.Constant)]
    return " or ".join(words)


def meaning_of(check: Callable[..., object]) -> str:
    """What a check says it sees, without the note of where the fact comes from."""
    said = (inspect.getdoc(check) or "").partition("\n\n")[0].replace("\n", " ")
    return _SOURCE.sub("", said).replace(" ()", "")


def playbooks_for(code: str) -> str:
    """The shipped playbooks that name a finding."""
    return ", ".join(f"`{one.id}`" for one in shipped() if code in one.for_)
