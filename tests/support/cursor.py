"""Policies with a cursor: ``<|>`` marks where it stands."""

from __future__ import annotations

from claimlens.apim.document import PolicyDocument
from claimlens.apim.parser import parse

CURSOR = "<|>"


def with_cursor(text: str) -> tuple[PolicyDocument, int]:
    """Return the policy without its mark, and where the mark stood."""
    before, after = text.split(CURSOR)
    return parse(before + after), len(before)


def in_inbound(inside: str) -> str:
    """Return a policy with this in its inbound section, in front of ``<base />``."""
    return (
        f"<policies>\n    <inbound>\n        {inside}\n        <base />\n    </inbound>\n"
        "    <outbound>\n        <base />\n    </outbound>\n</policies>\n"
    )


def position_of(text: str) -> tuple[str, int, int]:
    """Return a text without its mark, and the line and column (code points) where it stood."""
    before, after = text.split(CURSOR)
    return before + after, before.count("\n"), len(before) - before.rfind("\n") - 1
