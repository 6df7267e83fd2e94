"""Watches what this process does with sockets, by the interpreter's audit events (PEP 578), which nothing gets around.

>>> with refused() as attempts:
...     connect()
>>> attempts
['socket.connect']
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

REACHING = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
        "socket.sendto",
        "socket.sendmsg",
    }
)
"""Events of reaching out. Listening and accepting are not among them, nor is the pair of every event loop."""

_watching: list[list[str]] = []


class SocketRefusedError(OSError):
    """What the code under test gets in place of a connection."""


@contextlib.contextmanager
def refused() -> Iterator[list[str]]:
    """Refuse every attempt to reach anything, and note it."""
    attempts: list[str] = []
    _watching.append(attempts)
    try:
        yield attempts
    finally:
        _watching[:] = [each for each in _watching if each is not attempts]


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or event not in REACHING or _is_event_loop():
        return
    for attempts in _watching:
        attempts.append(event)
    raise SocketRefusedError(f"{event} is not for this test")


def _is_event_loop() -> bool:
    """Tell whether an event loop makes its own pair of sockets, which takes a connection where there is no pair."""
    frame = sys._getframe(2)
    return frame.f_code.co_name == "_fallback_socketpair"


sys.addaudithook(_hook)
