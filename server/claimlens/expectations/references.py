"""Values that a file takes from another: ``${API_AUDIENCE}`` in settings, ``Configuration["Api:Audience"]`` in code.

Code is read with each such access as a placeholder (``${Api:Audience}``); what other files give that name is filled in
once they are known, like the placeholders that settings files hold themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import attrs

from claimlens.expectations.formats.model import Entry, ValueKind
from claimlens.expectations.model import Expectation, SourceKind

_ACCESSORS = frozenset(
    [
        "appsettings",
        "configuration",
        "config",
        "getvalue",
        "getenvironmentvariable",
        "getenv",
        "environ",
        "env",
        "$_env",
        "getproperty",
    ]
)
"""What code calls, or looks into, to read a setting; the last word of it, in lower case."""
_GETTERS = frozenset(("get", "fetch", "getstring"))
"""Words that read many other things too: the name has to look like one of a setting."""
_NAME = re.compile(r"[A-Za-z_][\w.:-]{0,200}")
_SETTING_NAME = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+|\w+(?:[.:]\w+)+")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+")
_MEMBER = re.compile(r"(?:process\.env|import\.meta\.env|settings|config)\.(?P<name>[A-Z][A-Z0-9_]*)!?", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\$\{\s*+(?:(?:process|import\.meta)\.env\.|settings\.|config\.)?(?P<name>[^{}\s]{1,300}+)\s*+\}"
)
_WRAPPERS = frozenset(("values", "environment", "environmentvariables", "env", "data", "stringdata", "appsettings"))
"""Keys under which the names of settings begin."""
_PAIR = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)


def as_placeholder(entry: Entry) -> Entry:
    """Return an entry of source code that reads a setting with the setting's name as a placeholder; others as is."""
    if entry.kind is ValueKind.NAME:
        member = _MEMBER.fullmatch(entry.value)
        return attrs.evolve(entry, value=f"${{{member['name']}}}", kind=ValueKind.TEXT) if member else entry
    if len(entry.path) < 3 or entry.path[-1] != "0" or not _NAME.fullmatch(entry.value):
        return entry
    accessor = entry.path[-2].lower()
    if accessor in _ACCESSORS or (accessor in _GETTERS and _SETTING_NAME.fullmatch(entry.value)):
        return attrs.evolve(entry, path=entry.path[:-2], value=f"${{{entry.value}}}")
    return entry


def settings_of(files: Iterable[tuple[Iterable[Entry], bool]]) -> Mapping[str, str]:
    """Return what files give the names of settings; a name that is given two values is left out.

    Names are told without case, and with ``:`` between their parts, whatever stands there.

    Args:
        files: the values of each file, and whether it is source code; of that only constants in capitals count.
    """
    values: dict[str, set[str]] = {}
    for entries, is_source in files:
        for name, value in _constants(entries) if is_source else _named(entries):
            values.setdefault(name, set()).add(value)
    return {name: next(iter(given)) for name, given in values.items() if len(given) == 1}


def with_settings(expectations: Iterable[Expectation], settings: Mapping[str, str]) -> tuple[Expectation, ...]:
    """Return the expectations with the placeholders filled in that are known; the others stay as they are written."""
    return tuple(_filled(each, settings) for each in expectations)


def _constants(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if len(entry.path) == 1 and _CONSTANT.fullmatch(entry.path[0]) and _tells(entry):
            yield _normal(entry.path[0]), entry.value


def _named(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Yield the names with their values: by their keys, as ``NAME=value``, as pairs of a name and a value."""
    names: dict[tuple[str, ...], str] = {}
    for entry in filter(_tells, entries):
        path = [part.lower() for part in entry.path]
        start = max((index + 1 for index, part in enumerate(path) if part in _WRAPPERS), default=0)
        pair = _PAIR.fullmatch(entry.value) if path[-1].isdigit() else None
        if pair is not None:
            yield _normal(pair["name"]), pair["value"]
        elif path[-1] == "name":
            names[entry.path[:-1]] = entry.value
        elif path[-1] == "value" and entry.path[:-1] in names:
            yield _normal(names[entry.path[:-1]]), entry.value
        elif start < len(path):
            yield ":".join(path[start:]), entry.value


def _tells(entry: Entry) -> bool:
    return bool(entry.path) and entry.kind in (ValueKind.TEXT, ValueKind.NUMBER) and "${" not in entry.value


def _normal(name: str) -> str:
    return name.replace("__", ":").replace(".", ":").lower()


def _filled(expectation: Expectation, settings: Mapping[str, str]) -> Expectation:
    has_defaults = expectation.kind is not SourceKind.SOURCE_CODE

    def told(found: re.Match[str]) -> str:
        name, _, default = found["name"].partition(":")
        value = settings.get(_normal(found["name"])) or settings.get(_normal(name))
        return value or (default.removeprefix("-") if has_defaults else "") or found[0]

    return expectation.filled(lambda value: _PLACEHOLDER.sub(told, value) if "${" in value else value)
