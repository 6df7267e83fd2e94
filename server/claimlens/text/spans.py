"""A range of a text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

import attrs


@attrs.frozen(order=True)
class Span:
    """The half-open range ``[start, end)`` of a text, in Unicode code points from its beginning.

    Every layer speaks of places in these units; only the faces turn them into lines and columns
    (`claimlens.text.lines.LineIndex`).

    >>> Span(2, 5).slice("abcdefg")
    'cde'
    """

    start: int
    end: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def __bool__(self) -> bool:
        """An empty span is still a span: it marks a place."""
        return True

    def slice(self, text: str) -> str:
        """Return the part of ``text`` that this span covers."""
        return text[self.start : self.end]

    def shift(self, distance: int) -> Span:
        """Return this span moved by ``distance`` code points."""
        return Span(self.start + distance, self.end + distance)

    def contains(self, offset: int) -> bool:
        """Tell whether ``offset`` lies inside; the end counts, as a cursor there still touches the range."""
        return self.start <= offset <= self.end

    def covers(self, other: Span) -> bool:
        """Tell whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two spans share at least one code point."""
        return self.start < other.end and other.start < self.end


def hull(spans: Iterable[Span]) -> Span:
    """Return the smallest span that covers all of ``spans`` (at least one)."""
    collected = list(spans)
    return Span(min(span.start for span in collected), max(span.end for span in collected))


class Spans:
    """Parts of a text, in any order; one of them is found in logarithmic time.

    >>> Spans([Span(0, 9), Span(2, 3)]).cover(Span(4, 6))
    True
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [span.start for span in ordered]
        self._furthest = list(accumulate((span.end for span in ordered), max))

    def cover(self, other: Span) -> bool:
        """Tell whether ``other`` lies wholly inside one of them."""
        before = bisect_right(self._starts, other.start)
        return before > 0 and self._furthest[before - 1] >= other.end
