"""``textDocument/inlayHint``: each token in a few words, behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp import convert

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer

MOST = 500
"""Hints per answer; clients ask for what is visible."""


def inlay_hints(server: ClaimlensServer, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Return one hint per token that ends in the range, if the settings have them on."""
    from claimlens.lsp.reports import short_label

    snapshot = server.documents.get(params.text_document.uri)
    if snapshot is None or not server.settings(snapshot.uri).inlay_hints_enabled:
        return []
    lines, now = snapshot.lines, server.clock()
    asked = convert.to_span(lines, server.encoding, params.range)
    return [
        types.InlayHint(
            convert.to_position(lines, server.encoding, token.span.end),
            short_label(token, now),
            padding_left=True,
        )
        for token in server.tokens_in(snapshot, asked)[:MOST]
    ]
