"""Base64url without padding (RFC 7515 section 2), read leniently, with a reason for everything that departs from it."""

from __future__ import annotations

import base64
import re
from itertools import chain

import attrs

from claimlens.jose.strict_json import Fault
from claimlens.text.spans import Span, hull

_PURE = re.compile(r"[A-Za-z0-9_-]*+")
_FOREIGN = re.compile(r"(?P<alphabet>[+/]++)|(?P<padding>=++)|(?P<character>[^A-Za-z0-9_\-+/=]++)")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_URL_SAFE = str.maketrans("+/", "-_")
_MESSAGES = {
    "alphabet": "'+' and '/' belong to ordinary base64; base64url writes '-' and '_' (RFC 4648 section 5).",
    "padding": "'=' padding stands in it; JOSE leaves it out (RFC 7515 section 2).",
    "character": "A character stands in it that base64url does not know.",
}


@attrs.frozen
class Octets:
    """Decoded base64url.

    Attributes:
        value: the bytes, as far as the characters make whole bytes.
        faults: what is wrong, with places in the encoded text.
        kept: the indexes in the encoded text of the characters that were decoded.
    """

    value: bytes = attrs.field(repr=False)
    faults: tuple[Fault, ...]
    kept: range | tuple[int, ...] = attrs.field(repr=False)

    @property
    def is_damaged(self) -> bool:
        """Whether characters are missing or do not belong, so that the bytes cannot be what was meant."""
        return any(fault.code in ("base64url-character", "base64url-length") for fault in self.faults)

    def place(self, start: int, end: int) -> Span:
        """Return the encoded characters that the bytes ``[start, end)`` came from."""
        first, last = start * 4 // 3, max(start, end - 1) * 4 // 3 + 1
        if not self.kept:
            return Span(0, 0)
        final = len(self.kept) - 1
        return Span(self.kept[min(first, final)], self.kept[min(last if end > start else first, final)] + 1)


def _foreign(text: str) -> list[tuple[str, Span]]:
    if _PURE.fullmatch(text):
        return []
    return [(str(match.lastgroup), Span(*match.span())) for match in _FOREIGN.finditer(text)]


def _faults(foreign: list[tuple[str, Span]]) -> list[Fault]:
    """Return one fault for each kind of character that does not belong there, over all places of that kind."""
    places: dict[str, list[Span]] = {}
    for kind, span in foreign:
        places.setdefault(kind, []).append(span)
    return [Fault(f"base64url-{kind}", _MESSAGES[kind], hull(spans)) for kind, spans in places.items()]


def read(text: str) -> Octets:
    """Decode as much as can be decoded; never raises.

    >>> read("eyJ9").value, [fault.code for fault in read("e+J9=").faults]
    (b'{"}', ['base64url-alphabet', 'base64url-padding'])
    """
    foreign = _foreign(text)
    faults = _faults(foreign)
    kept: range | tuple[int, ...] = range(len(text))
    letters = text
    if foreign:
        spans = _between([span for kind, span in foreign if kind != "alphabet"], len(text))
        letters = "".join(span.slice(text) for span in spans).translate(_URL_SAFE)
        kept = tuple(chain.from_iterable(range(span.start, span.end) for span in spans))
    rest = len(letters) % 4
    if rest == 1:
        message = "Its length is impossible for base64url: a character is missing or one too many."
        faults.append(Fault("base64url-length", message, Span(0, len(text))))
        letters = letters[:-1]
    elif rest and _ALPHABET.index(letters[-1]) & (0b1111 if rest == 2 else 0b11):
        message = "The last character carries bits that are thrown away, so two spellings give the same bytes."
        faults.append(Fault("base64url-trailing-bits", message, Span(kept[-1], kept[-1] + 1)))
    return Octets(base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)), tuple(faults), kept)


def _between(dropped: list[Span], length: int) -> list[Span]:
    """Return what lies between the spans that are dropped."""
    starts = [0, *(span.end for span in dropped)]
    ends = [*(span.start for span in dropped), length]
    return [Span(start, end) for start, end in zip(starts, ends, strict=True)]
