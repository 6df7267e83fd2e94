"""When time alone may change what the rules say of a token."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from claimlens.entra import numeric_date
from claimlens.rules.context import TokenContext

LONGEST_LIFETIME = timedelta(days=366)
"""A token that lives longer is a password with extra steps; refresh tokens of Entra ID end after 90 days."""


def next_change(context: TokenContext) -> datetime | None:
    """Return the next moment after ``context.now`` at which a rule may change its mind, or None.

    A rule that compares another moment with the clock has to add it to `_moments`.
    """
    return min((moment for moment in _moments(context) if moment > context.now), default=None)


def _moments(context: TokenContext) -> Iterator[datetime]:
    expires, starts, issued = (numeric_date(context.claims.get(name)) for name in ("exp", "nbf", "iat"))
    if expires:
        yield from (expires, expires + context.skew, expires - LONGEST_LIFETIME)
        yield expires - timedelta(minutes=context.settings.expiry_hint_minutes)
    for begin in (starts, issued):
        if begin:
            yield from (begin, begin - context.skew)
