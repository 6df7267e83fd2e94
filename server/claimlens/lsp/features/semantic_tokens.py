"""``textDocument/semanticTokens``: the segments of a token in a colour each, and the code in policies.

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
    types.SemanticTokenTypes.Comment,
    types.SemanticTokenTypes.Type,
    types.SemanticTokenTypes.Method,
    types.SemanticTokenTypes.Property,
    types.SemanticTokenTypes.Variable,
    types.SemanticTokenTypes.Macro,
)
_NUMBER_OF = {kind.value: number for number, kind in enumerate(_TYPES)}
_TYPE_OF = {SegmentRole.HEADER: 0, SegmentRole.PAYLOAD: 1, SegmentRole.CIPHERTEXT: 1, SegmentRole.DISCLOSURE: 1}
_OTHERS = 2
MOST = 10_000
"""Tokens per answer."""


def legend() -> types.SemanticTokensLegend:
    """Return the legend of the answers."""
    return types.SemanticTokensLegend([kind.value for kind in _TYPES], [])


def full(server: ClaimlensServer, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
    """Return the segments of every token of a document, and the code of its policies."""
    snapshot = server.documents.get(params.text_document.uri)
    return _encoded(server, snapshot, server.tokens(snapshot)) if snapshot else None


def in_range(server: ClaimlensServer, params: types.SemanticTokensRangeParams) -> types.SemanticTokens | None:
    """Return the segments of the tokens in a range."""
    snapshot = server.documents.get(params.text_document.uri)
    if snapshot is None:
        return None
    asked = convert.to_span(snapshot.lines, server.encoding, params.range)
    return _encoded(server, snapshot, server.tokens_in(snapshot, asked), asked)


def _encoded(
    server: ClaimlensServer, snapshot: Snapshot, tokens: Iterable[Token], within: Span | None = None
) -> types.SemanticTokens:
    """Encode by LSP 3.17 "Semantic Tokens": five numbers each, places relative to the one before."""
    data: list[int] = []
    line = column = 0
    for piece, kind in _without_overlaps([*_pieces(snapshot, tokens), *_code(server, snapshot, within)]):
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


def _code(server: ClaimlensServer, snapshot: Snapshot, within: Span | None) -> Iterator[tuple[Span, int]]:
    """Yield each piece of code in the policies of a document, one for every line that it stands on."""
    from claimlens.apim.editing.colours import coloured

    lines = snapshot.lines
    for source in server.policies.of(snapshot):
        for span, colour in coloured(source.document):
            piece = source.host_span(span)
            if within is None or (piece.start <= within.end and within.start <= piece.end):
                for line in range(lines.position(piece.start).line, lines.position(piece.end).line + 1):
                    whole = lines.line_span(line)
                    start, end = max(piece.start, whole.start), min(piece.end, whole.end)
                    if start < end:
                        yield Span(start, end), _NUMBER_OF[colour.value]


def _without_overlaps(pieces: Iterable[tuple[Span, int]]) -> Iterator[tuple[Span, int]]:
    """Yield the pieces in order, but none that begins inside the one before it."""
    end = 0
    for piece, kind in sorted(pieces):
        if piece.start >= end:
            yield piece, kind
            end = piece.end
