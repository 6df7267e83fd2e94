"""When diagnostics are made and told: after an edit, after a change of settings, and when a token's time comes.

A client that asks for diagnostics is only told to ask again; for others they are pushed, a moment after the last
keystroke. Time is watched by one timer, set to the next moment at which any open document changes by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from lsprotocol import types

if TYPE_CHECKING:
    from claimlens.lsp.diagnostic_lists import DiagnosticList
    from claimlens.lsp.server import ClaimlensServer

DEBOUNCE_SECONDS = 0.15
COMPARE_SECONDS = 0.05
_LONGEST_WAIT = 24 * 3600.0
"""Seconds; longer waits are cut, since the machine may sleep and clocks are set."""


class Handle(Protocol):
    """A call that can still be cancelled."""

    def cancel(self) -> None:
        """Do not make the call."""


CallLater = Callable[[float, Callable[[], None]], Handle]
"""Makes a call after so many seconds, like `asyncio.loop.call_later`."""


def call_later(seconds: float, call: Callable[[], None]) -> Handle:
    """Make ``call`` on the running event loop."""
    return asyncio.get_running_loop().call_later(seconds, call)


class Diagnoser:
    """Decides when a server's diagnostics are due."""

    def __init__(self, server: ClaimlensServer, later: CallLater = call_later) -> None:
        self._server = server
        self._later = later
        self._pending: dict[str, Handle] = {}
        self._timer: Handle | None = None
        self._expectations: Handle | None = None
        self._due: datetime | None = None
        self._told_until = datetime.min.replace(tzinfo=UTC)
        self._tasks: set[asyncio.Task[None]] = set()

    async def diagnostics(self, uri: str) -> DiagnosticList | None:
        """Return the diagnostics of an open document, and watch the clock for their next change."""
        analysis = await self._server.analyses.of(uri)
        if analysis is None:
            return None
        self._watch_time()
        limits = self._server.limits(analysis.snapshot)
        return self._server.diagnostic_lists.of(analysis, self._server.encoding, limits)

    def document_changed(self, uri: str) -> None:
        """Push a document's diagnostics when the typing stops."""
        if self._server.client.pulls_diagnostics:
            return
        self._cancel(uri)
        self._pending[uri] = self._later(DEBOUNCE_SECONDS, lambda: self._begin_to_push(uri))

    def document_closed(self, uri: str) -> None:
        """Forget a document and take its diagnostics away."""
        self._cancel(uri)
        self._server.analyses.forget(uri)
        self._server.diagnostic_lists.forget(uri)
        self._server.policies.forget(uri)
        if not self._server.client.pulls_diagnostics:
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def everything_changed(self) -> None:
        """Tell everything anew: settings have changed, or a token's time has come."""
        self._server.ask_to_refresh()
        for uri in list(self._server.documents):
            self.document_changed(uri)

    def expectations_changed(self) -> None:
        """Tell everything anew a moment after the last change of what files state."""
        if self._expectations is not None:
            self._expectations.cancel()
        self._expectations = self._later(COMPARE_SECONDS, self._compare_again)

    def _compare_again(self) -> None:
        self._expectations = None
        self.everything_changed()

    def _watch_time(self) -> None:
        """Set the timer to the next moment at which something changes by itself."""
        due = self._server.analyses.next_change(self._told_until)
        if due == self._due and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due, self._timer = due, None
        if due is not None:
            seconds = (due - self._server.clock()).total_seconds()
            self._timer = self._later(min(max(seconds, 0.0), _LONGEST_WAIT), self._time_has_come)

    def _time_has_come(self) -> None:
        due, now, self._timer, self._due = self._due, self._server.clock(), None, None
        if due is not None and now >= due:
            # A client asks again for what it shows alone: what it hides keeps its moment, and must not be due forever.
            self._told_until = now
            self.everything_changed()
        self._watch_time()

    def _begin_to_push(self, uri: str) -> None:
        self._pending.pop(uri, None)
        task = asyncio.get_running_loop().create_task(self._push(uri))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _push(self, uri: str) -> None:
        found = await self.diagnostics(uri)
        if found is not None:
            self._server.protocol.send_serialized(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, found.publication())

    def _cancel(self, uri: str) -> None:
        if pending := self._pending.pop(uri, None):
            pending.cancel()
