"""The tokens of a document, kept up to date by scanning again only what an edit can have changed.

Tokens that stand behind an edit move with it. They are kept in runs, each with the distance it has moved, so that an
edit in front of thousands of tokens touches a few runs; a token is moved when somebody asks for it.
"""

from __future__ import annotations

import string
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import overload

import attrs

from claimlens.jose import candidate
from claimlens.jose.model import Token
from claimlens.jose.printed import MAXIMUM_PRINTED
from claimlens.jose.reach import MAXIMUM_REACH, reach
from claimlens.jose.scan import scan
from claimlens.text.lines import LineIndex
from claimlens.text.snapshot import Snapshot, TextChange
from claimlens.text.spans import Span, hull

_LEAST_MARGIN = 4_096
"""Characters around the part to scan that are handed to the scanner, which looks at what stands beside it."""
_FIRST_WINDOW = 2 * MAXIMUM_PRINTED + _LEAST_MARGIN
"""Characters on each side of an edit that are looked at first: a payload may have opened that far away."""
_MOST_RUNS = 32
_WORD_CHARACTERS = string.ascii_letters + string.digits + "_-.=~"
"""What stands in a token that is written without a break, its disclosures included."""
_CHUNK = 65_536


@attrs.frozen(eq=False)
class _Run:
    """Tokens that follow one another and have moved by the same distance since they were found."""

    tokens: tuple[Token, ...]
    distance: int = 0

    def moved(self) -> Iterable[Token]:
        """Return its tokens where they stand now."""
        return [token.shift(self.distance) for token in self.tokens] if self.distance else self.tokens

    def joined(self, following: _Run) -> _Run:
        """Return one run of both; the shorter one's tokens are moved to fit."""
        distance = max(self, following, key=lambda run: len(run.tokens)).distance
        return _Run((*self._rebased(distance), *following._rebased(distance)), distance)

    def _rebased(self, distance: int) -> Iterable[Token]:
        away = self.distance - distance
        return [token.shift(away) for token in self.tokens] if away else self.tokens


