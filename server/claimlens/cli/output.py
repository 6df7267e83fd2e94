"""Printing: JSON as it is fixed, text that cannot harm a terminal, colours and tables where somebody is watching.

Everything that goes through `say`, `table`, `print_json` and `warn` is made inert here, and the tokens in it are masked
unless they are asked for, so no command has to think of it.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from claimlens.cli.masking import masked, masked_within
from claimlens.text.escape import terminal, visible
from claimlens.text.lines import LineIndex
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {
    "error": "red",
    "warning": "yellow",
    "information": "cyan",
    "hint": "dim",
    "pass": "green",
    "fail": "red",
    "unknown": "yellow",
    "valid": "green",
    "invalid": "red",
    "undetermined": "yellow",
    "title": "bold",
    "dim": "dim",
}
_WIDEST_PADDING = 44
"""A longer cell does not push the columns behind it to the right, where nobody is watching."""
_NARROW = 60
"""Columns of a terminal in which three cells side by side are a letter or two wide."""
_MANY = 100
"""Files for which a progress bar is worth its line."""
_HIDDEN_IN_JSON = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")


@attrs.frozen
class Styled:
    """Text that has a colour where colours are shown."""

    text: str
    kind: str


Part = str | Styled


def color(text: str, kind: str) -> Styled:
    """Return text in the colour of a kind, such as ``error`` or ``pass``."""
    return Styled(text, kind)


def say(*parts: Part, show_secrets: bool = False) -> None:
    """Print a line put together from ``parts``; their line breaks and tabs stay, nothing else acts on a terminal."""
    made = [_inert(part, terminal, show_secrets) for part in parts]
    if sys.stdout.isatty():
        _console().print(_rich(made), soft_wrap=True)
    else:
        print_inert("".join(map(_text, made)))


def table(rows: Iterable[Sequence[Part]], indent: str = "  ", *, show_secrets: bool = False) -> None:
    """Print rows in columns, each row one line where nobody is watching, folded to the width of a terminal else.

    In a narrow terminal the cells of a row of three or more stand below each other.
    """
    made = [tuple(_inert(cell, visible, show_secrets) for cell in row) for row in rows]
    if not made:
        return
    if sys.stdout.isatty():
        _print_grid(made, len(indent))
        return
    lengths = [[len(_text(row[column])) for row in made] for column in range(len(made[0]) - 1)]
    widths = [max((length for length in column if length <= _WIDEST_PADDING), default=0) for column in lengths]
    for row in made:
        *cells, last = map(_text, row)
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        print_inert((indent + "  ".join([*padded, last])).rstrip())


def print_json(value: Any, *, show_secrets: bool = False) -> None:
    """Print a value as JSON; characters that act on a terminal or hide in a text are written as escapes."""
    made = json.dumps(
        value if show_secrets else masked_within(value), indent=2, ensure_ascii=not _is_unicode(), default=str
    )
    print(_HIDDEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", made))


def warn(message: str) -> None:
    """Print a line on standard error. A token in it (people mistake a path for one) is masked."""
    print(f"claimlens: {visible(masked(message))}", file=sys.stderr)


def counted(number: int, name: str) -> str:
    """Return a number with the name of what is counted: ``1 file``, ``2 files``."""
    return f"{number} {name}{'' if number == 1 else 's'}"


def progress(items: Sequence[Any], results: Iterable[Any], what: str) -> Iterator[Any]:
    """Yield ``results``, one for each of ``items``; where there are many, show on a terminal how far it is."""
    if len(items) < _MANY or not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=len(items))
        for result in results:
            yield result
            bar.advance(task)


def place(lines: LineIndex, span: Span) -> dict[str, int]:
    """Return a span as 1-based lines and code-point columns, the end exclusive."""
    start, end = lines.position(span.start), lines.position(span.end)
    return {
        "line": start.line + 1,
        "column": start.column + 1,
        "end_line": end.line + 1,
        "end_column": end.column + 1,
    }


def print_inert(text: str) -> None:
    """Print text that is known to be inert; characters that the encoding of standard output lacks become ``?``."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def _print_grid(rows: Sequence[Sequence[Part]], indent: int) -> None:
    from rich.padding import Padding
    from rich.table import Table

    if len(rows[0]) > 2 and _console().width < _NARROW:
        _print_stacked(rows, indent)
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    for column in range(len(rows[0])):
        grid.add_column(overflow="fold", no_wrap=column == 0 and len(rows[0]) > 1)
    for row in rows:
        grid.add_row(*(_rich([cell]) for cell in row))
    _console().print(Padding(grid, (0, 0, 0, indent)))


def _print_stacked(rows: Sequence[Sequence[Part]], indent: int) -> None:
    """Print the cells of each row below each other, all but the first further in."""
    from rich.padding import Padding

    for row in rows:
        for column, cell in enumerate(row):
            _console().print(Padding(_rich([cell]), (0, 0, 0, indent + 2 * (column > 0))), overflow="fold")


@functools.cache
def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _rich(parts: Iterable[Part]) -> Any:
    from rich.text import Text

    styled = ((_text(part), _STYLES.get(part.kind, "") if isinstance(part, Styled) else "") for part in parts)
    return Text.assemble(*styled)


def _text(part: Part) -> str:
    return part.text if isinstance(part, Styled) else part


def _inert(part: Part, escape: Callable[[str], str], show_secrets: bool) -> Part:
    text = escape(_text(part) if show_secrets else masked(_text(part)))
    return Styled(text, part.kind) if isinstance(part, Styled) else text


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16")
