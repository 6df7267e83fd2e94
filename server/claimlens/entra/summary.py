"""A token told in a few lines: what every face shows first, before it lays it out its own way.

Values that come from the token are kept as they are: the face escapes `Row.value` and `Row.name`, `title` and `label`.
Headings and meanings are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo

import attrs

from claimlens.entra.explain import explain_claim
from claimlens.entra.model import ClaimPlace, Claims, Flow, Named, Profile, ValidityState
from claimlens.jose.model import Token
from claimlens.text.durations import relative

_SHOWN = 20
"""Permissions, audiences and the like that are listed before the rest is only counted."""
_LONGEST_LABEL = 60


@attrs.frozen
class Row:
    """One line of a table about a token.

    Attributes:
        name: what it is: a word of ours, or a claim's name.
        value: what the token says, named where known; hostile.
        meaning: a sentence of ours, or empty.
        claims: the claims it was read from.
    """

    name: str = attrs.field(repr=False)
    value: str = attrs.field(repr=False)
    meaning: str = ""
    claims: tuple[str, ...] = ()


def title(profile: Profile, zone: tzinfo | None = None) -> str:
    """Return what, from whom, on whose behalf and until when; the time also in ``zone``.

    Such as ``access token v2.0 · Microsoft Entra ID v2.0 · delegated · expired 3 h ago (2026-11-23 15:00:00 UTC)``.
    """
    words = [profile.title]
    if profile.issuer:
        words.append(profile.issuer.name)
    if profile.flow is not Flow.UNKNOWN:
        words.append(profile.flow.value)
    return " · ".join([*words, *_state(profile, zone)])


def _state(profile: Profile, zone: tzinfo | None) -> Iterator[str]:
    validity = profile.validity
    if validity.state is ValidityState.NOT_YET_VALID and validity.starts:
        yield f"{validity.summary} ({moment(validity.starts, zone)})"
    elif validity.expires:
        yield f"{validity.summary} ({moment(validity.expires, zone)})"
    elif validity.summary and profile.evidence.get("validity"):
        yield validity.summary


def label(profile: Profile) -> str:
    """Return the token in the few words that fit beside it: ``access token v2.0 · api://orders · expired 3 h ago``."""
    words = [profile.title]
    if profile.audiences:
        first = profile.audiences[0]
        words.append(_cut(first.name or first.value))
    if profile.validity.summary and profile.evidence.get("validity"):
        words.append(profile.validity.summary)
    return " · ".join(words)


def main_rows(profile: Profile, now: datetime, zone: tzinfo | None = None) -> tuple[Row, ...]:
    """Return what matters first: issuer, audience, client, permissions, subject, times."""
    return tuple(row for row in _main_rows(profile, now, zone) if row.value)


def _main_rows(profile: Profile, now: datetime, zone: tzinfo | None) -> Iterator[Row]:
    evidence = profile.evidence
    if profile.issuer:
        named = Named(profile.issuer.issuer, profile.issuer.name)
        yield Row("issuer", named.text, claims=evidence.get("issuer", ()))
    if profile.tenant:
        yield Row("tenant", profile.tenant.text, profile.tenant.note, evidence.get("tenant", ()))
    yield _list("audience", profile.audiences, evidence.get("audiences", ()))
    if profile.client:
        yield Row("client", profile.client.text, profile.client.note, evidence.get("client", ()))
    yield from _permissions(profile)
    yield Row("subject", profile.subject or "", claims=evidence.get("subject", ()))
    yield _list("directory roles", profile.directory_roles, evidence.get("directory_roles", ()))
    for name, claim, when in (
        ("issued", "iat", profile.validity.issued),
        ("valid from", "nbf", profile.validity.starts),
        ("expires", "exp", profile.validity.expires),
    ):
        if when:
            yield Row(name, f"{moment(when, zone)}, {relative(when - now)}", claims=(claim,))


def _permissions(profile: Profile) -> Iterator[Row]:
    for name, kind, claims in (("scopes", "delegated", ("scp", "scope")), ("roles", "application", ("roles",))):
        granted = [
            f"{one.value} ({one.title})" if one.title else one.value for one in profile.permissions if one.type == kind
        ]
        yield Row(name, _joined(granted), claims=claims)


def _list(name: str, values: Iterable[Named], claims: tuple[str, ...]) -> Row:
    listed = tuple(values)
    return Row(name, _joined([one.text for one in listed]), listed[0].note if len(listed) == 1 else "", claims)


def claim_rows(claims: Claims | None, place: ClaimPlace = "payload", leave_out: Iterable[str] = ()) -> Iterator[Row]:
    """Yield every claim or header parameter with its value in words and its meaning, but those in ``leave_out``."""
    left_out = frozenset(leave_out)
    for name, value in (claims or {}).items():
        if name not in left_out:
            explained = explain_claim(name, value, place)
            yield Row(name, explained.value, explained.meaning, (name,))


def remaining_rows(token: Token, shown: Iterable[Row]) -> Iterator[Row]:
    """Yield the claims of ``token`` that none of the rows ``shown`` was read from."""
    return claim_rows(token.payload, leave_out=[claim for row in shown for claim in row.claims])


def moment(when: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment in UTC, and in ``zone`` where that differs: ``2026-11-23 15:00:00 UTC (16:00:00 CET)``."""
    text = f"{when:%Y-%m-%d %H:%M:%S} UTC"
    if zone is None:
        return text
    there = when.astimezone(zone)
    if there.utcoffset() == when.utcoffset():
        return text
    date = "" if there.date() == when.date() else f"{there:%Y-%m-%d} "
    return f"{text} ({date}{there:%H:%M:%S} {there.tzname()})"


def _joined(values: list[str]) -> str:
    more = len(values) - _SHOWN
    return ", ".join(values[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST_LABEL else value[: _LONGEST_LABEL - 1] + "…"
