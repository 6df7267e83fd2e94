"""Credentials that people send in place of a JWT and that are none."""

from __future__ import annotations

import functools
import re

import attrs

from claimlens.entra.data import load
from claimlens.entra.model import Confidence


@attrs.frozen
class OpaqueToken:
    """A kind of credential that cannot be decoded.

    Attributes:
        name: what it is, as a noun.
        note: why it does not work, and what to send instead.
        confidence: how well the recognition is supported by sources.
    """

    name: str
    note: str
    confidence: Confidence


def opaque_token(text: str) -> OpaqueToken | None:
    """Return what ``text`` (without ``Bearer``) is if it begins like a known credential that is no JWT, or None."""
    return next((known for pattern, known in _known_tokens() if pattern.match(text)), None)


@functools.cache
def opaque_tokens() -> re.Pattern[str]:
    """Return the pattern of such credentials wherever they stand in a text, from their beginning to their end."""
    beginnings = "|".join(pattern.pattern for pattern, _ in _known_tokens())
    return re.compile(rf"(?<![A-Za-z0-9_.+/-])(?:{beginnings})[A-Za-z0-9_.~+/-]*={{0,2}}")


@functools.cache
def _known_tokens() -> tuple[tuple[re.Pattern[str], OpaqueToken], ...]:
    return tuple(
        (re.compile(entry["pattern"]), OpaqueToken(entry["name"], entry["note"], entry["confidence"]))
        for entry in load("opaque_tokens")["tokens"]
    )
