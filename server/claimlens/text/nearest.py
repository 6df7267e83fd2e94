"""Which of some names somebody meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 100


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that looks most like ``name``, case aside, or None if none is near.

    >>> nearest("jwt-expird", ["jwt-expired", "jwt-truncated"])
    'jwt-expired'
    """
    import difflib  # only a mistake needs it

    if len(name) > _LONGEST:
        return None
    by_lower_case = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return by_lower_case[found[0]] if found else None
