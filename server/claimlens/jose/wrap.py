r"""Tokens that do not stand on one line: folded, continued, quoted in mail, or put together from string literals.

A gap is what may stand between two pieces of one token:

* the end of a line and the decoration of the next (indentation, ``> `` of a mail, ``# `` of a comment), with ``\``
  of a shell or ``=`` of quoted-printable mail before it; the next line must hold token characters and nothing else,
  but for what closes a string or a call;
* the end of one string literal and the beginning of the next, side by side or with ``+``, ``&`` or ``.`` between them.

Whether a gap is crossed is decided by what the token still lacks: parts, or, of its last part, the length that its
algorithm prescribes. Nothing is joined on a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from claimlens.jose import base64url
from claimlens.jose.candidate import MAXIMUM_LENGTH, decoded_header
from claimlens.jose.forms import is_encrypted, last_lengths
from claimlens.text.spans import Span

_NEW_LINE = r"(?:\r\n|\r|\n)"
DECORATION = r"[ \t]*+(?:[>|#*;!/+]++[ \t]*+)*+"
_CONTINUATION = r"[\\=`^]?"
"""Marks that a line goes on: of a shell, of quoted-printable mail, of PowerShell, of cmd."""
PIECE = r"(?P<piece>(?:[A-Za-z0-9_-]++|\.(?!\.\.))++={0,2}+)"
CLOSED = rf"(?=[ \t]*+{_CONTINUATION}[\r\n]|[ \t]*+\Z|[\"'`,;)}}\]<|&…\[]|\.{{3}})"

_LINE_GAP = re.compile(rf"[ \t]*+{_CONTINUATION}[ \t]*+{_NEW_LINE}{DECORATION}{PIECE}{CLOSED}")
_LITERAL_GAP = re.compile(
    rf"""(?P<quote>["'`])[ \t]*+(?:\+|&|\.{{1,2}}|\\)?[ \t]*+_?[ \t]*+
    (?:(?:\#|//)[^\r\n]{{0,200}}+)?
    (?:{_NEW_LINE}[ \t]*+(?:\+|&|\.{{1,2}})?[ \t]*+)?
    (?:[bBrRuUfF]{{1,2}}|[@$])?(?P=quote){PIECE}(?=(?P=quote))""",
    re.VERBOSE,
)
MAY_CONTINUE = re.compile(rf"[ \t]*+{_CONTINUATION}[ \t]*+[\r\n]|[\"'`]")
"""A cheap test at the end of a piece for whether either gap can follow."""

MAXIMUM_EXTENT = MAXIMUM_LENGTH + 65_536
"""Characters from the first piece to the last, with everything between them."""

_LONGEST_HEADER = 16_384
_HEADER_LINES = 256
_LEAST_SIGNATURE = 20
_SLIVER = 3
"""Tests put the last characters of a signature into a literal of their own to vary them: the first is a token."""


@attrs.frozen
class Assembly:
    """What joining led to.

    Attributes:
        text: the joined pieces.
        pieces: where they stand.
        header: what the first part decodes to, or None.
        by_literals: whether string literals alone join them, which is certain; else line breaks do.
        read_until: the end of the last piece that was looked at.
    """

    text: str = attrs.field(repr=False)
    pieces: tuple[Span, ...]
    header: Mapping[str, Any] | None = attrs.field(repr=False)
    by_literals: bool
    read_until: int


@attrs.define(repr=False)
class _State:
    """A token that grows piece by piece."""

    texts: list[str] = attrs.field(factory=list)
    pieces: list[Span] = attrs.field(factory=list)
    header: Mapping[str, Any] | None = None
    dots: int = 0
    last_part: int = 0
    length: int = 0

    def add(self, text: str, span: Span) -> None:
        self.texts.append(text)
        self.pieces.append(span)
        self.length += len(text)
        self.dots += text.count(".")
        self.last_part = len(text) - text.rfind(".") - 1 if "." in text else self.last_part + len(text)
        if self.header is None and self.length <= _LONGEST_HEADER:
            encoded = "".join(self.texts).partition(".")[0]
            self.header = decoded_header(encoded) if _closes_object(encoded) else None

    @property
    def dots_needed(self) -> int:
        return 4 if is_encrypted(self.header or {}) else 2

    def is_complete(self) -> bool:
        """Tell whether the token may end here: its last part has a length that its algorithm makes."""
        return self.dots == self.dots_needed and self.last_part in last_lengths(self.header or {})

    def can_grow(self) -> bool:
        """Tell whether more may belong to it; an RSA signature of 2048 bits may be half of one of 4096."""
        return self.dots < self.dots_needed or self.last_part < max(
            last_lengths(self.header or {}), default=MAXIMUM_LENGTH
        )

    def drop_soft_break(self) -> None:
        """Take back a single ``=`` at the end of a line: quoted-printable writes it where it breaks a line."""
        text, span = self.texts[-1], self.pieces[-1]
        if text.endswith("=") and not text.endswith("=="):
            self.texts[-1], self.pieces[-1] = text[:-1], Span(span.start, span.end - 1)
            self.length -= 1
            self.last_part -= 1

    def evenly_filled(self) -> int:
        """Return how many pieces surely belong to a token whose last part never got the length it should have.

        In its last part a line may follow another only where that one is as long as the line before it.
        """
        dots = 0
        for index, text in enumerate(self.texts):
            dots += text.count(".")
            full = index > 0 and len(text) == len(self.texts[index - 1])
            if dots >= self.dots_needed and not full and not text.endswith("."):
                return index + 1
        return len(self.texts)

    def takes(self, text: str, by_literal: bool) -> bool:
        """Tell whether the next piece can belong to this token."""
        if self.length + len(text) > MAXIMUM_LENGTH:
            return False
        if self.dots == 0:
            if self.header is not None:
                return text.startswith(".")
            return self.length <= _LONGEST_HEADER and len(self.pieces) <= _HEADER_LINES
        dots = self.dots + text.count(".")
        if by_literal and len(self.pieces) == 1 and self.dots == self.dots_needed == dots:
            return len(text) > _SLIVER or self.last_part < _LEAST_SIGNATURE
        return dots <= self.dots_needed


def _closes_object(encoded: str) -> bool:
    """Tell by its last characters whether this can be the whole of a JSON object: far cheaper than decoding it."""
    letters = encoded.rstrip("=")
    ending = base64url.read(letters[max(0, len(letters) // 4 * 4 - 16) :]).value
    return ending.rstrip().endswith(b"}") or not ending.strip()


def following_pieces(text: str, end: int, limit: int) -> Iterator[tuple[Span, bool]]:
    """Yield the pieces that could continue a token whose first piece ends at ``end``.

    With each comes whether string literals join it, which is certain, or a line break, which is not.
    """
    while MAY_CONTINUE.match(text, end, limit):
        literal = _LITERAL_GAP.match(text, end, limit)
        match = literal or _LINE_GAP.match(text, end, limit)
        if match is None:
            return
        yield Span(*match.span("piece")), literal is not None
        end = match.end("piece")


def assemble(text: str, first: Span, limit: int) -> Assembly:
    """Return the token whose first piece is ``first``, joined with as many of the following as it still lacks."""
    state = _State()
    state.add(first.slice(text), first)
    by_literals = True
    complete_at = 0
    for span, by_literal in following_pieces(text, first.end, limit):
        piece = span.slice(text)
        too_far = span.end - first.start > MAXIMUM_EXTENT
        if too_far or not state.can_grow() or not state.takes(piece, by_literal):
            break
        if not piece.startswith("."):
            state.drop_soft_break()
        state.add(piece, span)
        by_literals &= by_literal
        if state.is_complete():
            complete_at = len(state.pieces)
    count = complete_at or (len(state.pieces) if by_literals else state.evenly_filled())
    return Assembly(
        "".join(state.texts[:count]), tuple(state.pieces[:count]), state.header, by_literals, state.pieces[-1].end
    )
