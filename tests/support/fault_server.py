"""A web server on loopback, with TLS, that misbehaves on request: each path is one way an issuer can fail."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import attrs
import trustme

HOST = "issuer.test"

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


@attrs.define
class FaultServer:
    """Serves `behaviours` by path and counts the requests for each."""

    port: int = 0
    ca_file: Path = Path()
    behaviours: dict[str, Behaviour] = attrs.field(factory=dict)
    requests: Counter[str] = attrs.field(factory=Counter)
    headers: dict[str, dict[str, str]] = attrs.field(factory=dict)
    connections: int = 0

    def url(self, path: str) -> str:
        return f"https://{HOST}:{self.port}{path}"

    def json(self, path: str, document: object, *, headers: str = "", status: str = "200 OK") -> str:
        """Serve a JSON document at ``path`` and return its URL."""
        self.behaviours[path] = answer(json.dumps(document).encode(), headers=headers, status=status)
        return self.url(path)

    def raw(self, path: str, data: bytes) -> str:
        """Send these bytes and close."""
        self.behaviours[path] = send(data)
        return self.url(path)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            request, *lines = head.split("\r\n")
            path = request.split(" ")[1]
            self.requests[path] += 1
            self.headers[path] = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
            }
            await self.behaviours.get(path, answer(b"gone", status="404 Not Found"))(writer)
        with contextlib.suppress(Exception):
            writer.close()


def send(data: bytes) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return behave


def answer(body: bytes, *, headers: str = "", status: str = "200 OK") -> Behaviour:
    extra = "".join(f"{line}\r\n" for line in headers.splitlines())
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return send(head.encode() + body)


def redirect(location: str) -> Behaviour:
    return send(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())


def gzipped(body: bytes, *, times: int = 1, encoding: str = "gzip") -> Behaviour:
    for _ in range(times):
        body = gzip.compress(body)
    return answer(body, headers=f"Content-Encoding: {encoding}")


async def reset(writer: asyncio.StreamWriter) -> None:
    """Drop the connection without an answer."""
    writer.transport.abort()


async def silent(writer: asyncio.StreamWriter) -> None:
    """Never answer: wait until the other side gives up."""
    await _until_closed(writer)


def then_silent(start: bytes) -> Behaviour:
    """Send the beginning of an answer and never the rest."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        await _until_closed(writer)

    return behave


async def _until_closed(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(Exception):
        await writer.wait_closed()


def endless(start: bytes, chunk: bytes) -> Behaviour:
    """Send ``chunk`` again and again until the other side has had enough."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(chunk)
            await writer.drain()

    return behave


@contextlib.asynccontextmanager
async def serve(
    directory: Path, *, names: tuple[str, ...] = (HOST,), expired: bool = False, tls: bool = True
) -> AsyncIterator[FaultServer]:
    """Run a fault server whose certificate is for ``names``; its authority is in ``ca_file``."""
    import datetime

    authority = trustme.CA()
    server = FaultServer(ca_file=directory / "ca.pem")
    authority.cert_pem.write_to_path(str(server.ca_file))
    context = None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC) if expired else None
        authority.issue_cert(*names, not_after=past).configure_cert(context)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=context)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
