"""Lines, columns and edits, against an oracle that builds everything anew from one string."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.text import LineIndex, Position, Snapshot, Span, TextChange
from claimlens.text import lines as lines_module

ALPHABET = st.sampled_from([*"ab\n\r\u2028\x85\x0b\x0c\x1c\u2029é€😀\ud83d\ude00！", "\r\n"])
TEXT = st.lists(ALPHABET, max_size=60).map("".join)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few characters, so that short texts have many."""
    monkeypatch.setattr(lines_module, "BLOCK", 8)


class Oracle:
    """What the index should say, the slow and obvious way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]
        self.ends = [*(found.start() for found in re.finditer(r"\r\n|\n|\r", text)), len(text)]

    def position(self, offset: int) -> Position:
        line = max(index for index, start in enumerate(self.starts) if start <= offset)
        return Position(line, offset - self.starts[line])

    def line(self, line: int) -> str:
        return self.text[self.starts[line] : self.ends[line]]


def units(text: str, encoding: str) -> int:
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    return len(text.encode(codec, "surrogatepass")) // size


def check(index: LineIndex, text: str) -> None:
    oracle = Oracle(text)
    assert index.text == text
    assert index.length == len(text)
    assert index.line_count == len(oracle.starts)
    for offset in range(len(text) + 1):
        assert index.position(offset) == oracle.position(offset)
    for line in range(index.line_count):
        content = oracle.line(line)
        assert index.line_span(line) == Span(oracle.starts[line], oracle.ends[line])
        for column in range(len(content) + 1):
            assert index.offset(line, column) == oracle.starts[line] + column
        for encoding in ENCODINGS:
            counted = [units(content[:column], encoding) for column in range(len(content) + 1)]
            assert [index.column_in(encoding, line, column) for column in range(len(content) + 1)] == counted
            for column_in_units in range(counted[-1] + 2):
                expected = max(column for column, least in enumerate(counted) if least <= column_in_units)
                assert index.column_from(encoding, line, column_in_units) == expected
    assert index.ascii == text.isascii()
    for block, following in zip(index.blocks, index.blocks[1:], strict=False):
        assert not (block.text.endswith("\r") and following.text.startswith("\n"))


@given(TEXT)
def test_an_index_knows_every_place(text: str) -> None:
    check(LineIndex(text), text)


@given(TEXT, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 20), TEXT), max_size=8))
def test_edits_give_what_building_anew_gives(text: str, edits: list[tuple[int, int, str]]) -> None:
    index = LineIndex(text)
    states = [(index, text)]
    for start, length, new_text in edits:
        start = min(start, len(text))
        end = min(start + length, len(text))
        text = text[:start] + new_text + text[end:]
        index = index.replace(start, end, new_text)
        assert len(index.blocks) <= 1 + len(text) // (lines_module.BLOCK // 4)
        states.append((index, text))
    for index, text in states:  # the former ones too: nothing that an edit shares is changed by it
        check(index, text)


@given(TEXT, st.integers(-3, 70), st.integers(-3, 70))
def test_a_slice_is_that_of_the_text(text: str, start: int, end: int) -> None:
    assert LineIndex(text).slice(start, end) == text[max(0, start) : max(0, end)]


@given(TEXT, TEXT, TEXT)
def test_a_whole_new_text_becomes_a_change_of_what_differs(front: str, middle: str, back: str) -> None:
    before = Snapshot.of(front + middle + back)
    text = front + back

    change = before.change_to(text)

    check(before.edited(change).lines, text)
    assert before.change_to(before.text) == TextChange(Span(len(before.text), len(before.text)), "")


def test_a_whole_new_text_that_differs_in_one_place_shares_all_other_blocks() -> None:
    before = Snapshot.of("line of text\n" * 50)
    text = before.text[:300] + "X" + before.text[301:]

    after = before.edited(before.change_to(text))

    assert after.text == text
    assert sum(block in after.lines.blocks for block in before.lines.blocks) > len(before.lines.blocks) - 4


def test_a_line_over_many_blocks_counts_columns_in_all_of_them() -> None:
    line = "é😀x" * 40
    index = LineIndex("x\n" + line + "\nx")

    assert len(index.blocks) > 10
    assert index.column_in("utf-8", 1, 100) == len(line[:100].encode())
    assert index.column_from("utf-16", 1, len(line[:100].encode("utf-16-le")) // 2) == 100
    assert index.column_from("utf-8", 1, 10_000) == len(line)


@pytest.mark.parametrize("terminator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_what_splitlines_takes_for_a_line_end_is_none(terminator: str) -> None:
    index = LineIndex(f"one{terminator}two\nthree")

    assert index.line_count == 2
    assert index.position(5) == Position(0, 5)


def test_positions_past_the_end_of_a_line_are_moved_to_its_end() -> None:
    index = LineIndex("ab\r\ncd")

    assert index.offset(0, 99) == 2
    assert index.offset(7, 0) == 6
    assert index.column_from("utf-16", 0, 99) == 2


def test_a_column_inside_a_surrogate_pair_is_before_it() -> None:
    assert LineIndex("a😀b").column_from("utf-16", 0, 2) == 1


def test_a_carriage_return_and_its_line_feed_may_arrive_in_two_edits() -> None:
    index = LineIndex("a\rb").replace(2, 2, "\n")

    assert index.line_count == 2
    assert index.replace(2, 3, "").line_count == 2


def test_an_edit_shares_the_blocks_that_it_does_not_touch() -> None:
    index = LineIndex("line of text\n" * 50)

    edited = index.replace(300, 301, "X")

    assert sum(block in edited.blocks for block in index.blocks) > len(index.blocks) - 4


def test_a_snapshot_stays_as_it_was_when_it_is_edited() -> None:
    before = Snapshot.of("one two", "file:///a", 1)

    after = before.edited(TextChange(Span(0, 3), "three"), 2)

    assert (before.text, before.version) == ("one two", 1)
    assert (after.text, after.version) == ("three two", 2)
