"""From what people write to `Settings`: nothing here fails, everything that is wrong is said.

A setting that is wrong has its default, or, in a table of rules or globs, costs the one entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from claimlens.settings.model import ExpectedSettings, NetworkSettings, PolicySettings, Problem, Settings
from claimlens.settings.schema import Setting, Wrong, known_settings
from claimlens.text.escape import visible
from claimlens.text.nearest import nearest

_PREFIX = "claimlens."
_LONGEST_KEY = 100
_MOST_PROBLEMS = 50
_TYPE_NAMES = {bool: "a boolean", int: "a number", float: "a number", str: "a text", type(None): "null"}
_GROUPS = (ExpectedSettings, NetworkSettings, PolicySettings)


def from_mapping(
    mapping: Any, *, source: str = "", trusted_user_level: bool = False
) -> tuple[Settings, tuple[Problem, ...]]:
    """Read settings in any of the ways people write them.

    Names may be camelCase or kebab-case, nested (``{"expected": {"audiences": […]}}``) or dotted
    (``{"expected.audiences": […]}``), with or without ``claimlens.`` in front.

    Args:
        mapping: what was parsed from JSON or TOML, or came from the editor.
        source: where it was written, for the problems.
        trusted_user_level: whether these are the user's own settings. Only then are ``network.*`` and ``server.*``
            accepted; a folder that somebody else wrote must not say which hosts to call or which program to run.
    """
    reading = _Reading(source, trusted_user_level)
    if isinstance(mapping, Mapping):
        for name, setting, value in reading.flattened(mapping, ""):
            reading.take(name, setting, value)
    elif mapping is not None:
        reading.problem("claimlens", f"The settings must be an object; they are {_kind(mapping)}.")
    return reading.settings, tuple(reading.problems)


def from_toml(text: str, *, source: str) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Read ``claimlens.toml``, or the table ``[tool.claimlens]`` where ``source`` is a ``pyproject.toml``.

    Returns None in place of settings where the file holds none: a ``pyproject.toml`` without the table, or no TOML.
    """
    values, problem = toml_values(text, source=source)
    if problem is not None:
        return None, (Problem("claimlens", f"The file {problem}; it is left out.", source),)
    return (None, ()) if values is None else from_mapping(values, source=source)


def toml_values(text: str, *, source: str) -> tuple[Any, str | None]:
    """Return the values that `from_toml` reads, None where there are none, and what is wrong with the file, if it is.

    A ``pyproject.toml`` that is broken and does not so much as name us is somebody else's business.
    """
    import tomllib  # only the command line and editors without settings of their own need it

    is_project = re.split(r"[/\\]", source)[-1] == "pyproject.toml"
    if is_project and "claimlens" not in text:
        return None, None
    try:
        values: Any = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = re.search(r"at (line \d+, column \d+|end of document)", str(error))
        return None, f"is not valid TOML ({place[1]})" if place else "is not valid TOML"
    if not is_project:
        return values, None
    tool = values.get("tool")
    return tool.get("claimlens") if isinstance(tool, Mapping) else None, None


def merge(base: Settings, override: Settings) -> Settings:
    """Return ``base`` with everything that ``override`` sets to something else than the default.

    Tables (``rules``, ``ignore``, ``policies.namedValues``) are joined entry by entry. Meant for a file of the folder
    as ``base`` and the editor's settings, which always come complete, as ``override``.
    """
    merged: Settings = _merged(base, override, Settings())
    return merged


def _merged(base: Any, override: Any, default: Any) -> Any:
    if isinstance(default, Mapping):
        return {**base, **override}
    if not isinstance(default, (Settings, *_GROUPS)):
        return base if override == default else override
    names = [field.name for field in attrs.fields(type(default))]
    return attrs.evolve(
        default,
        **{name: _merged(getattr(base, name), getattr(override, name), getattr(default, name)) for name in names},
    )


@attrs.define
class _Reading:
    """Gathers settings and problems while one mapping is read."""

    source: str
    trusted_user_level: bool
    settings: Settings = attrs.field(factory=Settings)
    problems: list[Problem] = attrs.field(factory=list)

    def flattened(self, mapping: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Setting, Any]]:
        """Yield each setting with its name as written; the depth is that of the longest name, not of the input."""
        for key, value in mapping.items():
            written = f"{prefix}{key}"
            name = _canonical(written).removeprefix(_PREFIX)
            if setting := known_settings().get(name):
                yield written, setting, value
            elif isinstance(value, Mapping) and (written == "claimlens" or _begins_a_setting(name)):
                yield from self.flattened(value, f"{written}.")
            else:
                self.unknown(written, name)

    def take(self, written: str, setting: Setting, value: Any) -> None:
        if setting.scope == "user" and not self.trusted_user_level:
            self.problem(written, "It is read from your own user settings only; here it is ignored.")
            return
        read = setting.type.read(value)
        if read is Wrong.VALUE:
            default = "nothing" if setting.default in ((), {}, "", None) else str(setting.default).lower()
            self.problem(
                written, f"It must be {setting.type.expected}; it is {_shown(value)}. The default ({default}) is used."
            )
            return
        if setting.type.entries is not None:
            read = dict(self._entries(written, setting, read))
        if setting.field:
            self.settings = _with(self.settings, setting.field, read)

    def _entries(self, written: str, setting: Setting, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        assert setting.type.entries is not None
        for name, value in table.items():
            entry = setting.type.entries(value)
            if entry is Wrong.VALUE:
                self.problem(
                    f"{written}.{name}", f"This entry is ignored: '{self.name_of(setting)}' is {setting.type.expected}."
                )
            else:
                yield name, entry

    def unknown(self, written: str, name: str) -> None:
        meant = known_settings().get(nearest(name, known_settings()) or "")
        hint = f" Did you mean '{self.name_of(meant)}' ({meant.type.expected})?" if meant else ""
        if name == "tool" and self.is_toml:
            hint = " The table [tool.claimlens] is for pyproject.toml; here the settings stand without it."
        self.problem(written, f"There is no such setting.{hint}")

    @property
    def is_toml(self) -> bool:
        """Whether names are written as in TOML: in kebab-case, without the prefix."""
        return self.source.endswith(".toml")

    def name_of(self, setting: Setting) -> str:
        return _kebab(setting.name) if self.is_toml else setting.key

    def problem(self, key: str, message: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            full = key if key.startswith("claimlens") else f"{_PREFIX}{key}"
            named = key if self.is_toml else full
            shown = visible(named[:_LONGEST_KEY])
            self.problems.append(Problem(visible(full[:_LONGEST_KEY]), f"'{shown}': {message}", self.source))


def _canonical(name: str) -> str:
    """Return a name with each of its parts in camelCase."""
    return re.sub(r"-([a-z])", lambda found: found[1].upper(), name)


def _kebab(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"-{found[0].lower()}", name)


def _begins_a_setting(name: str) -> bool:
    return any(known.startswith(f"{name}.") for known in known_settings())


def _with(settings: Any, path: tuple[str, ...], value: Any) -> Any:
    name, *rest = path
    inner = _with(getattr(settings, name), tuple(rest), value) if rest else value
    return attrs.evolve(settings, **{name: inner})


def _shown(value: Any) -> str:
    """Return a number itself, of everything else the kind: a text can be a secret that stands in the wrong place."""
    return str(value)[:20] if isinstance(value, int | float) and not isinstance(value, bool) else _kind(value)


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return _TYPE_NAMES.get(type(value), "a list" if isinstance(value, list | tuple) else "something else")
