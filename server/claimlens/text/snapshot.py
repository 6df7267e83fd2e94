"""One state of one document."""

from __future__ import annotations

import attrs

from claimlens.text.lines import LineIndex
from claimlens.text.spans import Span


@attrs.frozen
class Snapshot:
    """A document as it was at one moment. Immutable: a handler that holds one sees the same text until it ends.

    Attributes:
        uri: the document's URI, or its path on the command line.
        version: as the client counts; 0 where nobody does.
        language_id: LSP's language identifier, or empty.
        lines: the text with its lines.
    """

    uri: str
    version: int
    language_id: str
    lines: LineIndex = attrs.field(repr=False)

    @classmethod
    def of(cls, text: str, uri: str = "", version: int = 0, language_id: str = "") -> Snapshot:
        """Return the snapshot of a text."""
        return cls(uri, version, language_id, LineIndex(text))

    @property
    def text(self) -> str:
        """The whole text. Put together when it is first asked for; use ``lines.slice`` for a part."""
        return self.lines.text

    def edited(self, change: TextChange, version: int | None = None) -> Snapshot:
        """Return the document after one change."""
        lines = self.lines.replace(change.span.start, change.span.end, change.new_text)
        return attrs.evolve(self, lines=lines, version=self.version if version is None else version)


@attrs.frozen
class TextChange:
    """``new_text`` in place of what ``span`` covers."""

    span: Span
    new_text: str = attrs.field(repr=False)

    @property
    def distance(self) -> int:
        """How far the change moves what stands behind it."""
        return len(self.new_text) - len(self.span)
