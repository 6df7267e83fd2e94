"""What a token shows to whoever has to accept it: the part that can be compared with an expectation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from claimlens.entra import Profile, TokenKind

_FOR_AN_API = frozenset((TokenKind.ACCESS, TokenKind.MANAGED_IDENTITY, TokenKind.UNKNOWN))


@attrs.frozen
class Presented:
    """What a token says of itself.

    Attributes:
        audiences: its ``aud``.
        issuer: its ``iss``, or empty.
        scopes: its delegated permissions.
        roles: its app roles.
    """

    audiences: tuple[str, ...]
    issuer: str
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, profile: Profile, claims: Mapping[str, Any]) -> Presented | None:
        """Return what a token shows; None for one that nobody sends to an API, or that says too little."""
        issuer = claims.get("iss")
        audiences = tuple(audience.value for audience in profile.audiences)
        if profile.kind not in _FOR_AN_API or not isinstance(issuer, str) or not audiences:
            return None
        return cls(
            audiences,
            issuer,
            frozenset(each.value for each in profile.permissions if each.type == "delegated"),
            frozenset(each.value for each in profile.permissions if each.type != "delegated"),
        )
