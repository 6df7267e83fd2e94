"""Strings of Bicep, JSON and Terraform, and expressions of ARM templates: their text, and the way back to the file.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from claimlens.text.spans import Span

BICEP_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
JSON_ESCAPE: Final = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))",
    re.DOTALL,
)
"""Of JSON and of Terraform's quoted strings."""
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_CALL: Final = re.compile(r"\[\s*+(concat|format)\s*+\(", re.IGNORECASE)
_PART: Final = re.compile(r"'((?:[^']++|'')*+)'|[(),]|[^'(),\s]++")
_IN_CONCAT: Final = re.compile("''")
_IN_FORMAT: Final = re.compile(r"''|\{\{|\}\}|\{(\d+)[^{}]*+\}")
_UNSAFE: Final = re.compile(r"""["<>{}&\r\n]""")
_ARGUMENT: Final = re.compile(r"\$\{([^{}\r\n]*+)\}")


@attrs.frozen
class Anchors:
    """Where a text and the file it stands in run side by side: between two anchors they have the same characters.

    Attributes:
        inner: offsets in the text, in order.
        outer: the same places in the file.
    """

    inner: Sequence[int] = (0,)
    outer: Sequence[int] = (0,)

    def to_outer(self, offset: int) -> int:
        """Return where in the file the character ``offset`` of the text stands."""
        index = bisect_right(self.inner, offset) - 1
        there = self.outer[index] + offset - self.inner[index]
        return min(there, self.outer[index + 1]) if index + 1 < len(self.outer) else there

    def to_inner(self, offset: int, length: int) -> int:
        """Return the offset in the text, of this ``length``, for one in the file; in an escape its character's."""
        index = bisect_right(self.outer, offset) - 1
        end = self.inner[index + 1] if index + 1 < len(self.inner) else length
        inside = self.inner[index] + offset - self.outer[index]
        return inside if inside < end or end == length == inside else max(end - 1, 0)


@attrs.frozen
class Decoded:
    """The text of a string, and where its characters stand in the file.

    Attributes:
        text: escapes decoded; for an argument of an expression that is no literal stands ``${argument}``.
        span: where it stands in the file.
        anchors: the way back.
        function: of an ARM template, that puts the text together; empty for a plain string.
        arguments: as they are written, by what stands for each between ``${`` and ``}``.
    """

    text: str = attrs.field(repr=False)
    span: Span
    anchors: Anchors = attrs.field(repr=False)
    function: str = ""
    arguments: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    def written(self, text: str) -> str:
        """Return ``text`` as it has to stand in the literals of the ARM expression; as it is without one."""
        if not self.function:
            return text
        pieces, cursor = list[str](), 0
        for match in _ARGUMENT.finditer(text):
            if match[1] in self.arguments:
                pieces += (self._literal(text[cursor : match.start()]), self.arguments[match[1]])
                cursor = match.end()
        return "".join((*pieces, self._literal(text[cursor:])))

    def _literal(self, text: str) -> str:
        text = text.replace("'", "''")
        return text.replace("{", "{{").replace("}", "}}") if self.function == "format" else text


def decoded(host: str, start: int, end: int, escape: re.Pattern[str]) -> Decoded:
    """Return the text of the string that stands at ``[start, end)`` of ``host``, quotes left out."""
    pieces: list[str] = []
    inner, outer = [0], [start]
    cursor, length = start, 0
    for match in escape.finditer(host, start, end):
        character = _unescaped(match)
        pieces += (host[cursor : match.start()], character)
        length += match.start() - cursor
        inner += (length, length + len(character))
        outer += (match.start(), match.end())
        length += len(character)
        cursor = match.end()
    return Decoded("".join((*pieces, host[cursor:end])), Span(start, end), Anchors(inner, outer))


def _unescaped(match: re.Match[str]) -> str:
    """Return the character that an escape of JSON, Terraform or Bicep stands for."""
    *codes, letter = match.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    if len(codes) > 1 and codes[0]:
        return (bytes.fromhex(codes[0]) + bytes.fromhex(codes[1])).decode("utf-16-be")
    number = int(next(code for code in codes if code), 16)
    return chr(number) if number < 0x110000 else "\ufffd"


def put_together(string: Decoded) -> Decoded:
    """Return what an ARM expression, ``[concat(…)]`` or ``[format(…)]``, puts together; other strings as they are."""
    call = _CALL.match(string.text)
    pieces = list(_pieces(string.text, call)) if call else []
    if call is None or not pieces:
        return string
    function, own = call[1].lower(), string.anchors
    inner, outer, length = list[int](), list[int](), 0
    for piece in pieces:
        place = piece.place
        inner.append(length)
        outer.append(own.to_outer(place.start))
        if len(piece.text) == len(place):
            first, last = bisect_right(own.inner, place.start), bisect_left(own.inner, place.end)
            inner += (length + each - place.start for each in own.inner[first:last])
            outer += own.outer[first:last]
        length += len(piece.text)
    inner.append(length)
    outer.append(own.to_outer(pieces[-1].place.end))
    text = "".join(piece.text for piece in pieces)
    arguments = {piece.text[2:-1]: piece.argument for piece in pieces if piece.argument}
    return Decoded(text, Span(outer[0], outer[-1]), Anchors(inner, outer), function, arguments)


@attrs.frozen
class _Piece:
    """A part of what an expression puts together, and what of the expression it stands for."""

    text: str
    place: Span
    argument: str = ""


def _pieces(text: str, call: re.Match[str]) -> Iterator[_Piece]:
    """Yield the pieces of a call in order, from the inside of its first literal to that of its last."""
    arguments = list(_arguments(text, call.end()))
    if call[1].lower() == "format":
        if arguments and arguments[0][1]:
            yield from _of_literal(text, arguments[0][0], _IN_FORMAT)
        return
    literals = [index for index, (_, is_literal) in enumerate(arguments) if is_literal]
    for index in range(literals[0], literals[-1] + 1) if literals else ():
        place, is_literal = arguments[index]
        if is_literal:
            yield from _of_literal(text, place, _IN_CONCAT)
            continue
        written = place.slice(text)
        name = f"argument {index}" if _UNSAFE.search(written) else written
        around = Span(arguments[index - 1][0].end, arguments[index + 1][0].start)
        yield _Piece(f"${{{name}}}", around, around.slice(text))


def _of_literal(text: str, place: Span, special: re.Pattern[str]) -> Iterator[_Piece]:
    cursor = place.start
    for match in special.finditer(text, place.start, place.end):
        if cursor < match.start():
            yield _Piece(text[cursor : match.start()], Span(cursor, match.start()))
        is_argument = match.lastindex is not None
        plain = f"${{{match[0][1:-1]}}}" if is_argument else match[0][0]
        yield _Piece(plain, Span(*match.span()), match[0] if is_argument else "")
        cursor = match.end()
    yield _Piece(text[cursor : place.end], Span(cursor, place.end))


def _arguments(text: str, start: int) -> Iterator[tuple[Span, bool]]:
    """Yield where each argument of the call that is open at ``start`` stands, and whether it is a literal.

    Of a literal it is the place without quotes; of what is put in between literals, blanks are left out.
    """
    depth, parts = 1, list[re.Match[str]]()
    for part in _PART.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(part[0], 0)
        if depth == 0 or (depth == 1 and part[0] == ","):
            if parts:
                is_literal = len(parts) == 1 and parts[0][1] is not None
                yield (Span(*parts[0].span(1)) if is_literal else Span(parts[0].start(), parts[-1].end())), is_literal
            parts = []
        else:
            parts.append(part)
        if depth == 0:
            return
