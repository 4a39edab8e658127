"""Guided procedures as data: YAML in, a `Playbook` out, or every error in the file at once.

A playbook can only name known steps: no shell, no code, no address (contract.md, Playbooks).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from msgspec import Struct, field

from remediate.model import OnFailure, Purpose, Scope

_Names = tuple[str, ...]
MAX_BYTES = 64 * 1024
MAX_DEPTH, MAX_SECONDS = 8, 24 * 3600.0

_FINDINGS = """
not-integrated gateway-integration plan-unsupported flex-consumption managed-instance subnet-missing
subnet-other-region subnet-full subnet-tight subnet-shared delegation-missing delegation-other link-missing
link-not-ready link-other-plan link-orphaned link-unused link-foreign views-disagree stale-graph
routing-conflict slot-differs plan-limit operation-in-progress locked no-permission no-read-permission
provider-unregistered policy-denies worker-without-ip probe-failed iac-managed
"""
FINDING_CODES = tuple(_FINDINGS.split())
"""Every finding that `for` may name (contract.md, Findings)."""
_STEPS = """
snapshot preflight confirm disconnect wait-link-gone reconnect wait-link-ready check-routing restart probe
purge delegate verify pause
"""
STEP_NAMES = tuple(_STEPS.split())
"""Every step that a playbook may name (contract.md, Playbooks)."""
_CHANGING = frozenset({"disconnect", "reconnect", "delegate", "purge", "restart"})
_RULE = "nothing is taken away before it was checked and confirmed"
_ONCE = frozenset({"confirm", "disconnect", "reconnect", "purge"})
_FOR_GOOD = "a playbook that disconnects for good cures no finding: for: []"
_KEYS = ("id", "title", "for", "scope", "explain", "impact", "steps")
_STEP_KEYS = ("do", "tell", "timeout", "every", "on-failure")
_CONTROL = ("Cc", "Cf", "Zl", "Zp")
_STR = "tag:yaml.org,2002:str"
_ID = re.compile(r"(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*")
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smh]?)")
_UNIT_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


class PlaybookStep(Struct, frozen=True, rename="kebab"):
    """One step: what to do, the line shown meanwhile, times in seconds, its line in the file."""

    do: str
    tell: str
    timeout: float | None = None
    every: float | None = None
    on_failure: OnFailure = "stop"
    line: int = 0


class Playbook(Struct, frozen=True):
    """A guided procedure; `for_` holds the codes of the findings that it cures."""

    id: str
    title: str
    for_: tuple[str, ...] = field(name="for")
    scope: Scope
    explain: str
    impact: str
    steps: tuple[PlaybookStep, ...]

    @property
    def purpose(self) -> Purpose:
        """What it is for, as its steps say: without a `reconnect` what is disconnected stays so."""
        return _purpose({step.do for step in self.steps})


class PlaybookError(Struct, frozen=True, order=True):
    """One thing that is wrong with a playbook, and where."""

    line: int
    message: str


class PlaybookErrors(ValueError):
    """Everything that is wrong with a playbook; as text one line each, `FILE:LINE: message`."""

    def __init__(self, source: str, *errors: PlaybookError) -> None:
        self.source = source
        self.errors = errors
        super().__init__("\n".join(f"{source}:{one.line}: {one.message}" for one in errors))


class UnknownPlaybook(ValueError):
    """Neither a shipped playbook nor a file that can be read."""


def load(text: str | bytes, source: str) -> Playbook:
    """Read a playbook from YAML (bytes as they were in the file, or text).

    `source` is what the errors call the file. Raises PlaybookErrors with every error at once.
    """
    file = _File()
    playbook = file.playbook(_compose(text, source))
    if file.errors:
        raise PlaybookErrors(source, *sorted(set(file.errors)))
    return playbook


@cache
def shipped() -> tuple[Playbook, ...]:
    """The playbooks that come with the product, by name: inside the wheel, or beside the package."""
    here = Path(__file__).parent
    folder = next(one for one in (here / "playbooks", here.parent / "playbooks") if one.is_dir())
    return tuple(load(path.read_bytes(), path.name) for path in sorted(folder.glob("*.yaml")))


def find(id_or_path: str) -> Playbook:
    """The shipped playbook of that id, else the one in that file.

    Raises UnknownPlaybook where it is neither, PlaybookErrors where the file is wrong.
    """
    for playbook in shipped():
        if playbook.id == id_or_path:
            return playbook
    try:
        with Path(id_or_path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        names, why = ", ".join(one.id for one in shipped()), getattr(error, "strerror", None) or error
        message = f"no playbook {_quoted(id_or_path)}: shipped are {names}; as a file: {why}"
        raise UnknownPlaybook(message) from error
    return load(data, id_or_path)


def _compose(text: str | bytes, source: str) -> yaml.Node:
    """The file as a tree of YAML nodes. Raises PlaybookErrors with the one thing that prevents it."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BYTES:
        raise PlaybookErrors(source, PlaybookError(1, f"the file is larger than {MAX_BYTES // 1024} KiB"))
    try:
        decoded = data.decode("utf-8")
        for line, extra in _extras(decoded):
            raise PlaybookErrors(source, PlaybookError(line, f"a playbook has no {extra}"))
        root = yaml.compose(decoded, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PlaybookErrors(source, PlaybookError(line, "not text: this is no UTF-8")) from error
    except yaml.reader.ReaderError as error:
        line = decoded.count("\n", 0, error.position) + 1
        raise PlaybookErrors(source, PlaybookError(line, "not text: a control character")) from error
    except yaml.MarkedYAMLError as error:
        line = getattr(error.problem_mark or error.context_mark, "line", 0) + 1
        why = f"not YAML: {error.problem or error.context}"
        raise PlaybookErrors(source, PlaybookError(line, why)) from error
    if root is None:
        raise PlaybookErrors(source, PlaybookError(1, "the file is empty"))
    return root


def _extras(text: str) -> Iterator[tuple[int, str]]:
    """Where YAML's tags, anchors, aliases or deep nesting stand; without them building a tree is safe."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = _line(event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None):
            yield line, "anchors or aliases (& or *); put the text in quotes"
        if getattr(event, "tag", None):
            yield line, "tags (!); put the text in quotes"
        if depth > MAX_DEPTH:
            yield line, "nesting as deep as this"


class _File:
    """Reads the node tree of one file and collects what is wrong with it."""

    def __init__(self) -> None:
        self.errors: list[PlaybookError] = []

    def wrong(self, node: yaml.Node, message: str) -> None:
        self.errors.append(PlaybookError(_line(node), message))

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
                self.wrong(key, f"unknown key {_quoted(name)}{_suggestion(name, known)}")
            elif name in values:
                self.wrong(key, f"the key {_quoted(name)} is here twice")
            else:
                values[name] = value
        for name in (one for one in required if one not in values):
            self.wrong(node, f"the key {_quoted(name)} is missing")
        return values

    def text(self, node: yaml.Node | None, name: str, *, lines: bool = False) -> str:
        """Text of one line (or more, with `lines`), without control characters."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or node.tag != _STR or not node.value.strip():
            self.wrong(node, f"{_quoted(name)} must be text")
            return ""
        value = str(node.value).strip()
        if "\n" in value and not lines:
            self.wrong(node, f"{_quoted(name)} must be one line")
        if any(unicodedata.category(char) in _CONTROL for char in value.replace("\n", "")):
            self.wrong(node, f"{_quoted(name)} has a control character in it")
        if name == "id" and not _ID.fullmatch(value):
            self.wrong(node, "'id' is up to 64 small letters, digits and dashes, such as my-reconnect")
        return value

    def word(self, node: yaml.Node | None, what: str, known: _Names) -> str:
        """One of the known words; empty where the file's is not, or where it has none."""
        value = node.value if isinstance(node, yaml.ScalarNode) else None
        if node is None or value in known:
            return value or ""
        self.wrong(node, f"unknown {what} {_quoted(value)}{_suggestion(value, known)}")
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
        self.errors.extend(_order_errors(steps))
        self.errors.extend(_purpose_errors(steps, cures=cures))
        return steps

    def step(self, node: yaml.Node) -> PlaybookStep:
        """One step; with an empty name where the file's is wrong."""
        keys = self.mapping(node, "a step", _STEP_KEYS, required=("do", "tell"))
        do, tell = self.word(keys.get("do"), "step", STEP_NAMES), self.text(keys.get("tell"), "tell")
        timeout, every = (self.seconds(keys.get(name), name) for name in ("timeout", "every"))
        on_failure = self.word(keys.get("on-failure"), "on-failure", get_args(OnFailure)) or "stop"
        if timeout is not None and every is not None and every > timeout:
            self.wrong(keys["every"], "'every' is longer than 'timeout'")
        return PlaybookStep(do, tell, timeout, every, cast("OnFailure", on_failure), _line(node))

    def seconds(self, node: yaml.Node | None, name: str) -> float | None:
        if node is None:
            return None
        match = _DURATION.fullmatch(node.value) if isinstance(node, yaml.ScalarNode) else None
        value = float(match[1]) * _UNIT_SECONDS[match[2]] if match else 0.0
        if 0 < value <= MAX_SECONDS:
            return value
        self.wrong(node, f"{_quoted(name)} is a duration up to 24h, such as 90, 90s, 15m or 1h")
        return None


def _order_errors(steps: tuple[PlaybookStep, ...]) -> Iterator[PlaybookError]:
    """What is wrong with the order: nothing is changed before it was checked and confirmed."""
    for n, step in enumerate(steps):
        before = {one.do for one in steps[:n]}
        missing = [name for name in ("preflight", "confirm") if name not in before]
        if step.do in _CHANGING and missing:
            needed = f"'{step.do}' needs {' and '.join(missing)} before it"
            yield PlaybookError(step.line, f"{needed}: {_RULE}")
        if step.do in ("preflight", "confirm", "delegate") and step.on_failure == "continue":
            yield PlaybookError(step.line, f"'{step.do}' cannot go on after a failure: {_RULE}")
        if step.do == "delegate" and "disconnect" in before:
            yield PlaybookError(step.line, f"'delegate' stands before 'disconnect': {_RULE}")
        if step.do in _ONCE and step.do in before:
            yield PlaybookError(step.line, f"'{step.do}' may stand only once")


def _purpose_errors(steps: tuple[PlaybookStep, ...], *, cures: bool) -> Iterator[PlaybookError]:
    """What contradicts the one thing that a playbook is for."""
    names = {step.do for step in steps}
    purpose = _purpose(names)
    stays = purpose == "purge" or (purpose == "disconnect" and not cures)
    for n, step in enumerate(steps):
        after = {one.do for one in steps[n + 1 :]}
        if step.do == "disconnect" and "reconnect" not in after and (cures or "reconnect" in names):
            yield PlaybookError(step.line, f"'disconnect' has no 'reconnect' after it; {_FOR_GOOD}")
        if purpose == "purge" and step.do in _CHANGING - {"purge"}:
            yield PlaybookError(step.line, f"'{step.do}' does not go with 'purge', which clears a link alone")
        if stays and step.do in ("purge", "disconnect") and "verify" not in after:
            yield PlaybookError(step.line, f"'{step.do}' has no 'verify' after it: only a look proves it")
        if stays and step.on_failure == "rollback":
            yield PlaybookError(step.line, "'rollback' needs a 'reconnect' step: nothing is put back here")


def _purpose(names: set[str]) -> Purpose:
    if "purge" in names:
        return "purge"
    return "disconnect" if "disconnect" in names and "reconnect" not in names else "reconnect"


def _line(node: yaml.Node | yaml.Event) -> int:
    return node.start_mark.line + 1 if node.start_mark else 1


def _quoted(value: Any) -> str:
    """A name from the file as an error shows it: short, and on one line."""
    return repr(value if len(value) <= 60 else value[:57] + "...") if isinstance(value, str) else "(not text)"


def _suggestion(value: Any, known: _Names) -> str:
    """The known name that is nearest, else all of them."""
    near = difflib.get_close_matches(value, known, 1) if isinstance(value, str) else []
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
