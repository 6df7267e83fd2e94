"""Check files with the settings of the folder they lie in."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path

import attrs

from claimlens.expectations.named_values import with_named_values
from claimlens.rules.context import Workspace
from claimlens.rules.engine import CheckResult, check
from claimlens.rules.registry import unknown_codes
from claimlens.services import settings_files
from claimlens.services.files import TextFile
from claimlens.services.settings_files import SettingsFile
from claimlens.settings import Problem, Settings, from_mapping
from claimlens.text.snapshot import Snapshot

_NOTHING_AROUND = Workspace()


@attrs.frozen
class FolderSettings:
    """The settings that hold in a folder.

    Attributes:
        settings: what is set.
        root: the folder that globs are relative to.
        problems: what was not understood.
        source: the path of the settings file, or empty.
    """

    settings: Settings
    root: Path
    problems: tuple[Problem, ...] = ()
    source: str = ""


@attrs.frozen
class CheckedFile:
    """A file, what the rules say of it, and the settings they were given."""

    path: Path
    snapshot: Snapshot
    result: CheckResult
    folder: FolderSettings


def settings_for(path: Path) -> FolderSettings:
    """Return the settings that hold for a file or folder: those of the nearest settings file above it."""
    start = path.resolve()
    return _settings_of(start if start.is_dir() else start.parent)


@functools.lru_cache(maxsize=4096)
def _settings_of(folder: Path) -> FolderSettings:
    found = settings_files.find(folder)
    return _understood(found) if found is not None else FolderSettings(Settings(), folder)


def _understood(found: SettingsFile) -> FolderSettings:
    root, source = found.path.parent, str(found.path)
    if found.problem is not None:
        return FolderSettings(Settings(), root, (Problem("", found.problem, found.name),), source)
    settings, problems = from_mapping(found.values, source=found.name)
    return FolderSettings(settings, root, (*problems, *unknown_codes(settings)), source)


def check_file(file: TextFile, now: datetime, around: Workspace = _NOTHING_AROUND) -> CheckedFile:
    """Run every rule over a file; the name ``-`` stands for a text that is no file.

    Args:
        file: the file.
        now: the moment to judge times at (aware).
        around: what the files around it say (`claimlens.services.workspace_index.scan`); the root is that of its own
            settings.
    """
    folder = settings_for(file.path)
    uri = "untitled:-" if str(file.path) == "-" else file.path.resolve().as_uri()
    snapshot = Snapshot.of(file.text, uri)
    expectations = around.expectations
    if named_values := folder.settings.policies.named_values:
        expectations = with_named_values(expectations, named_values.get)
    workspace = attrs.evolve(around, root=folder.root.as_uri(), expectations=expectations)
    result = check(snapshot, folder.settings, now, workspace=workspace)
    return CheckedFile(file.path, snapshot, result, folder)
