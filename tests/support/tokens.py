"""Made-up tokens for tests: encoded, not signed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from claimlens.jose import decode
from claimlens.jose.model import Token

SIGNATURE = "c2lnbmF0dXJl"


def compact(claims: Any, header: Mapping[str, Any] | None = None) -> str:
    """Return a compact JWS with these claims and a signature that verifies nowhere."""
    return f"{_part(header or {'alg': 'RS256', 'typ': 'JWT', 'kid': 'k1'})}.{_part(claims)}.{SIGNATURE}"


def token_of(claims: Any, header: Mapping[str, Any] | None = None) -> Token:
    """Return the decoded token of `compact`."""
    return decode(compact(claims, header))


_SIGNATURE_BYTES = {
    "none": 0,
    "HS256": 32,
    "HS384": 48,
    "HS512": 64,
    "ES256": 64,
    "ES384": 96,
    "ES512": 132,
    "EdDSA": 64,
}


def make_token(header: Any, payload: Any, signature: str | None = None) -> str:
    """Return a compact JWS that is the same every time.

    Args:
        header: a value that JSON can write, or a text to encode as it is.
        payload: the same.
        signature: the third part as it shall stand there; without it one of the length that ``alg`` makes.
    """
    parts = [_encode(header), _encode(payload)]
    if signature is None:
        algorithm = header.get("alg") if isinstance(header, Mapping) else None
        length = _SIGNATURE_BYTES.get(str(algorithm), 256)
        octets = hashlib.shake_256(".".join(parts).encode()).digest(length)
        signature = base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
    return ".".join([*parts, signature])


def make_encrypted_token(header: Mapping[str, Any], seed: str = "") -> str:
    """Return a compact JWE with this header and made-up ciphertext, the same every time."""
    parts = [_encode(header)]
    for name, length in (("key", 256), ("vector", 12), ("ciphertext", 96), ("tag", 16)):
        octets = hashlib.shake_256(f"{seed}{name}{parts[0]}".encode()).digest(length)
        parts.append(base64.urlsafe_b64encode(octets).rstrip(b"=").decode())
    return ".".join(parts)


def _encode(value: Any) -> str:
    if not isinstance(value, str):
        return _part(value)
    return base64.urlsafe_b64encode(value.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
