"""Which tokens stand where an edit has changed nothing, so that what was said of them still holds.

Two states of a document share the blocks of text that an edit did not touch. What they share at the front and at the
back is found by looking at the blocks, not at the text, and the tokens in it need not be looked at either.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from claimlens.jose.model import Token
from claimlens.rules.surroundings import AFTER, BEFORE

if TYPE_CHECKING:
    from claimlens.text.lines import Block


def untouched(
    old_blocks: Sequence[Block], old: Sequence[Token], new_blocks: Sequence[Block], new: Sequence[Token]
) -> tuple[int, int]:
    """Return how many tokens at the front, and how many at the back, are the same with the same text around them.

    Those at the back may have moved, all of them by the same distance.
    """
    first, last = _shared(zip(old_blocks, new_blocks, strict=False)), 0
    length, former_length = _length(new_blocks), _length(old_blocks)
    if first < min(length, former_length):
        last = _shared(zip(reversed(old_blocks), reversed(new_blocks), strict=False))
    most = min(len(old), len(new))
    front, limit = 0, min(most, bisect_right(new, first - AFTER, key=_end))
    while front < limit and _same(old[front], new[front]):
        front += 1
    distance = length - former_length
    back, limit = 0, min(most - front, len(new) - bisect_left(new, length - last + BEFORE, key=_start))
    while back < limit and _same(old[-back - 1], new[-back - 1], distance):
        back += 1
    return front, back


def _same(old: Token, new: Token, distance: int = 0) -> bool:
    """Tell whether a token is the former one, moved by ``distance``; moving leaves the object that is its text."""
    same = old.text is new.text and old.form is new.form and len(old.disclosures) == len(new.disclosures)
    return same and new.span.start - old.span.start == distance


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


def _start(token: Token) -> int:
    return token.span.start


def _end(token: Token) -> int:
    return token.disclosures[-1].span.end if token.disclosures else token.span.end
