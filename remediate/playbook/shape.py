"""What a playbook is, the words that it may use, and what can be wrong with one."""

from __future__ import annotations

from msgspec import Struct, field

from remediate.errors import UsageError
from remediate.model import PlaybookStep, Purpose, Scope
from remediate.steps import KINDS, kind_of

_FINDINGS = """
not-integrated gateway-integration plan-unsupported flex-consumption managed-instance subnet-missing
subnet-other-region subnet-full subnet-tight subnet-shared subnet-occupied delegation-missing delegation-other
link-missing link-not-ready link-other-plan link-former-id link-orphaned link-unused link-foreign
views-disagree stale-graph
routing-conflict slot-differs plan-limit operation-in-progress locked no-permission no-read-permission
not-visible provider-unregistered network-ipv6 deny-assignment gateway-in-plan policy-denies
worker-without-ip probe-failed iac-managed
"""
FINDING_CODES = tuple(_FINDINGS.split())
"""Every finding that `for` may name (docs/reference/findings.md)."""
STEP_NAMES = tuple(KINDS)
"""Every step that a playbook may name (docs/reference/playbooks.md)."""


class Playbook(Struct, frozen=True):
    """A guided procedure; `for_` holds the codes of the findings that it cures."""

    id: str
    title: str
    for_: tuple[str, ...] = field(name="for")
    scope: Scope
    explain: str
    impact: str
    steps: tuple[PlaybookStep, ...]

    @property
    def purpose(self) -> Purpose:
        """What it is for, as its steps say: without a `reconnect` what is disconnected stays so."""
        return purpose_of({step.do for step in self.steps})


class PlaybookError(Struct, frozen=True, order=True):
    """One thing that is wrong with a playbook, and where."""

    line: int
    message: str


class InvalidPlaybook(UsageError):
    """Everything that is wrong with a playbook; as text one line each, `FILE:LINE: message`."""

    code = "playbook"
    hint = "remediate playbooks list"

    def __init__(self, source: str, *errors: PlaybookError) -> None:
        self.source = source
        self.errors = errors
        super().__init__("\n".join(f"{source}:{one.line}: {one.message}" for one in errors))


class UnknownPlaybook(UsageError):
    """Neither a shipped playbook nor a file that can be read."""

    code = "playbook"
    hint = "remediate playbooks list"


def purpose_of(names: set[str]) -> Purpose:
    """What steps of these names are for, whatever their order."""
    kinds = [kind_of(name) for name in names]
    if any(kind.clears_link for kind in kinds):
        return "purge"
    taken, back = any(kind.takes_away for kind in kinds), any(kind.brings_back for kind in kinds)
    return "disconnect" if taken and not back else "reconnect"
