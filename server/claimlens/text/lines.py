r"""Text in blocks: where its lines are, in every unit that editors count columns in, and how to edit it cheaply.

A line ends at ``\n``, ``\r\n`` or ``\r`` and at nothing else (LSP 3.17, "Text Documents"); `str.splitlines` knows
eight further line ends, each of which would move every position behind it.

The text is kept in blocks of some thirty thousand characters. An edit makes new blocks where it falls and shares the
others, so that it costs what it touches, whether the document is one line of five megabytes or a hundred thousand.
What grows with the document is a sum over its blocks: some ten microseconds for ten megabytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import Literal

import attrs

from claimlens.text.spans import Span

Encoding = Literal["utf-8", "utf-16", "utf-32"]
"""What columns are counted in: bytes of UTF-8, code units of UTF-16, or code points."""

BLOCK = 32_768
"""Characters of a block as it is made; edits let one grow to twice that before it is divided."""

_LINE_END = re.compile(r"\r\n?|\n")
_LENGTH, _LINE_ENDS, _ASCII = attrgetter("length"), attrgetter("line_ends"), attrgetter("ascii")


@attrs.frozen(order=True)
class Position:
    """A place in a text: zero-based line, and column in code points from its beginning."""

    line: int
    column: int


class Block:
    r"""A run of characters with its line ends. Immutable; no block ends between ``\r`` and ``\n``."""

    __slots__ = ("_units", "ascii", "length", "line_ends", "line_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.length = len(text)
        self.ascii = text.isascii()
        self.line_starts = _line_starts(text)
        """Offsets in the block at which a line begins because one ended there."""
        self.line_ends = len(self.line_starts)
        self._units: dict[str, int] = {}

    def units(self, encoding: str) -> int:
        """Return how many units of ``encoding`` the whole block has."""
        if self.ascii or encoding == "utf-32":
            return self.length
        if encoding not in self._units:
            self._units[encoding] = units_of(self.text, encoding)
        return self._units[encoding]


def units_of(text: str, encoding: str) -> int:
    """Return how many units of ``encoding`` a text has; a lone surrogate counts as the code point that it is."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def characters_in(text: str, encoding: str, units: int) -> int:
    """Return how many characters the first ``units`` units hold; a cut through a character comes before it."""
    if units <= 0 or encoding == "utf-32" or text.isascii():
        return min(max(0, units), len(text))
    codec = "utf-16-le" if encoding == "utf-16" else "utf-8"
    try:
        encoded = text.encode(codec)
    except UnicodeEncodeError:  # a lone surrogate
        return _characters_one_by_one(text, encoding, units)
    cut = units if encoding == "utf-8" else 2 * units
    return len(encoded[:cut].decode(codec, "ignore"))  # the part of a character that was cut is what is ignored


def _characters_one_by_one(text: str, encoding: str, units: int) -> int:
    for index, character in enumerate(text):
        units -= units_of(character, encoding)
        if units < 0:
            return index
    return len(text)


def _line_starts(text: str) -> list[int]:
    """Return the offsets behind each line end; a search for one character is many times faster than a pattern."""
    if text.count("\r") != text.count("\r\n"):
        return [found.end() for found in _LINE_END.finditer(text)]
    starts = []
    start = text.find("\n") + 1
    while start:
        starts.append(start)
        start = text.find("\n", start) + 1
    return starts


