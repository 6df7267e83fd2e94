"""Find the files under given paths, and read whatever encoding they are in.

`discover` walks, `read_text` reads; both report what they cannot do in place of raising.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

import attrs

from claimlens.services.encodings import UTF_8, Encoding, decode

if TYPE_CHECKING:
    import pathspec

LARGEST = 50_000_000
"""Bytes. A larger file is read only where it is named itself."""

_SKIPPED_FOLDERS = frozenset(
    (".git", ".hg", ".svn", ".jj", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox", ".terraform")
)
_SNIFFED = 8_192
_LARGEST_IGNORE_FILE = 1_000_000
"""Bytes; the largest that is a list of patterns somebody wrote."""
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST_ALTERNATIVES = 100
_DRIVE = re.compile(r"/[A-Za-z]:")


@attrs.frozen
class TextFile:
    """A file's text and how it was encoded, so that it can be written back as it was."""

    path: Path
    text: str = attrs.field(repr=False)
    encoding: Encoding = attrs.field(default=UTF_8)


@attrs.frozen
class Unreadable:
    """A file that was not read, and why, in a few words.

    Attributes:
        left_out: whether that was a decision of ours, not a failure.
    """

    path: Path
    reason: str
    left_out: bool = False


def discover(paths: Iterable[Path], excluded: Iterable[str] = ()) -> Iterator[Path]:
    """Yield the files under ``paths``, each once: a file that is named is always there, folders are walked.

    In folders, what ``.gitignore`` files (and ``.git/info/exclude``) leave out is left out, as are version control and
    package folders; links are not followed, so there are no loops. A path that does not exist, or a folder that cannot
    be listed, is yielded as it is, so that reading it says so.

    Args:
        paths: files and folders.
        excluded: globs as VS Code writes them in ``files.exclude``, relative to each folder; no ``.gitignore`` brings
            back what they leave out.
    """
    seen: set[Path] = set()
    patterns = _excluding(excluded)
    for path in paths:
        for found in _walk(path, patterns) if is_folder(path) else (path,):
            if found not in seen:
                seen.add(found)
                yield found


def belongs(path: Path, folder: Path, excluded: Iterable[str] = ()) -> bool:
    """Tell whether `discover` would yield ``path`` under ``folder`` if it existed."""
    patterns = _excluding(excluded)
    named, root, path = path, folder.resolve(), path.parent.resolve() / path.name
    if not path.is_relative_to(root) or path.is_symlink():
        return False
    if named.is_relative_to(folder) and path != root / named.relative_to(folder):
        return False  # a link leads there
    rules = [rule for above in _repository_above(root) for rule in _ignore_files(above)]
    if rules and _is_ignored(root, True, rules):
        rules = []
    parent = root
    for part in path.relative_to(root).parts:
        rules += _ignore_files(parent)
        parent = parent / part
        is_folder = parent != path
        if _is_excluded(parent, root, patterns, is_folder=is_folder):
            return False
        if (is_folder and part in _SKIPPED_FOLDERS) or (rules and _is_ignored(parent, is_folder, rules)):
            return False
    return True


def read_text(path: Path, *, named: bool = False) -> TextFile | Unreadable | None:
    """Return a file's text, why it cannot be read, or None where it is binary.

    A file that was ``named`` is read however large it is, and as text even if it does not look like it; a pipe or a
    device only where it was named, since reading one may never end.
    """
    try:
        if not named:
            known = path.stat()
            if not (stat.S_ISREG(known.st_mode) or stat.S_ISDIR(known.st_mode)):
                return Unreadable(path, "not a regular file", left_out=True)
            if known.st_size > LARGEST:
                return _too_large(path)
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        return Unreadable(path, _reason(error))
    decoded = decode(data)
    if decoded is None and named:
        binary = Encoding("latin-1")
        decoded = binary.decode(data), binary
    return None if decoded is None else TextFile(path, *decoded)


