"""Makes compact serializations from parts, whole or broken, without any library that would refuse to."""

from __future__ import annotations

import base64
import json
from typing import Any

RS256 = {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
CLAIMS = {"iss": "https://login.example.com/", "aud": "api://orders", "exp": 1_800_000_000, "name": "Zoë Ünsal"}


def encoded(value: Any) -> str:
    """Return base64url of bytes, of text, or of anything else as JSON."""
    octets = value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(length: int, seed: int = 7) -> bytes:
    """Return bytes that look random and are the same each time."""
    return bytes((seed * 31 + index * 97 + index * index * 13) % 256 for index in range(length))


def jws(header: Any = None, claims: Any = None, signature: bytes | None = None) -> str:
    """Return ``header.payload.signature``; by default what a real RS256 access token looks like."""
    header = RS256 if header is None else header
    signature = octets(256) if signature is None else signature
    return ".".join((encoded(header), encoded(CLAIMS if claims is None else claims), encoded(signature)))


def hs256(claims: Any = None) -> str:
    """Return a short token with a signature of the right length."""
    return jws({"alg": "HS256"}, claims, octets(32))


def jwe(header: Any = None, encrypted_key: bytes = b"") -> str:
    """Return five parts with the lengths that A128GCM makes."""
    header = {"alg": "dir", "enc": "A128GCM"} if header is None else header
    return ".".join(
        (encoded(header), encoded(encrypted_key), encoded(octets(12)), encoded(octets(90)), encoded(octets(16)))
    )


def lines(token: str, width: int) -> list[str]:
    """Return the token cut into lines of this width."""
    return [token[start : start + width] for start in range(0, len(token), width)]
