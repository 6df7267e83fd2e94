"""Finds where a JSON object or array that stands in other text ends."""

from __future__ import annotations

import re

_STRUCTURE = re.compile(r'"(?:[^"\\\r\n]++|\\.)*+"|[{}\[\]]')
"""Strings, so that brackets in them do not count, and brackets."""

MAXIMUM_EXTENT = 262_144
"""Characters of a JSON value that is looked for in other text."""


def extent(text: str, start: int, limit: int) -> tuple[int, bool]:
    """Return the end of the JSON value that opens at ``start``, and whether it closes there.

    Where it does not close before ``limit``, the offset is where looking stopped: whoever searches on from there looks
    at every character once.
    """
    limit = min(limit, start + MAXIMUM_EXTENT)
    depth = 0
    for match in _STRUCTURE.finditer(text, start, limit):
        mark = match[0][0]
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
            if depth <= 0:
                return match.end(), True
    return limit, False
