"""Any JSON value on one line, within bounds: nesting, length and size of numbers are up to whoever made the token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_SHOWN = 50
"""Entries of a list or object that are shown."""
LONGEST = 2000
"""Characters of a text that are shown."""

_DEEPEST = 4
_MOST_BITS = 256


def plain(value: Any) -> str:
    """Return ``value`` as people write it: texts bare, the rest much like JSON, cut where it grows beyond all measure.

    >>> plain("a"), plain(True), plain(None), plain([1, "b"]), plain({"sub": "x"})
    ('a', 'true', 'null', '[1, "b"]', '{"sub": "x"}')
    """
    if isinstance(value, str):
        return _cut(value)
    return _cut(_shown(value, _DEEPEST))


def _shown(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return f'"{_cut(value)}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        bits = value.bit_length()
        return str(value) if bits <= _MOST_BITS else f"a number of {bits} bits"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        members = list(value.items())[:MOST_SHOWN] if depth else []
        inner = [f"{_shown(str(name), 0)}: {_shown(member, depth - 1)}" for name, member in members]
        return "{" + _joined(inner, len(value)) + "}"
    if isinstance(value, Sequence):
        inner = [_shown(entry, depth - 1) for entry in value[:MOST_SHOWN]] if depth else []
        return "[" + _joined(inner, len(value)) + "]"
    return type(value).__name__


def _joined(shown: list[str], total: int) -> str:
    return ", ".join([*shown, "…"] if len(shown) < total else shown)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
