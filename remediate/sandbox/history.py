"""What Azure keeps of every write: events of the Activity Log, and changes in Resource Graph.

Both as records of `State`, in the form of a world file, with a few keys more (azure-facts.md, 6).
"""

from __future__ import annotations

import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from remediate.sandbox.changes import changes, leaves
from remediate.sandbox.documents.fields import type_of
from remediate.sandbox.log import is_mutating
from remediate.sandbox.messages import Request
from remediate.sandbox.world import World

CLIENTS = {"azurecli": "Azure CLI", "terraform": "Terraform", "azurepowershell": "Azure PowerShell"}
"""What Resource Graph calls a client, by a word of its User-Agent."""
_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}


@dataclass(frozen=True)
class Write:
    """One write: what it does to which resource, and who sends it with which client.

    `after` is how many writes had changed something when it began.
    """

    method: str
    url: str
    operation: str
    resource: str
    who: str
    client: str
    correlation: str
    client_request: str
    after: int
    operation_id: str = field(default_factory=lambda: str(uuid.uuid4()))


_CURRENT: ContextVar[Write | None] = ContextVar("write", default=None)


def moment() -> str:
    """Now, as both keep it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def operation_of(method: str, path: str) -> tuple[str, str]:
    """What a write is called, as in `Microsoft.Web/sites/networkConfig/delete`, and its resource's id."""
    path = "/" + path.strip("/")
    if method in _VERBS:
        return f"{type_of(path)}/{_VERBS[method]}", path
    resource, _, action = path.rpartition("/")
    return f"{type_of(resource)}/{action}/action", resource


class History:
    """Writes the records of a world. Whatever an operation does at its end is ascribed to who began it."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.noted = self._note_operation

    def begin(self, request: Request, who: str) -> Write | None:
        """Note that a write has begun; None for a request that is none."""
        if not _is_write(request):
            return None
        operation, resource = operation_of(request.method, request.path)
        agent = request.headers.get("user-agent", "").casefold()
        client = next((name for word, name in CLIENTS.items() if word in agent), "Unspecified")
        correlation = request.headers.get("x-ms-correlation-request-id", str(uuid.uuid4()))
        write = Write(
            method=request.method,
            url=request.url,
            operation=operation,
            resource=resource,
            who=who,
            client=client,
            correlation=correlation,
            client_request=request.headers.get("x-ms-client-request-id", ""),
            after=self._world.writes,
        )
        _CURRENT.set(write)
        self._keep(write, "Started", None)
        return write

    def end(self, write: Write | None, status: int) -> None:
        """Note how a write ended, and what it changed."""
        if write is None:
            return
        done = "Accepted" if status == 202 else "Succeeded"
        self._keep(write, done if status < 400 else "Failed", status)
        if status < 400 and self._world.writes > write.after:
            self._note(write)

    def _keep(self, write: Write, status: str, code: int | None) -> None:
        self._world.state.activity.append(
            {
                "at": moment(),
                "who": write.who,
                "operation": write.operation,
                "resource": write.resource,
                "status": status,
                "status-code": code,
                "method": write.method,
                "url": write.url,
                "correlation": write.correlation,
                "operation-id": write.operation_id,
                "client-request": write.client_request,
                "shown": self._shown(),
            }
        )

    def _note_operation(self) -> None:
        """An operation is done, in the context of the write that began it."""
        write = _CURRENT.get()
        if write is not None:
            self._note(write)

    def _note(self, write: Write) -> None:
        before, after = self._world.previous, self._world.state
        about = {
            "at": moment(),
            "who": write.who,
            "client": write.client,
            "operation": write.operation,
            "correlation": write.correlation,
            "shown": self._shown(),
        }
        for change in (*changes(before, after, write.resource), *leaves(after, write.resource)):
            after.changes.append({**about, **change})

    def _shown(self) -> float:
        return self._world.clock.now() + self._world.durations.history


def _is_write(request: Request) -> bool:
    if not request.path.casefold().startswith("/subscriptions/"):
        return False
    try:
        body = request.json() if request.body else None
    except ValueError:
        body = None
    return is_mutating(request.method, request.path, body)
