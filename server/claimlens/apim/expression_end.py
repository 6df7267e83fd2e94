"""Where a policy expression ends: just enough C# to step over strings, characters and comments.

``@(expression)`` ends at the parenthesis, ``@{statements}`` at the brace, that partners the first one; strings
(regular, verbatim, interpolated, nested), character literals and comments may hold any of them. In a file of format
``xml`` the quotes are written as entities (``&quot;``, ``&#34;``); a string opened by an entity is closed by one.
"""

from __future__ import annotations

import re
import sys
from typing import Final

import attrs

MAX_EXPRESSION_LENGTH: Final = 64 * 1024
"""Longest expression that is read, in characters: twice the 32 KB a whole policy fragment may have."""

_QUOTE: Final = r"&(?:quot|\#34|\#[xX]22);"
"""A double quote as XML writes it. This and what follows are for verbose patterns."""
_NO_QUOTE: Final = r"&(?!(?:quot|\#34|\#[xX]22);)"
_NO_LINE_END: Final = r"&(?!\#(?:10|13|[xX]0*[aAdD]);)"

_SKIP: Final = rf"""(?:
    [^%s"'/@$&<]++
  | "(?:[^"\\\r\n]++|\\.)*+"
  | @"(?:[^"]++|"")*+"
  | {_QUOTE}(?:[^&\\\r\n]++|\\(?:{_QUOTE}|.)|{_NO_QUOTE})*+{_QUOTE}
  | @{_QUOTE}(?:[^&]++|{_QUOTE}{_QUOTE}|{_NO_QUOTE})*+{_QUOTE}
  | '(?:[^\\'\r\n]++|\\.)*+'
  | //(?:[^\r\n&]++|{_NO_LINE_END})*+
  | /\*(?:[^*]++|\*(?!/))*+\*/
  | /(?![*/])
  | {_NO_QUOTE}
  | @(?!["$]|{_QUOTE})
  | \$(?!["@]|{_QUOTE})
  | <(?!/[A-Za-z])
)*+"""
"""Code up to the next bracket that counts, an interpolated string, or something that cannot be read."""
_SKIP_TO_PARENTHESIS: Final = re.compile(_SKIP % "()", re.VERBOSE | re.DOTALL)
_SKIP_TO_BRACE: Final = re.compile(_SKIP % "{}", re.VERBOSE | re.DOTALL)

_INTERPOLATED: Final = re.compile(rf"""(\$@|@\$|\$)("|{_QUOTE})""", re.VERBOSE)
_CLOSING_QUOTE: Final = re.compile(rf""""|{_QUOTE}""", re.VERBOSE)


def _content(*alternatives: str) -> re.Pattern[str]:
    """Return the pattern of what may stand in an interpolated string up to a hole or the closing quote."""
    return re.compile(rf"(?:{'|'.join(alternatives)}|\{{\{{|\}}\}}|\}}(?!\}}))*+", re.VERBOSE | re.DOTALL)


_STRING_CONTENT: Final = {
    # (verbatim, quote is an entity): pattern
    (False, False): _content(r'[^"\\{}\r\n]++', r"\\."),
    (True, False): _content(r'[^"{}]++', r'""'),
    (False, True): _content(r"[^&\\{}\r\n]++", rf"\\(?:{_QUOTE}|.)", _NO_QUOTE),
    (True, True): _content(r"[^&{}]++", _QUOTE + _QUOTE, _NO_QUOTE),
}


@attrs.frozen
class ExpressionEnd:
    """How reading an expression ended.

    Attributes:
        end: offset behind its last character, or where reading stopped.
        fault: None, or what was never closed: ``expression``, ``string`` or ``comment``.
        fault_start: where that was opened.
    """

    end: int
    fault: str | None = None
    fault_start: int = 0


def expression_end(text: str, start: int) -> ExpressionEnd:
    """Find the end of the expression whose ``@(`` or ``@{`` stands at ``start``; linear, no recursion."""
    stop = min(len(text), start + MAX_EXPRESSION_LENGTH)
    skip = _SKIP_TO_PARENTHESIS if text[start + 1] == "(" else _SKIP_TO_BRACE
    position, depth = start + 2, 1
    # One entry per open interpolated string: its content pattern, where it opened, the depth around it.
    strings: list[tuple[re.Pattern[str], int, int]] = []
    while True:
        position = after(_SKIP_TO_BRACE if strings else skip, text, position, stop)
        if position >= stop:
            return (
                ExpressionEnd(stop, "string", strings[-1][1]) if strings else ExpressionEnd(stop, "expression", start)
            )
        character = text[position]
        if character in "({":
            depth += 1
            position += 1
            continue
        if character in ")}":
            depth -= 1
            position += 1
            if depth:
                continue
            if not strings:
                return ExpressionEnd(position)
            pattern, opened, depth = strings.pop()
        else:
            opening = _INTERPOLATED.match(text, position, stop)
            if opening is None:
                return _stopped(text, position, start)
            pattern, opened = _STRING_CONTENT[len(opening[1]) == 2, opening[2] != '"'], position
            position = opening.end()
        position = after(pattern, text, position, stop)
        if position < stop and text[position] == "{":
            strings.append((pattern, opened, depth))
            depth = 1
            position += 1
            continue
        closed = _CLOSING_QUOTE.match(text, position, stop)
        if closed is None:
            return ExpressionEnd(position, "string", opened)
        position = closed.end()


def after(pattern: re.Pattern[str], text: str, position: int, stop: int = sys.maxsize) -> int:
    """Return where a match of ``pattern`` at ``position`` ends (``position`` where there is none)."""
    match = pattern.match(text, position, stop)
    return match.end() if match else position


def _stopped(text: str, position: int, start: int) -> ExpressionEnd:
    """Say why the reading of code cannot go on at ``position``."""
    if text[position] in "<'":
        return ExpressionEnd(position, "expression", start)
    if text.startswith("/*", position):
        return ExpressionEnd(position, "comment", position)
    return ExpressionEnd(position, "string", position)
