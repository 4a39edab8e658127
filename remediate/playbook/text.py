"""The text of a playbook → its YAML nodes, each of which knows its line."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from remediate.playbook.shape import InvalidPlaybook, PlaybookError

MAX_BYTES = 64 * 1024
_MAX_DEPTH = 8


def parse_yaml(text: str | bytes, source: str) -> yaml.Node:
    """The file as a tree of YAML nodes. Raises InvalidPlaybook with the one thing that prevents it."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BYTES:
        raise InvalidPlaybook(source, PlaybookError(1, f"the file is larger than {MAX_BYTES // 1024} KiB"))
    try:
        decoded = data.decode("utf-8")
        for line, extra in _extras(decoded):
            raise InvalidPlaybook(source, PlaybookError(line, f"a playbook has no {extra}"))
        root = yaml.compose(decoded, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidPlaybook(source, PlaybookError(line, "not text: this is no UTF-8")) from error
    except yaml.reader.ReaderError as error:
        line = decoded.count("\n", 0, error.position) + 1
        raise InvalidPlaybook(source, PlaybookError(line, "not text: a control character")) from error
    except yaml.MarkedYAMLError as error:
        line = getattr(error.problem_mark or error.context_mark, "line", 0) + 1
        why = f"not YAML: {error.problem or error.context}"
        raise InvalidPlaybook(source, PlaybookError(line, why)) from error
    if root is None:
        raise InvalidPlaybook(source, PlaybookError(1, "the file is empty"))
    return root


def _extras(text: str) -> Iterator[tuple[int, str]]:
    """Where YAML's tags, anchors, aliases or deep nesting stand; without them building a tree is safe."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = line_of(event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None):
            yield line, "anchors or aliases (& or *); put the text in quotes"
        if getattr(event, "tag", None):
            yield line, "tags (!); put the text in quotes"
        if depth > _MAX_DEPTH:
            yield line, "nesting as deep as this"


def line_of(node: yaml.Node | yaml.Event) -> int:
    """The line of the file on which a node begins, counted from one."""
    return node.start_mark.line + 1 if node.start_mark else 1
