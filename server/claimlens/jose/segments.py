"""From the segments of a token to header, claims and everything that is wrong with them. Nothing here raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from claimlens.jose import base64url, strict_json
from claimlens.jose.algorithms import signature_lengths
from claimlens.jose.base64url import Octets
from claimlens.jose.model import Decoded, Defect, Segment, SegmentRole, Token, TokenForm
from claimlens.jose.numeric_dates import numeric_date_faults
from claimlens.jose.strict_json import Document
from claimlens.text.spans import Span

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UNREADABLE = frozenset({"json-invalid", "json-empty", "json-too-deep"})


def decode_segments(token: Token) -> Decoded:
    """Decode what `Token.segments` holds; use `Token.decoded`, which keeps the answer."""
    return _Decoder(token).run()


class _Decoder:
    """Gathers what one token says; a method per segment, the places of the document throughout."""

    def __init__(self, token: Token) -> None:
        self.token = token
        self.defects: list[Defect] = []
        self.documents: dict[SegmentRole, Document] = {}
        self.octets: dict[SegmentRole, bytes] = {}
        self.header: dict[str, Any] | None = None
        self.payload: dict[str, Any] | None = None

    def run(self) -> Decoded:
        starts = self._starts()
        last = len(self.token.segments) - len(self.token.disclosures) - 1
        for number, segment in enumerate(self.token.segments):
            cut_off = self.token.form is TokenForm.TRUNCATED and number == last
            self._segment(segment, next(starts), cut_off)
        self._whole()
        self.defects.sort(key=lambda defect: (defect.span.start, defect.span.end))
        return Decoded(self.header, self.payload, tuple(self.defects), self.documents, self.octets)

    def _starts(self) -> Iterator[int]:
        """Yield where each segment begins in the token's text."""
        start = 0
        for segment in self.token.segments:
            yield start
            start += len(segment.text) + 1

    def _segment(self, segment: Segment, start: int, cut_off: bool) -> None:
        if segment.role is SegmentRole.HEADER:
            self.header = self._object(segment, start, cut_off)
            self._header_members(segment)
        elif segment.role is SegmentRole.PAYLOAD:
            if segment.text and not self._carries_no_json():
                self.payload = self._object(segment, start, cut_off)
        elif segment.role is not SegmentRole.DISCLOSURE:
            octets = self._read(segment, start, cut_off)
            if not cut_off and not octets.is_damaged:
                self._binary(segment)

    def _carries_no_json(self) -> bool:
        """Tell whether the header says that the payload is something else: compressed, or not encoded (RFC 7797)."""
        header = self.header or {}
        return "zip" in header or header.get("b64") is False

    def _object(self, segment: Segment, start: int, cut_off: bool) -> dict[str, Any] | None:
        """Decode a part that should hold a JSON object, and say why it does not.

        What cannot be decoded for a reason already told (a stray character, one missing) is not told again.
        """
        if self.token.printed:
            return self._parse(segment, segment.text, lambda place: place.shift(segment.span.start), cut_off)
        octets = self._read(segment, start, cut_off)
        explained = cut_off or octets.is_damaged
        value = octets.value.removeprefix(_BYTE_ORDER_MARK)
        skipped = len(octets.value) - len(value)
        if skipped:
            span = self._place(start, octets, 0, skipped)
            self._say(segment, "bom", "A byte order mark stands before the JSON.", span)
        try:
            text = value.decode()
        except UnicodeDecodeError as error:
            if not explained:
                span = self._place(start, octets, skipped + error.start, skipped + error.end)
                self._say(segment, "utf8-invalid", "The decoded bytes are not UTF-8 text.", span)
            return None
        byte_of = _byte_offsets(text)

        def place_of(place: Span) -> Span:
            return self._place(start, octets, skipped + byte_of[place.start], skipped + byte_of[place.end])

        return self._parse(segment, text, place_of, explained)

    def _parse(
        self, segment: Segment, text: str, place_of: Callable[[Span], Span], explained: bool
    ) -> dict[str, Any] | None:
        document = strict_json.parse(text)
        self.documents[segment.role] = document
        for fault in document.faults:
            if not (explained and fault.code in _UNREADABLE):
                self._say(segment, fault.code, fault.message, place_of(fault.span))
        if any(fault.code in _UNREADABLE for fault in document.faults):
            return None
        if not isinstance(document.value, dict):
            self._say(segment, "json-not-object", "It is JSON, but not an object in braces.", segment.span)
            return None
        if segment.role is SegmentRole.PAYLOAD:
            for fault in numeric_date_faults(document):
                self._say(segment, fault.code, fault.message, place_of(fault.span))
        return document.value

    def _read(self, segment: Segment, start: int, cut_off: bool) -> Octets:
        octets = base64url.read(segment.text)
        self.octets[segment.role] = octets.value
        for fault in octets.faults:
            explained = cut_off or (segment.role is SegmentRole.SIGNATURE and self._is_mangled())
            if not (explained and fault.code in ("base64url-length", "base64url-trailing-bits")):
                place = self.token.place(start + fault.span.start, start + fault.span.end)
                self._say(segment, fault.code, fault.message, place)
        return octets

    def _is_mangled(self) -> bool:
        """Tell whether stray characters were found: one reason is enough for a token that somebody mangled."""
        return any(defect.code == "base64url-character" for defect in self.defects)

    def _place(self, start: int, octets: Octets, first: int, end: int) -> Span:
        encoded = octets.place(first, end)
        return self.token.place(start + encoded.start, start + encoded.end)

    def _header_members(self, segment: Segment) -> None:
        if self.header is None:
            return
        wanted = ("alg", "enc") if self.token.form is TokenForm.JWE else ("alg",)
        for name in wanted:
            if name not in self.header:
                self._say(segment, f"{name}-missing", f"The header does not name its '{name}'.", segment.span)
            elif not isinstance(self.header[name], str):
                self._say(segment, f"{name}-not-text", f"The header's '{name}' is not a text.", segment.span)

    def _binary(self, segment: Segment) -> None:
        """Judge the length of a signature, and the emptiness of what encryption cannot do without."""
        if segment.role is SegmentRole.SIGNATURE:
            self._signature(segment)
        elif not segment.text and segment.role is not SegmentRole.ENCRYPTED_KEY:
            self._say(segment, "segment-empty", f"The {segment.role.value} is missing.", segment.span)

    def _signature(self, segment: Segment) -> None:
        algorithm = (self.header or {}).get("alg")
        if not isinstance(algorithm, str):
            return
        length = len(self.octets[segment.role])
        if algorithm.lower() == "none":
            if length:
                message = "The header says that nothing is signed, yet a signature follows."
                self._say(segment, "signature-unexpected", message, segment.span)
        elif not length:
            self._say(segment, "signature-missing", "The signature has been removed.", segment.span)
        elif (lengths := signature_lengths(algorithm)) and length not in lengths:
            right = " or ".join(map(str, sorted(lengths)))
            message = f"The signature has {length} bytes where {algorithm} makes {right}: it was cut off or altered."
            self._say(segment, "signature-length", message, segment.span)

    def _whole(self) -> None:
        """Say what concerns the token and none of its parts alone."""
        span, form = self.token.span, self.token.form
        if form is TokenForm.OVERSIZED:
            self.defects.append(Defect("oversized", "The token is too long; it is not decoded.", span))
        elif form is TokenForm.TRUNCATED:
            end = Span(span.end, span.end)
            self.defects.append(Defect("truncated", "The token is cut off; its end is missing.", end))
        elif form is TokenForm.JWS and "enc" in (self.header or {}):
            message = "The header announces encryption, which takes five parts; this is not that."
            self.defects.append(Defect("segment-count", message, span))
        elif form is not TokenForm.DECODED and self.token.text.count(".") not in (2, 4):
            message = "A token has three parts, an encrypted one five; this has another number."
            self.defects.append(Defect("segment-count", message, span))

    def _say(self, segment: Segment, code: str, message: str, span: Span) -> None:
        self.defects.append(Defect(code, message, span, segment.role))


def _byte_offsets(text: str) -> Sequence[int]:
    """Return, for each offset in ``text``, the offset in its UTF-8 bytes."""
    if text.isascii():
        return range(len(text) + 1)
    return list(accumulate((len(character.encode()) for character in text), initial=0))
