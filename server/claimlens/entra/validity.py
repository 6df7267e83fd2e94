"""The times of a token against a clock that the caller hands in.

A NumericDate (RFC 7519 section 2) is a JSON number of seconds since 1970. What stands in a token may be anything else:
text, a boolean, milliseconds, ``1e400``. Everything here is guarded against that.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from claimlens.entra.model import Claims, Validity, ValidityState
from claimlens.text.durations import relative

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = (
    (datetime(year, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds() for year in (1000, 9000)
)  # far enough from the ends of the calendar that a clock skew cannot leave it
MILLISECONDS_FROM = 100_000_000_000
"""A NumericDate from here on (the year 5138) is taken for milliseconds."""

NEVER = timedelta(0)


def numeric_date(value: Any) -> datetime | None:
    """Return the moment that a NumericDate names, or None for anything that is not one or leaves the calendar.

    >>> numeric_date(1516239022).isoformat()
    '2018-01-18T01:30:22+00:00'
    >>> numeric_date("1516239022"), numeric_date(True), numeric_date(1e400), numeric_date(10**400)
    (None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not _EARLIEST < value < _LATEST:
        return None
    return _EPOCH + timedelta(seconds=float(value))


def likely_moment(value: Any) -> datetime | None:
    """Return the moment that ``value`` most likely means: a NumericDate, one written as text, or milliseconds."""
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and MILLISECONDS_FROM <= value < _LATEST * 1000:
        value = value / 1000
    return numeric_date(value)


def validity(claims: Claims | None, now: datetime, skew: timedelta = NEVER) -> Validity:
    """Judge ``nbf`` and ``exp`` of ``claims`` at ``now`` (aware), with ``skew`` granted on both sides.

    A token is expired at the very second of ``exp`` and valid from the very second of ``nbf`` (RFC 7519 sections
    4.1.4, 4.1.5). Milliseconds and numbers in quotes are unreadable here, as they are to a verifier; see
    `likely_moment`.
    """
    claims = claims if claims is not None else {}
    issued, starts, expires = (_read(claims, name) for name in ("iat", "nbf", "exp"))
    unreadable = tuple(
        name
        for name, moment in (("iat", issued), ("nbf", starts), ("exp", expires))
        if moment is None and claims.get(name) is not None
    )
    state, next_change = _judge(starts, expires, unreadable, now, skew)
    begin = issued or starts
    return Validity(
        state=state,
        issued=issued,
        starts=starts,
        expires=expires,
        lifetime=expires - begin if expires and begin else None,
        remaining=expires - now if expires else None,
        next_change=next_change,
        summary=_summary(state, starts, expires, now),
        unreadable=unreadable,
    )


def _read(claims: Claims, name: str) -> datetime | None:
    value = claims.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= MILLISECONDS_FROM:
        return None
    return numeric_date(value)


def _number(text: str) -> float | None:
    if len(text) > 24 or not text.strip().isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _judge(
    starts: datetime | None, expires: datetime | None, unreadable: tuple[str, ...], now: datetime, skew: timedelta
) -> tuple[ValidityState, datetime | None]:
    if expires and now >= expires + skew:
        return ValidityState.EXPIRED, None
    if starts and now < starts - skew:
        return ValidityState.NOT_YET_VALID, starts - skew
    if "exp" in unreadable or "nbf" in unreadable:
        return ValidityState.UNREADABLE, expires + skew if expires else None
    if expires is None:
        return ValidityState.NO_EXPIRY, None
    return ValidityState.VALID, expires + skew


def _summary(state: ValidityState, starts: datetime | None, expires: datetime | None, now: datetime) -> str:
    if state is ValidityState.EXPIRED and expires:
        return f"expired {relative(expires - now)}"
    if state is ValidityState.NOT_YET_VALID and starts:
        return f"not yet valid, starts {relative(starts - now)}"
    if state is ValidityState.VALID and expires:
        return f"expires {relative(expires - now)}"
    if state is ValidityState.NO_EXPIRY:
        return "never expires"
    return "validity unreadable"
