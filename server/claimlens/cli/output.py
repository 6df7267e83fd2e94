"""Printing: JSON as it is fixed, text that cannot harm a terminal, tables where somebody is watching."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
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


def table(rows: Iterable[Sequence[str]], indent: str = "  ") -> None:
    """Print rows in columns; the last one is broken over lines at the width of the terminal."""
    made = [tuple(terminal(cell).replace("\n", " ") for cell in row) for row in rows]
    if not made:
        return
    widths = [max(len(row[column]) for row in made) for column in range(len(made[0]) - 1)]
    for row in made:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        start = indent + "  ".join(cells) + ("  " if cells else "")
        _wrapped(start, row[-1], len(start))


def _wrapped(start: str, text: str, hanging: int) -> None:
    width = _width()
    if width is None or hanging + 20 > width:
        say((start + text).rstrip())
        return
    import textwrap

    lines = textwrap.wrap(text, width - hanging, break_on_hyphens=False) or [""]
    say((start + lines[0]).rstrip())
    for line in lines[1:]:
        say(" " * hanging + line)


def place(lines: LineIndex, span: Span) -> dict[str, int]:
    """Return a span as 1-based lines and code-point columns, the end exclusive."""
    start, end = lines.position(span.start), lines.position(span.end)
    return {
        "line": start.line + 1,
        "column": start.column + 1,
        "end_line": end.line + 1,
        "end_column": end.column + 1,
    }


def shown(value: Any) -> str:
    """Return a JSON value for a terminal."""
    return terminal(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def only(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the named members of a mapping, in this order."""
    return {name: mapping[name] for name in names}


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16")


def _is_colorful() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _width() -> int | None:
    """Return the terminal's width, or None where nobody is watching."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
