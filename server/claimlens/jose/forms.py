"""Which form a candidate has, and how many of its parts belong to it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from claimlens.jose import base64url
from claimlens.jose.algorithms import signature_characters, tag_characters
from claimlens.jose.model import TokenForm

_CUT_OFF = re.compile(r"\.{3}|\.?…|\.{0,3} ?[\[<(](?:\.\.\.|…|truncated|snip|cut|redacted)|\*{3}", re.IGNORECASE)
"""What people and log writers put where they cut."""

_LINE_END = re.compile(r"[ \t]*+(?:[\r\n]|\Z)")

_LONGEST_VECTOR = 22
"""Characters of a JWE initialization vector: 12 or 16 bytes, RFC 7518 sections 5.2 and 5.3."""

_LEAST_DETACHED = 20
"""Characters of a signature that make ``header..signature`` more than a header and two dots."""

REGISTERED_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
"""RFC 7519 section 4.1."""

Form = tuple[TokenForm, int]


def is_encrypted(header: Mapping[str, Any]) -> bool:
    """Tell whether the header is that of a JWE."""
    return isinstance(header.get("enc"), str)


def last_lengths(header: Mapping[str, Any]) -> frozenset[int]:
    """Return how many characters the last part of the token may have; empty if that is not known."""
    if is_encrypted(header):
        return tag_characters(header["enc"])
    return signature_characters(str(header.get("alg")))


def is_complete(last_part: str, header: Mapping[str, Any]) -> bool:
    """Tell whether the last part of a token has a length that its algorithm makes."""
    return len(last_part.rstrip("=")) in last_lengths(header)


def is_cut_off(following: str) -> bool:
    """Tell whether what follows a candidate says that its end was left out."""
    return _CUT_OFF.match(following) is not None


def classify(parts: Sequence[str], header: Mapping[str, Any], following: str) -> Form | None:
    """Return the form of a candidate and the number of its parts, or None if it is no token.

    Args:
        parts: what stands between the dots, the header first, five at most.
        header: what the first part decodes to.
        following: a few characters of the text behind it.
    """
    count = len(parts)
    while count > 1 and not parts[count - 1]:
        count -= 1
    needed = 5 if is_encrypted(header) else 3
    whole = count == needed and is_complete(parts[needed - 1], header)
    if not whole and is_cut_off("." * (len(parts) - count) + following):
        return TokenForm.TRUNCATED, count
    return _encrypted(parts, count, following) if needed == 5 else _signed(parts, header)


def _encrypted(parts: Sequence[str], count: int, following: str) -> Form | None:
    """Judge parts whose header announces encryption. Three or four that do not end with the line were never cut off.

    They are then taken as a JWS: the longest serialization they hold; `decode` says that the header wants five.
    """
    if len(parts) == 5 and parts[2] and (parts[3] or parts[4]):
        return TokenForm.JWE, 5
    least = _LONGEST_VECTOR + 1 if _LINE_END.match(following) else _LEAST_DETACHED
    if len(parts) >= 3 and len(parts[2]) >= least:
        return TokenForm.JWS, 3
    return (TokenForm.TRUNCATED, count) if count > 1 else None


def _signed(parts: Sequence[str], header: Mapping[str, Any]) -> Form | None:
    if len(parts) < 3:
        return (TokenForm.TRUNCATED, 2) if len(parts) == 2 and _opens_object(parts[1]) else None
    _, payload, signature, *_ = parts
    if payload and (signature or str(header.get("alg")).lower() == "none"):
        return TokenForm.JWS, 3
    if payload:
        return (TokenForm.JWS, 3) if claims(payload) is not None else (TokenForm.TRUNCATED, 2)
    return (TokenForm.JWS, 3) if len(signature) >= _LEAST_DETACHED else None


def claims(encoded: str) -> Mapping[str, Any] | None:
    """Return the JSON object encoded here, or None."""
    try:
        value = json.loads(base64url.read(encoded).value)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_text(encoded: str) -> bool:
    """Tell whether this encodes UTF-8 text; the last character may be cut."""
    octets = base64url.read(encoded).value
    try:
        octets.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(octets) - 3
    return True


def _opens_object(encoded: str) -> bool:
    return base64url.read(encoded[:64]).value.lstrip().startswith(b"{") or len(encoded) >= _LEAST_DETACHED


def is_convincing(parts: Sequence[str], header: Mapping[str, Any], form: TokenForm, by_literals: bool) -> bool:
    """Tell whether joined pieces make a token beyond doubt.

    String literals were joined by their author: it is enough that the payload is text. Lines may stand below one
    another by accident: they must make a JWE, or a JWT that says so or carries a registered claim.
    """
    if form is TokenForm.JWE:
        return True
    payload = parts[1] if len(parts) > 1 else ""
    if form is TokenForm.TRUNCATED:
        return payload.startswith(("ey", "ew")) and is_text(payload)
    if by_literals:
        return is_text(payload)
    members = claims(payload)
    return members is not None and (
        "jwt" in str(header.get("typ")).lower() or not REGISTERED_CLAIMS.isdisjoint(members)
    )
