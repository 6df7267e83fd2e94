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
    if not server.client.shows_progress or task is None:
        yield
        return
    with contextlib.suppress(RefusalError):
        await progress.create_async(token)
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
