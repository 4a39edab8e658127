"""HTTP/1.1 on one connection, which a fault can drop without an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http.client import responses as reasons
from urllib.parse import unquote

import h11

from remediate.sandbox.messages import Request, Response

CHUNK = 65536
"""Bytes that are read at once."""

Answer = Callable[[Request], Awaitable[Response | None]]
"""Finds the answer to a request; None drops the connection."""


class ClientConnection:
    """A client's connection, from its first request until one side ends it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def serve(self, answer: Answer) -> None:
        """Answer one request after the other. What breaks the connection ends it, quietly."""
        try:
            while await self._exchange(answer):
                self._http.start_next_cycle()
        except (h11.ProtocolError, OSError, asyncio.CancelledError):
            self.drop()
        finally:
            self._writer.close()

    def drop(self) -> None:
        """End the connection at once, in the middle of whatever it carries."""
        self._writer.transport.abort()

    async def _exchange(self, answer: Answer) -> bool:
        """Answer one request; whether another may follow."""
        request = await self._request()
        if request is None:
            return False
        response = await answer(request)
        if response is None:
            self.drop()
            return False
        await self._send(response, with_body=request.method != "HEAD")
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _request(self) -> Request | None:
        """The next request, or None where the client ended the connection. Raises RemoteProtocolError."""
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        body = b""
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
        target = head.target.decode("latin-1")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        path = unquote(target.partition("?")[0])
        return Request(head.method.decode("ascii"), path, target, headers, body)

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(CHUNK))
        return event

    async def _send(self, response: Response, *, with_body: bool) -> None:
        status = response.status_code
        headers, reason = response.all_headers(), reasons.get(status, "").encode("ascii")
        self._write(h11.Response(status_code=status, headers=headers, reason=reason))
        if with_body and response.body and status not in (204, 304):
            self._write(h11.Data(data=response.body))
        self._write(h11.EndOfMessage())
        await self._writer.drain()

    def _write(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
