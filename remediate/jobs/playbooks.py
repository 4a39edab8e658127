"""`remediate playbooks`: list, show and validate the guided procedures."""

from __future__ import annotations

from msgspec.structs import asdict

from remediate.jobs.invocation import Invocation
from remediate.jobs.output import print_document
from remediate.playbook import find, shipped
from remediate.show.lists import PlaybookCheck, PlaybookDocument, PlaybookList
from remediate.show.playbooks import print_playbook, print_playbooks, print_valid


def list_playbooks(invocation: Invocation) -> None:
    """Print the playbooks that are shipped."""
    playbooks = shipped()
    print_document(
        invocation.options, PlaybookList(playbooks), lambda console: print_playbooks(console, playbooks)
    )


def show_playbook(invocation: Invocation, playbook: str) -> None:
    """Print one playbook. Raises UnknownPlaybook and InvalidPlaybook."""
    found = find(playbook)
    print_document(
        invocation.options, PlaybookDocument(**asdict(found)), lambda console: print_playbook(console, found)
    )


def validate_playbook(invocation: Invocation, playbook: str) -> None:
    """Print that a playbook has no error. Raises InvalidPlaybook with every error."""
    found = find(playbook)
    print_document(invocation.options, PlaybookCheck(found.id), lambda console: print_valid(console, found))
