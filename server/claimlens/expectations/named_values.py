"""Fill in the named values of policies (``{{name}}``), so that what they stand for can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import attrs

from claimlens.expectations.model import Expectation, Stated

_NAMED_VALUE = re.compile(r"\{\{\s*+([A-Za-z0-9._-]{1,256})\s*+\}\}")


def with_named_values(
    expectations: Iterable[Expectation], value_of: Callable[[str], str | None]
) -> tuple[Expectation, ...]:
    """Return the expectations, each statement whose named values are all known with these filled in.

    Args:
        expectations: as read from files.
        value_of: returns what a named value stands for, or None where that is not known.
    """
    return tuple(_filled(each, value_of) for each in expectations)


def _filled(expectation: Expectation, value_of: Callable[[str], str | None]) -> Expectation:
    if not any("{{" in stated.value for values in expectation.statements.values() for stated in values):
        return expectation
    statements = {
        role: tuple(_stated(each, value_of) for each in values) for role, values in expectation.statements.items()
    }
    return attrs.evolve(expectation, statements=statements)


def _stated(stated: Stated, value_of: Callable[[str], str | None]) -> Stated:
    """Fill in a statement; its label tells what is written in the file."""
    known = {name: value_of(name) for name in _NAMED_VALUE.findall(stated.value)}
    if not known or None in known.values():
        return stated
    value = _NAMED_VALUE.sub(lambda found: known[found[1]] or "", stated.value)
    return attrs.evolve(stated, value=value, label=f"{stated.label} {stated.value}")
