"""Read ``WWW-Authenticate`` (RFC 9110 section 11.6.1) and the claims challenges inside.

https://learn.microsoft.com/entra/identity-platform/claims-challenge describes the parameter ``claims``: base64 of a
JSON object, which may end in ``=``, so that splitting at ``=`` or ``,`` damages it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110's word for a run of these characters
_SCHEME = re.compile(rf"\s*({_TOKEN})(?=\s|$|,)")
_PARAMETER = re.compile(rf'[\s,]*({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@attrs.frozen
class Challenge:
    """One challenge: its scheme and its parameters by lower-case name."""

    scheme: str
    parameters: Mapping[str, str] = attrs.field(repr=False)

    @property
    def claims(self) -> Mapping[str, Any] | None:
        """The decoded claims challenge, or None."""
        return decode_claims_challenge(self.parameters.get("claims", ""))


def parse_challenges(value: str) -> tuple[Challenge, ...]:
    """Return the challenges in the value of a ``WWW-Authenticate`` header; never fails."""
    return tuple(_challenges(value))


def _challenges(value: str) -> Iterator[Challenge]:
    position = 0
    while position < len(value):
        scheme = _SCHEME.match(value, position)
        if scheme is None:
            position += 1
            continue
        position = scheme.end()
        parameters: dict[str, str] = {}
        while (found := _PARAMETER.match(value, position)) is not None:
            quoted = found[2]
            parameters[found[1].lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else found[3]
            position = found.end()
        yield Challenge(scheme[1], parameters)


def decode_claims_challenge(value: str) -> Mapping[str, Any] | None:
    """Return the claims request in a ``claims`` parameter: base64, base64url or plain JSON; None where it is none."""
    text = value.strip()
    if not text:
        return None
    if not text.startswith("{"):
        standard = text.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            text = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            return None
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None
