"""Find the files under given paths, and read whatever encoding they are in."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs

LARGEST = 50_000_000
"""Bytes; larger files are left out, and that is told."""

_SKIPPED_FOLDERS = frozenset(
    (".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox", ".terraform", ".idea")
)
_SNIFFED = 8_192
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@attrs.frozen
class TextFile:
    """A file's text and how it was encoded, so that it can be written back as it was."""

    path: Path
    text: str = attrs.field(repr=False)
    encoding: str


@attrs.frozen
class Unreadable:
    """A file that could not be read, and why, in a few words."""

    path: Path
    reason: str


def discover(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files under ``paths`` in order: a file that is named is always there, folders are walked.

    In folders, what ``.gitignore`` files (and ``.git/info/exclude``) leave out is left out, as are version control and
    package folders; links are not followed, so there are no loops. A path that does not exist is yielded as it is, so
    that reading it says so.
    """
    for path in paths:
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def _walk(root: Path) -> Iterator[Path]:
    # Rules of folders above the root count too, up to the repository's. They are matched by absolute paths.
    rules = [rule for folder in reversed(_repository_folders(root)) for rule in _ignore_rules(folder)]
    pending: list[tuple[Path, Path, list[_Rules]]] = [(root, root.resolve(), rules)]
    while pending:
        folder, absolute, inherited = pending.pop()
        known = [*inherited, *_ignore_rules(absolute)]
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        folders = []
        for entry in entries:
            if entry.is_symlink():
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and entry.name in _SKIPPED_FOLDERS:
                continue
            if known and _is_ignored(absolute / entry.name, is_folder, known):
                continue
            if is_folder:
                folders.append((folder / entry.name, absolute / entry.name, known))
            elif entry.is_file(follow_symlinks=False):
                yield folder / entry.name
        pending.extend(reversed(folders))


@attrs.frozen
class _Rules:
    """The rules of one ignore file, and the folder they are relative to."""

    folder: Path
    patterns: object


def _ignore_rules(folder: Path) -> list[_Rules]:
    found = []
    for file in (folder / ".git" / "info" / "exclude", folder / ".gitignore"):
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        import pathspec

        found.append(_Rules(folder, pathspec.GitIgnoreSpec.from_lines(lines)))
    return found


def _is_ignored(path: Path, is_folder: bool, rules: Sequence[_Rules]) -> bool:
    """Tell what the last rule that speaks of the path says, as git does."""
    ignored = False
    for rule in rules:
        relative = path.relative_to(rule.folder).as_posix() + ("/" if is_folder else "")
        verdict = rule.patterns.check_file(relative).include  # type: ignore[attr-defined]
        if verdict is not None:
            ignored = bool(verdict)
    return ignored


def _repository_folders(root: Path) -> list[Path]:
    """Return the folders above ``root`` up to the one that holds ``.git``; none outside a repository."""
    above = []
    for folder in root.resolve().parents:
        above.append(folder)
        if (folder / ".git").exists():
            return above
    return []


def read_text(path: Path) -> TextFile | Unreadable | None:
    """Return a file's text, why it cannot be read, or None where it is binary."""
    try:
        if path.stat().st_size > LARGEST:
            return Unreadable(path, f"larger than {LARGEST // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        return Unreadable(path, (error.strerror or type(error).__name__).lower())
    decoded = decode(data)
    return TextFile(path, *decoded) if decoded is not None else None


def decode(data: bytes) -> tuple[str, str] | None:
    """Return the text of ``data`` and its encoding, or None where it is binary. Never fails.

    A byte order mark decides; without one UTF-16 is known by its zero bytes, UTF-8 by being valid, and what is neither
    is read as Windows-1252, in which every byte is a character or, for five of them, a control.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    sample = data[:_SNIFFED]
    wide = _without_mark(sample)
    if wide is not None:
        return data.decode(wide, errors="replace"), wide
    if b"\0" in sample:
        return None
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = "cp1252" if not any(byte in data for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)) else "latin-1"
        return data.decode(encoding), encoding


def _without_mark(sample: bytes) -> str | None:
    """Recognise UTF-16 without a mark: mostly ASCII, so that every other byte is zero."""
    if len(sample) < 4 or b"\0" not in sample:
        return None
    even, odd = sample[0::2], sample[1::2]
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None
