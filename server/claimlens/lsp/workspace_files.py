"""What the files of the workspace's folders say: what they accept, and what they declare for policies.

The folders are read in a thread beside everything else; from then on single files are read when the client says that
they changed, and open documents stand before their files. No other file is ever read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pygls.uris import to_fs_path

from claimlens.apim.declarations import NOTHING_DECLARED, Declared, NameKind
from claimlens.lsp.logs import defect
from claimlens.text.snapshot import Snapshot

if TYPE_CHECKING:
    from claimlens.expectations import Expectation
    from claimlens.expectations.presented import Addressed
    from claimlens.lsp.documents import DocumentStore
    from claimlens.services.workspace_index import WorkspaceIndex

_log = logging.getLogger(__name__)


class WorkspaceFiles:
    """The files of the workspace that state something.

    Args:
        documents: the open documents.
        changed: called when something that is stated has changed.
    """

    def __init__(self, documents: DocumentStore, changed: Callable[[], None]) -> None:
        self._documents = documents
        self._changed = changed
        self._folders: tuple[Path, ...] = ()
        self._starts: tuple[str, ...] = ()
        self._excluded: tuple[str, ...] = ()
        self._index: WorkspaceIndex | None = None
        self._scan_number = 0
        self._is_closed = False
        self._snapshots: dict[str, Snapshot] = {}
        self._missed: set[str] | None = None
        """While the folders are read: the files that have changed since, and may have been read before that."""

    def stated(self, folder: str, named_values: Mapping[str, str]) -> tuple[Expectation, ...]:
        """Return what is stated in a folder (its URI; empty for what lies in none), with named values filled in."""
        return self._index.view(folder, named_values) if self._index is not None and folder else ()

    def addressed(self, folder: str) -> frozenset[Addressed]:
        """Return for whom the tokens in the files of a folder (its URI; empty for what lies in none) are."""
        return self._index.addressed(folder) if self._index is not None and folder else frozenset()

    def declared(self, folder: str) -> Declared:
        """Return what is declared for a folder (its URI; empty for what lies in none): in it and in all others."""
        return self._index.declared() if self._index is not None and folder else NOTHING_DECLARED

    @property
    def complete(self) -> bool:
        """Whether every file of the folders is known."""
        return self._index is not None and self._index.complete

    def using(self, kind: NameKind, name: str) -> tuple[str, ...]:
        """Return the URIs of the files whose policies may use a named value or fragment."""
        return self._index.files_using(kind, name) if self._index is not None else ()

    def configuring(self) -> tuple[Path, ...] | None:
        """Return the files with settings about tokens; None while that is not known."""
        if self._index is None or not self._index.complete:
            return None
        return tuple(Path(path) for uri in self._index.configuring() if (path := to_fs_path(uri)))

    def snapshot(self, uri: str) -> Snapshot | None:
        """Return the present text of a file that states something: of the open document, else of the disk."""
        opened = self._documents.get(uri)
        if opened is not None or self._index is None:
            return opened
        if uri not in self._snapshots:
            path = to_fs_path(uri)
            text = self._index.text_of(uri, Path(path)) if path else None
            if text is None:
                return None
            self._snapshots[uri] = Snapshot.of(text, uri)
        return self._snapshots[uri]

    def forget_texts(self) -> None:
        """Have files read anew where they are needed: an edit has to fit what lies on disk."""
        self._snapshots.clear()

    async def read_folders(self, uris: Iterable[str]) -> None:
        """Read these folders in place of those read before; a later call ends an earlier one that still runs."""
        from claimlens.services.workspace_index import WorkspaceIndex, scan

        if self._is_closed:  # a thread that begins to read now would keep the process alive until it has read all
            return
        self._scan_number += 1
        number = self._scan_number
        paths = [to_fs_path(uri) for uri in uris if uri.startswith("file:")]
        self._folders = tuple(Path(path) for path in paths if path)
        self._starts = tuple(f"{unquote(folder.as_uri()).rstrip('/')}/" for folder in self._folders)
        self._missed, scanned = set(), None
        try:
            scanned = await asyncio.to_thread(
                scan, self._folders, excluded=self._excluded, stopped=lambda: number != self._scan_number
            )
        except Exception as error:
            defect(_log, "reading the folders", error)
        if number != self._scan_number:
            return
        missed, self._missed = self._missed or (), None
        if scanned is None:
            return
        if self._index is None:
            self._index = WorkspaceIndex()
        before = self._index.state()
        self._index.take(scanned)
        self._snapshots.clear()
        for uri in list(self._documents):
            self.document_changed(uri)
        _log.info("%d files looked at, %d state something", scanned.files, len(scanned.found))
        if self._index.state() != before:
            self._changed()
        await self.files_changed(missed)

    async def exclude(self, globs: Iterable[str]) -> None:
        """Leave out what these globs (of ``files.exclude``) name; read the folders again where that is new."""
        excluded = tuple(sorted(globs))
        if excluded != self._excluded:
            self._excluded = excluded
            if self._folders:
                await self.read_folders([folder.as_uri() for folder in self._folders])

    async def files_changed(self, uris: Iterable[str]) -> None:
        """Read files anew that were made, changed or removed, and what is in folders that came or went."""
        changed = False
        for uri in uris:
            if self._missed is not None:
                self._missed.add(uri)
            path = to_fs_path(uri)
            if path and self._index is not None:
                self._snapshots.pop(uri, None)
                changed |= await self._path_changed(Path(path), self._index)
        if changed:
            self._snapshots.clear()
            self._changed()

    async def _path_changed(self, path: Path, index: WorkspaceIndex) -> bool:
        """Take in what there is at a path now; tell whether other files are told something new."""
        from claimlens.services.files import is_folder
        from claimlens.services.workspace_index import is_candidate, scan

        await asyncio.sleep(0)
        if is_candidate(path.name):
            return self._holds(path) and index.file_changed(path)
        if not is_folder(path):
            return index.folder_removed(path)
        if not self._holds(path):
            return False
        scanned = await asyncio.to_thread(scan, [path], stopped=lambda: self._is_closed)
        inside = [Path(found) for uri in scanned.found if (found := to_fs_path(uri))]
        changes = [index.file_changed(file) for file in inside if self._holds(file)]
        return any(changes)

    def _holds(self, path: Path) -> bool:
        from claimlens.services.files import belongs

        return any(belongs(path, folder, self._excluded) for folder in self._folders)

    def document_changed(self, uri: str) -> None:
        """Take in the present state of an open document; one that lies in no folder can only declare something."""
        from claimlens.services.workspace_index import may_state

        snapshot = self._documents.get(uri)
        if self._index is None or snapshot is None or not self._index.takes(uri, snapshot.lines.length):
            return
        if may_state(uri) or any(unquote(uri).startswith(start) for start in self._starts):
            self._tell_if(self._index.document_changed(uri, snapshot.text))

    def document_closed(self, uri: str) -> None:
        """Let the file on disk stand for itself again."""
        if self._index is not None:
            self._tell_if(self._index.document_closed(uri))

    def close(self) -> None:
        """End reading, for good; what is known stays."""
        self._is_closed = True
        self._scan_number += 1

    def _tell_if(self, changed: bool) -> None:
        if changed:
            self._changed()
