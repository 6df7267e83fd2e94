"""Finds every token in a text, in time linear in its length."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from claimlens.jose import candidate
from claimlens.jose.candidate import HEADER_START, MAXIMUM_LENGTH
from claimlens.jose.model import Token, TokenForm
from claimlens.text.spans import Span

_PARTS = re.compile(r"[A-Za-z0-9_-]{8,}+=*+(?:\.[A-Za-z0-9_-]*+={0,2}+){0,4}+")
_ELLIPSIS = re.compile(r"\.{2,}|\.?…|\.?\[(?:\.\.\.|…|truncated)")


class _Scanner:
    """One scan of one text. Remembers the headers it has decoded: most tokens of a log share a few."""

    def __init__(self, text: str, end: int) -> None:
        self.text = text
        self.end = end
        self.headers: dict[str, Mapping[str, Any] | None] = {}

    def tokens(self, start: int) -> Iterator[Token]:
        position = start
        while hit := HEADER_START.search(self.text, position, self.end):
            token = self.token_at(hit.start())
            if token is not None:
                yield token
            position = token.span.end if token else self._after(hit.start())

    def _after(self, start: int) -> int:
        return start + 1

    def header(self, encoded: str) -> Mapping[str, Any] | None:
        if encoded not in self.headers:
            self.headers[encoded] = candidate.decoded_header(encoded)
        return self.headers[encoded]

    def token_at(self, start: int) -> Token | None:
        match = _PARTS.match(self.text, start, self.end)
        if match is None or not candidate.begins(self.text, start):
            return None
        parts = match[0].split(".")
        header = self.header(parts[0])
        if header is None:
            return None
        form, count = self.classify(parts, header, match.end())
        length = sum(map(len, parts[:count])) + count - 1
        if length > MAXIMUM_LENGTH:
            form = TokenForm.OVERSIZED
        return Token(form, Span(start, start + length), self.text[start : start + length])

    def classify(self, parts: list[str], header: Mapping[str, Any], end: int) -> tuple[TokenForm, int]:
        if isinstance(header.get("enc"), str):
            return (TokenForm.JWE, 5) if len(parts) == 5 else (TokenForm.TRUNCATED, len(parts))
        if len(parts) >= 3:
            return TokenForm.JWS, 3
        return TokenForm.TRUNCATED, len(parts)


def scan(text: str, start: int = 0, end: int | None = None) -> tuple[Token, ...]:
    """Return every token in ``text[start:end]``, in order, with spans in ``text``; never raises."""
    return tuple(_Scanner(text, len(text) if end is None else end).tokens(start))
