"""An app lost its network: say what is wrong with it, and offer what helps."""

from __future__ import annotations

from functools import partial

from remediate.azure import discover
from remediate.azure.discover import Candidate
from remediate.cli.wizard.conversation import Conversation, Offer
from remediate.cli.wizard.deletion import assess_and_offer
from remediate.cli.wizard.probe import ask_workers
from remediate.cli.wizard.repair import carry_out, clear_link
from remediate.cli.wizard.subnets import choose_subnet
from remediate.cli.wizard.unfinished import offer_run
from remediate.errors import Exit, NotFound
from remediate.jobs.assessment import Assessment, assess
from remediate.jobs.execution import Proposal
from remediate.jobs.open_runs import open_run_of
from remediate.jobs.reconnect import propose
from remediate.jobs.verify import build_verification
from remediate.model import Finding, Integration, Verification
from remediate.show.brief import print_brief_plan, print_refusal, print_verdict
from remediate.show.console import safe
from remediate.show.plan import print_dry_run, print_plan
from remediate.show.verification import print_verification
from remediate.show.words import subnet_name
from remediate.steps import kind_of

_CLEARED = frozenset({"link-orphaned", "link-unused"})
"""Findings that a purge cures."""
_ON_NO_SUBNET = frozenset(
    {"gateway-integration", "plan-unsupported", "managed-instance", "operation-in-progress", "plan-limit"}
)
"""Findings of the app or its plan with which no other subnet helps."""
_OCCUPIED = frozenset({"link-other-plan", "link-former-id"})
"""Findings for which the subnet has to be freed of its apps first."""


def lost_network(talk: Conversation) -> None:
    """Choose an app, and look at it."""
    talk.asking(partial(which_app, talk), partial(look_at, talk))


def which_app(talk: Conversation) -> str:
    """The id of the app that the operator chooses. Raises NotFound where there is none, and Back."""
    context = talk.context
    found = discover.apps(context.session, context.subscription)
    if not found:
        raise NotFound(f"there is no app in subscription {context.subscription}")
    rows = [(_row(one), one.id) for one in found]
    return str(talk.choose("Which app?", rows, search=True, back=True, noun="app"))


def _row(one: Candidate) -> tuple[str, ...]:
    where = subnet_name(one.subnet) if one.subnet else "not integrated"
    return safe(one.name), where, safe(one.group), safe(one.location)


def look_at(talk: Conversation, app: str, subnet: str | None = None) -> None:
    """Assess an app, on a subnet that the operator chose or its own, and offer what helps."""
    context = talk.context
    if record := open_run_of(context, app):
        offer_run(talk, record)
        return
    present(talk, assess(context, app, subnet))


def present(talk: Conversation, assessment: Assessment) -> None:
    """Say what an assessment means, and offer what helps; of a healthy app, to leave."""
    result = build_verification(talk.context, assessment)
    case = _Case(talk, assessment, result)
    closer: Offer = ("Look closer: can it reach a host and port?", case.probe)
    if result.healthy:
        leave: Offer = ("Leave: there is nothing to repair", lambda: talk.end(Exit.DONE))
        offers = [leave, closer, ("Rebuild it anyway", case.rebuild)]
        talk.what_now(case.show, offers, case.details, leave=False)
    else:
        talk.what_now(case.show, case.offers(), case.details)


