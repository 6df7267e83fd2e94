r"""Text in blocks: where its lines are, in every unit that editors count columns in, and how to edit it cheaply.

A line ends at ``\n``, ``\r\n`` or ``\r`` and at nothing else (LSP 3.17, "Text Documents"); `str.splitlines` knows
eight further line ends, each of which would move every position behind it.

The text is kept in blocks of some ten thousand characters. An edit makes new blocks where it falls and shares the
others, so that it costs what it touches, whether the document is one line of five megabytes or a hundred thousand.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from typing import Literal

import attrs

from claimlens.text.spans import Span

Encoding = Literal["utf-8", "utf-16", "utf-32"]
"""What columns are counted in: bytes of UTF-8, code units of UTF-16, or code points."""

BLOCK = 16_384
"""Characters of a block as it is made; edits let one grow to twice that before it is divided."""

_LINE_END = re.compile(r"\r\n|\n|\r")


@attrs.frozen(order=True)
class Position:
    """A place in a text: zero-based line, and column in code points from its beginning."""

    line: int
    column: int


class Block:
    r"""A run of characters with its line ends. Immutable; no block ends between ``\r`` and ``\n``."""

    __slots__ = ("_units", "ascii", "line_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.ascii = text.isascii()
        self.line_starts = [found.end() for found in _LINE_END.finditer(text)]
        """Offsets in the block at which a line begins because one ended there."""
        self._units: dict[str, int] = {}

    def units(self, encoding: str) -> int:
        """Return how many units of ``encoding`` the whole block has."""
        if self.ascii or encoding == "utf-32":
            return len(self.text)
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
    if encoding == "utf-16":
        whole = text.encode("utf-16-le", "surrogatepass")
        encoded = whole[: units * 2]
        if 0xD8 <= whole[len(encoded) - 1] <= 0xDB and whole[len(encoded) + 1 : len(encoded) + 2] >= b"\xdc":
            encoded = encoded[:-2]  # the first half of a pair whose second half was cut off
        return len(encoded.decode("utf-16-le", "surrogatepass"))
    encoded = text.encode("utf-8", "surrogatepass")
    cut = min(units, len(encoded))
    while 0 < cut < len(encoded) and encoded[cut] & 0xC0 == 0x80:
        cut -= 1
    return len(encoded[:cut].decode("utf-8", "surrogatepass"))


class LineIndex:
    r"""The lines of a text. Immutable; `replace` returns the index of the edited text and shares what it can.

    >>> LineIndex("one\r\ntwo").position(5)
    Position(line=1, column=0)
    """

    __slots__ = ("__dict__", "blocks")

    def __init__(self, text: str | tuple[Block, ...]) -> None:
        self.blocks = tuple(map(Block, _pieces(text))) if isinstance(text, str) else text

    # What the index holds

    @cached_property
    def _offsets(self) -> list[int]:
        """Where each block begins, and behind the last one the length of the text."""
        return list(accumulate((len(block.text) for block in self.blocks), initial=0))

    @cached_property
    def _ends(self) -> list[int]:
        """How many lines end before each block, and behind the last one in all."""
        return list(accumulate((len(block.line_starts) for block in self.blocks), initial=0))

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
        return "".join(self._slices(max(0, start), min(end, self.length)))

    @cached_property
    def ascii(self) -> bool:
        """Whether all characters are ASCII, so that columns are the same in every encoding."""
        return all(block.ascii for block in self.blocks)

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
        return self._units(encoding, start, min(start + column, self.length))

    def column_from(self, encoding: str, line: int, units: int) -> int:
        """Return a column in units of ``encoding`` as one in code points; at most the line's length."""
        span = self.line_span(line)
        if encoding == "utf-32":
            return min(units, len(span))
        left = units
        position = span.start
        for begin, end, block in self._parts(span.start, span.end):
            whole = end - begin == len(block.text)
            piece = block.text if whole else block.text[begin:end]
            size = block.units(encoding) if whole else units_of(piece, encoding)
            if left < size:
                return position - span.start + characters_in(piece, encoding, left)
            left -= size
            position += len(piece)
        return len(span)

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
        if first > 0 and (len(text) < BLOCK // 4 or text.startswith("\n")):
            first -= 1
            text = self.blocks[first].text + text
        if last + 1 < len(self.blocks) and (len(text) < BLOCK // 4 or text.endswith("\r")):
            last += 1
            text += self.blocks[last].text
        pieces = (text,) if len(text) <= 2 * BLOCK else _pieces(text)
        return LineIndex((*self.blocks[:first], *map(Block, pieces), *self.blocks[last + 1 :]))

    # The blocks behind all this

    def _block_at(self, offset: int) -> int:
        """Return which block holds an offset; the last one holds the end of the text."""
        return min(bisect_right(self._offsets, offset), len(self.blocks)) - 1

    def _parts(self, start: int, end: int) -> Iterator[tuple[int, int, Block]]:
        """Yield the parts of blocks that make up ``[start, end)``: begin and end in the block, and the block."""
        index = self._block_at(start)
        while start < end:
            block, begin = self.blocks[index], self._offsets[index]
            stop = min(end, begin + len(block.text))
            yield start - begin, stop - begin, block
            start = stop
            index += 1

    def _slices(self, start: int, end: int) -> Iterable[str]:
        return (block.text[begin:stop] for begin, stop, block in self._parts(start, end))

    def _units(self, encoding: str, start: int, end: int) -> int:
        return sum(
            block.units(encoding) if stop - begin == len(block.text) else units_of(block.text[begin:stop], encoding)
            for begin, stop, block in self._parts(start, end)
        )


def _pieces(text: str) -> Iterator[str]:
    """Cut a text into blocks, behind a line end where one is near; an empty text is one empty block."""
    position = 0
    while len(text) - position > BLOCK + BLOCK // 2:
        cut = text.rfind("\n", position + BLOCK // 2, position + BLOCK) + 1 or position + BLOCK
        if text[cut - 1] == "\r" and text.startswith("\n", cut):
            cut += 1
        yield text[position:cut]
        position = cut
    if position < len(text) or not text:
        yield text[position:]
