"""`remediate playbooks`: list, show and validate the guided procedures."""

from __future__ import annotations

from msgspec.structs import asdict

from remediate.jobs.invocation import Invocation
from remediate.jobs.output import print_document
from remediate.playbook import find, shipped
from remediate.show.lists import PlaybookCheck, Playbooks, ShownPlaybook
from remediate.show.playbooks import listing, valid
from remediate.show.playbooks import playbook as page


def list_playbooks(invocation: Invocation) -> None:
    """Print the playbooks that are shipped."""
    playbooks = shipped()
    print_document(invocation.options, Playbooks(playbooks), lambda console: listing(console, playbooks))


def show_playbook(invocation: Invocation, playbook: str) -> None:
    """Print one playbook. Raises UnknownPlaybook and InvalidPlaybook."""
    found = find(playbook)
    print_document(invocation.options, ShownPlaybook(**asdict(found)), lambda console: page(console, found))


def validate_playbook(invocation: Invocation, playbook: str) -> None:
    """Print that a playbook has no error. Raises InvalidPlaybook with every error."""
    found = find(playbook)
    print_document(invocation.options, PlaybookCheck(found.id), lambda console: valid(console, found))
