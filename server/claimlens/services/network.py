"""What may be reached: known identity providers, and the hosts the user allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from claimlens.entra import known_provider
from claimlens.oidc import DocumentCache, Fetcher, NetworkPolicy
from claimlens.settings import NetworkSettings


def network_policy(settings: NetworkSettings) -> NetworkPolicy:
    """Return what the user's own settings allow."""
    return NetworkPolicy(
        known_provider=known_provider,
        allowed_hosts=settings.allowed_hosts,
        offline=settings.offline,
        proxy=settings.proxy,
        ca_file=settings.ca_file,
    )


def document_cache(
    allowed_hosts: Iterable[str], *, now: Callable[[], datetime], ca_file: str | None = None, proxy: str | None = None
) -> DocumentCache:
    """Return a cache for one command."""
    return cache_for(NetworkSettings(allowed_hosts=tuple(allowed_hosts), ca_file=ca_file, proxy=proxy), now)


def cache_for(settings: NetworkSettings, now: Callable[[], datetime]) -> DocumentCache:
    """Return an empty cache that fetches what the user's own settings allow."""
    return DocumentCache(Fetcher(network_policy(settings)), now)
