"""Durations in words, short enough for a hover's title line."""

from __future__ import annotations

from datetime import timedelta

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86_400, 31_557_600


def duration(length: timedelta) -> str:
    """Return the size of ``length`` in words, without its sign; cut to two units at most.

    >>> duration(timedelta(minutes=62)), duration(timedelta(days=400)), duration(timedelta(seconds=-20))
    ('1 h 2 min', '1.1 years', '20 s')
    """
    seconds = abs(int(length.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 3 * _HOUR:
        hours, minutes = divmod(seconds // _MINUTE, 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h"
    if seconds < _YEAR:
        return f"{seconds // _DAY} days"
    years = seconds / _YEAR
    return f"{years:.1f} years" if years < 10 else f"{years:.0f} years"


def relative(distance: timedelta) -> str:
    """Return where a moment lies, seen from now: ``in 5 min`` for a positive ``distance``, ``3 h ago`` for a negative.

    >>> relative(timedelta(hours=-3)), relative(timedelta(minutes=5)), relative(timedelta(0))
    ('3 h ago', 'in 5 min', 'now')
    """
    if abs(distance) < timedelta(seconds=1):
        return "now"
    return f"in {duration(distance)}" if distance > timedelta(0) else f"{duration(distance)} ago"
