"""What a token is: immutable values that the scanner and the decoder produce and everything above reads.

Nothing here prints a token: the text of a token, and of each of its segments, is kept out of ``repr`` so that no
log line, trace or crash report can hold one by accident.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import attrs

from claimlens.text.spans import Span


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


@attrs.frozen
class Token:
    """A token found in a text, decoded as far as it can be.

    Attributes:
        form: how it stands in the text.
        span: where it stands in the document, from the first character of the header to the last of the last part.
        text: the compact serialization, unwrapped and unescaped (empty for `TokenForm.DECODED`).
        segments: its parts in order.
        header: the JOSE header, or None where it could not be decoded.
        payload: the JWT claims set, or None (encrypted, detached, not a JSON object, damaged).
        defects: everything wrong with the encoding.
    """

    form: TokenForm
    span: Span
    text: str = attrs.field(repr=False)
    segments: tuple[Segment, ...] = ()
    header: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    payload: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    defects: tuple[Defect, ...] = ()

    @property
    def algorithm(self) -> str | None:
        """The header's ``alg`` (RFC 7515 section 4.1.1), or None."""
        value = (self.header or {}).get("alg")
        return value if isinstance(value, str) else None

    def segment(self, role: SegmentRole) -> Segment | None:
        """Return the part with this role, or None."""
        return next((segment for segment in self.segments if segment.role is role), None)

    def masked(self) -> str:
        """Return what may be shown instead of the token, such as ``eyJhbGci…[1706 characters, RS256]``."""
        start = self.text[:8] if self.form is not TokenForm.DECODED else "{…}"
        return f"{start}…[{len(self.text) or len(self.span)} characters, {self.algorithm or 'no algorithm'}]"
