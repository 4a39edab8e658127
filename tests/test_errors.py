"""Every way in which a command can end badly: one tree, and each error as the command line tells it."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import click
import pytest
from azure.core.exceptions import AzureError

import remediate
from remediate.azure.sign_in import SignInFailure
from remediate.cli import app
from remediate.errors import Exit, RemediateError, StoreError
from remediate.jobs.subscription import VisibleSubscription
from remediate.model.failure import RequestFailed
from remediate.playbook import PlaybookError
from remediate.state.store import Holder

OUTSIDE = {"StopNow": "a second Ctrl-C must pass every handler of Exception, as KeyboardInterrupt does"}
"""Exceptions that are no RemediateError, each with the reason."""
OF_THE_SDK = {"NotReached", "AnswerLost", "NoToken"}
"""Errors that pass through azure-core's pipeline, which takes only its own; `from_error` makes them ours."""
OF_THE_WIZARD = {"Practice", "SomethingElse", "Ended"}
"""Turns of the wizard's conversation, which catches them itself: nothing went wrong."""
MESSAGES: dict[str, tuple[object, ...]] = {
    "UnexpectedError": (KeyError("id"),),
    "CommandLineError": (click.UsageError("no such option: --fix"),),
    "NextSubnetFailed": (StoreError("the disk is full"),),
    "SubnetsSkipped": ([],),
    "NotFinished": (StoreError("the disk is full"),),
    "RequestFailed": ("denied", "no"),
    "NotSent": (),
    "WaitTimedOut": (90.0, None),
    "InvalidPlaybook": ("own.yaml", PlaybookError(3, "no steps")),
    "InvalidJournal": ("20260101T030000Z-ab12", 3, "the step 'restart' has no place in it"),
    "NotSignedIn": (SignInFailure("az-signed-out", "nobody is signed in to the Azure CLI", "az login"),),
    "UnknownSubscription": ("x", (VisibleSubscription("1", "prod"), VisibleSubscription("2", "test"))),
    "LockHeld": (Holder("20260101T030000Z-ab12", "ada", "host", 1, "2026-01-01T03:00:00Z"),),
}
"""What an error is made of, where that is more than a message."""
RUNS, PLAYBOOKS = "remediate runs list", "remediate playbooks list"
STATE = "check the state folder or container; --state DIR names another folder"
AGAIN = "run `remediate verify TARGET`, then start again"
TOLD: dict[str, tuple[int, str, str]] = {
    "RemediateError": (1, "unexpected", ""),
    "UnexpectedError": (1, "unexpected", "run the same command with --debug for the traceback"),
    "UsageError": (2, "wrong-use", ""),
    "NotFound": (2, "not-found", ""),
    "Interrupted": (130, "interrupted", ""),
    "Back": (130, "interrupted", ""),
    "StateChanged": (6, "moved", AGAIN),
    "StateUnknown": (4, "not-read", "run the same command again when Azure answers"),
    "CommandLineError": (2, "usage", "remediate --help"),
    "UnfinishedRun": (4, "unfinished", ""),
    "RunStopped": (5, "stopped", ""),
    "NextSubnetFailed": (5, "not-finished", "run `remediate guard RESOURCE_ID` again to see what is left"),
    "AssessmentSkipped": (5, "interrupted", "look again: `remediate guard what happened`"),
    "SubnetsSkipped": (5, "interrupted", "run the same command again to disconnect the remaining apps"),
    "NotFinished": (5, "not-finished", RUNS),
    "UnknownSubscription": (2, "not-found", "pass --subscription with one of these: prod (1); test (2)"),
    "OtherApp": (2, "other-app", ""),
    "InvalidId": (2, "wrong-use", ""),
    "InvalidEndpoint": (2, "wrong-use", ""),
    "InvalidQuery": (2, "wrong-use", ""),
    "InvalidStateAddress": (2, "wrong-use", ""),
    "NoStorage": (2, "wrong-use", ""),
    "UnknownCloud": (2, "wrong-use", ""),
    "ExtraNotInstalled": (2, "not-installed", ""),
    "UnknownCode": (2, "unknown-code", "`remediate explain` lists every code"),
    "Unrecognised": (2, "unrecognised", ""),
    "Unresolved": (2, "wrong-use", ""),
    "InvalidPlaybook": (2, "playbook", PLAYBOOKS),
    "UnknownPlaybook": (2, "playbook", PLAYBOOKS),
    "InvalidWorldFile": (2, "world", ""),
    "UnreadableJournal": (2, "no-such-run", RUNS),
    "InvalidRunName": (2, "no-such-run", RUNS),
    "StoreError": (4, "state", STATE),
    "DamagedSnapshot": (4, "state", STATE),
    "InvalidJournal": (
        4,
        "journal",
        "`remediate runs show 20260101T030000Z-ab12`; look at the apps with: `remediate verify TARGET`",
    ),
    "PlanDiffers": (4, "journal", ""),
    "LockHeld": (6, "held", "wait for it to end; remediate runs list shows it"),
    "NotSignedIn": (1, "not-signed-in", "az login"),
    "RequestFailed": (1, "denied", "the role Reader on the app, its plan and its network is needed to look"),
    "UnplannedWrite": (1, "refused", ""),
    "MalformedDocument": (1, "unreadable", ""),
    "NotSent": (1, "interrupted", ""),
    "WaitTimedOut": (1, "timed-out", ""),
    "OutcomeUnknown": (5, "outcome-unknown", ""),
    "StepFailed": (1, "step-failed", ""),
    "LinkRemains": (1, "link-remains", ""),
}
"""Exit code, stable code and hint of every error."""


