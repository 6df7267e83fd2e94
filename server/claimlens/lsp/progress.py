"""Showing that something takes a while, with a way to cancel it (LSP 3.17, "Work Done Progress")."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from claimlens.lsp.protocol import RefusalError

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer


@contextlib.asynccontextmanager
async def shown(server: ClaimlensServer, title: str) -> AsyncIterator[None]:
    """Show ``title`` while the block runs. When the user cancels, the task that runs it is cancelled."""
    progress, token, task = server.work_done_progress, str(uuid.uuid4()), asyncio.current_task()
    if task is None or not await _may_show(server, token):
        yield
        return
    running = task

    def cancel(done: Any) -> None:
        if done.cancelled():
            running.cancel()

    progress.begin(token, types.WorkDoneProgressBegin(title, cancellable=True))
    progress.tokens[token].add_done_callback(cancel)
    try:
        yield
    finally:
        progress.tokens.pop(token, None)
        progress.end(token, types.WorkDoneProgressEnd())


async def _may_show(server: ClaimlensServer, token: str) -> bool:
    """Ask the client to show a progress; after a refusal its token must not be used."""
    if not server.client.shows_progress:
        return False
    try:
        await server.work_done_progress.create_async(token)
    except RefusalError:
        return False
    return True
