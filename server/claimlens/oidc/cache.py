"""Metadata and keys, in memory, each fetched once however many ask for it."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs

from claimlens.oidc.documents import KeySet, ProviderMetadata, read_keys, read_metadata
from claimlens.oidc.failures import Failure, FetchError
from claimlens.oidc.fetch import Fetcher

DEFAULT_FRESHNESS = datetime.timedelta(minutes=10)
SHORTEST_FRESHNESS = datetime.timedelta(minutes=5)
LONGEST_FRESHNESS = datetime.timedelta(hours=24)
KEY_ROLLOVER_INTERVAL = datetime.timedelta(minutes=5)
"""An unknown ``kid`` asks the issuer again at most this often."""
LAST_KNOWN_GOOD = datetime.timedelta(hours=24)
"""How long keys outlive an outage of their issuer; their age is always told."""
OUTAGE_PAUSE = datetime.timedelta(minutes=1)
"""After a failed refresh the old document is served for this long before the issuer is asked again."""
MAXIMUM_ENTRIES = 64

Value = TypeVar("Value", ProviderMetadata, KeySet)
Read = Callable[[Any, str], Value]
Key = tuple[Callable[[Any, str], Any], str]
"""A document is known by what it was read as, too: metadata may name themselves as the key set."""


@attrs.frozen
class Held(Generic[Value]):
    """A document from the cache.

    Attributes:
        value: the document.
        fetched_at: when the issuer last confirmed it.
        outage: why it could not be refreshed, where it is past its time and served all the same.
    """

    value: Value
    fetched_at: datetime.datetime
    outage: Failure | None = None


@attrs.define
class _Entry(Generic[Value]):
    held: Held[Value]
    fresh_until: datetime.datetime
    etag: str | None
    last_forced: datetime.datetime


@attrs.define(eq=False)
class DocumentCache:
    """Remembers what issuers published. One per server; nothing is written to disk.

    Args:
        fetcher: does the fetching. Whoever changes the network policy makes a new cache.
        now: the clock, aware and in UTC.
    """

    fetcher: Fetcher
    now: Callable[[], datetime.datetime]
    _entries: dict[Key, _Entry[Any]] = attrs.field(factory=dict, init=False, repr=False)
    _flights: dict[Key, asyncio.Task[Any]] = attrs.field(factory=dict, init=False, repr=False)

    async def metadata(self, url: str) -> Held[ProviderMetadata]:
        """Return the metadata at ``url``, fetched now or remembered; raise `FetchError`."""
        return await self._get(url, read_metadata)

    async def keys(self, url: str, *, kid: str | None = None) -> Held[KeySet]:
        """Return the key set at ``url``; ask again, at most every five minutes, when it lacks ``kid``."""
        held = await self._get(url, read_keys)
        if kid is None or held.value.has(kid):
            return held
        entry = self._entries.get((read_keys, url))
        if entry is None or self.now() - entry.last_forced < KEY_ROLLOVER_INTERVAL:
            return held
        entry.last_forced = self.now()
        return await self._get(url, read_keys, force=True)

    def clear(self) -> None:
        """Forget everything; fetches under way finish for those who wait for them."""
        self._entries.clear()
        self._flights.clear()

    async def _get(self, url: str, read: Read[Value], *, force: bool = False) -> Held[Value]:
        key: Key = read, url
        entry: _Entry[Value] | None = self._entries.get(key)
        if entry is not None and not force and self.now() < entry.fresh_until:
            return entry.held
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._refresh(url, read, entry))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        # Shielded: one caller that gives up must not take the answer from the others.
        held: Held[Value] = await asyncio.shield(flight)
        return held

    def _landed(self, key: Key, flight: asyncio.Task[Any]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # Seen, even if every caller has gone.

    async def _refresh(self, url: str, read: Read[Value], entry: _Entry[Value] | None) -> Held[Value]:
        try:
            response = await self.fetcher.json(url, etag=entry.etag if entry else None)
            value = entry.held.value if response.not_modified and entry else read(response.document, url)
        except FetchError as error:
            if entry is None or self.now() - entry.held.fetched_at > LAST_KNOWN_GOOD:
                raise
            entry.held = attrs.evolve(entry.held, outage=error.failure)
            entry.fresh_until = self.now() + OUTAGE_PAUSE
            return entry.held
        now = self.now()
        age = DEFAULT_FRESHNESS if response.max_age is None else datetime.timedelta(seconds=response.max_age)
        held = Held(value=value, fetched_at=now)
        self._entries[read, url] = _Entry(
            held=held,
            fresh_until=now + min(max(age, SHORTEST_FRESHNESS), LONGEST_FRESHNESS),
            etag=response.etag or (entry.etag if entry and response.not_modified else None),
            # The first fetch is no forced one: a key rolled over a minute later may be asked for at once.
            last_forced=entry.last_forced if entry else datetime.datetime.min.replace(tzinfo=datetime.UTC),
        )
        while len(self._entries) > MAXIMUM_ENTRIES:
            del self._entries[next(iter(self._entries))]
        return held
