"""Carries bytes between a client and the protocol: standard input and output, or one TCP connection on loopback.

Our own instead of pygls': standard input is read by one thread that does nothing else, so no running handler can keep
a cancellation from being read; and file descriptor 1 is ours alone, so a stray ``print`` cannot damage the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from claimlens.lsp import parent
from claimlens.lsp.framing import Frames

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer

_log = logging.getLogger(__name__)

CHUNK = 1 << 18
PARENT_CHECK_SECONDS = 5.0


class PipeWriter:
    """Writes whole messages to a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._file = open(descriptor, "wb", buffering=0)  # noqa: SIM115 - lives as long as the process

    def write(self, data: bytes) -> None:
        """Write all of ``data`` (a raw write may take only part of it)."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def close(self) -> None:
        """Close the descriptor."""
        self._file.close()


def run_stdio(server: ClaimlensServer) -> int:
    """Serve on standard input and output until the client leaves; return the exit status."""
    writer = PipeWriter(_take_standard_output())
    server.protocol.set_writer(writer)

    async def listen() -> None:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_read, args=(_take_standard_input(), server, loop), daemon=True, name="stdin").start()

    return _run(server, listen)


def run_tcp(server: ClaimlensServer, host: str, port: int) -> int:
    """Serve the first client that connects to ``host:port`` (loopback) until it leaves; return the exit status."""
    taken = False

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        if taken:
            writer.close()
            return
        taken = True
        server.protocol.set_writer(writer)
        frames = Frames()
        with contextlib.suppress(OSError):  # a client that is gone without a word has left, too
            while chunk := await reader.read(CHUNK):
                for item in frames.feed(chunk):
                    server.protocol.receive(item)
        server.client_left()

    async def listen() -> None:
        listener = await asyncio.start_server(connected, host, port)
        bound = listener.sockets[0].getsockname()
        sys.stderr.write(f"listening on {bound[0]}:{bound[1]}\n")
        sys.stderr.flush()

    return _run(server, listen)


def _run(server: ClaimlensServer, listen: Callable[[], Coroutine[Any, Any, None]]) -> int:
    async def serve() -> int:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def finish(status: int) -> None:
            if not ended.done():
                ended.set_result(status)

        server.on_finish = finish
        watch = asyncio.create_task(_watch_parent(server))
        await listen()
        try:
            return await ended
        finally:
            watch.cancel()
            server.files.close()  # interrupted too, the process must not wait until every folder has been read

    try:
        return asyncio.run(serve())
    except KeyboardInterrupt:
        return 1


async def _watch_parent(server: ClaimlensServer) -> None:
    """End when the process that the client named in ``initialize`` is gone."""
    while True:
        await asyncio.sleep(PARENT_CHECK_SECONDS)
        if server.process_id is not None and not parent.alive(server.process_id):
            _log.warning("the client's process is gone")
            server.finish(1)


def _read(descriptor: int, server: ClaimlensServer, loop: asyncio.AbstractEventLoop) -> None:
    frames = Frames()
    with contextlib.suppress(RuntimeError):  # the loop was closed: the server has ended
        with contextlib.suppress(OSError):  # closed, or never open for reading: nothing will come
            while chunk := os.read(descriptor, CHUNK):
                for item in frames.feed(chunk):
                    loop.call_soon_threadsafe(server.protocol.receive, item)
        loop.call_soon_threadsafe(server.client_left)


def _take_standard_input() -> int:
    return _binary(os.dup(0))


def _take_standard_output() -> int:
    """Return a descriptor of the stream to the client, and let descriptor 1 lead to standard error from here on."""
    sys.stdout.flush()
    ours = _binary(os.dup(1))
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return ours


def _binary(descriptor: int) -> int:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(descriptor, os.O_BINARY)
    return descriptor
