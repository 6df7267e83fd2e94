"""What a token is: immutable values that the scanner and the decoder produce and everything above reads.

Nothing here prints a token: the text of a token, and of each of its segments, is kept out of ``repr`` so that no
log line, trace or crash report can hold one by accident.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import attrs

from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.jose.strict_json import Document


class TokenForm(enum.StrEnum):
    """How a token stands in the text."""

    JWS = "jws"
    """JWS compact serialization, RFC 7515 section 7.1: three parts (the signature may be empty)."""
    JWE = "jwe"
    """JWE compact serialization, RFC 7516 section 7.1: five parts."""
    TRUNCATED = "truncated"
    """Begins like one of these but the text ends, or ``...`` stands, before the token does."""
    DECODED = "decoded"
    """Printed decoded, as ``{header}.{payload}.[Signature]``."""
    OVERSIZED = "oversized"
    """Longer than 256,000 characters: reported, not decoded."""


class SegmentRole(enum.StrEnum):
    """What a part of a compact serialization holds."""

    HEADER = "header"
    PAYLOAD = "payload"
    SIGNATURE = "signature"
    ENCRYPTED_KEY = "encrypted key"
    INITIALIZATION_VECTOR = "initialization vector"
    CIPHERTEXT = "ciphertext"
    AUTHENTICATION_TAG = "authentication tag"
    DISCLOSURE = "disclosure"


@attrs.frozen
class Segment:
    """One dot-separated part of a token.

    Attributes:
        role: what the part holds.
        span: where it stands in the document (line breaks and quotes of a wrapped token included).
        text: its characters, without what wrapping put between them.
    """

    role: SegmentRole
    span: Span
    text: str = attrs.field(repr=False)

    def shift(self, distance: int) -> Segment:
        """Return the same part ``distance`` code points further on."""
        return attrs.evolve(self, span=self.span.shift(distance))


@attrs.frozen
class Defect:
    """One thing wrong with a token's encoding, with the place.

    Attributes:
        code: a stable word such as ``base64url-padding`` or ``json-duplicate-member``; a rule stands for it.
        message: one sentence for people. Holds no token text and no claim value.
        span: where in the document; the segment's span where nothing finer can be said.
        role: the segment concerned, or None for the token as a whole.
    """

    code: str
    message: str
    span: Span
    role: SegmentRole | None = None


_PLAIN_NAME = re.compile(r"[A-Za-z0-9_+.-]{1,24}")
"""Algorithm names that can be shown anywhere; a token may claim any text for one."""

JWS_ROLES = (SegmentRole.HEADER, SegmentRole.PAYLOAD, SegmentRole.SIGNATURE)
"""RFC 7515 section 7.1."""
JWE_ROLES = (
    SegmentRole.HEADER,
    SegmentRole.ENCRYPTED_KEY,
    SegmentRole.INITIALIZATION_VECTOR,
    SegmentRole.CIPHERTEXT,
    SegmentRole.AUTHENTICATION_TAG,
)
"""RFC 7516 section 7.1."""


@attrs.frozen
class Decoded:
    """What the segments of a token say.

    Attributes:
        header: the JOSE header, or None where it could not be decoded.
        payload: the JWT claims set, or None (encrypted, detached, not a JSON object, damaged).
        defects: everything wrong with the encoding, in the order of the text.
        documents: the parsed JSON by segment, with the place of every member in it.
        octets: the bytes of every segment that is base64url at all, by segment.
    """

    header: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    payload: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    defects: tuple[Defect, ...] = ()
    documents: Mapping[SegmentRole, Document] = attrs.field(factory=dict, repr=False)
    octets: Mapping[SegmentRole, bytes] = attrs.field(factory=dict, repr=False)

    def shift(self, distance: int) -> Decoded:
        """Return the same with its defects ``distance`` code points further on."""
        if not self.defects or distance == 0:
            return self
        moved = tuple(attrs.evolve(defect, span=defect.span.shift(distance)) for defect in self.defects)
        return attrs.evolve(self, defects=moved)


@attrs.frozen
class Token:
    """A token found in a text.

    What it is made of is fixed when it is found; what it says (`segments`, `header`, `payload`, `defects`) is decoded
    from that the first time it is asked for, so that finding thousands of tokens in a log stays cheap.

    Attributes:
        form: how it stands in the text.
        span: where it stands in the document, from the first character of the header to the last of the last part.
        text: the compact serialization, unwrapped and unescaped (empty for `TokenForm.DECODED`).
        pieces: the places of its characters in the document, in order, when something stands between them (a token
            wrapped over lines); empty when ``span`` holds the token and nothing else.
        disclosures: what an SD-JWT adds after ``~`` (RFC 9901); they stand behind ``span``.
        printed: the parts of a `TokenForm.DECODED` token (header and payload as JSON, where they stand).
    """

    form: TokenForm
    span: Span
    text: str = attrs.field(repr=False)
    pieces: tuple[Span, ...] = ()
    disclosures: tuple[Segment, ...] = ()
    printed: tuple[Segment, ...] = ()
    _origin: Token | None = attrs.field(default=None, eq=False, repr=False)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Its parts in order; none for a token too long to be decoded."""
        if self.printed or self.form is TokenForm.OVERSIZED:
            return self.printed
        texts = self.text.split(".")
        starts = accumulate(map(len, texts), lambda start, length: start + length + 1, initial=0)
        roles = JWE_ROLES if self.form is TokenForm.JWE or len(texts) > len(JWS_ROLES) else JWS_ROLES
        return (
            *(
                Segment(role, self.place(start, start + len(text)), text)
                for role, start, text in zip(roles, starts, texts, strict=False)
            ),
            *self.disclosures,
        )

    @cached_property
    def decoded(self) -> Decoded:
        """Everything its segments say and everything wrong with them."""
        if self._origin is not None:
            return self._origin.decoded.shift(self.span.start - self._origin.span.start)
        from claimlens.jose.segments import decode_segments  # it knows this module

        return decode_segments(self)

    @property
    def header(self) -> Mapping[str, Any] | None:
        """The JOSE header, or None where it could not be decoded."""
        return self.decoded.header

    @property
    def payload(self) -> Mapping[str, Any] | None:
        """The JWT claims set, or None (encrypted, detached, not a JSON object, damaged)."""
        return self.decoded.payload

    @property
    def defects(self) -> tuple[Defect, ...]:
        """Everything wrong with the encoding, in the order of the text."""
        return self.decoded.defects

    @property
    def algorithm(self) -> str | None:
        """The header's ``alg`` (RFC 7515 section 4.1.1), or None."""
        value = (self.header or {}).get("alg")
        return value if isinstance(value, str) else None

    @property
    def wrapped(self) -> bool:
        """Whether line breaks, quotes or the like stand inside its span."""
        return bool(self.pieces)

    def segment(self, role: SegmentRole) -> Segment | None:
        """Return the part with this role, or None."""
        return next((segment for segment in self.segments if segment.role is role), None)

    def place(self, start: int, end: int) -> Span:
        """Return where the characters ``[start, end)`` of ``text`` stand in the document."""
        if not self.pieces:
            return Span(self.span.start + start, self.span.start + end)
        return Span(self._offset(start), max(self._offset(start), self._offset(end - 1) + 1 if end > start else 0))

    def _offset(self, index: int) -> int:
        """Return where the character ``index`` of a wrapped token stands (the end of the last one at most)."""
        for piece in self.pieces:
            if index < len(piece):
                return piece.start + index
            index -= len(piece)
        return self.span.end

    def member_span(self, role: SegmentRole, *path: str | int) -> Span:
        """Return where a member of the header or payload stands, given its name (and the path below it).

        In a token printed decoded that is the member's value; in a compact one, where base64url hides it, and without a
        name, the segment. The token's span where there is no such thing.
        """
        segment = self.segment(role)
        if segment is None:
            return self.span
        document = self.decoded.documents.get(role)
        if path and self.printed and document is not None and path in document.places:
            return document.places[path].value.shift(segment.span.start)
        return segment.span

    def shift(self, distance: int) -> Token:
        """Return the same token ``distance`` code points further on (after an edit in front of it).

        What has been decoded, or will be, is shared: a keystroke moves thousands of tokens and decodes none again.
        """
        return Token(
            self.form,
            self.span.shift(distance),
            self.text,
            self.pieces and tuple(piece.shift(distance) for piece in self.pieces),
            self.disclosures and tuple(part.shift(distance) for part in self.disclosures),
            self.printed and tuple(part.shift(distance) for part in self.printed),
            self._origin or self,
        )

    def masked(self) -> str:
        """Return what may be shown instead of the token, such as ``eyJhbGci…[1706 characters, RS256]``."""
        start = self.text[:8] if self.form is not TokenForm.DECODED else "{…}"
        algorithm = self.algorithm if self.algorithm and _PLAIN_NAME.fullmatch(self.algorithm) else "no known algorithm"
        return f"{start}…[{len(self.text) or len(self.span)} characters, {algorithm}]"
