"""Lays a token out as Markdown, or as plain text for clients that want that.

Whatever comes from a token stands in code spans or code blocks and nowhere else, so that no client makes a link, an
image, HTML or a command of it; a property test holds that against two Markdown engines. Nothing here is trusted by the
client either: hovers are never sent with ``isTrusted`` or ``supportHtml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from claimlens.text.escape import markdown_code, visible

if TYPE_CHECKING:
    from claimlens.entra.summary import Row

LONGEST_VALUE = 200
"""Characters of one value."""
LARGEST = 20_000
"""Characters of a whole text."""


@attrs.frozen
class Section:
    """A table with a heading.

    Attributes:
        heading: a word of ours.
        rows: the table.
        named: whether the names of the rows are claims (hostile) or words of ours.
        longest: characters of one value before it is cut.
    """

    heading: str
    rows: Sequence[Row]
    named: bool = True
    longest: int = LONGEST_VALUE


@attrs.frozen
class Report:
    """What is shown of a token.

    Attributes:
        title: one line of ours, without a value from the token.
        sections: the tables.
        remarks: sentences of ours.
        link: an address of ours to read on at, or None.
    """

    title: str
    sections: Sequence[Section] = ()
    remarks: Sequence[str] = ()
    link: str | None = None


def markdown(report: Report) -> str:
    """Return ``report`` as Markdown of at most `LARGEST` characters."""
    head = f"**{_ours(report.title)}**"
    remarks = [f"- {_ours(remark)}" for remark in report.remarks]
    tables = [line for section in report.sections if section.rows for line in _markdown_table(section)]
    link = ["", f"[Read more](<{report.link}>)"] if report.link else []
    return _bounded([head, *([""] if remarks else []), *remarks, *tables, *link])


def plain_text(report: Report) -> str:
    """Return ``report`` as plain text of at most `LARGEST` characters."""
    lines = [report.title, *(f"- {remark}" for remark in report.remarks)]
    for section in report.sections:
        if section.rows:
            width = min(24, max(len(row.name) for row in section.rows))
            lines += ["", section.heading] if section.heading else [""]
            lines += [
                f"{visible(row.name):{width}}  {visible(_cut(row.value, section.longest))}{_aside(row)}"
                for row in section.rows
            ]
    return _bounded([*lines, *(["", f"Read more: {report.link}"] if report.link else [])])


def _markdown_table(section: Section) -> Iterable[str]:
    meanings = any(row.meaning for row in section.rows)
    yield ""
    yield f"| {section.heading} | |" + (" |" if meanings else "")
    yield "|:--|:--|" + (":--|" if meanings else "")
    for row in section.rows:
        name = _theirs(row.name) if section.named else _ours(row.name)
        yield f"| {name} | {_theirs(row.value, section.longest)} |" + (f" {_ours(row.meaning)} |" if meanings else "")


def _theirs(value: str, longest: int = LONGEST_VALUE) -> str:
    """Return a value from a token for a table cell; a ``|`` would end the cell even inside code."""
    return markdown_code(_cut(value, longest).replace("|", "\\u{7C}"))


def _ours(text: str) -> str:
    """Return a sentence of ours for a table cell or a line."""
    for character in "\\`*_[]<>|":
        text = text.replace(character, f"\\{character}")
    return text


def _aside(row: Row) -> str:
    return f"  ({row.meaning})" if row.meaning else ""


def _cut(value: str, longest: int) -> str:
    return value if len(value) <= longest else f"{value[:longest]}… ({len(value)} characters)"


def _bounded(lines: Sequence[str]) -> str:
    """Return as many whole lines as fit, and say how many do not."""
    kept: list[str] = []
    size = 0
    for number, line in enumerate(lines):
        size += len(line) + 1
        if size > LARGEST - 60:
            return "\n".join([*kept, "", f"… {len(lines) - number} more lines"])
        kept.append(line)
    return "\n".join(kept)
