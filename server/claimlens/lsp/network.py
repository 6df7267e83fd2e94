"""What the server may reach, and the documents it got: one cache per server, made from the user's own settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from claimlens.settings import NetworkSettings

if TYPE_CHECKING:
    from claimlens.oidc import DocumentCache

MakeCache = Callable[[NetworkSettings], "DocumentCache"]
"""Makes the cache that fetches under these settings."""


class Network:
    """Hands out the cache for a verification. Making it opens nothing.

    Args:
        settings: returns the user's own network settings.
        now: the clock.

    Attributes:
        trusted: whether the user trusts the workspace; if not, only known providers are asked.
        make_cache: tests hand in their own.
    """

    def __init__(self, settings: Callable[[], NetworkSettings], now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._granted: set[str] = set()
        self._held: tuple[NetworkSettings, DocumentCache] | None = None
        self._now = now
        self.trusted = True
        self.make_cache: MakeCache = self._made

    def cache(self, once: Iterable[str] = ()) -> DocumentCache:
        """Return the server's cache; with hosts that are allowed ``once``, one that is not kept."""
        allowed = self._allowed()
        if once:
            return self.make_cache(attrs.evolve(allowed, allowed_hosts=(*allowed.allowed_hosts, *once)))
        if self._held is None or self._held[0] != allowed:
            self._held = allowed, self.make_cache(allowed)
        return self._held[1]

    def grant(self, host: str) -> None:
        """Allow a host until the server ends; whoever keeps it longer sends it with the user's settings."""
        self._granted.add(host)

    def clear(self) -> None:
        """Forget every document."""
        if self._held is not None:
            self._held[1].clear()

    def _allowed(self) -> NetworkSettings:
        settings = self._settings()
        hosts = sorted({*settings.allowed_hosts, *self._granted}) if self.trusted else ()
        return attrs.evolve(settings, allowed_hosts=tuple(hosts))

    def _made(self, settings: NetworkSettings) -> DocumentCache:
        from claimlens.services.network import cache_for

        return cache_for(settings, self._now)
