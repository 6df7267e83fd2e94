"""Tokens printed decoded, as jwt.ms, jwt.io and .NET logs write them, or header and payload in one JSON object."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.jose import strict_json
from claimlens.jose.forms import REGISTERED_CLAIMS
from claimlens.jose.json_extent import extent
from claimlens.jose.model import Segment, SegmentRole, Token, TokenForm
from claimlens.text.spans import Span

MAXIMUM_PRINTED = 32_768
"""Characters of a payload that is printed decoded."""

_FIRST_NAME = r"(?:alg|typ|kid|enc|cty|x5t|x5t#S256|x5c|x5u|jku|nonce|crit|zip|ver)"
_LABEL = r"[#/*>\- ]{0,6}(?:decoded )?(?:payload|claims|data)[^{}\r\n]{0,60}+\s{1,100}+"
_OPENING = rf'\{{\s{{0,100}}+"{_FIRST_NAME}"'
OPENING = re.compile(_OPENING, re.IGNORECASE)
"""What a printed token begins with; some hundred characters at most."""
_HEADER = re.compile(
    rf"(?P<header>{_OPENING}\s{{0,20}}+:[^{{}}]{{1,16384}}+\}})"
    r"(?:(?P<dot>\s{0,100}+\.\s{0,100}+)"
    rf"|[ \t]*+(?:\r\n|\r|\n)\s{{0,100}}+(?:{_LABEL})?+"
    r"|\s{0,100}+,\s{0,100}+\"(?:payload|claims|body)\"\s{0,20}+:\s{0,100}+)"
    r"(?=\{)",
    re.IGNORECASE,
)
"""A JOSE header (no object in it) and what stands between it and the payload.

A dot, a line break with or without a heading, or the name of the next member where one object holds both.
"""

_SIGNATURE = re.compile(r"\s{0,100}+\.\s{0,100}+\[\s?signature\s?\]", re.IGNORECASE)


def printed_tokens(text: str, start: int, end: int) -> Iterator[Token]:
    """Yield the tokens that stand decoded in ``text[start:end]``, in order."""
    return (token for token, _ in attempts(text, start, end) if token is not None)


def attempts(text: str, start: int, end: int) -> Iterator[tuple[Token | None, Span]]:
    """Yield for each place where a printed token could begin the token, if it is one, and what was read to find out."""
    position = start
    while match := _HEADER.search(text, position, end):
        position, closed = extent(text, match.end(), min(end, match.end() + MAXIMUM_PRINTED))
        token = _token(text, match, Span(match.end(), position), end) if closed else None
        if token is not None:
            position = token.span.end
        yield token, Span(match.start(), position)


def _token(text: str, match: re.Match[str], payload: Span, end: int) -> Token | None:
    header = strict_json.parse(match["header"]).value
    if not isinstance(header, dict) or not isinstance(header.get("alg"), str) or "kty" in header:
        return None
    claims = strict_json.parse(payload.slice(text)).value
    if not isinstance(claims, dict):
        return None
    if match["dot"] is None and REGISTERED_CLAIMS.isdisjoint(claims):
        return None
    tail = _SIGNATURE.match(text, payload.end, end)
    place = Span(*match.span("header"))
    segments = (
        Segment(SegmentRole.HEADER, place, match["header"]),
        Segment(SegmentRole.PAYLOAD, payload, payload.slice(text)),
    )
    return Token(TokenForm.DECODED, Span(place.start, tail.end() if tail else payload.end), "", printed=segments)


def printed_claims(text: str) -> Token | None:
    """Return the token whose claims alone are what ``text`` holds, as one JSON object; None for any other text.

    Only for texts that are said to be about a token: a settings file may hold the same names.
    """
    end = len(text.rstrip())
    start = end - len(text[:end].lstrip("\ufeff \t\r\n"))
    place = Span(start, end)
    if not 2 < len(place) <= MAXIMUM_PRINTED or text[start] != "{":
        return None
    claims = strict_json.parse(place.slice(text)).value
    if not isinstance(claims, dict) or not {"iss", "aud"} <= claims.keys() or {"exp", "iat"}.isdisjoint(claims):
        return None
    return Token(TokenForm.DECODED, place, "", printed=(Segment(SegmentRole.PAYLOAD, place, place.slice(text)),))
