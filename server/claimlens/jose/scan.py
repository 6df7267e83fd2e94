"""Finds every token in a text, in time linear in its length.

A candidate begins where base64url can begin a JSON object (`candidate.HEADER_STARTS`), and counts when its header
decodes to an object that names an algorithm. Everything after that decides only which form it has and where it ends.
Headers are remembered, and lines that were joined in vain are not joined again from a later start.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from claimlens.jose import candidate, forms
from claimlens.jose.candidate import MAXIMUM_LENGTH
from claimlens.jose.model import Segment, SegmentRole, Token, TokenForm
from claimlens.jose.printed import printed_tokens
from claimlens.jose.wrap import MAY_CONTINUE, assemble
from claimlens.text.spans import Span

_PARTS = re.compile(r"[A-Za-z0-9_-]{8,}+={0,2}+(?:\.[A-Za-z0-9_-]*+={0,2}+){0,4}+")
_DAMAGED = re.compile(r"([^\s\"'`<>,;(){}\[\].…\\&?]{8,}+)\.([^\s\"'`<>,;(){}\[\].…\\&?]++)\.")
"""Two parts in which characters may stand that base64url does not know."""
_DAMAGED_RUN = re.compile(r"[^\s\"'`<>,;(){}\[\].…\\&?]*+")
_FOREIGN = re.compile(r"[^A-Za-z0-9_\-.=]")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]*+={0,2}+")
_ORDINARY_BASE64 = re.compile(r"[A-Za-z0-9_\-+/]*+={0,2}+")
_DISCLOSURES = re.compile(r"~(?:[A-Za-z0-9_-]++~)*+")
_DISCLOSURE = re.compile(r"[^~]+")
_BEARER = re.compile(r"\b[Bb]earer[ +:=\"']{1,3}\Z")
_LINE_END = re.compile(r"[ \t]*+(?:[\r\n]|\Z)")
_LOOK_AHEAD = 16
_LONGEST_REMEMBERED = 4_096


class _Scanner:
    """One scan of one text."""

    def __init__(self, text: str, end: int) -> None:
        self.text = text
        self.end = end
        self.headers: dict[str, Mapping[str, Any] | None] = {}
        self.joined_until = 0
        self.damaged_until = 0

    def tokens(self, start: int) -> Iterator[Token]:
        position = start
        for offset in candidate.header_starts(self.text, start, self.end):
            if offset >= position and candidate.begins(self.text, offset):
                token = self._token(offset)
                if token is not None:
                    yield token
                    position = token.span.end

    def _header(self, encoded: str) -> Mapping[str, Any] | None:
        """Return the header that is encoded here, if it is one; short ones are remembered: logs repeat them."""
        if len(encoded) > _LONGEST_REMEMBERED:
            return candidate.decoded_header(encoded) if len(encoded) <= MAXIMUM_LENGTH else None
        if encoded not in self.headers:
            self.headers[encoded] = candidate.decoded_header(encoded)
        return self.headers[encoded]

    def _token(self, start: int) -> Token | None:
        match = _PARTS.match(self.text, start, self.end)
        if match is None:
            return None
        parts = match[0].split(".")
        header = self._header(parts[0])
        following = self.text[match.end() : match.end() + _LOOK_AHEAD]
        form = forms.classify(parts, header, following) if header else self._cut_header(match, parts, following)
        if header and form and form[0] is not TokenForm.TRUNCATED and self._is_whole(parts, form, header):
            return self._found(start, parts, form)
        return (
            self._joined(match)
            or (self._damaged(start) if following and _FOREIGN.match(following) else None)
            or (self._found(start, parts, form) if form else None)
        )

    def _is_whole(self, parts: list[str], form: forms.Form, header: Mapping[str, Any]) -> bool:
        """Tell whether nothing that follows can belong to the token: its last part has the length it must have."""
        return form[1] < len(parts) or forms.is_complete(parts[form[1] - 1], header)

    def _found(self, start: int, parts: list[str], form: forms.Form) -> Token:
        kind, count = form
        end = start + sum(map(len, parts[:count])) + count - 1
        if end - start > MAXIMUM_LENGTH:
            return Token(TokenForm.OVERSIZED, Span(start, end), self.text[start:end])
        return Token(kind, Span(start, end), self.text[start:end], disclosures=self._disclosures(end))

    def _disclosures(self, end: int) -> tuple[Segment, ...]:
        """Return what an SD-JWT adds behind its signature (RFC 9901 section 4)."""
        match = _DISCLOSURES.match(self.text, end, self.end) if self.text.startswith("~", end) else None
        if match is None:
            return ()
        found = _DISCLOSURE.finditer(self.text, match.start(), match.end())
        return tuple(Segment(SegmentRole.DISCLOSURE, Span(*part.span()), part[0]) for part in found)

    def _cut_header(self, match: re.Match[str], parts: list[str], following: str) -> forms.Form | None:
        """Judge a first part that is no whole header: is it the beginning of one, where the text was cut?"""
        if not candidate.looks_like_header(parts[0]):
            return None
        if len(parts[0]) > MAXIMUM_LENGTH and len(parts) > 1:
            return TokenForm.OVERSIZED, len(parts)
        if any(parts[1:]):
            return None
        at_end = match.end() == len(self.text)
        at_end |= self._is_bearer(match.start()) and _LINE_END.match(self.text, match.end()) is not None
        cut_off = forms.is_cut_off("." * (len(parts) - 1) + following)
        return (TokenForm.TRUNCATED, 1) if cut_off or (len(parts) == 1 and at_end) else None

    def _is_bearer(self, start: int) -> bool:
        return _BEARER.search(self.text, max(0, start - _LOOK_AHEAD), start) is not None

    def _joined(self, match: re.Match[str]) -> Token | None:
        """Return the token that begins here and goes on after a line break or in the next string literal."""
        if match.start() < self.joined_until or not MAY_CONTINUE.match(self.text, match.end(), self.end):
            return None
        assembly = assemble(self.text, Span(*match.span()), self.end)
        self.joined_until = assembly.read_until
        if assembly.header is None or len(assembly.pieces) == 1:
            return None
        parts = assembly.text.split(".")
        end = assembly.pieces[-1].end
        following = self.text[end : end + _LOOK_AHEAD]
        form = forms.classify(parts[:5], assembly.header, following)
        if form is None or form[1] < len(parts):
            return None
        if not forms.is_convincing(parts, assembly.header, form[0], assembly.by_literals):
            return None
        self.joined_until = end
        return Token(form[0], Span(match.start(), end), assembly.text, assembly.pieces, self._disclosures(end))

    def _damaged(self, start: int) -> Token | None:
        """Return the token that begins here although characters stand in it that do not belong there."""
        if start < self.damaged_until:
            return None
        match = _DAMAGED.match(self.text, start, self.end)
        header = self._header(match[1]) if match else None
        run = match or _DAMAGED_RUN.match(self.text, start, self.end)
        self.damaged_until = run.end() if run else start
        if match is None or header is None:
            return None
        signature = self._signature(match.end(), header)
        if not signature or not (_FOREIGN.search(match[0]) or _FOREIGN.search(signature)):
            return None
        return self._found(start, [match[1], match[2], signature], (TokenForm.JWS, 3))

    def _signature(self, start: int, header: Mapping[str, Any]) -> str:
        """Return the signature that begins here: with ``+`` and ``/`` only where that gives it the right length."""
        strict = _SIGNATURE.match(self.text, start, self.end)
        loose = _ORDINARY_BASE64.match(self.text, start, self.end)
        assert strict is not None
        assert loose is not None
        return loose[0] if not strict[0] or forms.is_complete(loose[0], header) else strict[0]


def scan(text: str, start: int = 0, end: int | None = None) -> tuple[Token, ...]:
    """Return every token in ``text[start:end]``, in order, with spans in ``text``; never raises.

    What stands before ``start`` and behind ``end`` still decides what begins and ends there. To scan a part and get
    what a scan of the whole text would find in it, widen the part by `claimlens.jose.reach.reach` first.
    """
    limit = len(text) if end is None else min(end, len(text))
    compact = _Scanner(text, limit).tokens(start)
    printed = tuple(printed_tokens(text, start, limit))
    return tuple(_outermost(compact, printed) if printed else compact)


def _outermost(compact: Iterable[Token], printed: Iterable[Token]) -> Iterator[Token]:
    """Merge two ordered runs of tokens; of two that overlap the first stands."""
    end = 0
    for token in heapq.merge(compact, printed, key=lambda token: token.span.start):
        if token.span.start >= end:
            yield token
            end = token.span.end