def modules() -> Iterator[ModuleType]:
    """Every module of the product. The sandbox plays another company's server, and has errors of its own."""
    for found in pkgutil.walk_packages(remediate.__path__, "remediate."):
        if not found.name.startswith("remediate.sandbox") and found.name != "remediate.__main__":
            yield importlib.import_module(found.name)


def exceptions() -> dict[str, type[BaseException]]:
    """Every exception class that the product defines, by name."""
    return {
        name: one
        for module in modules()
        for name, one in vars(module).items()
        if isinstance(one, type) and issubclass(one, BaseException) and one.__module__ == module.__name__
    }


def test_every_exception_of_the_product_is_in_the_tree_or_says_why_not() -> None:
    outside = {name for name, one in exceptions().items() if not issubclass(one, RemediateError)}
    assert outside == {*OUTSIDE, *OF_THE_SDK, *OF_THE_WIZARD}
    assert all(issubclass(exceptions()[name], AzureError) for name in OF_THE_SDK)
    assert not any(issubclass(exceptions()[name], Exception) for name in OUTSIDE)


def test_every_error_is_in_the_table() -> None:
    assert set(TOLD) == set(exceptions()) - {*OUTSIDE, *OF_THE_SDK, *OF_THE_WIZARD}


@pytest.mark.parametrize("name", TOLD)
def test_the_command_line_tells_each_error_with_its_exit_code_its_code_and_its_hint(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = exceptions()[name](*MESSAGES.get(name, ("what happened",)))

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(app.main, "main", fail)
    code = app.run(["verify", "orders-func", "-o", "json"])
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert (code, document["code"], document["hint"]) == TOLD[name]
    assert (document["schema"], document["exit"]) == ("remediate.error/1", code)
    assert document["message"] == str(error)
    assert str(error) in told.err
    assert document["hint"] in told.err


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("unreachable", "check the network and --arm-endpoint, then try again"),
        ("throttled", "Azure is throttling requests (429); try again in a minute"),
        ("broken", ""),
    ],
)
def test_a_failed_request_is_told_by_its_kind(kind: str, hint: str) -> None:
    failed = RequestFailed(kind, "what Azure said", status=500, azure_code="Its.Code")  # type: ignore[arg-type]
    assert (failed.code, failed.hint, str(failed)) == (kind, hint, "500 Its.Code: what Azure said")


def test_anything_else_that_is_raised_is_unexpected_and_says_how_to_find_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("id")

    monkeypatch.setattr(app.main, "main", fail)
    assert app.run(["verify", "-o", "json"]) == Exit.UNEXPECTED
    document = json.loads(capsys.readouterr().out)
    assert document["message"] == "unexpected: KeyError: 'id'"
    assert "--debug" in document["hint"]
