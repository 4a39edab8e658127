"""What the help of a command shows beside its options: examples, a page, and which options it leaves out.

The tests run every example on the sandbox.
"""

from __future__ import annotations

from typing import NamedTuple


class Example(NamedTuple):
    """A command as it is typed; `scenario` is the world of the sandbox in which it works.

    `RUN` stands for the id of a run, which differs each time.
    """

    command: str
    scenario: str = "healthy"


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "": (
        Example("remediate verify orders-func"),
        Example("remediate reconnect orders-func --dry-run", "link-missing"),
        Example("remediate --sandbox link-missing", "link-missing"),
    ),
    "verify": (
        Example("remediate verify orders-func"),
        Example("remediate verify -g rg-sandbox -n orders-func -s staging", "shared-link"),
        Example("remediate verify orders-func --probe sql.internal:1433"),
        Example('remediate verify orders-func --query "findings[].code"', "link-missing"),
    ),
    "reconnect": (
        Example("remediate reconnect orders-func --dry-run", "link-missing"),
        Example("remediate reconnect orders-func --scope link", "shared-link"),
        Example("remediate reconnect orders-func --subnet vnet-prod/snet-data", "not-integrated"),
    ),
    "guard": (
        Example("remediate guard plan-orders"),
        Example("remediate guard vnet-prod/snet-apps", "link-orphaned"),
        Example("remediate guard orders-func --disconnect"),
    ),
    "purge": (
        Example("remediate purge vnet-prod/snet-apps --dry-run", "link-orphaned"),
        Example("remediate purge vnet-prod/snet-apps", "link-orphaned"),
    ),
    "watch": (
        Example("remediate watch orders-func --every 5m"),
        Example("remediate watch orders-func billing-web --once -o json", "shared-link"),
    ),
    "doctor": (
        Example("remediate doctor"),
        Example("remediate doctor orders-func --role-file role.json"),
        Example("remediate doctor orders-func --query \"checks[?result!='ok'].name\""),
    ),
    "explain": (
        Example("remediate explain link-orphaned"),
        Example("remediate explain 5"),
        Example("remediate explain"),
    ),
    "completion": (
        Example("remediate completion bash"),
        Example("remediate completion powershell"),
    ),
    "resume": (
        Example("remediate resume", "stuck"),
        Example("remediate resume RUN --dry-run", "stuck"),
    ),
    "rollback": (
        Example("remediate rollback RUN --dry-run", "stuck"),
        Example("remediate rollback RUN", "stuck"),
    ),
    "runs": (Example("remediate runs list"), Example("remediate runs show RUN", "stuck")),
    "runs list": (
        Example("remediate runs list", "stuck"),
        Example('remediate runs list --query "runs[?resume].resume"', "stuck"),
    ),
    "runs show": (
        Example("remediate runs show RUN", "stuck"),
        Example("remediate runs show RUN -o yaml", "stuck"),
    ),
    "runs prune": (
        Example("remediate runs prune --older-than 90d --dry-run"),
        Example("remediate runs prune --older-than 12w"),
    ),
    "snapshot": (
        Example("remediate snapshot save orders-func --label before-the-change"),
        Example("remediate snapshot diff healthy live --target orders-func"),
    ),
    "snapshot save": (
        Example("remediate snapshot save orders-func"),
        Example("remediate snapshot save orders-func --label before-the-change"),
    ),
    "snapshot list": (
        Example("remediate snapshot list"),
        Example('remediate snapshot list --query "snapshots[].label"'),
    ),
    "snapshot show": (
        Example("remediate snapshot show healthy"),
        Example("remediate snapshot show healthy -o json"),
    ),
    "snapshot diff": (
        Example("remediate snapshot diff healthy live --target orders-func"),
        Example("remediate snapshot diff subnet.json live --target orders-func"),
    ),
    "snapshot import": (
        Example("remediate snapshot import subnet.json --target orders-func"),
        Example("remediate snapshot import subnet.json --target orders-func --label last-week"),
    ),
    "playbooks": (
        Example("remediate playbooks list"),
        Example("remediate playbooks show rebuild-link"),
    ),
    "playbooks list": (
        Example("remediate playbooks list"),
        Example('remediate playbooks list --query "playbooks[].id"'),
    ),
    "playbooks show": (
        Example("remediate playbooks show rebuild-link"),
        Example("remediate playbooks show my-playbook.yaml"),
    ),
    "playbooks validate": (
        Example("remediate playbooks validate my-playbook.yaml"),
        Example("remediate playbooks validate rebuild-link -o json"),
    ),
    "sandbox": (
        Example("remediate sandbox list"),
        Example("remediate sandbox serve link-missing --speed 60", "link-missing"),
    ),
    "sandbox list": (
        Example("remediate sandbox list"),
        Example('remediate sandbox list --query "scenarios[].name"'),
    ),
    "sandbox serve": (
        Example("remediate sandbox serve link-missing --speed 60", "link-missing"),
        Example("remediate sandbox serve orders.yaml --ready-file ready.json"),
    ),
    "sandbox env": (
        Example("remediate sandbox env"),
        Example("remediate sandbox env -o json"),
    ),
    "sandbox check": (
        Example("remediate sandbox check orders.yaml"),
        Example("remediate sandbox check orders.yaml -o json"),
    ),
    "sandbox capture": (
        Example("remediate sandbox capture orders-func --file orders.yaml"),
        Example("remediate sandbox capture -g rg-sandbox -n orders-func"),
    ),
}
"""The examples of each command, by its path without `remediate`."""

