"""A text as it was before terminals, JSON and HTML got it: what messages are looked for in.

Colours are taken out, escaped quotes and characters are what they stand for, wrapped lines are joined. Each
place in the plain text is known in the original.
"""

from __future__ import annotations

import bisect
import html
import re
from collections.abc import Sequence

import attrs

from claimlens.text.spans import Span

_SIGN = re.compile(r"[\x1b\\&\n]")
_COLOUR = r"(?:\x1b|\\{1,4}(?:u001[bB]|x1[bB]|e|033))\[[0-9;]{0,40}[mK]"
"""ECMA-48 section 8.3.117: how a terminal is told to colour; raw or escaped."""
_ESCAPE = (
    r"\\{1,7}(?:[\"'`/]|u00(?:22|26|27|2[bB]|3[cCeE]|60)|r?\\{0,7}n|r(?=\\))"
    r"|\\{2,8}|&(?:#39|#x27|quot|apos|amp|lt|gt);"
)
"""Quotes and the like in JSON, possibly in JSON again, and in HTML; line breaks and backslashes in JSON."""
_WRAP = r"(?<=[\w,;:')\"=(])[ \t]?\r?\n[ \t]{0,40}(?=[A-Za-z'(\"`\[{+])(?!at )"
"""A line break that may stand inside a sentence: no end of one before it, and no stack frame behind it."""
_CHANGED = re.compile(f"(?P<colour>{_COLOUR})|(?P<escape>{_ESCAPE})|(?P<wrap>{_WRAP})")
_SHORTEST_WRAPPED, _LONGEST_WRAPPED = 50, 400
"""Characters of a line that may have been wrapped."""
_LEAST_WORDS = 6
"""Words that make a line one of prose, and none of settings."""
_PLAINLY_ON = re.compile(r"(?![\w.-]{1,40}[:=\[(/])[a-z'(]")
"""How a sentence goes on: no name, header or setting."""
_NEW_ENTRY = re.compile(
    r"\[?(?i:trace|trce|debug|dbug|info|information|notice|warn|warning|fail|error|err|crit|critical|fatal)[\]:| ]"
    r"|[A-Z][\w.]*(?:Exception|Error)\b|Caused by|Traceback|[\"'][^\"'\n]{1,80}[\"']\s?:"
)
_UNFINISHED = re.compile(
    r"(?:[,(=]|[^.]:|\s[\"'(]|(?:\A|\s)(?:a|an|the|of|for|to|from|by|with|in|on|at|as|is|are|was|were|be|been|has|have|not|no|and|or|that"
    r"|this|use|using|must|should|can|cannot|could|may|does|did|user|issuer|value|signed|remote|provide|than))\Z",
    re.IGNORECASE,
)
"""How a line ends behind which even a capital letter goes on with the sentence."""


@attrs.frozen
class PlainText:
    """A text with what surrounds messages taken out.

    Attributes:
        text: the plain text.
        starts: where pieces of it begin that stand in one piece in the original, ascending.
        origins: where each of them begins in the original.
    """

    text: str = attrs.field(repr=False)
    starts: Sequence[int] = (0,)
    origins: Sequence[int] = (0,)

    def original(self, span: Span) -> Span:
        """Return where ``span`` of the plain text stands in the original."""
        return Span(self._origin(span.start), self._origin(max(span.start, span.end - 1)) + (span.end > span.start))

    def _origin(self, offset: int) -> int:
        index = bisect.bisect_right(self.starts, offset) - 1
        return self.origins[index] + offset - self.starts[index]


def plain(text: str) -> PlainText:
    """Return ``text`` without colours, escapes and wrapped lines; takes time that is linear in its length."""
    if _SIGN.search(text) is None:
        return PlainText(text)
    pieces: list[str] = []
    starts, origins = [0], [0]
    length = reached = 0
    for found in _CHANGED.finditer(text):
        replacement = _replacement(found)
        if replacement is None:
            continue
        kept = text[reached : found.start()]
        pieces += [kept, replacement]
        length += len(kept)
        if replacement:
            starts.append(length)
            origins.append(found.start())
            length += len(replacement)
        starts.append(length)
        origins.append(found.end())
        reached = found.end()
    return PlainText("".join([*pieces, text[reached:]]), starts, origins) if pieces else PlainText(text)


def _replacement(found: re.Match[str]) -> str | None:
    """Return what an escape stands for, at most one character; None for a line that is too short to be wrapped."""
    if found["colour"]:
        return ""
    if found["wrap"]:
        return " " if _goes_on(found) else None
    escape = found["escape"].lstrip("\\")
    if escape.startswith("&"):
        return html.unescape(escape)
    if escape.startswith("u"):
        return chr(int(escape[1:], 16))
    if not escape:
        return "\\"
    return escape if escape in "\"'`/" else " "


def _goes_on(wrap: re.Match[str]) -> bool:
    """Tell whether the line behind a line break goes on with the sentence before it."""
    text = wrap.string
    line = text[text.rfind("\n", max(0, wrap.start() - _LONGEST_WRAPPED), wrap.start()) + 1 : wrap.start()]
    if len(line) < _SHORTEST_WRAPPED:
        return False
    if line[-1] != ":" and _PLAINLY_ON.match(text, wrap.end()):
        return True
    if line.count(" ") < _LEAST_WORDS or _NEW_ENTRY.match(text, wrap.end()):
        return False
    return text[wrap.end()].islower() or _UNFINISHED.search(line) is not None
