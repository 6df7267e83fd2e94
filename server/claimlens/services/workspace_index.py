"""What the files of a workspace say that others refer to, kept current.

Of each file that is what tokens it accepts (`claimlens.expectations`), which named values and fragments it declares for
policies (`claimlens.apim.declarations`), which of those its own policies use, and for whom the tokens in it are. Of a
token nothing else is kept.

`scan` reads folders from disk and may run beside everything else; it holds to limits in number, size and time.
`WorkspaceIndex` keeps what was found, takes in single files that changed, and lets an open document stand before its
file on disk. Its views are tuples that stay the same object until something in them changes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote

import attrs

from claimlens.apim.declarations import Declaration, Declared, NameKind
from claimlens.apim.declarations.read import read_declarations
from claimlens.apim.declarations.uses import names_used
from claimlens.expectations import Expectation, read, with_path
from claimlens.expectations.matching import LAYERS
from claimlens.expectations.model import SourceKind
from claimlens.expectations.named_values import with_named_values
from claimlens.expectations.presented import Addressed, addressed_in
from claimlens.services.files import Unreadable, discover, read_text

MOST_FILES = 100_000
"""Files whose names are looked at."""
MOST_RELEVANT = 5_000
"""Files that state something, of which the rest is left out."""
LARGEST = 262_144
"""Bytes of a file that is read; settings are far smaller."""
LARGEST_WITH_POLICIES = 2_000_000
"""Bytes of a file that is read where it may hold policies, of which the service takes 256 KB each, a template many."""
LONGEST_SECONDS = 60.0

_ENDINGS = (
    ".json", ".jsonc", ".xml", ".config", ".yml", ".yaml", ".properties", ".bicep", ".bicepparam", ".tf", ".tfvars",
    ".cshtml", ".policy", ".tpl", ".tftpl",
)  # fmt: skip
_WITH_POLICIES = (".xml", ".cshtml", ".policy", ".tpl", ".tftpl", ".json", ".bicep", ".tf")
_MAY_HOLD_TOKENS = (".http", ".rest", ".env", ".log", ".txt", ".md", ".har", ".sh", ".ps1")
"""Files that state nothing themselves, of which only the tokens count."""
_LARGEST_OPEN = 65_536
"""Characters of such a file that is open: beyond, it counts as it lies on disk, so that no keystroke waits for it."""
_NEVER = frozenset(("package.json", "package-lock.json", "tsconfig.json", "composer.lock", "pnpm-lock.yaml"))
_SIGNS = re.compile(
    r"validate-jwt|validate-azure-ad-token|client_?-?id|audience|authority|issuer|tenant_?-?id|appId|identifierUris",
    re.IGNORECASE,
)
_DRIVE = re.compile(r"\Afile:///[A-Z]:")
_KINDS = frozenset((*LAYERS, SourceKind.MANIFEST))


@attrs.frozen
class FileFacts:
    """What one file says.

    Attributes:
        expectations: what it accepts.
        declarations: what it declares for policies.
        uses: the names, in lower case, of named values and fragments that its policies use.
        addressed: for whom the tokens in it are.
        configures: whether it holds any setting about tokens, whether or not that says what an API accepts.
    """

    expectations: tuple[Expectation, ...] = attrs.field(default=(), repr=False)
    declarations: tuple[Declaration, ...] = attrs.field(default=(), repr=False)
    uses: frozenset[tuple[NameKind, str]] = frozenset()
    addressed: frozenset[Addressed] = frozenset()
    configures: bool = False

    @property
    def statements(self) -> tuple[object, ...]:
        """What is said of other files depends on this."""
        return self.expectations, self.declarations, self.addressed

    @property
    def states_something(self) -> bool:
        """Whether what is said of other files depends on it."""
        return any(self.statements)

    def same_statements(self, other: FileFacts) -> bool:
        """Tell whether both say the same to other files."""
        return self.statements == other.statements


NOTHING = FileFacts()


@attrs.frozen
class Scanned:
    """What folders hold.

    Attributes:
        found: by URI of the file, what each file says; files that say nothing are left out.
        files: the number of files whose names were looked at.
        complete: whether no limit was reached.
    """

    found: Mapping[str, FileFacts]
    files: int = 0
    complete: bool = True


def is_candidate(name: str) -> bool:
    """Tell by its name whether a file may say something."""
    return may_state(name) or name.lower().endswith(_MAY_HOLD_TOKENS) or name.lower().startswith(".env.")


def may_state(name: str) -> bool:
    """Tell by its name whether a file may say what is accepted, or declare something."""
    lowered = name.lower()
    return lowered.endswith(_ENDINGS) and lowered not in _NEVER


def _most(name: str) -> int:
    """Return how long a file of this name may be, in bytes, to be read."""
    return LARGEST_WITH_POLICIES if name.lower().endswith(_WITH_POLICIES) else LARGEST


def facts_in(uri: str, text: str) -> FileFacts:
    """Return what a file says, with its URI as the path."""
    name = unquote(uri).rpartition("/")[2]
    if not is_candidate(name) or len(text) > _most(name):
        return NOTHING
    if not may_state(name):
        return FileFacts(declarations=read_declarations(uri, text), addressed=addressed_in(text))
    settings = read(name, text) if _SIGNS.search(text) else ()
    return FileFacts(
        with_path((found for found in settings if found.kind in _KINDS), uri),
        read_declarations(uri, text),
        names_used(text),
        addressed_in(text),
        bool(settings),
    )


def scan(
    paths: Iterable[Path], *, excluded: Iterable[str] = (), stopped: Callable[[], bool] = lambda: False
) -> Scanned:
    """Read what the files under ``paths`` say; never raises.

    Args:
        paths: files and folders, made URIs as they are; what ``.gitignore`` leaves out of these is left out.
        excluded: globs of what is left out besides (`discover`).
        stopped: asked between files; scanning ends when it says so.
    """
    found: dict[str, FileFacts] = {}
    files, started = 0, time.monotonic()
    for path in discover(paths, excluded):
        if files >= MOST_FILES or len(found) >= MOST_RELEVANT or time.monotonic() - started > LONGEST_SECONDS:
            return Scanned(found, files, complete=False)
        if stopped():
            return Scanned(found, files, complete=False)
        files += 1
        if is_candidate(path.name) and (facts := _facts_on_disk(path)) != NOTHING:
            found[_uri(path)] = facts
    return Scanned(found, files)


def _facts_on_disk(path: Path) -> FileFacts:
    try:
        if path.stat().st_size > _most(path.name):
            return NOTHING
    except (OSError, ValueError):
        return NOTHING
    file = read_text(path)
    return NOTHING if file is None or isinstance(file, Unreadable) else facts_in(_uri(path), file.text)


def _uri(path: Path) -> str:
    return _DRIVE.sub(lambda drive: drive[0].lower(), path.absolute().as_uri())


class WorkspaceIndex:
    """What the files of a workspace say, open documents before files on disk.

    Attributes:
        complete: whether every file of the folders was looked at.
    """

    def __init__(self) -> None:
        self.complete = False
        self._on_disk: dict[str, FileFacts] = {}
        self._open: dict[str, FileFacts] = {}
        self._uris: dict[str, str] = {}
        self._folders: set[str] = set()
        self._stated: dict[str, tuple[Mapping[str, str], tuple[Expectation, ...]]] = {}
        self._fillings: dict[str, _Filling] = {}
        self._addressed: dict[str, frozenset[Addressed]] = {}
        self._declared: dict[str, Declared] = {}

    def take(self, scanned: Scanned) -> None:
        """Put what a scan found in the place of everything known of files on disk."""
        self.complete = scanned.complete
        self._on_disk = {_key(uri): facts for uri, facts in scanned.found.items()}
        self._uris = {_key(uri): uri for uri in scanned.found}
        self._folders = {folder for key in self._on_disk for folder in _folders_above(key)}
        self._stated.clear()
        self._fillings.clear()
        self._declared.clear()
        self._addressed.clear()

    def takes(self, uri: str, length: int) -> bool:
        """Tell whether an open document of this length may matter here, without looking into it."""
        name = _key(uri).rpartition("/")[2]
        return is_candidate(name) and length <= (_most(name) if may_state(name) else _LARGEST_OPEN)

    def text_of(self, uri: str, path: Path) -> str | None:
        """Return the text of a file that says something, if it still says what is known of it."""
        known = self._on_disk.get(_key(uri))
        file = read_text(path) if known else None
        if known is None or file is None or isinstance(file, Unreadable):
            return None
        return file.text if facts_in(self._uris[_key(uri)], file.text) == known else None

    def file_changed(self, path: Path) -> bool:
        """Read a file anew that was made, changed or removed; tell whether other files are told something new."""
        if not is_candidate(path.name):
            return False
        self._uris[_key(_uri(path))] = _uri(path)
        return self._set(self._on_disk, _uri(path), _facts_on_disk(path))

    def folder_removed(self, path: Path) -> bool:
        """Forget the files of a folder that is gone; tell whether other files are told something new."""
        folder = _key(_uri(path))
        if folder not in self._folders:
            return False
        self._folders.discard(folder)
        gone = [key for key in self._on_disk if key.startswith(f"{folder}/")]
        changes = [self._set(self._on_disk, key, NOTHING) for key in gone]
        return any(changes)

    def document_changed(self, uri: str, text: str) -> bool:
        """Take in the present text of an open document; tell whether other files are told something new."""
        facts = facts_in(uri, text)
        if not facts.states_something and _key(uri) not in self._open and _key(uri) not in self._on_disk:
            return False
        return self._set(self._open, uri, facts, keep_empty=True)

    def document_closed(self, uri: str) -> bool:
        """Let the file on disk stand for itself again; tell whether other files are told something new."""
        before = self._facts(_key(uri))
        self._open.pop(_key(uri), None)
        return self._told_anew(before, self._facts(_key(uri)))

    def state(self) -> tuple[object, ...]:
        """Return what is said of any file depends on, to be compared with a later state."""
        return self.view(), self.declared().declarations, self.addressed()

    def view(self, folder: str = "", named_values: Mapping[str, str] = MappingProxyType({})) -> tuple[Expectation, ...]:
        """Return what the files of a folder (its URI; empty for all) accept, in the order of their names.

        Named values of policies are filled in: from ``named_values``, or as the folder's files declare them.
        """
        known = self._stated.get(folder)
        if known is None or known[0] != named_values:
            filling = self._filling(folder, named_values)
            filled = (each for uri, facts in self._in(folder) for each in filling.of(uri, facts))
            known = self._stated[folder] = filling.named_values, tuple(filled)
        return known[1]

    def _filling(self, folder: str, named_values: Mapping[str, str]) -> _Filling:
        declared, kept = self.declared(folder), self._fillings.get(folder)
        if kept is None or kept.declared is not declared or kept.named_values != named_values:
            kept = self._fillings[folder] = _Filling(declared, dict(named_values))
        return kept

    def addressed(self, folder: str = "") -> frozenset[Addressed]:
        """Return for whom the tokens in the files of a folder (its URI; empty for all) are."""
        if folder not in self._addressed:
            self._addressed[folder] = frozenset().union(*(facts.addressed for _, facts in self._in(folder)))
        return self._addressed[folder]

    def declared(self, folder: str = "") -> Declared:
        """Return what the files of a folder (its URI; empty for all) declare for policies."""
        if folder not in self._declared:
            found = tuple(each for _, facts in self._in(folder) for each in facts.declarations)
            start = _start_of(folder)
            uses = {uri: facts.uses for uri, facts in self._on_disk.items() if facts.uses and uri.startswith(start)}
            self._declared[folder] = Declared(found, uses)
        return self._declared[folder]

    def configuring(self) -> tuple[str, ...]:
        """Return the URIs of the files on disk with settings about tokens, in the order in which folders are walked."""
        found = (self._uris[key] for key, facts in self._on_disk.items() if facts.configures)
        return tuple(sorted(found, key=_walked))

    def files_using(self, kind: NameKind, name: str) -> tuple[str, ...]:
        """Return the URIs of the files on disk whose policies may use a named value or fragment."""
        wanted = (kind, name.lower())
        return tuple(self._uris[key] for key in sorted(self._on_disk) if wanted in self._on_disk[key].uses)

    def _in(self, folder: str) -> Iterator[tuple[str, FileFacts]]:
        start, known = _start_of(folder), {**self._on_disk, **self._open}
        return ((uri, known[uri]) for uri in sorted(known) if uri.startswith(start))

    def _facts(self, key: str) -> FileFacts:
        return self._open[key] if key in self._open else self._on_disk.get(key, NOTHING)

    def _set(self, files: dict[str, FileFacts], uri: str, facts: FileFacts, *, keep_empty: bool = False) -> bool:
        key = _key(uri)
        before, former_uses = self._facts(key), files.get(key, NOTHING).uses
        if facts != NOTHING or keep_empty:
            files[key] = facts
        else:
            files.pop(key, None)
        if files is self._on_disk:
            self._folders.update(_folders_above(key))
            if facts.uses != former_uses:
                self._declared.clear()
        return self._told_anew(before, self._facts(key))

    def _told_anew(self, before: FileFacts, after: FileFacts) -> bool:
        """Drop the views that hold no longer; tell whether other files are told something new."""
        if before.declarations != after.declarations:
            self._declared.clear()
        if (before.expectations, before.declarations) != (after.expectations, after.declarations):
            self._stated.clear()
        if before.addressed != after.addressed:
            self._addressed.clear()
        return not before.same_statements(after)


@attrs.frozen
class _Filling:
    """Fills in the named values of policies; those of a file again only when it says something else."""

    declared: Declared
    named_values: Mapping[str, str]
    _known: dict[str, tuple[FileFacts, tuple[Expectation, ...]]] = attrs.field(factory=dict)

    def of(self, uri: str, facts: FileFacts) -> tuple[Expectation, ...]:
        """Return what a file accepts."""
        known = self._known.get(uri)
        if known is None or known[0] is not facts:
            known = self._known[uri] = facts, with_named_values(facts.expectations, self._value_of)
        return known[1]

    def _value_of(self, name: str) -> str | None:
        return self.named_values.get(name) or self.declared.value_of(name)


def _start_of(folder: str) -> str:
    return f"{_key(folder).rstrip('/')}/" if folder else ""


def _folders_above(key: str) -> Iterator[str]:
    return (key[: slash.start()] for slash in re.finditer("/", key))


def _walked(uri: str) -> tuple[tuple[bool, str], ...]:
    """Sort by folder, the files of each before the folders in it, as `discover` yields them."""
    *folders, name = unquote(uri).split("/")
    return (*((True, folder) for folder in folders), (False, name))


def _key(uri: str) -> str:
    """Return what a file is known by; clients differ in which characters of a URI they escape, and in drive letters."""
    return _DRIVE.sub(lambda drive: drive[0].lower(), unquote(uri))
