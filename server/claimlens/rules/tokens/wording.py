"""How rules put values from a token into their messages: inert, short, and never the token itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from claimlens.entra import Named
from claimlens.text.escape import visible

_LONGEST = 80
_MOST = 3


def utc(moment: datetime) -> str:
    """Return ``moment`` as ``2026-01-31 12:00:00 UTC``."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def quoted(value: str) -> str:
    """Return ``value`` in quotes, cut where it is long.

    >>> quoted("api://orders")
    "'api://orders'"
    """
    shown = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return f"'{visible(shown)}'"


def listed(values: Iterable[str]) -> str:
    """Return the values, quoted, the first three only.

    >>> listed(["a", "b", "c", "d", "e"])
    "'a', 'b', 'c' and 2 more"
    """
    shown = [quoted(value) for value in values]
    if len(shown) <= _MOST:
        return ", ".join(shown)
    return f"{', '.join(shown[:_MOST])} and {len(shown) - _MOST} more"


def named(values: Iterable[Named]) -> str:
    """Return the values as `listed` does, the first with its name where it has one."""
    collected = list(values)
    first = collected[0].name if collected else None
    shown = listed(value.value for value in collected)
    return f"{shown} ({visible(first[:_LONGEST])})" if first else shown
