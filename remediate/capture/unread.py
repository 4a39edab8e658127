"""What could not be read: the served world refuses the same reads in the same words, and invents nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from remediate.capture.bodies import GRAPH, Body
from remediate.model import Document
from remediate.redaction import redacted

_ANSWER = re.compile(r"(?P<status>\d{3})(?: (?P<code>[\w.]+))?: (?P<message>.*)", re.DOTALL)
_REPEATABLE = {400, 401, 403, 404, 409}
"""Answers that come back as they are; whatever passes, such as 503, is only not known, and 400 says that."""
_PROOFS = ("resourcenotfound", "resourcegroupnotfound")
"""The codes of a 404 that prove an absence, the second one only in a subscription that is seen."""
HIDDEN = "SubscriptionNotFound"


def unread(documents: Iterable[Document]) -> list[Document]:
    """The last read of each path, if it ended without an answer; Resource Graph has one path for all."""
    last = {one.path: one for one in documents if one.kind != GRAPH}
    graph = [one for one in documents if one.kind == GRAPH]
    silent = graph[-1:] if graph and all(one.unread for one in graph) else []
    return [one for one in (*last.values(), *silent) if one.unread]


def hidden_subscriptions(documents: Iterable[Document]) -> tuple[str, ...]:
    """The subscriptions of which Azure says that they are not there, and of which nothing could be read."""
    documents = [one for one in documents if one.path.casefold().startswith("/subscriptions/")]
    seen = {_subscription(one) for one in documents if one.status in ("found", "absent")}
    hidden = (_subscription(one) for one in documents if HIDDEN in (one.message or ""))
    return tuple(one for one in dict.fromkeys(hidden) if one not in seen)


def _subscription(document: Document) -> str:
    return document.path.split("/")[2].casefold()


def rules(documents: Iterable[Document]) -> Iterator[Body]:
    """A rule for each read: it is answered as Azure answered it.

    A 404 that counts as failed is one that another answer contradicts, and it is contradicted here too.
    """
    for one in documents:
        status, code, message = _answer(redacted(one.message or ""))
        if one.status != "failed" and code.casefold() in _PROOFS:
            code = HIDDEN  # it proved nothing, for the subscription was not seen either
        yield rule(one.path.partition("?")[0], status, code, message)


def rule(path: str, status: int, code: str, message: str) -> Body:
    """A rule that refuses every read of one path."""
    body = {"error": {"code": code, "message": message}}
    return answered(path, {"status": status, "body": body})


def answered(path: str, answer: Body) -> Body:
    """A rule that answers every read of one path."""
    method = "POST" if path.endswith("/Microsoft.ResourceGraph/resources") else "GET"
    return {"match": {"method": method, "path": f"^{re.escape(path)}$"}, "times": 0, "answer": answer}


def _answer(message: str) -> tuple[int, str, str]:
    found = _ANSWER.fullmatch(message)
    if found and int(found["status"]) in _REPEATABLE:
        return int(found["status"]), found["code"] or "Unknown", found["message"]
    return 400, "NotCaptured", f"This could not be read: {message}"[:500]
