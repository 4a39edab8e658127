"""Look closer at an app: can its workers reach a host and port?"""

from __future__ import annotations

from remediate.cli.wizard.conversation import Conversation
from remediate.jobs.assessment import Assessment, with_probes
from remediate.model import Endpoint, endpoint
from remediate.model.probe import InvalidEndpoint
from remediate.show.probes import print_probes


def ask_workers(talk: Conversation, assessment: Assessment) -> Assessment:
    """Ask for a host and port, print what the app's workers answer, and return the assessment with that.

    Raises Back and Interrupted.
    """
    wanted = talk.text("Which HOST:PORT is it to reach?", _endpoint)
    asked = with_probes(talk.context, assessment, [wanted])
    print_probes(talk.console, asked.probes)
    return asked


def _endpoint(text: str) -> Endpoint:
    """The host and port in a typed line. Raises ValueError."""
    try:
        return endpoint(text.strip())
    except InvalidEndpoint as error:
        raise ValueError(str(error)) from error
