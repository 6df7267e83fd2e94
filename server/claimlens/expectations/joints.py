"""What has to be written between a value of a list and another one, read from how the first is written."""

from __future__ import annotations

import re

import attrs

from claimlens.expectations.model import Stated
from claimlens.text.spans import Span

_ELEMENT = re.compile(r"(?P<indent>[ \t]*)<(?P<name>[\w.:-]+)>\s*\Z")
_ALONE = re.compile(r"(?P<indent>[ \t]*)(?P<dash>-[ \t]+)?(?P<quote>[\"']?)\Z")
_IN_LIST = re.compile(r"[\[,]\s*[\"']\Z")
_CLOSED = re.compile(r"[\"'][ \t]*(?=[,\]\r\n])")
_REACH = 500
"""Characters of a line before a value that are looked at: a line may be the whole file."""


def with_joints(text: str, values: tuple[Stated, ...]) -> tuple[Stated, ...]:
    """Return the values with their joints."""
    return tuple(attrs.evolve(stated, joint=_joint(text, stated.span)) for stated in values)


def _joint(text: str, span: Span) -> str | None:
    """Return what would begin another value behind ``span``, or None where the value is not one of a list."""
    line = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    start = max(line, span.start - _REACH)
    before, behind = text[start : span.start], text[span.end : span.end + 80]
    ending = "\r\n" if text.startswith("\r\n", text.find("\n", span.start) - 1) else "\n"
    if element := re.search(_ELEMENT, before):
        closing = f"</{element['name']}>"
        if not behind.lstrip().startswith(closing):
            return None
        own_line = start + element.start() == line
        return (
            f"{closing}{ending}{element['indent']}<{element['name']}>" if own_line else f"{closing}<{element['name']}>"
        )
    if alone := _ALONE.fullmatch(before):
        if not alone["dash"] and not (alone["quote"] and _CLOSED.match(behind)):
            return None
        comma = "," if not alone["dash"] and (_has_comma(text, start, behind) or not _is_bicep_like(text, span)) else ""
        return f"{alone['quote']}{comma}{ending}{before}"
    if _IN_LIST.search(before) and _CLOSED.match(behind):
        quote = before[-1]
        return f"{quote}, {quote}"
    return None


def _has_comma(text: str, start: int, behind: str) -> bool:
    """Tell whether the items on lines of their own are separated by commas as well."""
    return behind.lstrip("\"'").lstrip(" \t").startswith(",") or text[max(0, start - _REACH) : start].rstrip().endswith(
        ","
    )


def _is_bicep_like(text: str, span: Span) -> bool:
    """Tell whether the value is in single quotes, as in Bicep, where a line's end separates the items of a list."""
    return text[span.start - 1 : span.start] == "'"
