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
        return Snapshot(self.uri, self.version if version is None else version, self.language_id, lines)

    def change_to(self, text: str) -> TextChange:
        """Return a change that makes this document's text ``text``, and leaves alone the blocks that they share.

        Much cheaper than taking ``text`` for a new document, as all that is known of the rest stays true.
        """
        start, end, left = 0, len(text), self.lines.length
        for block in self.lines.blocks:
            if not text.startswith(block.text, start):
                break
            start += block.length
        for block in reversed(self.lines.blocks):
            if min(end, left) - block.length < start or not text.endswith(block.text, start, end):
                break
            end -= block.length
            left -= block.length
        return TextChange(Span(start, left), text[start:end])


@attrs.frozen
class TextChange:
    """``new_text`` in place of what ``span`` covers."""

    span: Span
    new_text: str = attrs.field(repr=False)

    @property
    def distance(self) -> int:
        """How far the change moves what stands behind it."""
        return len(self.new_text) - len(self.span)
