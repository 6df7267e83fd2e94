"""What is known of each open document: its tokens and what the rules say, each kept until it no longer holds.

A result is made from the one before it, so that a keystroke costs what it touched. The first look at a document with
thousands of tokens is cut into slices, between which the server answers others.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from claimlens.jose.model import Token
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot

if TYPE_CHECKING:
    from claimlens.rules.context import Workspace
    from claimlens.rules.engine import CheckResult
    from claimlens.rules.model import Finding

_log = logging.getLogger(__name__)

SLICE_SECONDS = 0.01
_STEP = 24
"""Tokens judged before the clock is looked at."""


@attrs.frozen
class Analysis:
    """What the rules say of one state of a document.

    Attributes:
        snapshot: the document.
        settings: those it was checked with.
        result: what the rules say.
        workspace: what it was compared with.
        verified: what verifications found, which the user asked for.
    """

    snapshot: Snapshot
    settings: Settings
    result: CheckResult
    workspace: Workspace
    verified: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, those of verifications last."""
        return (*self.result.findings, *self.verified)

    def placed(self) -> Iterator[tuple[Finding, int]]:
        """Yield every finding with the distance by which it has to be moved."""
        yield from self.result.placed()
        yield from ((finding, 0) for finding in self.verified)

    def holds(self, snapshot: Snapshot, settings: Settings, workspace: Workspace, now: datetime) -> bool:
        """Tell whether this is still what the rules would say."""
        next_change = self.result.next_change
        same = self.snapshot is snapshot and self.settings is settings
        known, present = self.workspace, workspace
        stated = known.expectations is present.expectations and known.declared is present.declared
        stated = stated and known.addressed is present.addressed
        return same and stated and (next_change is None or now < next_change)


class Analyses:
    """The latest analysis of each open document.

    Args:
        document: returns an open document, or None.
        tokens: returns a document's tokens.
        settings: returns the settings for a URI.
        workspace: returns what is known of the folder that holds a URI.
        clock: tells the time.
        verified: returns what verifications found in a document.
    """

    def __init__(
        self,
        document: Callable[[str], Snapshot | None],
        tokens: Callable[[Snapshot], Sequence[Token]],
        settings: Callable[[str], Settings],
        workspace: Callable[[str], Workspace],
        clock: Callable[[], datetime],
        verified: Callable[[Snapshot], tuple[Finding, ...]] = lambda snapshot: (),
    ) -> None:
        self._document = document
        self._tokens = tokens
        self._settings = settings
        self._workspace = workspace
        self._clock = clock
        self._verified = verified
        self._latest: dict[str, Analysis] = {}
        self._reported: set[tuple[str, str]] = set()

    async def of(self, uri: str) -> Analysis | None:
        """Return the analysis of an open document as it then is; the first one is made in slices."""
        partial: CheckResult | None = None
        done, started = 0, time.monotonic()
        while snapshot := self._document(uri):
            tokens = self._tokens(snapshot)
            done += _STEP
            if uri in self._latest or done >= len(tokens):
                return self.now(snapshot, partial)
            partial = self._check(snapshot, tokens[:done], partial)
            if time.monotonic() - started > SLICE_SECONDS:
                await asyncio.sleep(0)
                started = time.monotonic()
        return None

    def now(self, snapshot: Snapshot, partial: CheckResult | None = None) -> Analysis:
        """Return the analysis of a document at once."""
        settings, workspace = self._settings(snapshot.uri), self._workspace(snapshot.uri)
        latest = self._latest.get(snapshot.uri)
        verified = self._verified(snapshot)
        if latest and latest.holds(snapshot, settings, workspace, self._clock()):
            result = latest.result
            if latest.verified == verified:
                return latest
        else:
            result = self._check(snapshot, self._tokens(snapshot), latest.result if latest else partial)
        self._latest[snapshot.uri] = Analysis(snapshot, settings, result, workspace, verified)
        return self._latest[snapshot.uri]

    def forget(self, uri: str) -> None:
        """Drop what is known of a document."""
        self._latest.pop(uri, None)

    def next_change(self, after: datetime) -> datetime | None:
        """Return the next moment behind ``after`` at which time alone changes something."""
        moments = (each.result.next_change for each in self._latest.values())
        return min((moment for moment in moments if moment and moment > after), default=None)

    def _check(self, snapshot: Snapshot, tokens: Sequence[Token], previous: CheckResult | None) -> CheckResult:
        from claimlens.rules.engine import check

        result = check(
            snapshot,
            self._settings(snapshot.uri),
            self._clock(),
            tokens=tokens,
            workspace=self._workspace(snapshot.uri),
            previous=previous,
        )
        for failure in result.failures:
            if (failure.code, failure.place) not in self._reported:
                self._reported.add((failure.code, failure.place))
                _log.error("rule %s failed with %s at %s", failure.code, failure.error_type, failure.place)
        return result
