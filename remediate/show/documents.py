"""Results as one JSON or YAML document, filtered with JMESPath, and safe in any terminal."""

from __future__ import annotations

import json
from typing import Any, Literal

import jmespath
import msgspec
import yaml
from jmespath.exceptions import JMESPathError

from remediate.errors import UsageError
from remediate.show.commands import with_options

Output = Literal["json", "yaml"]


class InvalidQuery(UsageError):
    """The --query cannot be applied to the document; the message is one line."""


def render(value: object, output: Output, query: str | None = None) -> str:
    """A value of the model as text, without a line break at the end.

    `schema` is the first field. Everything outside ASCII is escaped, so that no terminal and no encoding can
    change a name. Raises InvalidQuery.
    """
    document = _document(value, query)
    if output == "json":
        return json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=False, width=4096).rstrip("\n")


def render_line(value: object, query: str | None = None) -> str:
    """The same as JSON on one line, for a stream of documents. Raises InvalidQuery."""
    return json.dumps(_document(value, query), ensure_ascii=True).replace("\x7f", "\\u007f")


def _document(value: object, query: str | None) -> Any:
    # JMESPath projects lists only, and the model has tuples: through JSON all of them are lists.
    document = _schema_first(_complete(json.loads(json.dumps(msgspec.to_builtins(value)))))
    return document if query is None else _narrowed(document, query)


def _complete(document: Any) -> Any:
    """The document with complete commands in its texts."""
    if isinstance(document, str):
        return with_options(document)
    if isinstance(document, list):
        return [_complete(one) for one in document]
    return (
        {name: _complete(one) for name, one in document.items()} if isinstance(document, dict) else document
    )


def _schema_first(document: Any) -> Any:
    if isinstance(document, dict) and "schema" in document:
        return {"schema": document["schema"], **document}
    return document


def _narrowed(document: Any, query: str) -> Any:
    try:
        # A result that is not JSON, such as an expression reference, fails here and not later.
        return json.loads(json.dumps(jmespath.search(query, document)))
    except (JMESPathError, ValueError, RuntimeError, TypeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InvalidQuery(f"--query {query!r} does not work: {reason}") from error
