"""The YAML nodes of a playbook → a `Playbook`, and everything that is wrong with it at once."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import Any, cast, get_args

import yaml

from remediate.model import Endpoint, InvalidEndpoint, OnFailure, PlaybookStep, Scope, endpoint
from remediate.playbook.rules import sequence_errors
from remediate.playbook.shape import FINDING_CODES, STEP_NAMES, Playbook, PlaybookError
from remediate.playbook.text import line_of
from remediate.steps import kind_of

_Names = tuple[str, ...]
LONGEST_WAIT = 24 * 3600.0
"""Seconds: the longest `timeout` and `every` of a step."""
_KEYS = ("id", "title", "for", "scope", "explain", "impact", "steps")
_STEP_KEYS = ("do", "tell", "timeout", "every", "on-failure", "host", "port")
_TARGET_KEYS = ("host", "port")
_CONTROL = ("Cc", "Cf", "Zl", "Zp")
_STR = "tag:yaml.org,2002:str"
_ID = re.compile(r"(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*")
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smh]?)")
_UNIT_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


class FieldReader:
    """Reads the node tree of one file and collects what is wrong with it."""

    def __init__(self) -> None:
        self.errors: list[PlaybookError] = []

    def wrong(self, node: yaml.Node, message: str) -> None:
        """Keep what is wrong with a node, and go on."""
        self.errors.append(PlaybookError(line_of(node), message))

    def playbook(self, root: yaml.Node) -> Playbook:
        """The playbook; only worth something without errors."""
        keys = self.mapping(root, "a playbook", _KEYS, required=_KEYS)
        for_ = self.codes(keys.get("for"))
        return Playbook(
            id=self.text(keys.get("id"), "id"),
            title=self.text(keys.get("title"), "title"),
            for_=for_,
            scope=cast("Scope", self.word(keys.get("scope"), "scope", get_args(Scope))),
            explain=self.text(keys.get("explain"), "explain", lines=True),
            impact=self.text(keys.get("impact"), "impact"),
            steps=self.steps(keys.get("steps"), cures=bool(for_)),
        )

    def mapping(self, node: yaml.Node, what: str, known: _Names, required: _Names) -> dict[str, yaml.Node]:
        """The mapping's values by key; unknown, repeated and missing keys are errors."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} is a mapping with the keys {', '.join(known)}")
            return {}
        values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name not in known:
                self.wrong(key, f"unknown key {quoted(name)}{_suggestion(name, known)}")
            elif name in values:
                self.wrong(key, f"the key {quoted(name)} is here twice")
            else:
                values[name] = value
        for name in (one for one in required if one not in values):
            self.wrong(node, f"the key {quoted(name)} is missing")
        return values

    def text(self, node: yaml.Node | None, name: str, *, lines: bool = False) -> str:
        """Text of one line (or more, with `lines`), without control characters."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or node.tag != _STR or not node.value.strip():
            self.wrong(node, f"{quoted(name)} must be text")
            return ""
        value = str(node.value).strip()
        if "\n" in value and not lines:
            self.wrong(node, f"{quoted(name)} must be one line")
        if not is_line(value.replace("\n", "")):
            self.wrong(node, f"{quoted(name)} has a control character in it")
        if name == "id" and not _ID.fullmatch(value):
            self.wrong(node, "'id' is up to 64 small letters, digits and dashes, such as my-reconnect")
        return value

    def word(self, node: yaml.Node | None, what: str, known: _Names) -> str:
        """One of the known words; empty where the file's is not, or where it has none."""
        value = node.value if isinstance(node, yaml.ScalarNode) else None
        if node is None or value in known:
            return value or ""
        self.wrong(node, f"unknown {what} {quoted(value)}{_suggestion(value, known)}")
        return ""

    def codes(self, node: yaml.Node | None) -> tuple[str, ...]:
        """The findings that the playbook is for."""
        if node is not None and not isinstance(node, yaml.SequenceNode):
            self.wrong(node, "'for' must be a list of finding codes")
        items = node.value if isinstance(node, yaml.SequenceNode) else ()
        return tuple(self.word(item, "finding code", FINDING_CODES) for item in items)

    def steps(self, node: yaml.Node | None, *, cures: bool) -> tuple[PlaybookStep, ...]:
        """The steps in order, and the rules about their order; `cures` says that `for` names a finding."""
        items = node.value if isinstance(node, yaml.SequenceNode) else ()
        if node is not None and not items:
            self.wrong(node, "'steps' must be a list of at least one step")
        steps = tuple(self.step(item) for item in items)
        self.errors.extend(sequence_errors(steps, cures=cures))
        return steps

    def step(self, node: yaml.Node) -> PlaybookStep:
        """One step; with an empty name where the file's is wrong."""
        keys = self.mapping(node, "a step", _STEP_KEYS, required=("do", "tell"))
        do, tell = self.word(keys.get("do"), "step", STEP_NAMES), self.text(keys.get("tell"), "tell")
        timeout, every = (self.seconds(keys.get(name), name) for name in ("timeout", "every"))
        on_failure = self.word(keys.get("on-failure"), "on-failure", get_args(OnFailure)) or "stop"
        if timeout is not None and every is not None and every > timeout:
            self.wrong(keys["every"], "'every' is longer than 'timeout'")
        probe = self.target(node, do, keys)
        return PlaybookStep(do, tell, timeout, every, cast("OnFailure", on_failure), line_of(node), probe)

    def target(self, node: yaml.Node, do: str, keys: dict[str, yaml.Node]) -> Endpoint | None:
        """The host and port of a step `probe`, both or neither; None where they come from elsewhere."""
        given = [name for name in _TARGET_KEYS if name in keys]
        if given and not kind_of(do).reaches:
            self.wrong(keys[given[0]], f"{quoted(given[0])} is a setting of 'probe' alone")
        elif len(given) == 1:
            other = next(name for name in _TARGET_KEYS if name not in keys)
            self.wrong(node, f"{quoted(given[0])} needs {quoted(other)} beside it")
        elif given:
            return self.endpoint(keys["host"], keys["port"])
        return None

    def endpoint(self, host: yaml.Node, port: yaml.Node) -> Endpoint | None:
        """What a host and a port name together."""
        values = [node.value if isinstance(node, yaml.ScalarNode) else "" for node in (host, port)]
        try:
            return endpoint(":".join(values))
        except InvalidEndpoint as error:
            self.wrong(host, str(error))
            return None

    def seconds(self, node: yaml.Node | None, name: str) -> float | None:
        """A duration in seconds."""
        if node is None:
            return None
        match = _DURATION.fullmatch(node.value) if isinstance(node, yaml.ScalarNode) else None
        value = float(match[1]) * _UNIT_SECONDS[match[2]] if match else 0.0
        if 0 < value <= LONGEST_WAIT:
            return value
        self.wrong(node, f"{quoted(name)} is a duration up to 24h, such as 90, 90s, 15m or 1h")
        return None


def is_line(text: str) -> bool:
    """Whether a text is one line without control characters."""
    return not any(unicodedata.category(char) in _CONTROL for char in text)


def quoted(value: Any) -> str:
    """A name from the file as an error shows it: short, and on one line."""
    return repr(value if len(value) <= 60 else value[:57] + "...") if isinstance(value, str) else "(not text)"


def _suggestion(value: Any, known: _Names) -> str:
    """The known name that is nearest, else all of them."""
    near = difflib.get_close_matches(value, known, 1) if isinstance(value, str) else []
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
