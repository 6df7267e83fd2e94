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

_SKIP: Final = re.compile(
    rf"""(?:
    [^()\[\]{{}}"'/@$&<]++
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
)*+""",
    re.VERBOSE | re.DOTALL,
)
"""Code up to the next bracket, an interpolated string, or something that cannot be read."""
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


_OPENERS: Final = {")": "(", "]": "[", "}": "{"}


@attrs.frozen
class ExpressionEnd:
    """How reading an expression ended.

    Attributes:
        end: offset behind its last character, or where reading stopped.
        fault: None, or what was never closed: ``expression``, ``string`` or ``comment``.
        fault_start: where that was opened.
        unbalanced: where the first bracket stands that has no partner, in an expression that ends all the same.
    """

    end: int
    fault: str | None = None
    fault_start: int = 0
    unbalanced: int | None = None


class _Code:
    """A stretch of code: the expression itself, or a hole of an interpolated string.

    It ends where the brackets of its own kind are even, whatever the others do, as it does for the service; the others
    are followed to say which one has no partner.
    """

    __slots__ = ("depth", "opened", "opener", "string", "string_start")

    def __init__(self, opener: str, depth: int, string: re.Pattern[str] | None = None, string_start: int = 0) -> None:
        self.opener = opener
        self.depth = depth
        self.opened: list[tuple[str, int]] = []
        """The brackets that are open, with their places."""
        self.string = string
        """The content of the string around this hole, and where that begins."""
        self.string_start = string_start


def expression_end(text: str, start: int, *, limit: int | None = None, surplus: int = 0) -> ExpressionEnd:
    """Find the end of the expression whose ``@(`` or ``@{`` stands at ``start``; linear, no recursion.

    ``limit`` is an offset at which it must have ended; ``surplus``, how many closing brackets too many to overlook.
    """
    stop = min(len(text) if limit is None else limit, start + MAX_EXPRESSION_LENGTH)
    position = start + 2
    code = _Code(text[start + 1], 1 + surplus)
    around: list[_Code] = []
    unbalanced: int | None = None
    while True:
        position = after(_SKIP, text, position, stop)
        if position >= stop:
            return (
                ExpressionEnd(stop, "string", code.string_start) if around else ExpressionEnd(stop, "expression", start)
            )
        character = text[position]
        if character in "([{":
            code.opened.append((character, position))
            code.depth += character == code.opener
            position += 1
            continue
        if character in ")]}":
            opener = _OPENERS[character]
            code.depth -= opener == code.opener
            if code.depth == 0:
                if code.opened and unbalanced is None:
                    unbalanced = code.opened[-1][1]
                position += 1
                if code.string is None:
                    return ExpressionEnd(position, unbalanced=unbalanced)
                pattern, opened = code.string, code.string_start
                code = around.pop()
            else:
                if code.opened and code.opened[-1][0] == opener:
                    code.opened.pop()
                elif unbalanced is None:
                    unbalanced = position
                position += 1
                continue
        else:
            opening = _INTERPOLATED.match(text, position, stop)
            if opening is None:
                return _stopped(text, position, start)
            pattern, opened = _STRING_CONTENT[len(opening[1]) == 2, opening[2] != '"'], position
            position = opening.end()
        position = after(pattern, text, position, stop)
        if position < stop and text[position] == "{":
            around.append(code)
            code = _Code("{", 1, pattern, opened)
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
