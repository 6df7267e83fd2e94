"""``textDocument/codeLens``: each token in a few words, above its line; what can be done with it and with policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp import convert, messages

if TYPE_CHECKING:
    from claimlens.jose.model import Token
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot

MOST = 200
"""Lenses per document; beyond that they are noise."""


def code_lens(server: ClaimlensServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return the lenses of tokens and policies, if the settings have them on."""
    from claimlens.lsp.features.simulation import lenses

    snapshot = server.documents.get(params.text_document.uri)
    if snapshot is None or not server.settings(snapshot.uri).code_lens_enabled:
        return []
    server.note_lenses()
    tokens = server.tokens(snapshot)[:MOST]
    of_tokens = [lens for token in tokens for lens in _lenses(server, snapshot, token)]
    return [*of_tokens, *lenses(server, snapshot)]


def _lenses(server: ClaimlensServer, snapshot: Snapshot, token: Token) -> Iterator[types.CodeLens]:
    from claimlens.lsp.features.verification import offer

    label = _lens(server, snapshot, token)
    yield label
    offered = offer(token) if server.client.carries_out(messages.VERIFY) else None
    if offered and label.command:
        words = "Verify again" if server.verifications.of(token) else offered
        yield types.CodeLens(label.range, types.Command(words, messages.VERIFY, arguments=label.command.arguments))
    if server.client.carries_out(messages.TEST_TOKEN) and label.command and _is_sent(token):
        words = "Test against policy…"
        yield types.CodeLens(label.range, types.Command(words, messages.TEST_TOKEN, arguments=label.command.arguments))


def _is_sent(token: Token) -> bool:
    from claimlens.jose.model import TokenForm

    return token.form in (TokenForm.JWS, TokenForm.JWE)


def _lens(server: ClaimlensServer, snapshot: Snapshot, token: Token) -> types.CodeLens:
    from claimlens.lsp.reports import short_label, signature_label

    place = convert.to_range(snapshot.lines, server.encoding, token.span)
    words = " · ".join([short_label(token, server.clock()), *signature_label(server.verifications.of(token))])
    if not server.client.carries_out(messages.SHOW_TOKEN):
        return types.CodeLens(place, types.Command(words, ""))
    argument = {
        "textDocument": {"uri": snapshot.uri},
        "position": {"line": place.start.line, "character": place.start.character},
    }
    return types.CodeLens(place, types.Command(words, messages.SHOW_TOKEN, arguments=[argument]))
