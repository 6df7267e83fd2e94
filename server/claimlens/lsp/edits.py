"""Makes LSP workspace edits out of ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.jose import redact
from claimlens.jose.model import Token
from claimlens.lsp import convert
from claimlens.rules.model import Edit

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot


def workspace_edit(server: ClaimlensServer, snapshot: Snapshot, edits: Iterable[Edit]) -> types.WorkspaceEdit:
    """Return ``edits`` to one document; with its version where the client checks that."""
    changes = [
        types.TextEdit(convert.to_range(snapshot.lines, server.encoding, edit.span), edit.new_text) for edit in edits
    ]
    if not server.client.versioned_edits:
        return types.WorkspaceEdit(changes={snapshot.uri: changes})
    # The text of a file that is not open has no version, which LSP writes as null.
    version = snapshot.version if server.documents.get(snapshot.uri) is snapshot else None
    document = types.OptionalVersionedTextDocumentIdentifier(snapshot.uri, version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, changes)])


def redaction(
    server: ClaimlensServer, snapshot: Snapshot, tokens: Iterable[Token], keep_claims: bool = False
) -> types.WorkspaceEdit:
    """Return the edit that takes the secret out of ``tokens``."""
    return workspace_edit(server, snapshot, [_redacted(snapshot.text, token, keep_claims) for token in tokens])


def _redacted(text: str, token: Token, keep_claims: bool) -> Edit:
    standing_alone = token.shift(-token.span.start)
    return Edit(token.span, redact(token.span.slice(text), [standing_alone], keep_claims))
