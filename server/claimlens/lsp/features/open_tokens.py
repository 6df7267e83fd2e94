"""The tokens of the open documents, for a client that lets the user choose one."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from claimlens.lsp import convert, messages

if TYPE_CHECKING:
    from claimlens.jose.model import Token
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot

MOST = 50
"""Tokens to choose from; beyond that nobody reads the list."""


def open_tokens(server: ClaimlensServer, params: messages.NoParams | None) -> list[dict[str, Any]]:
    """Return the tokens of all open documents: where each stands, and what it is in a few words."""
    snapshots = [snapshot for uri in server.documents if (snapshot := server.documents.get(uri))]
    found = [(snapshot, token) for snapshot in snapshots for token in server.tokens(snapshot)]
    return [_described(server, snapshot, token) for snapshot, token in found[:MOST]]


def file_name(uri: str) -> str:
    """Return the last name of a document's URI."""
    return PurePosixPath(urlsplit(unquote(uri)).path).name


def _described(server: ClaimlensServer, snapshot: Snapshot, token: Token) -> dict[str, Any]:
    from claimlens.lsp.reports import short_label

    return {
        "textDocument": {"uri": snapshot.uri},
        "position": convert.to_position(snapshot.lines, server.encoding, token.span.start),
        "label": short_label(token, server.clock()),
        "name": file_name(snapshot.uri),
    }
