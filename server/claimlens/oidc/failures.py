"""What can go wrong between us and an issuer, as values with a message for people.

Each `FailureKind` is one situation a user can act on; the message says what was tried, what came back and what to do.
"""

from __future__ import annotations

import enum

import attrs


class FailureKind(enum.StrEnum):
    """One kind of refusal (we did not ask) or failure (we asked and got no usable answer)."""

    # Refused before anything was sent.
    OFFLINE = "offline"
    URL_MALFORMED = "url-malformed"
    SCHEME_REFUSED = "scheme-refused"
    HOST_NOT_ALLOWED = "host-not-allowed"
    ADDRESS_REFUSED = "address-refused"
    # No connection.
    NAME_NOT_FOUND = "name-not-found"
    CONNECTION_REFUSED = "connection-refused"
    TLS = "tls"
    PROXY = "proxy"
    TIMEOUT = "timeout"
    # An answer that cannot be used.
    REDIRECT = "redirect"
    NOT_FOUND = "not-found"
    STATUS = "status"
    RATE_LIMITED = "rate-limited"
    PROTOCOL = "protocol"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    ENCODING_REFUSED = "encoding-refused"
    HTML = "html"
    NOT_JSON = "not-json"
    # A document that is not what it should be.
    METADATA_INVALID = "metadata-invalid"
    JWKS_URI_MISSING = "jwks-uri-missing"
    KEYS_INVALID = "keys-invalid"
    KEYS_EMPTY = "keys-empty"

    @property
    def is_ours(self) -> bool:
        """Whether it says nothing about the issuer: we did not ask, or this machine got no connection."""
        return self in _OURS


_OURS = frozenset(
    (
        FailureKind.OFFLINE,
        FailureKind.HOST_NOT_ALLOWED,
        FailureKind.ADDRESS_REFUSED,
        FailureKind.NAME_NOT_FOUND,
        FailureKind.CONNECTION_REFUSED,
        FailureKind.TLS,
        FailureKind.PROXY,
        FailureKind.TIMEOUT,
    )
)


@attrs.frozen
class Failure:
    """Why there is no document.

    Attributes:
        kind: the situation.
        url: what was asked for, without user information or query.
        message: what was tried and what came back, in one or two sentences.
        remedy: what the user can do.
        host: the host that would have to be allowed, for `FailureKind.HOST_NOT_ALLOWED` and ``ADDRESS_REFUSED``.
    """

    kind: FailureKind
    url: str
    message: str
    remedy: str
    host: str | None = None

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class FetchError(Exception):
    """Carries a `Failure` up to the caller; its text never holds more than the failure's message."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
