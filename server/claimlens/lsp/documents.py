"""The open documents: correct in what a line is, cheap to edit, and nothing is ever read from disk.

pygls keeps each document as one string, splits its lines at characters that end no line in LSP, and puts the whole
string together again at each keystroke. Its handling of the notifications is kept; where they end up is ours:
`DocumentStore.attach` puts a workspace of our own in the place of pygls' (a private attribute, so pygls is pinned and a
test fails when it goes away).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import attrs
from lsprotocol import types
from pygls.workspace import Workspace

from claimlens.jose.incremental import TokenIndex
from claimlens.jose.model import Token
from claimlens.lsp.convert import to_span
from claimlens.text.snapshot import Snapshot, TextChange

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)

MAXIMUM_LENGTH = 50_000_000
"""Characters of a document that is looked at; Visual Studio Code synchronises no larger ones."""

_COST_OF_AN_EDIT = 32_768
"""Characters that are scanned again because of one edit."""
_LEAST_MISSED = 16
"""Edits that are never too many to follow one by one."""


@attrs.define(eq=False)
class _Document:
    """An open document: its present state, and its tokens as far as anybody has asked for them.

    Attributes:
        snapshot: the present state.
        index: the tokens of the state before the edits in ``missed``, or None.
        missed: the edits since, each with the state it led to.
    """

    snapshot: Snapshot
    index: TokenIndex | None = None
    missed: list[tuple[Snapshot, TextChange]] = attrs.field(factory=list)

    def edit(self, change: TextChange, version: int | None) -> None:
        """Make an edit. Nothing is scanned yet, so that a thousand edits in one message cost no thousand scans."""
        self.snapshot = self.snapshot.edited(change, version)
        if self.index is None:
            return
        self.missed.append((self.snapshot, change))
        if len(self.missed) > max(_LEAST_MISSED, self.snapshot.lines.length // _COST_OF_AN_EDIT):
            self.index = None
            self.missed.clear()

    def tokens(self) -> TokenIndex:
        """Return the tokens of the present state."""
        index = TokenIndex.of(self.snapshot) if self.index is None else self.index
        for state, change in self.missed:
            index = index.updated(state, change)
        self.missed.clear()
        self.index = index
        return index


class DocumentStore:
    """The open documents by URI, each an immutable snapshot, with the tokens in it.

    Attributes:
        encoding: the unit of columns that was agreed with the client: ``utf-8``, ``utf-16`` or ``utf-32``.
    """

    def __init__(self) -> None:
        self._documents: dict[str, _Document] = {}
        self.encoding = "utf-16"

    def __iter__(self) -> Iterator[str]:
        return (document.snapshot.uri for document in list(self._documents.values()))

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, uri: str) -> Snapshot | None:
        """Return an open document, or None; what is not open is not read."""
        document = self._documents.get(_key(uri))
        return document.snapshot if document else None

    def open(self, uri: str, text: str, version: int, language_id: str) -> None:
        """Take in a document."""
        self._documents[_key(uri)] = _Document(Snapshot.of(text, uri, version, language_id))

    def close(self, uri: str) -> None:
        """Forget a document and everything in it."""
        self._documents.pop(_key(uri), None)

    def change(self, uri: str, change: types.TextDocumentContentChangeEvent, version: int | None) -> None:
        """Apply one change; one for a document that is not open is not for us."""
        document = self._documents.get(_key(uri))
        if document is None:
            # VS Code empties an untitled document before it closes it, and its client sends the close first.
            _log.info("a change for a document that is not open was left out")
            return
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            edit = document.snapshot.change_to(change.text)
        else:
            edit = TextChange(to_span(document.snapshot.lines, self.encoding, change.range), change.text)
        document.edit(edit, version)

    def tokens(self, snapshot: Snapshot) -> Sequence[Token]:
        """Return the tokens of a document, in order; none for one that is too long to be looked at."""
        if snapshot.lines.length > MAXIMUM_LENGTH:
            return ()
        document = self._documents.get(_key(snapshot.uri))
        if document is None or document.snapshot is not snapshot:
            return TokenIndex.of(snapshot)
        return document.tokens()

    def limits(self, snapshot: Snapshot) -> list[str]:
        """Say in sentences what of a document is not looked at."""
        if snapshot.lines.length > MAXIMUM_LENGTH:
            return [f"This document is longer than {MAXIMUM_LENGTH:,} characters; no tokens are looked for in it."]
        return []

    def attach(self, server: LanguageServer) -> None:
        """Let pygls put its documents here. Called while ``initialize`` is handled, when pygls has made its own."""
        theirs = server.protocol.workspace
        self.encoding = str(getattr(theirs.position_encoding, "value", theirs.position_encoding))
        folders = list(theirs.folders.values())
        ours = _Workspace(self, theirs.root_uri, types.TextDocumentSyncKind.Incremental, folders, self.encoding)
        server.protocol._workspace = ours


class _Workspace(Workspace):
    """pygls' workspace with its text documents kept in a `DocumentStore`."""

    def __init__(self, store: DocumentStore, *details: Any) -> None:
        super().__init__(*details)
        self._store = store

    def get_text_document(self, doc_uri: str) -> Any:
        """Refuse: pygls would read what is not open from disk, and what is open is asked of the store."""
        raise KeyError("documents are asked of the store")

    def put_text_document(self, text_document: types.TextDocumentItem, notebook_uri: str | None = None) -> None:
        """Take in a document that was opened, or a cell of a notebook."""
        self._store.open(text_document.uri, text_document.text, text_document.version, str(text_document.language_id))
        if notebook_uri:
            self._cell_in_notebook[unquote(text_document.uri)] = unquote(notebook_uri)

    def remove_text_document(self, doc_uri: str) -> None:
        """Forget a document that was closed."""
        self._store.close(doc_uri)
        self._cell_in_notebook.pop(unquote(doc_uri), None)

    def update_text_document(
        self, text_doc: types.VersionedTextDocumentIdentifier, change: types.TextDocumentContentChangeEvent
    ) -> None:
        """Apply a change."""
        self._store.change(text_doc.uri, change, text_doc.version)


def _key(uri: str) -> str:
    """Return what a document is known by; clients differ in which characters of a URI they escape."""
    return unquote(uri)
