"""A claim in words: what it means, what trips people up, and what its value says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from claimlens.entra.catalogue import (
    MICROSOFT_GRAPH,
    application,
    directory_role,
    meaning_of,
    permission,
    tenant,
)
from claimlens.entra.claims import texts
from claimlens.entra.data import load
from claimlens.entra.guids import request_id
from claimlens.entra.issuers import match_issuer
from claimlens.entra.model import ClaimPlace, Claims, Explanation, PermissionType
from claimlens.entra.plain import MOST_SHOWN, plain
from claimlens.entra.validity import likely_moment, numeric_date

_LONG_NAME_GOTCHA = "The long form of {short}: .NET (while MapInboundClaims is on) and the Azure activity log use it."


def explain_claim(name: str, value: Any, where: ClaimPlace = "payload", claims: Claims | None = None) -> Explanation:
    """Return what the claim or header parameter means, with its value in words. Never raises, whatever the value.

    The other ``claims`` of the token, if given, tell whether its permissions are those of Microsoft Graph.
    """
    entry, short = _entry(name, where)
    gotcha = _LONG_NAME_GOTCHA.format(short=short) if short else entry.get("gotcha", "")
    return Explanation(
        name=name,
        place=where,
        known=bool(entry),
        meaning=entry.get("meaning", ""),
        gotcha=gotcha,
        value=_in_words(short or name, value, entry.get("kind", ""), claims or {}),
        link=entry.get("source", ""),
        confidence=entry.get("confidence", "high"),
    )


def known_claims(where: ClaimPlace = "payload") -> tuple[str, ...]:
    """Return the names of all claims (or header parameters) of the catalogue, the frequent ones first."""
    return tuple(load("claims")[where])


def _entry(name: str, where: ClaimPlace) -> tuple[Mapping[str, Any], str | None]:
    """Return the catalogue's entry, empty where there is none, and the short name if ``name`` is a long one."""
    catalogue = load("claims")
    if where == "header" and name in catalogue["header"]:
        return catalogue["header"][name], None
    if where == "header" and name not in ("iss", "sub", "aud"):  # RFC 7519 section 5.3 lets these stand there too
        return {}, None
    short = catalogue["aliases"].get(name)
    entry = catalogue["payload"].get(short or name)
    if entry is None:
        entry = next((known for known in catalogue["prefixes"] if name.startswith(known["prefix"])), {})
    return entry, short


def _in_words(name: str, value: Any, kind: str, claims: Claims) -> str:
    if kind == "time":
        return _moment(value)
    if kind == "request-id":
        identifier = request_id(value)
        return f"{plain(value)} (request id {identifier})" if identifier else plain(value)
    if kind == "issuer":
        match = match_issuer(value)
        return _named(value, match.name) if match else plain(value)
    if kind in ("scopes", "coded-words") and isinstance(value, str):
        value = value.split()
    return _each(value, _name_finder(name, kind, claims))


def _name_finder(name: str, kind: str, claims: Claims) -> Callable[[Any], str | None]:
    """Return the function that finds what one entry of a claim of this kind is called."""
    if kind in ("audience", "application"):
        return lambda entry: known.name if (known := application(entry)) else None
    if kind == "tenant":
        return lambda entry: known.name if (known := tenant(entry)) else None
    if kind == "wids":
        return lambda entry: known.name if (known := directory_role(entry)) else None
    if kind in ("coded", "coded-words"):
        return lambda entry: meaning_of(name, str(entry) if type(entry) is int and entry in range(10) else entry)
    if kind in ("scopes", "roles") and _is_for_graph(claims):
        permission_type: PermissionType = "delegated" if kind == "scopes" else "application"
        return lambda entry: known.title if (known := permission(entry, permission_type)) else None
    return lambda _: None


def _is_for_graph(claims: Claims) -> bool:
    return any(known and known.id == MICROSOFT_GRAPH for known in map(application, texts(claims, "aud")))


def _each(value: Any, find: Callable[[Any], str | None]) -> str:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return _named(value, find(value))
    shown = ", ".join(_named(entry, find(entry)) for entry in value[:MOST_SHOWN])
    hidden = len(value) - MOST_SHOWN
    return f"{shown} … and {hidden} more" if hidden > 0 else shown or "none"


def _named(value: Any, name: str | None) -> str:
    return f"{name} ({plain(value)})" if name else plain(value)


def _moment(value: Any) -> str:
    moment = likely_moment(value)
    if moment is None:
        return plain(value)
    stamp = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    if numeric_date(value) == moment:
        return stamp
    wrong = "text instead of a number" if isinstance(value, str) else "milliseconds instead of seconds"
    return f"{plain(value)} ({wrong}; probably {stamp})"
