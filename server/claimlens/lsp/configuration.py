"""Which settings hold for a document.

From the lowest to the highest: the defaults; ``claimlens.toml`` or ``[tool.claimlens]`` of the document's folder; what
the editor says for that folder. Editors send the defaults of whatever nobody set, so an editor value that is the
default hides nothing. What may be reached over the network comes from the user's own settings alone, by another way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
from lsprotocol import types
from pygls.uris import to_fs_path

from claimlens.settings import NetworkSettings, Problem, Settings, from_mapping, merge

_log = logging.getLogger(__name__)

Tell = Callable[[str], None]
"""Shows a warning to the user."""

FILE_NAMES = ("claimlens.toml", "pyproject.toml")
EXCLUDED = "files.exclude"
"""The editor's own setting that hides files: globs, each with true, false or a condition."""


def excluded_by(answers: Iterable[Any]) -> set[str]:
    """Return the globs that the editor's answers about `EXCLUDED` hide unconditionally, in any folder."""
    maps = (answer for answer in answers if isinstance(answer, Mapping))
    return {glob for each in maps for glob, hidden in each.items() if hidden is True and isinstance(glob, str)}


class Configuration:
    """The settings of every folder. Problems are told once for each place and key."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: set[tuple[str, str]] = set()
        self._defaults = Settings()
        self._user = Settings()
        self._editor: dict[str, Settings] = {}
        self._files: dict[str, Settings] = {}
        self._merged: dict[str, Settings] = {}

    def start(self, params: types.InitializeParams) -> None:
        """Take what ``initializationOptions`` hold."""
        options = params.initialization_options
        if isinstance(options, Mapping):
            self.take_user_settings(options.get("network") or {})
            self.take_settings(options.get("settings") or {})

    def take_user_settings(self, network: Any) -> None:
        """Take the network settings of the user."""
        self._user = self._parsed({"network": network}, "the user's network settings", user_level=True)
        self._merged.clear()

    def take_settings(self, sent: Any, folder: str = "") -> None:
        """Take what the editor says for a folder (its URI), or for everything else."""
        if isinstance(sent, Mapping) and isinstance(sent.get("claimlens"), Mapping):
            sent = sent["claimlens"]
        self._editor[folder] = self._parsed(sent or {}, "the editor's settings")
        self._merged.clear()

    @property
    def network(self) -> NetworkSettings:
        """What the user's own settings say may be reached."""
        return self._user.network

    def read_files(self, folders: Iterable[str]) -> None:
        """Read the settings files of these folders (URIs); those of other folders are forgotten."""
        self._files = {folder: self._read(folder) for folder in folders}
        self._editor = {folder: kept for folder, kept in self._editor.items() if not folder or folder in self._files}
        self._merged.clear()

    def folder_of(self, uri: str) -> str:
        """Return the URI of the innermost folder that holds a document, or an empty string."""
        inside = [folder for folder in self._files if uri.startswith(folder.rstrip("/") + "/")]
        return max(inside, key=len, default="")

    def of(self, uri: str) -> Settings:
        """Return the settings for a document."""
        folder = self.folder_of(uri)
        if folder not in self._merged:
            editor = self._editor.get(folder) or self._editor.get("", self._defaults)
            merged = merge(self._files.get(folder, self._defaults), editor)
            self._merged[folder] = attrs.evolve(merged, network=self._user.network)
        return self._merged[folder]

    def _read(self, folder: str) -> Settings:
        from pathlib import Path

        from claimlens.services.settings_files import read

        path = to_fs_path(folder) if folder.startswith("file:") else None
        found = read(Path(path)) if path else None
        if found is None:
            return self._defaults
        if found.problem:
            self._complain(found.name, "", found.problem)
        return self._parsed(found.values, found.name)

    def _parsed(self, values: Any, source: str, *, user_level: bool = False) -> Settings:
        settings, problems = from_mapping(values, source=source, trusted_user_level=user_level)
        for problem in (*problems, *self._unknown_codes(settings)):
            self._complain(source, problem.key, problem.message)
        return settings

    def _unknown_codes(self, settings: Settings) -> tuple[Problem, ...]:
        if not (settings.rules or settings.ignore):
            return ()
        from claimlens.rules.registry import unknown_codes  # it loads every rule

        return unknown_codes(settings)

    def _complain(self, source: str, key: str, message: str) -> None:
        if (source, key) not in self._told:
            self._told.add((source, key))
            _log.info("a setting is not as it should be")
            self._tell(f"Claimlens, {source}: {message}")
