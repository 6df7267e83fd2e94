"""``textDocument/semanticTokens``: the segments of a token in a colour each.

The types are standard ones, so that every theme has a colour for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.jose.model import SegmentRole, Token
from claimlens.lsp import convert
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot

_TYPES = (
    types.SemanticTokenTypes.Keyword,
    types.SemanticTokenTypes.String,
    types.SemanticTokenTypes.Number,
)
_TYPE_OF = {SegmentRole.HEADER: 0, SegmentRole.PAYLOAD: 1, SegmentRole.CIPHERTEXT: 1, SegmentRole.DISCLOSURE: 1}
_OTHERS = 2
MOST = 10_000
"""Tokens per answer."""


def legend() -> types.SemanticTokensLegend:
    """Return the legend of the answers."""
    return types.SemanticTokensLegend([kind.value for kind in _TYPES], [])


def full(server: ClaimlensServer, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
    """Return the segments of every token of a document."""
    snapshot = server.documents.get(params.text_document.uri)
    return _encoded(server, snapshot, server.tokens(snapshot)) if snapshot else None


def in_range(server: ClaimlensServer, params: types.SemanticTokensRangeParams) -> types.SemanticTokens | None:
    """Return the segments of the tokens in a range."""
    snapshot = server.documents.get(params.text_document.uri)
    if snapshot is None:
        return None
    asked = convert.to_span(snapshot.lines, server.encoding, params.range)
    return _encoded(server, snapshot, server.tokens_in(snapshot, asked))


def _encoded(server: ClaimlensServer, snapshot: Snapshot, tokens: Iterable[Token]) -> types.SemanticTokens:
    """Encode by LSP 3.17 "Semantic Tokens": five numbers each, places relative to the one before."""
    data: list[int] = []
    line = column = 0
    for piece, kind in _pieces(snapshot, tokens):
        place = convert.to_range(snapshot.lines, server.encoding, piece)
        start = place.start
        delta = start.character - (column if start.line == line else 0)
        data += [start.line - line, delta, place.end.character - start.character, kind, 0]
        line, column = start.line, start.character
        if len(data) >= 5 * MOST:
            break
    return types.SemanticTokens(data)


def _pieces(snapshot: Snapshot, tokens: Iterable[Token]) -> Iterator[tuple[Span, int]]:
    """Yield each segment, one piece per line that it stands on."""
    for token in tokens:
        for segment in token.segments:
            for piece in token.pieces or (segment.span,):
                start, end = max(piece.start, segment.span.start), min(piece.end, segment.span.end)
                if start < end and snapshot.lines.position(start).line == snapshot.lines.position(end).line:
                    yield Span(start, end), _TYPE_OF.get(segment.role, _OTHERS)
