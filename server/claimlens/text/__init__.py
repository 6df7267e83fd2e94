"""Text: spans, lines, columns, edits, escapes. Knows nothing of what the text means."""

from claimlens.text.lines import Block, LineIndex, Position
from claimlens.text.snapshot import Snapshot, TextChange
from claimlens.text.spans import Span, hull

__all__ = ["Block", "LineIndex", "Position", "Snapshot", "Span", "TextChange", "hull"]
