"""Check files with the settings of the folder they lie in."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path

import attrs

from claimlens.rules.context import Workspace
from claimlens.rules.engine import CheckResult, check
from claimlens.rules.registry import unknown_codes
from claimlens.services import settings_files
from claimlens.services.files import TextFile
from claimlens.settings import Problem, Settings, from_mapping
from claimlens.text.snapshot import Snapshot


@attrs.frozen
class FolderSettings:
    """The settings of a folder, what is wrong with them, and the folder that globs are relative to."""

    settings: Settings
    root: Path
    problems: tuple[Problem, ...] = ()
    source: str = ""


@attrs.frozen
class CheckedFile:
    """A file and what the rules say of it."""

    path: Path
    snapshot: Snapshot
    result: CheckResult


def settings_for(path: Path) -> FolderSettings:
    """Return the settings that hold for a file or folder: those of the nearest settings file above it."""
    start = path.resolve()
    return _settings_of(start if start.is_dir() else start.parent)


@functools.lru_cache(maxsize=4096)
def _settings_of(folder: Path) -> FolderSettings:
    found = settings_files.read(folder)
    if found is None:
        return _settings_of(folder.parent) if folder.parent != folder else FolderSettings(Settings(), folder)
    if found.problem is not None:
        return FolderSettings(Settings(), folder, (Problem("", found.problem),), str(found.path))
    settings, problems = from_mapping(found.values, source=found.name)
    return FolderSettings(settings, folder, (*problems, *unknown_codes(settings)), str(found.path))


def check_file(file: TextFile, now: datetime) -> CheckedFile:
    """Run every rule over a file."""
    folder = settings_for(file.path)
    absolute = file.path.resolve()
    snapshot = Snapshot.of(file.text, absolute.as_uri() if str(file.path) != "-" else "", 0, "")
    result = check(snapshot, folder.settings, now, workspace=Workspace(folder.root.as_uri()))
    return CheckedFile(file.path, snapshot, result)
