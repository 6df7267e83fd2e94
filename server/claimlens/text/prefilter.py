"""Words without which a pattern cannot match: looking for them first is many times cheaper than the pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NOT_LITERAL = re.compile(r"\{[qu]\}|\\.|\[\^?\]?[^\]]*\]")
_GROUP = re.compile(r"\([^()]*\)")
_REPEATED = re.compile(r".(?:[?*]|\{[\d,]+\}\??)")
_LITERAL = re.compile(r"[a-z_ ]{4,}")
_PIECE = re.compile(r"\\.|\[\]?(?:[^\]\\]|\\.)*\]|.", re.DOTALL)


def required_word(pattern: str) -> str:
    """Return the longest text that stands in whatever ``pattern`` matches, in lower case; empty where none is seen.

    >>> required_word(r"the audience {q}{u}{q} is (?:in)?valid")
    'the audience '
    """
    plain = _NOT_LITERAL.sub("\0", pattern)
    while (without := _GROUP.sub("\0", plain)) != plain:
        plain = without
    if "|" in plain:
        return ""
    return max(_LITERAL.findall(_REPEATED.sub("\0", plain).lower()), key=len, default="")


def required_words(pattern: str) -> tuple[str, ...]:
    r"""Return words of which one stands in whatever ``pattern`` matches; none where there is no such set.

    >>> required_words(r"\bthe audience\b|\bno issuer\b")
    ('the audience', 'no issuer')
    """
    words = tuple(required_word(branch) for branch in _branches(pattern))
    return words if all(words) else ()


def _branches(pattern: str) -> Iterator[str]:
    """Yield the alternatives that are in no group."""
    depth, branch = 0, ""
    for found in _PIECE.finditer(pattern):
        piece = found[0]
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and depth == 0:
            yield branch
            branch = ""
        else:
            branch += piece
    yield branch
