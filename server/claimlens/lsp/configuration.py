"""Which settings hold for a document.

From the lowest to the highest: the defaults; the nearest ``claimlens.toml`` or ``[tool.claimlens]`` above the document,
as the command line has it; what the editor says for its folder. Editors send the defaults of whatever nobody set, so an
editor value that is the default hides nothing. What may be reached over the network comes from the user's own settings
alone, by another way. No file is looked for because of a document that lies in no folder of the workspace.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types
from pygls.uris import to_fs_path

from claimlens.settings import NetworkSettings, Problem, Settings, from_mapping, merge

if TYPE_CHECKING:
    from claimlens.services.settings_files import SettingsFile

_log = logging.getLogger(__name__)

Tell = Callable[[str, str], None]
"""Shows a warning to the user, and writes what it says in full to the log of the editor."""

FILE_NAMES = ("claimlens.toml", "pyproject.toml")
EXCLUDED = "files.exclude"
"""The editor's own setting that hides files: globs, each with true, false or a condition."""
_MOST_SHOWN = 3
"""Problems that one warning names; the log has the rest."""


def excluded_by(answers: Iterable[Any]) -> set[str]:
    """Return the globs that the editor's answers about `EXCLUDED` hide unconditionally, in any folder."""
    maps = (answer for answer in answers if isinstance(answer, Mapping))
    return {glob for each in maps for glob, hidden in each.items() if hidden is True and isinstance(glob, str)}


@attrs.frozen
class _InFile:
    """The settings of a file, and the URI of the folder that it lies in."""

    settings: Settings
    folder: str = ""


_NO_FILE = _InFile(Settings())


class Configuration:
    """The settings of every document. Problems are told once for each place and key."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: set[tuple[str, str]] = set()
        self._user = Settings()
        self._editor: dict[str, Settings] = {"": Settings()}
        self._folders: tuple[str, ...] = ()
        self._files: dict[Path, _InFile] = {}
        self._merged: dict[tuple[str, str], Settings] = {}

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
        """Take these folders (URIs) for those of the workspace, and read the settings files anew."""
        self._folders = tuple(folders)
        self._editor = {folder: kept for folder, kept in self._editor.items() if not folder or folder in self._folders}
        self._files.clear()
        self._merged.clear()
        for folder in self._folders:  # what is wrong in them is told at once
            self._file_of(f"{folder.rstrip('/')}/-", folder)

    def folder_of(self, uri: str) -> str:
        """Return the URI of the innermost folder that holds a document, or an empty string."""
        inside = [folder for folder in self._folders if uri.startswith(folder.rstrip("/") + "/")]
        return max(inside, key=len, default="")

    def root_of(self, uri: str) -> str:
        """Return the URI of the folder that the globs of ``ignore`` are relative to for a document."""
        folder = self.folder_of(uri)
        file = self._file_of(uri, folder)
        return file.folder if file.settings.ignore else folder

    def of(self, uri: str) -> Settings:
        """Return the settings for a document."""
        folder = self.folder_of(uri)
        file = self._file_of(uri, folder)
        key = folder, file.folder
        if key not in self._merged:
            merged = merge(file.settings, self._editor.get(folder) or self._editor[""])
            self._merged[key] = attrs.evolve(merged, network=self._user.network)
        return self._merged[key]

    def _file_of(self, uri: str, folder: str) -> _InFile:
        """Return the settings of the nearest file above a document in a folder of the workspace."""
        path, root = (to_fs_path(each) if folder.startswith("file:") else None for each in (uri, folder))
        return self._nearest(Path(path).parent, Path(root)) if path and root else _NO_FILE

    def _nearest(self, start: Path, root: Path) -> _InFile:
        from claimlens.services.settings_files import read

        found, below = _NO_FILE, []
        for folder in (start, *start.parents):
            if folder in self._files:
                found = self._files[folder]
                break
            below.append(folder)
            if file := read(folder):
                found = self._understood(file, root)
                break
        self._files |= dict.fromkeys(below, found)
        return found

    def _understood(self, file: SettingsFile, root: Path) -> _InFile:
        name = file.path.relative_to(root).as_posix() if file.path.is_relative_to(root) else str(file.path)
        folder = file.path.parent.as_uri()
        if file.problem:
            self._complain(name, [Problem("", file.problem)])
            return _InFile(Settings(), folder)
        return _InFile(self._parsed(file.values, name), folder)

    def _parsed(self, values: Any, source: str, *, user_level: bool = False) -> Settings:
        settings, problems = from_mapping(values, source=source, trusted_user_level=user_level)
        self._complain(source, [*problems, *self._unknown_codes(settings)])
        return settings

    def _unknown_codes(self, settings: Settings) -> tuple[Problem, ...]:
        if not (settings.rules or settings.ignore):
            return ()
        from claimlens.rules.registry import unknown_codes  # it loads every rule

        return unknown_codes(settings)

    def _complain(self, source: str, problems: Sequence[Problem]) -> None:
        """Tell in one message what has not been told before."""
        new = {problem.key: problem.message for problem in problems if (source, problem.key) not in self._told}
        if not new:
            return
        self._told |= {(source, key) for key in new}
        _log.info("%d settings are not as they should be", len(new))
        said = list(new.values())
        more = f" The log names {len(said) - _MOST_SHOWN} more." if len(said) > _MOST_SHOWN else ""
        shown = " ".join(said[:_MOST_SHOWN])
        self._tell(f"Claimlens, {source}: {shown}{more}", f"Claimlens, {source}: {' '.join(said)}")
