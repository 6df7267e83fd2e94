"""The tokens of a document, kept up to date by scanning again only what an edit can have changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

import attrs

from claimlens.jose.model import Token
from claimlens.jose.reach import MAXIMUM_REACH, reach
from claimlens.jose.scan import scan
from claimlens.text.lines import LineIndex
from claimlens.text.snapshot import Snapshot, TextChange
from claimlens.text.spans import Span

_FIRST_WINDOW = 16_384
_LEAST_MARGIN = 4_096
"""Characters around the part to scan that are handed to the scanner, which looks at what stands beside it."""


@attrs.frozen
class TokenIndex:
    """The tokens of one state of a document, in order.

    >>> index = TokenIndex.of(snapshot)
    >>> index = index.updated(snapshot.edited(change), change)
    """

    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, snapshot: Snapshot) -> TokenIndex:
        """Scan a whole document."""
        return cls(scan(snapshot.text))

    def updated(self, snapshot: Snapshot, change: TextChange) -> TokenIndex:
        """Return the tokens of ``snapshot``, which is the former document after ``change``.

        Equal to ``TokenIndex.of(snapshot)``: the part that is scanned again is widened until no token outside can have
        changed, before the edit or after it (`claimlens.jose.reach`).
        """
        changed = Span(change.span.start, change.span.start + len(change.new_text))
        touched = self._touched(change.span)
        if touched is not None:
            # Tokens that stood where the edit fell may end where they did not before: all of their place counts.
            changed = Span(min(changed.start, touched.start), max(changed.end, touched.end + change.distance))
        region, found = _scan_around(snapshot.lines, changed)
        before = self.tokens[: bisect_left(self.tokens, region.start, key=_end_of)]
        after = self.tokens[bisect_left(self.tokens, region.end - change.distance, key=_start_of) :]
        moved = after if change.distance == 0 else tuple(token.shift(change.distance) for token in after)
        return TokenIndex((*before, *found, *moved))

    def _touched(self, span: Span) -> Span | None:
        """Return what the tokens cover that stand in or beside ``span``, or None."""
        first = bisect_left(self.tokens, span.start, key=_end_of)
        touched: Span | None = None
        for token in self.tokens[first:]:
            if token.span.start > span.end:
                break
            end = _end_of(token)
            touched = Span(touched.start if touched else token.span.start, max(end, touched.end if touched else 0))
        return touched


def _scan_around(lines: LineIndex, changed: Span) -> tuple[Span, Iterable[Token]]:
    """Scan around ``changed`` in a window that grows until what has to be scanned lies well inside it."""
    size = _FIRST_WINDOW
    while True:
        start, end = max(0, changed.start - size), min(lines.length, changed.end + size)
        window = lines.slice(start, end)
        region = reach(window, changed.start - start, changed.end - start)
        room_before = start == 0 or region.start >= _LEAST_MARGIN
        room_behind = end == lines.length or region.end <= len(window) - _LEAST_MARGIN
        if (room_before and room_behind) or size > 2 * MAXIMUM_REACH:
            return region.shift(start), [token.shift(start) for token in scan(window, region.start, region.end)]
        size *= 8


def _start_of(token: Token) -> int:
    return token.span.start


def _end_of(token: Token) -> int:
    return token.disclosures[-1].span.end if token.disclosures else token.span.end
