"""A request and an answer, as the routes see them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

Headers = list[tuple[str, str]]
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """One request. `path` is decoded, `target` is path and query as they were sent.

    The names of `headers` are in lower case. `stale`: a fault lets it see the world before the last write.
    """

    method: str
    path: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    stale: bool = False

    @cached_property
    def query(self) -> dict[str, str]:
        """The parameters of the query; of one that is given twice, the last."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def url(self) -> str:
        """The whole address, as the client wrote it."""
        return f"https://{self.headers.get('host', '')}{self.target}"

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


@dataclass
class Response:
    """An answer. `media_type` is its content type, for a body that has one."""

    content: str | bytes = b""
    status_code: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str | None = None

    @property
    def body(self) -> bytes:
        """The body's bytes."""
        return self.content.encode() if isinstance(self.content, str) else self.content

    def all_headers(self) -> Headers:
        """The headers, names in lower case, with the body's type, unless it is given, and its length.

        An answer that cannot have a body has neither.
        """
        given = {name.lower(): value for name, value in self.headers.items()}
        given.pop("content-length", None)
        if self.status_code in (204, 304):
            return list(given.items())
        typed = {"content-type": self.media_type} if self.media_type else {}
        return list({**typed, **given, "content-length": str(len(self.body))}.items())


def json_response(content: Any, status_code: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer with a JSON body; a lone surrogate that it quotes of a request stays escaped."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return Response(text.encode(errors="backslashreplace"), status_code, headers or {}, JSON)
