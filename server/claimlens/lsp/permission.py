"""Asking the user whether a host may be reached that is neither a known provider nor allowed by settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp import messages
from claimlens.lsp.protocol import RefusalError

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.oidc import DocumentCache, Failure

ONCE = "Once"
ALWAYS = "Always for This Workspace"
NO = "No"
MOST_QUESTIONS = 3
"""Hosts that one action asks about: metadata and keys, with one to spare."""


class Permission:
    """What one action of the user may reach. Each host is asked about once."""

    def __init__(self, server: ClaimlensServer) -> None:
        self._server = server
        self._once: set[str] = set()
        self._asked: set[str] = set()

    def cache(self) -> DocumentCache:
        """Return the cache to ask now."""
        return self._server.network.cache(self._once)

    async def granted(self, failure: Failure) -> bool:
        """Ask about the host that ``failure`` was refused for; tell whether it is worth trying again."""
        host = failure.host
        if host is None or host in self._asked or len(self._asked) == MOST_QUESTIONS:
            return False
        if not self._server.network.trusted:
            return False
        self._asked.add(host)
        answer = await self._ask(f"{failure.message} Fetch metadata and keys from {host}? The token is not sent.")
        if answer == ALWAYS:
            self._server.network.grant(host)
            self._server.protocol.notify(messages.HOST_ALLOWED, messages.HostAllowedParams(host))
        elif answer == ONCE:
            self._once.add(host)
        return answer in (ALWAYS, ONCE)

    async def _ask(self, question: str) -> str | None:
        offered = [ONCE, ALWAYS, NO] if self._server.client.remembers_hosts else [ONCE, NO]
        actions = [types.MessageActionItem(title) for title in offered]
        params = types.ShowMessageRequestParams(types.MessageType.Warning, question, actions)
        try:
            chosen = await self._server.window_show_message_request_async(params)
        except RefusalError:
            return None
        return chosen.title if chosen else None
