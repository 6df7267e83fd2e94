"""Which tokens stand where an edit has changed nothing, so that what was said of them still holds.

Two states of a document share the blocks of text that an edit did not touch. What they share at the front and at the
back is found by looking at the blocks, not at the text, and the tokens in it need not be looked at either.
"""

from __future__ import annotations

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
    front = 0
    for former, token in zip(old, new, strict=False):
        if former is not token or _end(token) + AFTER > first:
            break
        front += 1
    back, most = 0, min(len(old), len(new)) - front
    for former, token in zip(reversed(old), reversed(new), strict=False):
        start = token.span.start
        moved = (
            start - former.span.start == length - former_length
            and _end(token) - start == _end(former) - former.span.start
        )
        if back == most or not moved or start - BEFORE < length - last or token.form is not former.form:
            break
        back += 1
    return front, back


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


def _end(token: Token) -> int:
    return token.disclosures[-1].span.end if token.disclosures else token.span.end