_PAGES = {
    "": "index.md",
    "verify": "reference/findings.md",
    "reconnect": "explanation/reconnect.md",
    "guard": "how-to/guard.md",
    "purge": "how-to/purge.md",
    "watch": "how-to/watch.md",
    "completion": "how-to/install.md",
    "doctor": "how-to/doctor.md",
    "explain": "reference/findings.md",
    "resume": "how-to/runs.md",
    "rollback": "how-to/runs.md",
    "runs": "how-to/runs.md",
    "snapshot": "how-to/snapshots.md",
    "playbooks": "reference/playbooks.md",
    "sandbox": "reference/sandbox.md",
}
"""The page of a command, or of the group that it is in."""

_CHANGING = {"yes", "dry_run"}
_WAITING = {"poll_interval", "timeout"}
_AZURE = {"subscription", "cloud", "arm_endpoint", "sandbox", "sandbox_speed"}
_LOCAL = _CHANGING | _WAITING | _AZURE
_LEFT_OUT: dict[str, set[str]] = {
    "verify": _CHANGING | {"poll_interval"},
    "watch": _CHANGING | {"poll_interval"},
    "completion": _LOCAL | {"state", "output", "query"},
    "doctor": _CHANGING | {"poll_interval"},
    "explain": _LOCAL | {"state"},
    "runs list": _CHANGING | _WAITING,
    "runs show": _LOCAL,
    "runs prune": _WAITING | _AZURE,
    "snapshot": _CHANGING | _WAITING,
    "snapshot list": _LOCAL,
    "playbooks": _LOCAL | {"state"},
    "sandbox list": _LOCAL | {"state"},
    "sandbox check": _LOCAL | {"state"},
    "sandbox env": _LOCAL,
    "sandbox serve": _LOCAL,
    "sandbox capture": _CHANGING | _WAITING,
}
"""The common options that mean nothing for a command; they are accepted, and not shown."""


def page(path: str) -> str:
    """The page to read about a command, from the root of the repository."""
    return f"docs/{_PAGES[path] if path in _PAGES else _PAGES[path.partition(' ')[0]]}"


def left_out(path: str) -> set[str]:
    """The names of the common options that the help of a command does not show."""
    return _LEFT_OUT.get(path) or _LEFT_OUT.get(path.partition(" ")[0], set())
