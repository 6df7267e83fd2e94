"""What a token shows to whoever has to accept it: the part that can be compared with an expectation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from claimlens import jose
from claimlens.entra import Profile, TokenKind, match_issuer
from claimlens.entra.kinds import kind_of
from claimlens.jose.claims_checks import strings
from claimlens.jose.model import Token

_FOR_AN_API = frozenset((TokenKind.ACCESS, TokenKind.MANAGED_IDENTITY, TokenKind.UNKNOWN))


MOST_TOKENS = 200
"""Tokens of one text that are looked at."""


@attrs.frozen
class Addressed:
    """For whom some token is. Of the token itself nothing is kept.

    Attributes:
        audience: one of its audiences.
        issuer: its ``iss``.
        to_an_api: whether it is a token that is sent to an API; an ID token is not.
    """

    audience: str
    issuer: str
    to_an_api: bool = True


def addressed_in(text: str) -> frozenset[Addressed]:
    """Return for whom the tokens in a text are."""
    if "eyJ" not in text:
        return frozenset()
    return frozenset(found for token in jose.scan(text)[:MOST_TOKENS] for found in _addressed(token))


def _addressed(token: Token) -> Iterator[Addressed]:
    claims, issuer = token.payload or {}, (token.payload or {}).get("iss")
    if isinstance(issuer, str):
        kind, _ = kind_of(token, claims, token.header or {}, match_issuer(issuer))
        yield from (Addressed(each, issuer, kind in _FOR_AN_API) for each in strings(claims.get("aud")))


@attrs.frozen
class Presented:
    """What a token says of itself.

    Attributes:
        audiences: its ``aud``.
        issuer: its ``iss``, or empty.
        scopes: its delegated permissions.
        roles: its app roles.
        client: the application that asked for it (``azp``, ``appid``), or None.
    """

    audiences: tuple[str, ...]
    issuer: str
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    client: str | None = None

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
            next((value for name in ("azp", "appid") if isinstance(value := claims.get(name), str)), None),
        )
