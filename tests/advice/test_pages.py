"""The commands of README.md and docs/ work: in the world that they name, or where the link of an app is lost.

That they parse is tested for all (tests/test_docs.py), and that `az` knows its own by `make conformance`.
What would change something is tried with `--dry-run`.
"""

from __future__ import annotations

import copy
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

from docs.findings import SHOWN_BY
from docs.generate import ROOT
from remediate.sandbox.state import State
from tests.conftest import APP, GROUP, SUBNET, Azure, Ran
from tests.sampled import in_sweep
from tests.test_docs import commands

WORLDS = "docs/reference/worlds.md"
ALWAYS = (WORLDS, "docs/how-to/troubleshooting.md", "docs/how-to/incident.md", "README.md")
"""The pages that `make test` tries; `make sweep` tries the others too."""
PAGES = [
    page.relative_to(ROOT).as_posix()
    for page in sorted(ROOT.glob("docs/**/*.md"))
    if page.name not in ("commands.md", "screens.md") and page.relative_to(ROOT).as_posix() not in ALWAYS
]
"""Without the generated ones: tests/cli/test_help.py tries the examples, and the screens show failures."""
NAMES = {
    "NAME": "orders-func",
    "APP": "orders-func",
    "$app": APP,
    "$subnet": SUBNET,
    "SUBNET_ID": SUBNET,
    "SUBSCRIPTION_ID": GROUP.split("/")[2],
    "RESOURCE_ID": APP,
    "$group": GROUP.removesuffix("/providers"),
    "FILE": "two-plans.yaml",
    "FILE.yaml": "two-plans.yaml",
    "MY-FILE.yaml": "night-shift.yaml",
    "azblob://stremediate/state": "shared",
    "azblob://devstoreaccount1/state": "shared",
    "https://hooks.example.com/T1": "http://localhost:9/",
    "https://hooks.example.com/services/T0/B0": "http://localhost:9/",
}
"""What an operator has in place of what a page leaves open; a folder in place of a container."""
LOST = """\
extends: link-missing
plans: {plan-web: {sku: P1v3}}
apps:
  orders-func: {slots: {staging: {}}}
  billing-web: {plan: plan-web}
"""
"""The world of a command that names none."""
NOT_TRIED = re.compile(
    r"remediate( --sandbox .*)?"  # the wizard, which is for a terminal
    r"|remediate sandbox (serve|env).*"  # does not end by itself, or needs one that is served
    r"|.* --(cloud|arm-endpoint) .*"  # is another Azure
    r"|.*(…|ACCOUNT/CONTAINER).*"
)
REFUSED = {
    "remediate reconnect orders-func --scope app --sandbox shared-link --yes",
    "remediate reconnect orders-func --sandbox shared-link --scope app --yes -o json --query message",
    *(f"remediate {shown}" for shown in SHOWN_BY.values()),
}
"""Commands that show a refusal: their page says so, or they show a finding that refuses."""
CHANGING = ("reconnect", "purge", "resume", "rollback", "runs prune", "guard .* --disconnect")
ADVICE = re.compile(r"^\*\*What to do\.\*\*.*$", re.MULTILINE)
"""A finding advises what holds where the finding is: tests/advice/test_printed.py carries it out there."""
OF_A_RUN = re.compile(r"remediate (resume|rollback|runs)\b")
TARGET = re.compile(r"orders-func|--sandbox |\b[A-Z_]{3,}\b|\"\$")
"""What a command within a sentence has to have, so that it is more than the name of a command."""


def typed(page: Path) -> Iterator[str]:
    """The commands of a page in order: those in blocks, and those in sentences that name a target."""
    blocks = re.compile(r"```.*?```", re.DOTALL)
    text = ADVICE.sub("", page.read_text("utf-8"))
    for block in blocks.findall(text):
        if block.startswith(("```sh", "```console")):
            yield from commands(block)
    yield from (one for one in commands(blocks.sub("", text)) if TARGET.search(one))


