"""``textDocument/inlayHint``: each token in a few words, behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.entra import profile
from claimlens.entra.summary import label
from claimlens.lsp import convert
from claimlens.text.escape import visible

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer

MOST = 500
"""Hints per answer; clients ask for what is visible."""


def inlay_hints(server: ClaimlensServer, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Return one hint per token that ends in the range, if the settings have them on."""
    snapshot = server.documents.get(params.text_document.uri)
    if snapshot is None or not server.settings(snapshot.uri).inlay_hints_enabled:
        return []
    lines, now = snapshot.lines, server.clock()
    asked = convert.to_span(lines, server.encoding, params.range)
    return [
        types.InlayHint(
            convert.to_position(lines, server.encoding, token.span.end),
            visible(label(profile(token, now))),
            padding_left=True,
        )
        for token in server.tokens_in(snapshot, asked)[:MOST]
    ]
