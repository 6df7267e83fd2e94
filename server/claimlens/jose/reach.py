"""How far an edit can reach: the part of a text that has to be scanned again.

What `scan` finds at one place depends on the text near it only. A token that stands on one line ends at barriers
(`_STOP`), which no token, gap or escape holds. Over a line break it goes on only if one line can end a piece and
the next can begin one (`_joins`). And a token printed decoded is at most `MAXIMUM_PRINTED` characters long.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from claimlens.jose.candidate import MAXIMUM_LENGTH
from claimlens.jose.printed import MAXIMUM_PRINTED, OPENING, attempts
from claimlens.jose.wrap import CLOSED, DECORATION, MAXIMUM_EXTENT, PIECE
from claimlens.text.spans import Span, hull

MAXIMUM_REACH = MAXIMUM_EXTENT
"""Characters that the widening goes in each direction at most."""

_MARGIN = 256
"""Characters beside a place that can matter although a barrier stands between: escapes, ``Bearer``, a comment."""
_LONG_LINE = 4_096
_CHUNK = 4_096
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_LINE_BREAKS = ("\r\n", "\r", "\n")
_STOP = re.compile(r"\r\n|[\r\n,{}()<\[\]?]")
"""Line breaks, and the barriers: no token, gap or escape holds any of these, but for a comment in a gap."""
_GAP_COMMENT = re.compile(r"[A-Za-z0-9_.=-][\"'`][ \t]*(?:\+|&|\.{1,2}|\\)?[ \t]*_?[ \t]*(?:#|//)")
_TAIL = re.compile(r"[A-Za-z0-9_.=-][\"'`]?[ \t]*(?:\+|&|\.{1,2}|\\|=)?[ \t]*_?[ \t]*(?:(?:#|//)[^\r\n]{0,200})?\Z")
_COMMENT = re.compile("#|//")
_PIECE_ENDS = frozenset(string.ascii_letters + string.digits + "_-.=\"'`+&\\^")
"""What a line ends with that can go on, a comment apart."""
_HEAD = re.compile(rf"{DECORATION}(?:\+|&|\.{{1,2}})?[ \t]*+(?:[bBrRuUfF]{{1,2}}|[@$])?[\"'`]?{PIECE}{CLOSED}")
"""What a line begins with that can continue a token on the line before."""


def reach(text: str, start: int, end: int) -> Span:
    """Return the range around ``text[start:end]`` that holds every token that can touch it.

    The promise: what ``scan(text)`` finds inside the range is what ``scan(text, *range)`` finds, and what it finds
    elsewhere does not depend on ``text[start:end]``. An edit changes what depends on the former text or on the new one:
    it takes the reach of both. It costs what the range costs, whatever the length of the text; the range is never more
    than `MAXIMUM_REACH` wider on each side.
    """
    # A line break that the place cuts in two is looked at as one.
    first = start + text.startswith("\r\n", start - 1) if start else start
    last = end - text.startswith("\r\n", end - 1) if end else end
    widened = hull([Span(start, end), Span(_backward(text, first), max(first, _forward(text, last)))])
    whole = hull([widened, *_printed(text, widened)])
    return whole if whole.end == widened.end else Span(whole.start, _forward(text, whole.end))


def _printed(text: str, region: Span) -> Iterator[Span]:
    """Yield what is read to find out whether tokens are printed in ``region``, or begin before it and end in it."""
    start, end = max(0, region.start - 2 * MAXIMUM_PRINTED), min(len(text), region.end + MAXIMUM_PRINTED)
    if not OPENING.search(text, start, region.end + _MARGIN):  # the rule: this is cheap and the rest is not
        return
    for _, read in attempts(text, start, end):
        if read.start > region.end:
            return
        if read.end >= region.start:
            yield read


def _backward(text: str, start: int) -> int:
    least = max(0, start - MAXIMUM_REACH)
    position = start
    while position > least:
        near = max(least, position - _LONG_LINE)
        line_start = max(text.rfind("\n", near, position), text.rfind("\r", near, position)) + 1
        if line_start == 0:
            if near == 0:
                return 0
            line_start = _behind_stop(text, least, max(least, position - _MARGIN))
            if line_start == least or text[line_start - 1] not in "\r\n":
                return line_start
        break_start = line_start - 2 if text.startswith("\r\n", max(0, line_start - 2)) else line_start - 1
        if not _joins(text, break_start, line_start):
            return line_start
        position = break_start
    return position


def _forward(text: str, end: int) -> int:
    most = min(len(text), end + MAXIMUM_REACH)
    position = end
    while position < most:
        near = min(most, position + _LONG_LINE)
        near += text.startswith("\r\n", near - 1)
        line_break = _LINE_BREAK.search(text, position, near)
        if line_break is None:
            stop = _stop_behind(text, min(near, position + _MARGIN), most)
            if stop is None:
                return most
            if stop[0] not in _LINE_BREAKS:
                return stop.end()
            line_break = stop
        if not _joins(text, line_break.start(), line_break.end()):
            return line_break.end()
        position = line_break.end()
    return position


def _stop_behind(text: str, position: int, most: int) -> re.Match[str] | None:
    """Return the next line break, or barrier that stands in no comment."""
    for stop in _STOP.finditer(text, position, most):
        if stop[0] in _LINE_BREAKS or not _GAP_COMMENT.search(text, max(0, stop.start() - _MARGIN), stop.start()):
            return stop
    return None


def _behind_stop(text: str, least: int, position: int) -> int:
    """Return the offset behind the last barrier or line break before ``position``."""
    while position > least:
        start = max(least, position - _CHUNK)
        if found := list(_STOP.finditer(text, start, position)):
            return found[-1].end()
        position = start
    return least


def _joins(text: str, line_end: int, next_line: int) -> bool:
    """Tell whether a token could go on over this line break."""
    tail = _tail(text, line_end)
    if tail[-1:] not in _PIECE_ENDS and not (_COMMENT.search(tail) and _TAIL.search(tail)):
        return False
    return _HEAD.match(text, next_line, next_line + MAXIMUM_LENGTH) is not None


def _tail(text: str, line_end: int) -> str:
    """Return the last characters of a line, without the blanks at its end."""
    while line_end > 0:
        start = max(0, line_end - _MARGIN)
        tail = text[start:line_end].rstrip(" \t")
        if tail:
            end = start + len(tail)
            return text[max(0, end - _MARGIN) : end]
        line_end = start
    return ""
