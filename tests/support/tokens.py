"""Made-up tokens for tests: encoded, not signed."""

from __future__ import annotations

import base64
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


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
