"""A query's text as tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from remediate.sandbox.kql.errors import ParserFailure

Kind = Literal["name", "string", "long", "real", "timespan", "symbol", "end"]
END = "<EOF>"

_TOKEN = re.compile(
    r"""
    (?P<space> \s+ | //[^\n]* )
  | (?P<verbatim> @'(?:[^']|'')*' | @"(?:[^"]|"")*" )
  | (?P<string> '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" )
  | (?P<timespan> [0-9]+(?:\.[0-9]+)?(?:d|h|m|s|ms)(?![A-Za-z0-9_]) )
  | (?P<real> [0-9]+\.[0-9]+(?![A-Za-z0-9_]) )
  | (?P<long> [0-9]+(?![A-Za-z0-9_]) )
  | (?P<name> !?in~ | ![a-z][a-z_]* | mv-expand | [A-Za-z_][A-Za-z0-9_]* )
  | (?P<symbol> =~ | !~ | == | != | <= | >= | [=<>()\[\],.|-] )
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_ESCAPED = dict(zip("\\'\"ntr0abfv", "\\'\"\n\t\r\0\a\b\f\v", strict=True))
"""The character after a backslash, and the character that it means."""
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


@dataclass(frozen=True)
class Token:
    """One token: its text as it stands in the query, its offset there, and the value of a literal."""

    kind: Kind
    text: str
    offset: int
    value: Any = None


def tokenize(text: str) -> list[Token]:
    """The tokens of a query, the last one of kind `end`. Raises ParserFailure."""
    tokens: list[Token] = []
    offset = 0
    while offset < len(text):
        found = _TOKEN.match(text, offset)
        if found is None:
            raise ParserFailure(text, offset, text[offset])
        if found.lastgroup != "space":
            tokens.append(_token(text, found))
        offset = found.end()
    return [*tokens, Token("end", END, len(text))]


def _token(text: str, found: re.Match[str]) -> Token:
    written, offset = found.group(), found.start()
    match found.lastgroup:
        case "verbatim":
            quote = written[1]
            return Token("string", written, offset, written[2:-1].replace(quote * 2, quote))
        case "string":
            return Token("string", written, offset, _unescaped(text, found))
        case "timespan":
            return Token("timespan", written, offset, _timespan(written))
        case "real":
            return Token("real", written, offset, float(written))
        case "long":
            return Token("long", written, offset, int(written))
        case "name":
            return Token("name", written, offset)
    return Token("symbol", written, offset)


def _unescaped(text: str, found: re.Match[str]) -> str:
    def character(escape: re.Match[str]) -> str:
        four, two, single = escape.groups()
        if four or two:
            return chr(int(four or two, 16))
        if single not in _ESCAPED:
            raise ParserFailure(text, found.start(), found.group())
        return _ESCAPED[single]

    return _ESCAPE.sub(character, found.group()[1:-1])


def _timespan(written: str) -> timedelta:
    number = re.match(r"[0-9.]+", written)
    assert number is not None
    return timedelta(**{_UNITS[written[number.end() :]]: float(number.group())})
