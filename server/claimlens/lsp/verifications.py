"""What verifications found, kept until the token's text changes: a result belongs to the text, wherever it stands.

Tokens are known by a digest of their text, so that nothing of a token outlives its document here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from claimlens.jose.model import Token

if TYPE_CHECKING:
    from claimlens.services.verification import Verification

MOST = 200
"""Results that are kept; the oldest go first."""


@attrs.frozen
class Verified:
    """A verification and when it was made."""

    verification: Verification
    at: datetime


class Verifications:
    """The latest verification of each token."""

    def __init__(self) -> None:
        self._results: dict[bytes, Verified] = {}
        self._lengths: set[int] = set()

    def keep(self, token: Token, result: Verified) -> None:
        """Remember the result for this token in place of an earlier one."""
        key = _digest(token)
        self._results.pop(key, None)
        self._results[key] = result
        self._lengths.add(len(token.text))
        while len(self._results) > MOST:
            del self._results[next(iter(self._results))]

    def of(self, token: Token) -> Verified | None:
        """Return what is known of this token; quick for the many that were never verified."""
        return self._results.get(_digest(token)) if len(token.text) in self._lengths else None

    @property
    def any_refuted(self) -> bool:
        """Whether any signature was found invalid."""
        return any(result.verification.signature == "invalid" for result in self._results.values())

    def refuted(self, tokens: Iterable[Token]) -> Iterator[tuple[Token, str]]:
        """Yield the tokens whose signature was found invalid, with the reason."""
        for token in tokens:
            result = self.of(token)
            if result is not None and result.verification.signature == "invalid":
                yield token, result.verification.signature_detail


def _digest(token: Token) -> bytes:
    return hashlib.sha256(token.text.encode("utf-8", "surrogatepass")).digest()
