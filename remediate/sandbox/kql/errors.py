"""What is wrong with a query, in Resource Graph's own codes."""

from __future__ import annotations

from typing import Any


class InvalidQuery(Exception):
    """A query that is refused. `code` and `message` are one entry of the error's `details`.

    `UnknownFunction` and `DisallowedLogicalTableName` are published codes; `Default` is what Kusto's own
    messages come under [?].
    """

    def __init__(self, message: str, code: str = "Default") -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def detail(self) -> dict[str, Any]:
        """The entry of `details`."""
        return {"code": self.code, "message": self.message}


class ParserFailure(InvalidQuery):
    """A query that does not follow the grammar, from `token` on (azure-facts.md: recorded 2021).

    `offset` is where the token begins in `text`; `expected` says what could have stood there.
    """

    def __init__(self, text: str, offset: int, token: str, expected: str = "") -> None:
        super().__init__("ParserFailure", "ParserFailure")
        before = text[:offset]
        self.line = before.count("\n") + 1
        self.position = offset - (before.rfind("\n") + 1)
        self.token = token
        self.expected = expected

    @property
    def detail(self) -> dict[str, Any]:
        """The entry of `details`, with the place."""
        place = {"line": self.line, "characterPositionInLine": self.position, "token": self.token}
        return super().detail | place | ({"expectedToken": self.expected} if self.expected else {})