def path_of(uri: str) -> Path | None:
    """Return the path that a ``file:`` URI stands for, or None for another URI."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    path = os.fsdecode(unquote_to_bytes(parts.path))
    if _DRIVE.match(path):
        path = path[1:]
    return Path(f"//{parts.netloc}{path}" if parts.netloc else path)


def _too_large(path: Path) -> Unreadable | None:
    with path.open("rb") as file:
        if decode(file.read(_SNIFFED)) is None:
            return None
    return Unreadable(path, f"larger than {LARGEST // 1_000_000} MB, left out; name it to read it", left_out=True)


def _reason(error: OSError | ValueError) -> str:
    told = error.strerror if isinstance(error, OSError) else "not a possible path"
    return (told or type(error).__name__).lower()


def is_folder(path: Path) -> bool:
    """Tell whether a path is that of a folder; never raises."""
    try:
        return path.is_dir()
    except OSError:  # a folder above may not be looked into; reading the path says so
        return False


@attrs.frozen
class _IgnoreFile:
    """The patterns of one ignore file, and the folder they are relative to."""

    folder: Path
    patterns: pathspec.GitIgnoreSpec


def _walk(root: Path, excluded: Sequence[pathspec.GitIgnoreSpec]) -> Iterator[Path]:
    """Yield the files below a folder; an ignored folder that is named itself is walked all the same."""
    inherited = [rules for folder in _repository_above(root) for rules in _ignore_files(folder)]
    if inherited and _is_ignored(root.resolve(), True, inherited):
        inherited = []
    top = root.resolve()
    pending: list[tuple[Path, Path, Sequence[_IgnoreFile]]] = [(root, top, inherited)]
    while pending:
        folder, absolute, above = pending.pop()
        rules = [*above, *_ignore_files(absolute)]
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            yield folder
            continue
        kept = [
            entry
            for entry in entries
            if not _is_left_out(entry, absolute, rules)
            and not _is_excluded(absolute / entry.name, top, excluded, is_folder=entry.is_dir(follow_symlinks=False))
        ]
        yield from (folder / entry.name for entry in kept if entry.is_file(follow_symlinks=False))
        folders = [entry.name for entry in kept if entry.is_dir(follow_symlinks=False)]
        pending += ((folder / name, absolute / name, rules) for name in reversed(folders))


def _is_left_out(entry: os.DirEntry[str], folder: Path, rules: Sequence[_IgnoreFile]) -> bool:
    if entry.is_symlink():
        return True
    is_folder = entry.is_dir(follow_symlinks=False)
    if is_folder and entry.name in _SKIPPED_FOLDERS:
        return True
    return bool(rules) and _is_ignored(folder / entry.name, is_folder, rules)


def _is_excluded(path: Path, root: Path, excluded: Iterable[pathspec.GitIgnoreSpec], *, is_folder: bool) -> bool:
    relative = path.relative_to(root).as_posix() + ("/" if is_folder else "")
    return any(patterns.match_file(relative) for patterns in excluded)


def _excluding(globs: Iterable[str]) -> Sequence[pathspec.GitIgnoreSpec]:
    """Compile globs of VS Code, which are anchored at the folder and may hold alternatives in braces."""
    lines = [f"/{plain.lstrip('/')}" for glob in globs for plain in _alternatives(glob)]
    return _compiled(lines) if lines else ()


def _alternatives(glob: str) -> list[str]:
    """Write out the alternatives in the braces of a glob; one that has too many is not used."""
    pending, written = [glob], []
    while pending:
        plain = pending.pop()
        found = _BRACES.search(plain)
        if found is None:
            written.append(plain)
        elif len(pending) + len(written) < _MOST_ALTERNATIVES:
            before, behind = plain[: found.start()], plain[found.end() :]
            pending += [f"{before}{choice}{behind}" for choice in found[1].split(",")]
        else:
            return []
    return written


def _ignore_files(folder: Path) -> list[_IgnoreFile]:
    """Return the rules of a folder, the weaker first (gitignore(5))."""
    found = []
    for file in (folder / ".git" / "info" / "exclude", folder / ".gitignore"):
        try:
            if not file.is_file() or file.stat().st_size > _LARGEST_IGNORE_FILE:
                continue
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        found += [_IgnoreFile(folder, patterns) for patterns in _compiled(lines)]
    return found


def _compiled(lines: Sequence[str]) -> list[pathspec.GitIgnoreSpec]:
    """Compile the lines of an ignore file; a line that is no pattern costs itself alone."""
    import pathspec

    try:
        return [pathspec.GitIgnoreSpec.from_lines(lines)]
    except ValueError:
        if len(lines) == 1:
            return []
        return [patterns for line in lines for patterns in _compiled([line])]


def _is_ignored(path: Path, is_folder: bool, rules: Iterable[_IgnoreFile]) -> bool:
    """Tell what the last rule that speaks of the path says, as git does."""
    ignored = False
    for each in rules:
        relative = path.relative_to(each.folder).as_posix() + ("/" if is_folder else "")
        verdict = each.patterns.check_file(relative).include
        if verdict is not None:
            ignored = verdict
    return ignored


def _repository_above(root: Path) -> list[Path]:
    """Return the folders above ``root``, outermost first, from the one that holds ``.git``; none outside of one."""
    above: list[Path] = []
    for folder in (root.resolve(), *root.resolve().parents):
        above.insert(0, folder)
        if (folder / ".git").exists():
            return above[:-1]
    return []
