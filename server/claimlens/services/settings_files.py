"""Reads the settings that lie in a folder: ``claimlens.toml``, else ``[tool.claimlens]`` in ``pyproject.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from claimlens.settings import toml_values

LARGEST = 1_000_000
"""Bytes; a settings file that is larger is none."""


@attrs.frozen
class SettingsFile:
    """What a settings file holds.

    Attributes:
        path: the file.
        values: its keys, as they stand; empty where it could not be read.
        problem: why it could not be read, or None. Holds no text of the file.
    """

    path: Path
    values: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    problem: str | None = None

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.path.name


def read(folder: Path) -> SettingsFile | None:
    """Return the settings file of ``folder``, or None where there is none. Never raises."""
    for name in ("claimlens.toml", "pyproject.toml"):
        path = folder / name
        found = _load(path) if _is_file(path) else None
        if found is not None:
            return found
    return None


def find(start: Path) -> SettingsFile | None:
    """Return the settings file of ``start`` or of the nearest folder above it that has one."""
    for folder in (start, *start.parents):
        found = read(folder)
        if found is not None:
            return found
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # the folder may not be looked into, or its path is too long to be one
        return False


def _load(path: Path) -> SettingsFile | None:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        return SettingsFile(path, problem=f"cannot be read ({type(error).__name__})")
    if len(content) > LARGEST:
        return SettingsFile(path, problem="is larger than a settings file can be")
    values, problem = toml_values(content.decode("utf-8-sig", "replace"), source=path.name)
    if values is None and problem is None:
        return None
    return SettingsFile(path, values if isinstance(values, Mapping) else {}, problem)
