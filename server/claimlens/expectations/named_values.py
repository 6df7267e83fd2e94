"""Fill in the named values of policies (``{{name}}``), so that what they stand for can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from claimlens.expectations.model import Expectation

_NAMED_VALUE = re.compile(r"\{\{\s*+([A-Za-z0-9._-]{1,256})\s*+\}\}")


def with_named_values(
    expectations: Iterable[Expectation], value_of: Callable[[str], str | None]
) -> tuple[Expectation, ...]:
    """Return the expectations, each statement whose named values are all known with these filled in.

    Args:
        expectations: as read from files.
        value_of: returns what a named value stands for, or None where that is not known.
    """
    return tuple(each.filled(lambda value: _filled(value, value_of)) for each in expectations)


def _filled(value: str, value_of: Callable[[str], str | None]) -> str:
    known = {name: value_of(name) for name in _NAMED_VALUE.findall(value)} if "{{" in value else {}
    if not known or None in known.values():
        return value
    return _NAMED_VALUE.sub(lambda found: known[found[1]] or "", value)