class TokenIndex(Sequence[Token]):
    """The tokens of one state of a document, in order. Immutable.

    >>> index = TokenIndex.of(snapshot)
    >>> index = index.updated(snapshot.edited(change), change)
    """

    def __init__(self, lines: LineIndex, runs: Iterable[_Run]) -> None:
        self._lines = lines
        self._runs = _few(runs)
        self._length = sum([len(run.tokens) for run in self._runs])

    @classmethod
    def of(cls, snapshot: Snapshot) -> TokenIndex:
        """Scan a whole document."""
        return cls(snapshot.lines, [_Run(scan(snapshot.text))])

    # The tokens, and what can be said of them all without moving any

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens where they stand. Costs what they are many; ask for one, or a slice, where that is enough."""
        return tuple([token for run in self._runs for token in run.moved()])

    @cached_property
    def starts(self) -> Sequence[int]:
        """Where each token starts."""
        return [token.span.start + run.distance for run in self._runs for token in run.tokens]

    @cached_property
    def found(self) -> Sequence[Token]:
        """The tokens as they were when they were found: the same objects in every later index, wherever they moved."""
        return [token for run in self._runs for token in run.tokens]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokens)

    @overload
    def __getitem__(self, place: int) -> Token: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Token]: ...
    def __getitem__(self, place: int | slice) -> Token | Sequence[Token]:
        if "tokens" in self.__dict__:
            return self.tokens[place]
        chosen = range(len(self))[place]
        if isinstance(chosen, int):
            (token,) = self._cut(chosen, chosen + 1)[0].moved()
            return token
        if chosen.step != 1:
            return self.tokens[place]
        return tuple(token for run in self._cut(chosen.start, chosen.stop) for token in run.moved())

    # Edits

    def updated(self, snapshot: Snapshot, change: TextChange) -> TokenIndex:
        """Return the tokens of ``snapshot``, which is the former document after ``change``.

        Equal to ``TokenIndex.of(snapshot)``: what the edit can have changed is looked for in the text before it and in
        the text after it (`claimlens.jose.reach`), and all of that is scanned again.
        """
        place, distance = change.span, change.distance
        former = self._whole_tokens(_reach(self._lines, place))
        present = _reach(snapshot.lines, Span(place.start, place.end + distance))
        region = self._whole_tokens(hull([former, Span(present.start, max(place.end, present.end - distance))]))
        before = self._cut(0, self._before(region.start + 1, end_of))
        after = self._cut(self._before(region.end, _start_of), len(self))
        found = _scan(snapshot.lines, Span(region.start, region.end + distance))
        moved = (_Run(run.tokens, run.distance + distance) for run in after)
        return TokenIndex(snapshot.lines, [*before, _Run(found), *moved])

    def _whole_tokens(self, region: Span) -> Span:
        """Return ``region`` with the whole of every token that it cuts."""
        touched = self._cut(self._before(region.start + 1, end_of), self._before(region.end, _start_of))
        if not touched:
            return region
        start = _start_of(touched[0].tokens[0]) + touched[0].distance
        end = end_of(touched[-1].tokens[-1]) + touched[-1].distance
        return Span(min(region.start, start), max(region.end, end))

    def _before(self, offset: int, edge: Callable[[Token], int]) -> int:
        """Return how many tokens have their ``edge`` before ``offset``."""
        count = 0
        for run in self._runs:
            if edge(run.tokens[-1]) + run.distance >= offset:
                return count + bisect_left(run.tokens, offset - run.distance, key=edge)
            count += len(run.tokens)
        return count

    def _cut(self, first: int, last: int) -> list[_Run]:
        """Return the runs that hold the tokens ``[first, last)`` and no others."""
        cut = []
        for run in self._runs:
            if last <= 0:
                break
            length = len(run.tokens)
            if first <= 0 and last >= length:
                cut.append(run)
            elif first < length and first < last:
                cut.append(_Run(run.tokens[max(0, first) : last], run.distance))
            first -= length
            last -= length
        return cut


def end_of(token: Token) -> int:
    """Return where a token ends, with its disclosures."""
    return token.disclosures[-1].span.end if token.disclosures else token.span.end


def _start_of(token: Token) -> int:
    return token.span.start


def _few(runs: Iterable[_Run]) -> tuple[_Run, ...]:
    """Return the same tokens in a limited number of runs: neighbours are joined, the shortest ones first."""
    few = [run for run in runs if run.tokens]
    while len(few) > _MOST_RUNS:
        lengths = [len(left.tokens) + len(right.tokens) for left, right in pairwise(few)]
        shortest = lengths.index(min(lengths))
        few[shortest : shortest + 2] = [few[shortest].joined(few[shortest + 1])]
    return tuple(few)


def _reach(lines: LineIndex, place: Span) -> Span:
    """Return the range of the text around ``place`` in which tokens depend on what stands there."""
    size = _FIRST_WINDOW
    while True:
        start, end = max(0, place.start - size), min(lines.length, place.end + size)
        window = lines.slice(start, end)
        region = reach(window, place.start - start, place.end - start)
        room_before = start == 0 or region.start >= _LEAST_MARGIN
        room_behind = end == lines.length or region.end <= len(window) - _LEAST_MARGIN
        if (room_before and room_behind) or size > 2 * MAXIMUM_REACH:
            return hull([region.shift(start), *_cut_words(lines, region.shift(start))])
        size *= 8


def _scan(lines: LineIndex, region: Span) -> tuple[Token, ...]:
    """Return the tokens in ``region``; the scanner looks at what stands beside it."""
    start = max(0, region.start - _LEAST_MARGIN)
    window = lines.slice(start, region.end + _LEAST_MARGIN)
    found = scan(window, region.start - start, region.end - start)
    return tuple([token.shift(start) for token in found]) if start else found


def _cut_words(lines: LineIndex, region: Span) -> Iterator[Span]:
    """Yield the words that an edge of ``region`` cuts and that can be tokens, from where such a one begins.

    The reach is limited and ends inside a word only if that one is longer than any token that is decoded.
    """
    word = Span(0, 0)
    for edge in (region.start, region.end):
        beside = lines.slice(edge - 1, edge + 1)
        if word.start < edge < word.end or len(beside) < 2 or beside.strip(_WORD_CHARACTERS):
            continue
        word = Span(_word_start(lines, edge), _word_end(lines, edge))
        before = max(0, word.start - _LEAST_MARGIN)
        text = lines.slice(before, word.end)
        starts = candidate.header_starts(text, word.start - before, len(text))
        first = next((offset for offset in starts if candidate.begins(text, offset)), None)
        if first is not None:
            yield Span(before + first, word.end)


def _word_start(lines: LineIndex, offset: int) -> int:
    while offset > 0:
        start = max(0, offset - _CHUNK)
        rest = lines.slice(start, offset).rstrip(_WORD_CHARACTERS)
        if rest:
            return start + len(rest)
        offset = start
    return 0


def _word_end(lines: LineIndex, offset: int) -> int:
    while offset < lines.length:
        end = min(lines.length, offset + _CHUNK)
        rest = lines.slice(offset, end).lstrip(_WORD_CHARACTERS)
        if rest:
            return end - len(rest)
        offset = end
    return lines.length
