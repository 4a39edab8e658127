"""`remediate explain`: what the code of a finding, an exit or an error means, without Azure."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

import msgspec

from remediate.errors import UsageError
from remediate.jobs.invocation import Invocation
from remediate.jobs.output import print_document
from remediate.model import Explained, Explanation
from remediate.show.explain import print_codes, print_explanation

_FILE = Path(__file__).parents[1] / "explanations.json"
_EXPLANATIONS = msgspec.json.Decoder(tuple[Explanation, ...])


class UnknownCode(UsageError):
    """There is no finding, exit or error with this code."""

    code = "unknown-code"
    hint = "`remediate explain` lists every code"


def explain(invocation: Invocation, code: str | None) -> None:
    """Print what a code means, or without one every code. Raises UnknownCode."""
    found = explanations()
    if code is None:
        everything = Explained(None, found)
        print_document(invocation.options, everything, lambda console: print_codes(console, found))
        return
    named = named_so(code)
    document = Explained(code, named)
    print_document(invocation.options, document, lambda console: print_explanation(console, named))


def named_so(code: str) -> tuple[Explanation, ...]:
    """What a code means; one word may be the code of a finding and of an error. Raises UnknownCode."""
    wanted = code.strip().casefold()
    if named := tuple(one for one in explanations() if one.code == wanted):
        return named
    near = difflib.get_close_matches(wanted, sorted({one.code for one in explanations()}), n=3, cutoff=0.5)
    offer = f"did you mean {', '.join(near)}?" if near else None
    raise UnknownCode(f"no finding, exit or error has the code {code!r}", hint=offer)


@cache
def explanations() -> tuple[Explanation, ...]:
    """Every code: those of findings, of exits, and of errors."""
    return _EXPLANATIONS.decode(_FILE.read_bytes())
