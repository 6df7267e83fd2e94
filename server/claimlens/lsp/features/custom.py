"""The requests that Claimlens adds to LSP; docs/protocol.md describes them."""

from __future__ import annotations

import contextlib
import json
import platform
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from claimlens import __version__
from claimlens.jose import redact as redacted
from claimlens.jose import scan
from claimlens.jose.model import Token
from claimlens.lsp import convert, edits, markdown, messages
from claimlens.lsp.protocol import INVALID_PARAMS, RefusalError
from claimlens.rules.model import Edit
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot


def decode(server: ClaimlensServer, params: messages.DecodeParams) -> dict[str, Any] | None:
    """Return a token's report."""
    from claimlens.lsp.reports import full_report, in_brief

    token = token_of(server, params)
    if token is None:
        return None
    now = server.clock()
    lay_out = markdown.plain_text if params.format == "plaintext" else markdown.markdown
    return {
        **in_brief(token, now),
        "report": lay_out(full_report(token, now, server.zone, server.verifications.of(token))),
    }


def claims(server: ClaimlensServer, params: messages.ClaimsParams) -> dict[str, Any] | None:
    """Return a token's header, payload or one claim, for the clipboard."""
    token = token_of(server, params)
    members = None if token is None else token.header if params.part == "header" else token.payload
    if members is None or (params.part == "claim" and params.claim not in members):
        return None
    value = members[params.claim] if params.part == "claim" and params.claim is not None else members
    return {"text": value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)}


def tokens(server: ClaimlensServer, params: messages.DocumentParams) -> list[dict[str, Any]] | None:
    """Return where the tokens of a document stand and what they are, for decorations."""
    snapshot = server.documents.get(params.text_document.uri)
    return [_described(server, snapshot, token) for token in server.tokens(snapshot)] if snapshot else None


def _described(server: ClaimlensServer, snapshot: Snapshot, token: Token) -> dict[str, Any]:
    from claimlens.lsp.reports import in_brief

    return {
        **in_brief(token, server.clock()),
        "range": convert.to_range(snapshot.lines, server.encoding, token.span),
        "segments": [
            {"role": part.role.value, "range": convert.to_range(snapshot.lines, server.encoding, part.span)}
            for part in token.segments
        ],
    }


def redact(server: ClaimlensServer, params: messages.RedactParams) -> dict[str, Any] | None:
    """Return what takes the secret out of one token, of a document's tokens, or of a text's."""
    if params.everything:
        return _without_everything(server, params)
    if params.text is not None:
        found = scan(params.text)
        return {"count": len(found), "text": redacted(params.text, found, params.keep_claims)}
    snapshot = server.documents.get(_document(params).uri)
    if snapshot is None:
        return None
    only = token_of(server, params) if params.position else None
    chosen = ([only] if only else []) if params.position else server.tokens(snapshot)
    edit = edits.redaction(server, snapshot, chosen, params.keep_claims)
    return {"count": len(chosen), "edit": edit}


def _without_everything(server: ClaimlensServer, params: messages.RedactParams) -> dict[str, Any] | None:
    from claimlens.diagnosis.redaction import redact_everything

    if params.text is not None:
        made = redact_everything(params.text, scan(params.text))
        return {"count": int(made != params.text), "text": made}
    snapshot = server.documents.get(_document(params).uri)
    if snapshot is None:
        return None
    made = redact_everything(snapshot.text, server.tokens(snapshot))
    whole = Edit(Span(0, len(snapshot.text)), made)
    return {"count": int(made != snapshot.text), "edit": edits.workspace_edit(server, snapshot, [whole])}


def status(server: ClaimlensServer, params: messages.StatusParams) -> dict[str, Any]:
    """Return how the server is doing."""
    open_documents = list(server.documents)
    asked = [params.text_document.uri] if params.text_document else open_documents
    snapshots = [snapshot for uri in asked if (snapshot := server.documents.get(uri))]
    return {
        "version": __version__,
        "python": platform.python_version(),
        "documents": len(open_documents),
        "tokens": sum(len(server.tokens(snapshot)) for snapshot in snapshots),
        "notes": [note for snapshot in snapshots for note in server.limits(snapshot)],
    }


async def open_rule_page(server: ClaimlensServer, arguments: list[Any]) -> str | None:
    """Open a rule's page in the browser, where the client can; return its URL."""
    from claimlens.rules.registry import registry

    code = arguments[0] if arguments else None
    if not isinstance(code, str) or code not in registry():
        raise RefusalError(INVALID_PARAMS)
    url = convert.rule_page(code)
    if server.client.can_show_documents:
        with contextlib.suppress(RefusalError):  # the client would not; the URL is answered all the same
            await server.window_show_document_async(types.ShowDocumentParams(url, external=True))
    return url


def token_of(server: ClaimlensServer, params: messages.TokenParams) -> Token | None:
    """Return the token that a request names."""
    if params.text is not None:
        return next(iter(scan(params.text)), None)
    if params.position is None:
        raise RefusalError(INVALID_PARAMS)
    place = server.place(_document(params).uri, params.position)
    return place.token if place else None


def _document(params: messages.TokenParams) -> types.TextDocumentIdentifier:
    if params.text_document is None:
        raise RefusalError(INVALID_PARAMS)
    return params.text_document
