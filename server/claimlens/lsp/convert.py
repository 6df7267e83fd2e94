"""Turns spans, which count code points from the start, into LSP ranges in the negotiated encoding, and back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from lsprotocol import types

from claimlens.rules.model import Severity, Tag
from claimlens.text.lines import LineIndex
from claimlens.text.spans import Span

RULE_PAGES = "https://github.com/claimlens/claimlens/blob/main/docs/rules"

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
TAGS = {
    Tag.UNNECESSARY: types.DiagnosticTag.Unnecessary,
    Tag.DEPRECATED: types.DiagnosticTag.Deprecated,
}


def to_position(lines: LineIndex, encoding: str, offset: int) -> types.Position:
    """Return the LSP position of ``offset``."""
    place = lines.position(offset)
    return types.Position(place.line, lines.column_in(encoding, place.line, place.column))


def to_range(lines: LineIndex, encoding: str, span: Span) -> types.Range:
    """Return the LSP range of ``span``."""
    return types.Range(to_position(lines, encoding, span.start), to_position(lines, encoding, span.end))


def to_offset(lines: LineIndex, encoding: str, position: types.Position) -> int:
    """Return the offset of an LSP position; one past the end of its line, or of the text, is moved back there."""
    line = min(position.line, lines.line_count - 1)
    if line < position.line:
        return lines.line_span(line).end
    return lines.offset(line, lines.column_from(encoding, line, position.character))


def to_span(lines: LineIndex, encoding: str, place: types.Range) -> Span:
    """Return the span of an LSP range; one that ends before it starts is empty."""
    start = to_offset(lines, encoding, place.start)
    return Span(start, max(start, to_offset(lines, encoding, place.end)))


def rule_page(code: str) -> str:
    """Return the URL of a rule's documentation."""
    return f"{RULE_PAGES}/{code}.md"


def readable_json(value: Any) -> str:
    """Return ``value`` as indented JSON for people: times as ISO 8601, anything invisible escaped."""
    return json.dumps(value, indent=2, default=_in_words)


def _in_words(value: Any) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
