"""Which tokens stand where an edit has changed nothing, so that what was said of them still holds.

Two states of a document share the blocks of text that an edit did not touch. What they share at the front and at the
back is found by looking at the blocks, not at the text, and the tokens in it need not be looked at either.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from claimlens.jose.incremental import TokenIndex, end_of
from claimlens.jose.model import Token
from claimlens.rules.surroundings import AFTER, BEFORE

if TYPE_CHECKING:
    from claimlens.text.lines import Block


@attrs.frozen
class Standing:
    """The tokens of one state of a document, without moving any to where it stands.

    Attributes:
        blocks: the text.
        found: the tokens, wherever they stood when they were found.
        starts: where each stands.
    """

    blocks: Sequence[Block] = ()
    found: Sequence[Token] = ()
    starts: Sequence[int] = ()

    @classmethod
    def of(cls, blocks: Sequence[Block], tokens: Sequence[Token]) -> Standing:
        """Return the standing of ``tokens``; an index of tokens knows it, others are asked one by one."""
        if isinstance(tokens, TokenIndex):
            return cls(blocks, tokens.found, tokens.starts)
        return cls(blocks, tokens, [token.span.start for token in tokens])

    def end(self, index: int) -> int:
        """Return where a token ends."""
        token = self.found[index]
        return self.starts[index] + end_of(token) - token.span.start


def untouched(old: Standing, new: Standing) -> tuple[int, int]:
    """Return how many tokens at the front, and how many at the back, are the same with the same text around them.

    Those at the back may have moved, all of them by the same distance.
    """
    first, last = _shared(zip(old.blocks, new.blocks, strict=False)), 0
    length, former_length = _length(new.blocks), _length(old.blocks)
    if first < min(length, former_length):
        last = _shared(zip(reversed(old.blocks), reversed(new.blocks), strict=False))
    most = min(len(old.found), len(new.found))
    limit = min(most, bisect_right(new.starts, first))
    while limit and new.end(limit - 1) + AFTER > first:
        limit -= 1
    front = 0
    while front < limit and _same(old, front, new, front):
        front += 1
    distance = length - former_length
    back, limit = 0, min(most - front, len(new.starts) - bisect_left(new.starts, length - last + BEFORE))
    while back < limit and _same(old, -back - 1, new, -back - 1, distance):
        back += 1
    return front, back


def _same(old: Standing, former: int, new: Standing, index: int, distance: int = 0) -> bool:
    """Tell whether a token is the former one, moved by ``distance``."""
    return old.found[former] is new.found[index] and new.starts[index] - old.starts[former] == distance


def _shared(pairs: Iterable[tuple[Block, Block]]) -> int:
    """Return how many characters the blocks hold that are the same objects, up to the first pair that is not."""
    length = 0
    for old, new in pairs:
        if old is not new:
            break
        length += len(new.text)
    return length


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(block.text) for block in blocks)
