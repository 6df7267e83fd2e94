"""Printing: JSON as it is fixed, text that cannot harm a terminal, tables where somebody is watching."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from claimlens.text.escape import terminal
from claimlens.text.lines import LineIndex
from claimlens.text.spans import Span

_COLORS = {
    "error": "31",
    "warning": "33",
    "information": "36",
    "hint": "2",
    "pass": "32",
    "fail": "31",
    "unknown": "33",
}
_STYLES = {"error": "red", "fail": "red", "invalid": "red", "pass": "green", "valid": "green", "unknown": "yellow"}
_COLORS |= {"valid": "32", "invalid": "31", "undetermined": "33", "title": "1", "dim": "2"}


def print_json(value: Any) -> None:
    """Print a value as JSON, readable and in plain ASCII where a terminal might not show it."""
    print(json.dumps(value, indent=2, ensure_ascii=not _is_unicode(), default=str))


def say(text: str = "") -> None:
    """Print a line whose values were made inert by `terminal`; characters the terminal lacks are replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def color(text: str, kind: str) -> str:
    """Return text in the color of a kind, where standard output is a terminal that shows colors."""
    code = _COLORS.get(kind)
    return f"\x1b[{code}m{text}\x1b[0m" if code and _is_colorful() else text


Cell = str | tuple[str, str]
"""A table's cell: a text, or a text and the kind that gives it its color."""


def table(rows: Iterable[Sequence[Cell]], indent: str = "  ") -> None:
    """Print rows in columns; on a terminal the last one is broken over lines at its width."""
    made = [tuple(_inert(cell) for cell in row) for row in rows]
    if not made:
        return
    if sys.stdout.isatty():
        _terminal_table(made, len(indent))
        return
    widths = [max(len(row[column][0]) for row in made) for column in range(len(made[0]) - 1)]
    for row in made:
        cells = [text.ljust(width) for (text, _), width in zip(row, widths, strict=False)]
        say((indent + "  ".join([*cells, row[-1][0]])).rstrip())


def _inert(cell: Cell) -> tuple[str, str]:
    text, kind = (cell, "") if isinstance(cell, str) else cell
    return terminal(text).replace("\n", " "), kind


def _terminal_table(rows: Sequence[Sequence[tuple[str, str]]], indent: int) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    columns = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for index in range(len(rows[0])):
        columns.add_column(no_wrap=index == 0, overflow="fold", ratio=1 if index == len(rows[0]) - 1 else None)
    for row in rows:
        columns.add_row(*(Text(text, _STYLES.get(kind, "")) for text, kind in row))
    Console(highlight=False).print(Padding(columns, (0, 0, 0, indent)))


def place(lines: LineIndex, span: Span) -> dict[str, int]:
    """Return a span as 1-based lines and code-point columns, the end exclusive."""
    start, end = lines.position(span.start), lines.position(span.end)
    return {
        "line": start.line + 1,
        "column": start.column + 1,
        "end_line": end.line + 1,
        "end_column": end.column + 1,
    }


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16")


def _is_colorful() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