@dataclass
class Reader:
    """Somebody who types the commands of a page, one after the other, in one folder."""

    remediate: Callable[..., Ran]
    azure: Azure
    lost: State
    setenv: Callable[[str, str], None]
    problems: list[str] = field(default_factory=list)

    @cached_property
    def interrupted(self) -> tuple[str, State]:
        """A run that left an app disconnected, and Azure as it was then."""
        self.azure.world.state = copy.deepcopy(self.lost)
        self.azure.fault({"match": {"method": "PATCH|PUT", "nth": 2}, "times": 0, "answer": {"status": 403}})
        ran = self.remediate("reconnect", "orders-func", "--yes", "--state", "interrupted", "-o", "json")
        self.azure.fault()
        assert ran.code == 5, ran.err
        return ran.document["run"], self.azure.world.state

    def type(self, command: str) -> None:
        """Run one command, without a change to Azure; note what went wrong."""
        of_a_run = OF_A_RUN.match(command)
        run, state = self.interrupted if of_a_run else ("", self.lost)
        self.azure.world.state = copy.deepcopy(state)
        self.setenv("REMEDIATE_STATE", "interrupted" if of_a_run else "state")
        ran = self.remediate(*_arguments(command, run))
        if ran.code not in ((0, 3, 4) if command in REFUSED else (0, 3)):
            self.problems.append(f"{command}\n  ended with {ran.code}: {ran.err}{ran.out}")


def _arguments(command: str, run: str) -> list[str]:
    given = [{**NAMES, "RUN": run}.get(word, word) for word in shlex.split(command)[1:]]
    if any(re.match(one, " ".join(given)) for one in CHANGING) and "--dry-run" not in given:
        given = [one for one in given if one != "--yes"] + ["--dry-run"]
    if given[0] == "watch" and "--once" not in given:
        given = [*given, "--once"]
    return [*given, "--sandbox-speed", "1000"] if "--sandbox" in given else given


@pytest.fixture
def reader(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Reader:
    """The folder has the files that the pages name, and a snapshot was kept before the link was lost."""
    monkeypatch.chdir(tmp_path)
    Path("lost.yaml").write_text(LOST, encoding="utf-8")
    served = azure("lost.yaml")
    lost = copy.deepcopy(served.world.state)
    for name in ("saved.json", "saved.txt", "subnet.json"):
        Path(name).write_text(served.ask("GET", f"{SUBNET}?api-version=2024-05-01").text, encoding="utf-8")
    for name in ("night-shift.yaml", "my-playbook.yaml"):
        shutil.copy(ROOT / "playbooks/rebuild-link.yaml", name)
    Path("orders.yaml").write_text("extends: healthy\n", encoding="utf-8")
    (described,) = re.findall(
        r"Save this as `two-plans.yaml`:\s+```yaml\n(.*?)```", (ROOT / WORLDS).read_text("utf-8"), re.DOTALL
    )
    Path("two-plans.yaml").write_text(described, encoding="utf-8")
    assert remediate("verify", "orders-func", "--sandbox", "healthy", "--state", "state").code == 0
    return Reader(remediate, served, lost, monkeypatch.setenv)


@pytest.mark.parametrize("page", [*ALWAYS, *in_sweep(*PAGES)])
def test_the_commands_of_a_page_work(reader: Reader, page: str) -> None:
    tried = [one for one in dict.fromkeys(typed(ROOT / page)) if not NOT_TRIED.fullmatch(one)]
    for command in tried:
        reader.type(command)
    assert reader.problems == [], "\n".join(reader.problems)


@pytest.mark.sweep
def test_a_command_that_does_not_work_would_be_noticed(reader: Reader) -> None:
    for wrong in ("remediate verify ordrs-func", "remediate reconnect orders-func --sandbox no-join --yes"):
        reader.type(wrong)
    assert [one.splitlines()[1].split(":")[0] for one in reader.problems] == [
        "  ended with 2",
        "  ended with 4",
    ]
