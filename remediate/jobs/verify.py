"""`remediate verify`: every check and every view; sends only reads."""

from __future__ import annotations

from remediate.checks.advice import with_subnet_in_command
from remediate.errors import Exit, StoreError
from remediate.jobs.assessment import Assessment, assess, finding_of, with_probes
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.invocation import Invocation
from remediate.jobs.open_runs import warn_unfinished_runs, with_open_run
from remediate.jobs.output import print_document
from remediate.jobs.recording import changed_since, keep_healthy
from remediate.jobs.resource import check_subnet, find_optional_subnet
from remediate.jobs.target import resolve_app
from remediate.model import ChangedSince, Endpoint, Finding, Verification, healthy
from remediate.model.failure import RequestFailed
from remediate.show.console import warn
from remediate.show.verification import print_unread, print_verification


def verify(
    invocation: Invocation,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    subnet: str | None,
    probe: Endpoint | None,
) -> Exit:
    """Assess an app, print what was found, and return the exit code."""
    check_subnet("--subnet", subnet)
    with open_context(invocation) as context:
        warn_unfinished_runs(context)
        app = resolve_app(context, target, group, name, slot)
        wanted = find_optional_subnet(context, subnet)
        try:
            assessment = assess(context, app, wanted)
        except RequestFailed as failure:
            if failure.kind == "unauthenticated":
                raise
            return _report_unread(context, app, finding_of(failure, app))
        assessment = with_probes(context, assessment, [probe] if probe else [])
        result, at = build_verification(context, assessment), context.session.clock.now()
        print_document(
            context.options,
            result,
            lambda console: print_verification(console, assessment.integration, result, at),
        )
    return Exit.DONE if result.healthy else Exit.FOUND_SOMETHING


def _report_unread(context: CommandContext, app: str, finding: Finding) -> Exit:
    """Print that the app itself could not be read, which is neither healthy nor a fault of the app."""
    result = Verification(app, None, (finding,), {}, context.session.requests.reads)
    at = context.session.clock.now()
    print_document(context.options, result, lambda console: print_unread(console, result, at))
    return Exit.FOUND_SOMETHING


def build_verification(context: CommandContext, assessment: Assessment) -> Verification:
    """The document `remediate.verify/1` of an assessment.

    A healthy assessment is kept; any other one is compared with the newest healthy snapshot. A store that
    fails is reported, and does not change the verdict.
    """
    since: ChangedSince | None = None
    findings = with_open_run(context, assessment.integration, assessment.findings)
    try:
        if healthy(findings):
            keep_healthy(context, assessment)
        else:
            since = changed_since(context, assessment)
    except StoreError as error:
        warn(context.consoles.err, f"{error}; snapshots are neither kept nor compared")
    if since and since.subnet:
        findings = with_subnet_in_command(assessment.integration, findings, since.subnet)
    return Verification(
        target=assessment.integration.target.id,
        healthy=healthy(findings),
        findings=findings,
        views=assessment.integration.views,
        requests=context.session.requests.reads,
        probes=assessment.probes,
        changed_since=since,
    )
