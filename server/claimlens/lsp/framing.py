"""Cuts a stream of bytes into the messages of the LSP base protocol.

Knows no socket and no event loop: bytes go in, bodies and faults come out, so every malformed stream is a plain test.
A damaged header costs one message, never the connection. Source: LSP 3.17, "Base Protocol".
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator

MAXIMUM_HEADER = 8 * 1024
"""Bytes of one header block; everything a client sends fits in a hundred."""
MAXIMUM_BODY = 64 * 1024 * 1024
"""Bytes of one body. Editors do not synchronise larger documents (Visual Studio Code stops at 50 MB)."""
_LONGEST_SKIP = 16 * MAXIMUM_BODY
"""A body up to this length is read and thrown away; a longer one is no body but a damaged header."""

_LENGTH = re.compile(rb"(?:^|\n)content-length[ \t]*:[ \t]*([0-9]+)[ \t]*\r?(?:\n|$)", re.IGNORECASE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_NEXT_HEADER = re.compile(rb"content-length[ \t]*:", re.IGNORECASE)
_LONGEST_NAME = len(b"content-length") + 16
_MOST_DIGITS = 12


class Fault(enum.Enum):
    """Why a piece of the stream is not a message."""

    HEADER = "a header block without a usable Content-Length"
    TOO_LONG = "a message longer than this server takes"


class _Step(enum.Enum):
    """What a step of `Frames` did when it completed nothing."""

    WENT_ON = enum.auto()


class Frames:
    r"""The state between two chunks of one stream.

    >>> list(Frames().feed(b"content-length: 2\r\n\r\n{}"))
    [b'{}']
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None
        self._to_skip = 0
        self._lost = False

    def feed(self, chunk: bytes) -> Iterator[bytes | Fault]:
        """Take the next bytes and yield what they complete."""
        self._buffer += chunk
        while True:
            item = self._next()
            if item is None:
                return
            if not isinstance(item, _Step):
                yield item

    def _next(self) -> bytes | Fault | _Step | None:
        """Return what comes next, or a step if bytes were consumed in silence, or None if more bytes are needed."""
        if self._to_skip:
            return self._skip()
        if self._lost:
            return self._find_header()
        if self._length is None:
            return self._read_header()
        if len(self._buffer) < self._length:
            return None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        self._length = None
        return body

    def _read_header(self) -> Fault | _Step | None:
        end = _HEADER_END.search(self._buffer, 0, MAXIMUM_HEADER)
        if end is None:
            if len(self._buffer) < MAXIMUM_HEADER:
                return None
            self._lost = True
            return Fault.HEADER
        block = bytes(self._buffer[: end.start()])
        del self._buffer[: end.end()]
        found = _LENGTH.search(block)
        if found is None:
            self._lost = bool(block.strip())
            return Fault.HEADER if self._lost else _Step.WENT_ON
        length = int(found[1]) if len(found[1]) <= _MOST_DIGITS else _LONGEST_SKIP + 1
        if length <= MAXIMUM_BODY:
            self._length = length
            return _Step.WENT_ON
        self._lost = length > _LONGEST_SKIP
        self._to_skip = 0 if self._lost else length
        return Fault.TOO_LONG

    def _skip(self) -> _Step | None:
        """Throw away the body of a message that is too long."""
        dropped = min(self._to_skip, len(self._buffer))
        del self._buffer[:dropped]
        self._to_skip -= dropped
        return _Step.WENT_ON if dropped else None

    def _find_header(self) -> _Step | None:
        """Throw away what follows a damaged header until something that begins one."""
        found = _NEXT_HEADER.search(self._buffer)
        del self._buffer[: found.start() if found else max(0, len(self._buffer) - _LONGEST_NAME)]
        self._lost = found is None
        return None if found is None else _Step.WENT_ON


def frame(body: bytes) -> bytes:
    """Return ``body`` as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