class LineIndex:
    r"""The lines of a text. Immutable; `replace` returns the index of the edited text and shares what it can.

    >>> LineIndex("one\r\ntwo").position(5)
    Position(line=1, column=0)
    """

    __slots__ = ("__dict__", "_units", "blocks")

    def __init__(self, text: str | tuple[Block, ...]) -> None:
        self.blocks = tuple(map(Block, _pieces(text))) if isinstance(text, str) else text
        self._units: dict[str, list[int]] = {}

    # What the index holds

    @cached_property
    def _offsets(self) -> list[int]:
        """Where each block begins, and behind the last one the length of the text."""
        return list(accumulate(map(_LENGTH, self.blocks), initial=0))

    @cached_property
    def _ends(self) -> list[int]:
        """How many lines end before each block, and behind the last one in all."""
        return list(accumulate(map(_LINE_ENDS, self.blocks), initial=0))

    @cached_property
    def text(self) -> str:
        """The whole text; put together when it is first asked for."""
        return self.blocks[0].text if len(self.blocks) == 1 else "".join(block.text for block in self.blocks)

    @property
    def length(self) -> int:
        """Characters in the text."""
        return self._offsets[-1]

    @property
    def line_count(self) -> int:
        """How many lines there are: one more than line ends."""
        return self._ends[-1] + 1

    def slice(self, start: int, end: int) -> str:
        """Return the text in ``[start, end)``; costs what it returns."""
        start, end = max(0, start), min(end, self.length)
        if start >= end:
            return ""
        first, last = self._block_at(start), self._block_at(end)
        start, end = start - self._offsets[first], end - self._offsets[last]
        if first == last:
            return self.blocks[first].text[start:end]
        between = (block.text for block in self.blocks[first + 1 : last])
        return "".join((self.blocks[first].text[start:], *between, self.blocks[last].text[:end]))

    @cached_property
    def ascii(self) -> bool:
        """Whether all characters are ASCII, so that columns are the same in every encoding."""
        return all(map(_ASCII, self.blocks))

    # Offsets, lines, columns

    def position(self, offset: int) -> Position:
        """Return line and column of an offset; one outside the text is moved to its nearest end."""
        offset = min(max(0, offset), self.length)
        index = self._block_at(offset)
        block, begin = self.blocks[index], self._offsets[index]
        before = bisect_right(block.line_starts, offset - begin)
        line = self._ends[index] + before
        start = begin + block.line_starts[before - 1] if before else self.line_start(line)
        return Position(line, offset - start)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column; what lies behind the line's content is moved to its end."""
        span = self.line_span(line)
        return min(span.start + max(0, column), span.end)

    def line_start(self, line: int) -> int:
        """Return the offset at which a line begins; a line behind the last one begins at the end of the text."""
        if line <= 0:
            return 0
        if line >= self.line_count:
            return self.length
        index = bisect_left(self._ends, line) - 1
        return self._offsets[index] + self.blocks[index].line_starts[line - self._ends[index] - 1]

    def line_span(self, line: int) -> Span:
        """Return the span of a line's content, without what ends it; empty at the end of the text behind the last."""
        start, end = self.line_start(line), self.line_start(line + 1)
        if 0 <= line < self.line_count - 1:
            end -= 2 if end - start > 1 and self.slice(end - 2, end) == "\r\n" else 1
        return Span(start, max(start, end))

    def column_in(self, encoding: str, line: int, column: int) -> int:
        """Return a column in code points as one in units of ``encoding``."""
        if encoding == "utf-32" or self.ascii:
            return column
        start = self.line_start(line)
        end = min(start + column, self.length)
        if end - start <= BLOCK:
            return units_of(self.slice(start, end), encoding)
        return self._units_before(encoding, end) - self._units_before(encoding, start)

    def column_from(self, encoding: str, line: int, units: int) -> int:
        """Return a column in units of ``encoding`` as one in code points; at most the line's length."""
        span = self.line_span(line)
        if encoding == "utf-32" or self.ascii:
            return min(max(0, units), len(span))
        if len(span) <= BLOCK:
            return characters_in(self.slice(span.start, span.end), encoding, units)
        before = self._block_units(encoding)
        wanted = self._units_before(encoding, span.start) + max(0, units)
        index = bisect_right(before, wanted) - 1
        if index >= len(self.blocks):
            return len(span)
        found = self._offsets[index] + characters_in(self.blocks[index].text, encoding, wanted - before[index])
        return min(found, span.end) - span.start

    # Edits

    def replace(self, start: int, end: int, new_text: str) -> LineIndex:
        """Return the index of the text in which ``new_text`` stands in place of ``[start, end)``."""
        start = min(max(0, start), self.length)
        end = min(max(start, end), self.length)
        first, last = self._block_at(start), self._block_at(end)
        text = (
            self.blocks[first].text[: start - self._offsets[first]]
            + new_text
            + self.blocks[last].text[end - self._offsets[last] :]
        )
        # Blocks that became small, or would part a line end, are joined with their neighbours.
        if first > 0 and (len(text) < BLOCK // 4 or _parts_line_end(self.blocks[first - 1].text, text)):
            first -= 1
            text = self.blocks[first].text + text
        if last + 1 < len(self.blocks) and (
            len(text) < BLOCK // 4 or _parts_line_end(text, self.blocks[last + 1].text)
        ):
            last += 1
            text += self.blocks[last].text
        pieces = (text,) if len(text) <= 2 * BLOCK else _pieces(text)
        return LineIndex((*self.blocks[:first], *map(Block, pieces), *self.blocks[last + 1 :]))

    # The blocks behind all this

    def _block_at(self, offset: int) -> int:
        """Return which block holds an offset; the last one holds the end of the text."""
        return min(bisect_right(self._offsets, offset), len(self.blocks)) - 1

    def _block_units(self, encoding: str) -> list[int]:
        """Return how many units stand before each block, and behind the last one how many there are."""
        if encoding not in self._units:
            self._units[encoding] = list(accumulate((block.units(encoding) for block in self.blocks), initial=0))
        return self._units[encoding]

    def _units_before(self, encoding: str, offset: int) -> int:
        index = self._block_at(offset)
        inside = self.blocks[index].text[: offset - self._offsets[index]]
        return self._block_units(encoding)[index] + units_of(inside, encoding)


def _parts_line_end(before: str, after: str) -> bool:
    r"""Tell whether ``\r\n`` would stand half in one block and half in the next."""
    return before.endswith("\r") and after.startswith("\n")


def _pieces(text: str) -> Iterator[str]:
    """Cut a text into blocks, behind a line end where one is near; an empty text is one empty block."""
    position = 0
    while len(text) - position > BLOCK + BLOCK // 2:
        cut = text.rfind("\n", position + BLOCK // 2, position + BLOCK) + 1 or position + BLOCK
        if text.startswith("\r\n", cut - 1):
            cut += 1
        yield text[position:cut]
        position = cut
    if position < len(text) or not text:
        yield text[position:]