class _Case:
    """An assessed app, with the plans that could repair it."""

    def __init__(self, talk: Conversation, assessment: Assessment, result: Verification) -> None:
        self._talk = talk
        self._assessment = assessment
        self._result = result
        self._seen: Integration = assessment.integration
        self._suggested = propose(talk.context, assessment)
        self._wider = self._for_link()

    def show(self) -> None:
        """Print the verdict, and a refusal or what a plan without a disconnect does."""
        console, plan = self._talk.console, self._suggested.plan
        if self._only_connects:
            print_brief_plan(console, plan)
            return
        print_verdict(console, self._seen, self._to_say(), self._result.changed_since)
        if plan.refusals and self._wider is None and not self._result.healthy:
            print_refusal(console, plan, self._result.findings, advise=not self._help())

    def _to_say(self) -> tuple[Finding, ...]:
        """The findings; that the app is not on the subnet that was just chosen is known."""
        findings = self._result.findings
        others = tuple(one for one in findings if one.code != "not-integrated")
        blocked = any(one.severity != "info" for one in others)
        return others if self._seen.subnet_asked and blocked else findings

    def details(self) -> None:
        """Print everything that was read, the plan, and the exact requests."""
        console, context = self._talk.console, self._talk.context
        print_verification(console, self._seen, self._result, context.session.clock.now())
        for one in self._proposals:
            console.print()
            print_plan(console, one.plan, one.playbook)
            if not one.plan.refusals:
                print_dry_run(console, one.plan)

    def offers(self) -> list[Offer]:
        """What helps: the plans that are not refused, and what would make one possible."""
        return [*self._repairs(), *self._help(), ("Look again", self._again)]

    def probe(self) -> None:
        """Ask the app's workers whether they reach a host and port, and go on with what they say."""
        asked = ask_workers(self._talk, self._assessment)
        present(self._talk, asked)

    def rebuild(self) -> None:
        """The plans for a healthy app; one is carried out at once, of two one is chosen."""
        repairs = self._repairs()
        if not repairs:
            print_refusal(self._talk.console, self._suggested.plan, (), advise=True)
            self._talk.what_now(lambda: None, [("Look again", self._again)], self.details)
        elif len(repairs) == 1:
            repairs[0][1]()
        else:
            self._talk.choose("Rebuild what?", repairs, back=True)()

    @property
    def _proposals(self) -> list[Proposal]:
        return [self._suggested, *([self._wider] if self._wider else [])]

    @property
    def _only_connects(self) -> bool:
        plan = self._suggested.plan
        return not plan.refusals and not any(kind_of(step.do).takes_away for step in plan.steps)

    def _for_link(self) -> Proposal | None:
        """The proposal for the whole link, where others are on the subnet and it is not refused."""
        if self._suggested.plan.scope == "link" or len(self._seen.on_subnet) < 2:
            return None
        wider = propose(self._talk.context, self._assessment, "link")
        return None if wider.plan.refusals else wider

    def _repairs(self) -> list[Offer]:
        possible = [one for one in self._proposals if not one.plan.refusals]
        return [(self._title(one), partial(self._repair, one)) for one in possible]

    def _title(self, proposal: Proposal) -> str:
        apps = len(proposal.plan.apps)
        if self._only_connects:
            return f"Connect it to {subnet_name(proposal.plan.subnet or '')} now"
        who = "this app only" if apps == 1 else f"all {apps} apps on this link"
        if proposal.plan.scope == "link":
            return f"Repair it: rebuild the link ({who})"
        return f"Repair it: reconnect {who}"

    def _repair(self, proposal: Proposal) -> None:
        carry_out(self._talk, proposal, partial(look_at, self._talk, self._seen.target.id))

    def _help(self) -> list[Offer]:
        """What makes a reconnect possible that is refused now, as far as this tool can do it."""
        codes = {one.code for one in (*self._suggested.plan.refusals, *self._result.findings)}
        subnet, app = self._seen.subnet_id, self._seen.target.id
        offers: list[Offer] = []
        if subnet and codes & _CLEARED:
            after = partial(look_at, self._talk, app, subnet)
            offers.append(
                (
                    f"Clear the link that nobody uses on {subnet_name(subnet)}",
                    partial(clear_link, self._talk, subnet, after),
                )
            )
        nowhere = not self._seen.connected and not self._seen.is_elsewhere
        free = (nowhere or "subnet-missing" in codes) and not codes & _ON_NO_SUBNET
        if self._suggested.plan.refusals and free:
            offers.append(("Choose a subnet, and connect it there", self._choose_subnet))
        if subnet and codes & _OCCUPIED:
            offers.append(
                (f"Free {subnet_name(subnet)}: disconnect every app on it", partial(self._free, subnet))
            )
        return offers

    def _choose_subnet(self) -> None:
        self._talk.asking(
            partial(choose_subnet, self._talk, self._seen),
            partial(look_at, self._talk, self._seen.target.id),
        )

    def _free(self, subnet: str) -> None:
        app = self._seen.target.id
        connect = partial(look_at, self._talk, app, subnet)
        assess_and_offer(self._talk, subnet, (f"Connect {self._seen.target.name} to it again", connect))

    def _again(self) -> None:
        asked = self._seen.subnet_id if self._seen.subnet_asked else None
        look_at(self._talk, self._seen.target.id, asked)
