"""The workers of an app, asked themselves: has each a private address, and does it reach a port?"""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from remediate.azure import kudu, parse
from remediate.azure.documents import Documents
from remediate.azure.session import Session
from remediate.model import App, Endpoint, Probe, Worker
from remediate.model.failure import RequestFailed


class Workers:
    """Asks the workers of an app. Nothing raises: what could not be asked is unknown, and says why."""

    def __init__(self, session: Session, documents: Documents) -> None:
        self._ask = session.ask
        self._side_by_side = session.side_by_side
        self._documents = documents

    def probe(self, app: App, endpoint: Endpoint) -> Probe:
        """What every instance of an app or slot says about a port."""
        if _is_windows(app):
            return self._by_tcpping(app.id, endpoint)
        worker = self._by_check(app.id, endpoint)
        return Probe(app.id, endpoint.host, endpoint.port, "tcpPingCheck", (worker,))

    def _by_tcpping(self, app: str, endpoint: Endpoint) -> Probe:
        listed = self._documents.instances(app)
        names = parse.instances(listed.body) if listed.status == "found" else ()
        workers = self._side_by_side([partial(self._worker, app, name, endpoint) for name in names])
        silence = listed.message or "Azure lists no instance of the app"
        message = None if workers else silence
        return Probe(app, endpoint.host, endpoint.port, "tcpping", tuple(workers), message)

    def _worker(self, app: str, instance: str, endpoint: Endpoint) -> Worker:
        addressed, address = self._address(app, instance)
        reached, status = self._tcpping(app, instance, endpoint)
        return Worker(instance, addressed, address, reached, status)

    def _address(self, app: str, instance: str) -> tuple[bool | None, str | None]:
        try:
            return kudu.address_said(self._kudu(app, instance, kudu.ECHO))
        except RequestFailed:
            return None, None  # `tcpping`, which is asked next, says why

    def _tcpping(self, app: str, instance: str, endpoint: Endpoint) -> tuple[bool | None, str]:
        try:
            return kudu.tcpping_said(self._kudu(app, instance, kudu.tcpping(endpoint)))
        except RequestFailed as failure:
            return None, str(failure)

    def _kudu(self, app: str, instance: str, command: str) -> str:
        """What a command prints on an instance. Raises RequestFailed."""
        query = f"instance={quote(instance, safe='')}&api-version={kudu.WORKERS_API}"
        body = {"command": command, "dir": None}
        answer = self._ask("POST", f"{app}/extensions/api/command?{query}", body)
        output = answer.get("Output") if isinstance(answer, dict) else None
        if not isinstance(output, str):
            raise RequestFailed("unreadable", "Kudu's answer has no Output")
        return output.strip()

    def _by_check(self, app: str, endpoint: Endpoint) -> Worker:
        path = f"{app}/tcpPingCheck?api-version={kudu.WORKERS_API}"
        body = {"properties": {"Host": endpoint.host, "Port": endpoint.port}}
        try:
            return kudu.ping_check_said(self._ask("POST", path, body))
        except RequestFailed as failure:
            return Worker(None, status=str(failure))


def _is_windows(app: App) -> bool:
    """Whether Kudu's console is there: neither Linux nor any container has it."""
    kind = app.kind.casefold()
    return not (app.linux or "linux" in kind or "container" in kind)
