"""Makes everything in the pages that comes from the code: `make docs` writes it, a test compares it.

Pictures and examples are what the real command prints on the simulated Azure. What differs from one run to
the next (run id, times, number of reads) is set to fixed values.
"""

from __future__ import annotations

import inspect
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from docs.doctor import doctor_example
from docs.explanations import explanations
from docs.findings import findings_page, meaning_of, playbooks_for, severities_of, when
from docs.man import man_pages
from docs.permissions import actions_table, role_files, unproven_list
from docs.printed import AT, finished_run, of_command, of_run, printed
from remediate.checks import CHECKS, SEVERITIES
from remediate.cli import app
from remediate.cli.examples import EXAMPLES
from remediate.cli.help import path_of
from remediate.model import Difference
from remediate.playbook import shipped
from remediate.sandbox.scenarios import summaries
from remediate.sandbox.worldfile.schema import WORLD
from remediate.show.documents import render
from remediate.show.schemas import schemas

ROOT = Path(__file__).resolve().parent.parent
GUARDED = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sandbox/providers/Microsoft.Web/sites/"
    "orders-func"
)
_BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def generated() -> dict[Path, str]:
    """Every file that comes from the code, or holds a part that does: path from the root to its text."""
    files = {
        Path(f"docs/schemas/{name}.json"): json.dumps(schema, indent=2) + "\n"
        for name, schema in published().items()
    }
    files |= role_files()
    files |= {Path(f"docs/man/{name}"): text for name, text in man_pages(_walk(_top())).items()}
    files[Path("docs/reference/commands.md")] = commands()
    files[Path("remediate/explanations.json")] = explanations(printed)
    files[Path("docs/reference/findings.md")] = findings_page(printed, findings())
    files |= {Path(f"docs/images/{name}.svg"): picture() for name, picture in PICTURES.items()}
    pages = [Path("README.md"), *(page.relative_to(ROOT) for page in sorted(ROOT.glob("docs/**/*.md")))]
    for page in pages:
        if page not in files:
            files[page] = with_blocks((ROOT / page).read_text(encoding="utf-8"))
    return files


def published() -> dict[str, dict[str, object]]:
    """Every JSON Schema: of the documents that are printed, and of the world files that are read."""
    return {**schemas(), "remediate.world-1": WORLD}


def with_blocks(text: str) -> str:
    """The page with everything between `<!-- generated: NAME -->` and `<!-- end -->` made anew."""
    return _BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found['name']]()}\n{found[3]}", text)


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    cells = [list(headers), *(list(row) for row in rows)]
    lines = [f"| {' | '.join(one.replace('|', chr(92) + '|') for one in row)} |" for row in cells]
    return "\n".join([lines[0], "|---" * len(cells[0]) + "|", *lines[1:]])


def findings() -> str:
    """Code, severity, what was seen, when it is looked for, and the playbooks for it; most severe first."""
    ranks = [str(one) for one in SEVERITIES]
    found = [(severities_of(one), one) for one in CHECKS]
    rows = sorted(found, key=lambda row: ranks.index(row[0][0]))
    return table(
        ("finding", "severity", "what was seen", "looked for", "playbooks"),
        (
            (
                f"[`{one.code}`](#{one.code})",
                " or ".join(said),
                meaning_of(one.find),
                when(one),
                playbooks_for(one.code),
            )
            for said, one in rows
        ),
    )


def playbooks() -> str:
    """The shipped playbooks."""
    rows = ((f"`{one.id}`", one.scope, one.title, ", ".join(one.for_)) for one in shipped())
    return table(("playbook", "scope", "what it does", "for"), rows)


def scenarios() -> str:
    """The simulated worlds."""
    return table(("scenario", "the world"), ((f"`{one.name}`", one.summary) for one in summaries()))


def commands() -> str:
    """The page of every command, its help and its options."""
    shared = [one for one in app.main.params if one.name != "version"]
    intro = (
        "# Commands\n\nThis page is generated from the command line itself (`make docs`).\n\n"
        "## Options everywhere\n\nThey may stand before or after the command's name; what stands after it "
        "wins.\n\n"
    )
    sections = [_section(context, shared) for context in _walk(_top())]
    return intro + option_table(_top(), shared) + "\n\n" + "\n\n".join(sections) + "\n"


def _top() -> click.Context:
    return click.Context(app.main, info_name="remediate", **app.main.context_settings)


def _walk(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            _, command, _ = context.command.resolve_command(context, [name])
            yield from _walk(click.Context(command, info_name=name, parent=context))


def _section(context: click.Context, shared: list[click.Parameter]) -> str:
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"## {context.command_path}", f"```text\n{usage}\n```", inspect.cleandoc(command.help or "")]
    if examples := EXAMPLES.get(path_of(context)):
        parts.append("\n".join(["```sh", *(one.command for one in examples), "```"]))
    names = {one.name for one in shared}
    everywhere = names <= {one.name for one in command.params}
    own = [one for one in command.get_params(context) if not (everywhere and one.name in names)]
    parts.append(option_table(context, own))
    if everywhere:
        parts.append("And the [options everywhere](#options-everywhere).")
    return "\n\n".join(part for part in parts if part)


def option_table(context: click.Context, parameters: Iterable[click.Parameter]) -> str:
    """Options and what they do, as the command's help has it."""
    records = (one.get_help_record(context) for one in parameters if isinstance(one, click.Option))
    return table(("option", "what it does"), ((f"`{one[0]}`", one[1]) for one in records if one))


def diff_example() -> str:
    """A healthy snapshot beside a world whose link is gone, with fixed times."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        printed(f"verify orders-func --sandbox healthy --state {folder}")
        text = printed(f"snapshot diff healthy live --sandbox link-missing --state {folder} -o json")
    found = msgspec.json.decode(text, type=Difference)
    sides = {"before": replace(found.before, at=AT), "after": replace(found.after, at=AT)}
    return fenced(render(replace(found, **sides), "json"))


def fenced(text: str) -> str:
    """JSON in a code block."""
    return f"```json\n{text.strip()}\n```"


PICTURES: dict[str, Callable[[], str]] = {
    "verify": lambda: of_command("verify orders-func --sandbox shared-link"),
    "dry-run": lambda: of_command("reconnect orders-func --dry-run --sandbox link-missing"),
    "run": lambda: of_run("reconnect orders-func --scope link --sandbox shared-link"),
}
BLOCKS: dict[str, Callable[[], str]] = {
    "playbooks": playbooks,
    "scenarios": scenarios,
    "permissions-read": lambda: actions_table("read", table),
    "permissions-repair": lambda: actions_table("repair", table),
    "permissions-unproven": unproven_list,
    "verify-example": lambda: fenced(printed("verify orders-func --sandbox link-missing -o json")),
    "run-example": lambda: fenced(
        render(finished_run("reconnect orders-func --sandbox link-missing"), "json")
    ),
    "guard-example": lambda: fenced(printed(f"guard {GUARDED} --sandbox healthy -o json")),
    "diff-example": diff_example,
    "doctor-example": lambda: doctor_example(printed),
    "error-example": lambda: fenced(printed("verify order-func --sandbox healthy -o json")),
}


def write() -> None:
    """Write what is not up to date, and name it."""
    for path, text in generated().items():
        file = ROOT / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            print(path)


if __name__ == "__main__":
    write()
