"""Every way in which Azure hides what is there, and what a command may not make of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.conftest import Azure, Ran
from tests.faults.test_sweep import answer, to_arm, writes_before

SUBSCRIPTION_READ = "^/subscriptions/[^/]+$"
NOT_FOUND = answer(404, "SubscriptionNotFound", "The subscription '0' could not be found.")
WRONG_TENANT = answer(
    401,
    "InvalidAuthenticationTokenTenant",
    "The access token is from the wrong issuer 'https://sts.windows.net/1/'. It must match the tenant "
    "'https://sts.windows.net/2/' associated with this subscription.",
)
ANSWERS: dict[str, dict[str, Any]] = {
    "subscription": {"answer": NOT_FOUND},
    "group": {"answer": answer(404, "ResourceGroupNotFound", "Resource group 'rg' could not be found.")},
    "tenant": {"answer": WRONG_TENANT},
    "403": {"answer": answer(403, "AuthorizationFailed", "no")},
    "404 NotFound": {"answer": answer(404, "NotFound", "no")},
    "404 page": {"answer": {"status": 404, "body": "<html><body>404 of a proxy</body></html>"}},
    "500": {"answer": answer(500, "InternalServerError")},
    "garbage": {"garbage": True},
}
"""What a read may be answered that proves nothing; with `group` the subscription is not visible either."""
CONCLUSIONS = (
    "does not exist",
    "[Cc]reate .* again",
    "there is no (app|subnet|plan|rg-|snet)",
    "(is|was) (gone|deleted)",
    "gone or moved",
    "not there",
    "nothing to purge",
    "no longer as it was",
    "somebody else",
    "Traceback|unexpected:",
)
"""Words that conclude an absence or a change, or that nobody foresaw, as regular expressions."""


class Read(NamedTuple):
    """A read of a command: what is asked, and which of the equal ones."""

    method: str
    path: str
    nth: int


def reads_of(log: list[dict[str, Any]]) -> list[Read]:
    """Every read of ARM in a log, in order."""
    reads, seen = list[Read](), Counter[tuple[str, str]]()
    for entry in to_arm(log):
        asked = entry["method"], entry["path"].partition("?")[0]
        if not entry["mutating"]:
            seen[asked] += 1
            reads.append(Read(*asked, seen[asked]))
    return reads


def first_of_each(log: list[dict[str, Any]]) -> list[Read]:
    """Of the equal reads between two writes the first."""
    kept = dict[tuple[str, str, int], Read]()
    mutating = [entry["mutating"] for entry in to_arm(log)]
    before = [writes for writes, is_write in zip(writes_before(log), mutating, strict=True) if not is_write]
    for read, writes in zip(reads_of(log), before, strict=True):
        kept.setdefault((read.method, read.path, writes), read)
    return list(kept.values())


def in_turn(reads: list[Read], begin: int, each: int) -> Iterator[tuple[str, Read]]:
    """Each read with so many of the answers; which ones, differs from read to read and with `begin`."""
    names = list(ANSWERS)
    for at, read in enumerate(reads, begin):
        for turn in range(each):
            yield names[(at + turn * (len(names) // each)) % len(names)], read


def hide(azure: Azure, name: str, read: Read) -> None:
    """Answer a read so, this time and from now on."""
    match = {"method": read.method, "path": f"^{re.escape(read.path)}$", "nth": read.nth}
    rules = [{"match": match, "times": 0, **ANSWERS[name]}]
    if name == "group":
        rules.append({"match": {"path": SUBSCRIPTION_READ}, "times": 0, "answer": NOT_FOUND})
    azure.fault(*rules)


def conclusions(ran: Ran) -> set[str]:
    """What a command concludes of absences and changes."""
    return {one for one in CONCLUSIONS if re.search(one, f"{ran.out}\n{ran.err}")}


def check_no_better(undisturbed: Ran, hidden: Ran) -> None:
    """Nothing is concluded from what was hidden, and the verdict is not better than with it."""
    assert hidden.code in (0, 1, 2, 3, 4), hidden
    assert conclusions(hidden) <= conclusions(undisturbed), hidden
    if hidden.code == 0:
        assert undisturbed.code == 0, hidden


def check_nothing_concluded(ran: Ran) -> None:
    """A run that could not read everything says so: nothing is called gone or changed by somebody else."""
    assert ran.code in (0, 1, 3, 4, 5), ran
    assert not conclusions(ran) - {"(is|was) (gone|deleted)", "not there"}, ran
