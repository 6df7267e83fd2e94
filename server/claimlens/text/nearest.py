"""Which of some names somebody meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 100
_SLIP = 0.8


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


def is_slip(name: str, meant: str | None) -> bool:
    """Tell whether ``name`` is so near to ``meant`` that it is no name of its own.

    >>> is_slip("set-metod", "set-method")
    True
    """
    from difflib import SequenceMatcher  # only a mistake needs it

    return meant is not None and SequenceMatcher(None, name.lower(), meant.lower()).ratio() >= _SLIP


def slip_of(name: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that ``name`` is a slip from, or None.

    >>> slip_of("polices", ["policies", "fragment"])
    'policies'
    """
    meant = nearest(name, names)
    return meant if is_slip(name, meant) else None
