"""What the files of a workspace say they accept, kept current.

`scan` reads folders from disk and may run beside everything else; it holds to limits in number, size and time.
`WorkspaceIndex` keeps what was found, takes in single files that changed, and lets an open document stand before its
file on disk. Its views are tuples that stay the same object until something in them changes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

import attrs

from claimlens.expectations import Expectation, read, with_path
from claimlens.expectations.matching import LAYERS
from claimlens.expectations.model import SourceKind
from claimlens.services.files import Unreadable, discover, read_text

MOST_FILES = 100_000
"""Files whose names are looked at."""
MOST_RELEVANT = 5_000
"""Files that state something, of which the rest is left out."""
LARGEST = 262_144
"""Bytes of a file that is read; settings and policies are far smaller."""
LONGEST_SECONDS = 60.0

_ENDINGS = (
    ".json", ".jsonc", ".xml", ".config", ".yml", ".yaml", ".properties", ".bicep", ".bicepparam", ".tf", ".tfvars",
    ".cshtml", ".policy",
)  # fmt: skip
_NEVER = frozenset(("package.json", "package-lock.json", "tsconfig.json", "composer.lock", "pnpm-lock.yaml"))
_SIGNS = re.compile(
    r"validate-jwt|validate-azure-ad-token|client_?-?id|audience|authority|issuer|tenant_?-?id|appId|identifierUris",
    re.IGNORECASE,
)
_DRIVE = re.compile(r"\Afile:///[A-Z]:")
_KINDS = frozenset((*LAYERS, SourceKind.MANIFEST))


@attrs.frozen
class Scanned:
    """What folders hold.

    Attributes:
        expectations: by URI of the file, what each file states; files that state nothing are left out.
        files: the number of files whose names were looked at.
        complete: whether no limit was reached.
    """

    expectations: Mapping[str, tuple[Expectation, ...]]
    files: int = 0
    complete: bool = True


def is_candidate(name: str) -> bool:
    """Tell by its name whether a file may state what an API accepts."""
    lowered = name.lower()
    return lowered.endswith(_ENDINGS) and lowered not in _NEVER


def stated_in(uri: str, text: str) -> tuple[Expectation, ...]:
    """Return what a file says an API accepts, with the file's URI as path; nothing for other files."""
    name = unquote(uri).rpartition("/")[2]
    if not is_candidate(name) or len(text) > LARGEST or not _SIGNS.search(text):
        return ()
    return with_path((found for found in read(name, text) if found.kind in _KINDS), uri)


def scan(paths: Iterable[Path], *, stopped: Callable[[], bool] = lambda: False) -> Scanned:
    """Read what the files under ``paths`` state; never raises.

    Args:
        paths: files and folders, made URIs as they are; what ``.gitignore`` leaves out of these is left out.
        stopped: asked between files; scanning ends when it says so.
    """
    found: dict[str, tuple[Expectation, ...]] = {}
    files, started = 0, time.monotonic()
    for path in discover(paths):
        if files >= MOST_FILES or len(found) >= MOST_RELEVANT or time.monotonic() - started > LONGEST_SECONDS:
            return Scanned(found, files, complete=False)
        if stopped():
            return Scanned(found, files, complete=False)
        files += 1
        if is_candidate(path.name) and (stated := _stated_on_disk(path)):
            found[_uri(path)] = stated
    return Scanned(found, files)


def _stated_on_disk(path: Path) -> tuple[Expectation, ...]:
    try:
        if path.stat().st_size > LARGEST:
            return ()
    except (OSError, ValueError):
        return ()
    file = read_text(path)
    return () if file is None or isinstance(file, Unreadable) else stated_in(_uri(path), file.text)


def _uri(path: Path) -> str:
    return _DRIVE.sub(lambda drive: drive[0].lower(), path.absolute().as_uri())


class WorkspaceIndex:
    """The expectations of a workspace by file, open documents before files on disk."""

    def __init__(self) -> None:
        self._on_disk: dict[str, tuple[Expectation, ...]] = {}
        self._open: dict[str, tuple[Expectation, ...]] = {}
        self._views: dict[str, tuple[Expectation, ...]] = {}

    def take(self, scanned: Scanned) -> None:
        """Put what a scan found in the place of everything known of files on disk."""
        self._on_disk = {_key(uri): stated for uri, stated in scanned.expectations.items()}
        self._views.clear()

    def takes(self, uri: str, length: int) -> bool:
        """Tell whether an open document of this length may matter here, without looking into it."""
        return length <= LARGEST and is_candidate(_key(uri).rpartition("/")[2])

    def text_of(self, uri: str, path: Path) -> str | None:
        """Return the text of a file that states something, if it still states what is known of it."""
        known = self._on_disk.get(_key(uri))
        file = read_text(path) if known else None
        if known is None or file is None or isinstance(file, Unreadable):
            return None
        return file.text if stated_in(known[0].path or uri, file.text) == known else None

    def file_changed(self, path: Path) -> bool:
        """Read a file anew that was made, changed or removed; tell whether that changed anything."""
        return is_candidate(path.name) and self._set(self._on_disk, _uri(path), _stated_on_disk(path))

    def document_changed(self, uri: str, text: str) -> bool:
        """Take in the present text of an open document; tell whether that changed anything."""
        stated = stated_in(uri, text)
        if not stated and _key(uri) not in self._open and _key(uri) not in self._on_disk:
            return False
        return self._set(self._open, uri, stated, keep_empty=True)

    def document_closed(self, uri: str) -> bool:
        """Let the file on disk stand for itself again; tell whether that changed anything."""
        former = self._open.pop(_key(uri), None)
        changed = former is not None and former != self._on_disk.get(_key(uri), ())
        if changed:
            self._views.clear()
        return changed

    def view(self, folder: str = "") -> tuple[Expectation, ...]:
        """Return what the files of a folder (its URI; empty for all) state, in the order of their names."""
        if folder not in self._views:
            start = f"{_key(folder).rstrip('/')}/" if folder else ""
            known = {**self._on_disk, **self._open}
            self._views[folder] = tuple(
                stated for uri in sorted(known) if uri.startswith(start) for stated in known[uri]
            )
        return self._views[folder]

    def _set(
        self,
        files: dict[str, tuple[Expectation, ...]],
        uri: str,
        stated: tuple[Expectation, ...],
        *,
        keep_empty: bool = False,
    ) -> bool:
        known = _key(uri)
        if files.get(known, None if keep_empty else ()) == stated:
            return False
        if stated or keep_empty:
            files[known] = stated
        else:
            files.pop(known, None)
        self._views.clear()
        return True


def _key(uri: str) -> str:
    """Return what a file is known by; clients differ in which characters of a URI they escape, and in drive letters."""
    return _DRIVE.sub(lambda drive: drive[0].lower(), unquote(uri))
