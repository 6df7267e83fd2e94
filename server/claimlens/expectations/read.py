"""What a file says it accepts: choose the reader by content and name, gather sections, name the roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

import attrs

from claimlens.expectations.constants import resolved
from claimlens.expectations.formats.code_values import read_code, read_declarations
from claimlens.expectations.formats.json_values import read_json
from claimlens.expectations.formats.model import Entry
from claimlens.expectations.formats.text_values import read_lines, read_xml, read_yaml
from claimlens.expectations.infrastructure import with_references
from claimlens.expectations.joints import with_joints
from claimlens.expectations.model import Expectation, SourceKind
from claimlens.expectations.named_pairs import with_named_pairs
from claimlens.expectations.policies import looks_like_policy, read_policies
from claimlens.expectations.rooms import room_beside
from claimlens.expectations.sections import expectations_of

MAXIMUM_LENGTH = 1_000_000
"""Longest file in characters that is read; settings and sources are far smaller."""

Reader = Callable[[str], Iterator[Entry]]

_LINES = ".properties .ini .env .conf .cfg .toml .http .rest"
_CODE = (
    ".cs .fs .vb .java .kt .scala .groovy .js .mjs .cjs .jsx .ts .tsx .py .go .php .rb .ex .exs .rs .swift .dart .ps1 "
    ".cshtml .razor"
)
_BY_ENDING: dict[str, tuple[Reader, SourceKind]] = {
    **dict.fromkeys((".json", ".jsonc", ".json5"), (read_json, SourceKind.FILE)),
    **dict.fromkeys((".yml", ".yaml"), (read_yaml, SourceKind.FILE)),
    **dict.fromkeys(_LINES.split(), (read_lines, SourceKind.FILE)),
    **dict.fromkeys((".config", ".xml"), (read_xml, SourceKind.FILE)),
    **dict.fromkeys(_CODE.split(), (read_code, SourceKind.SOURCE_CODE)),
    **dict.fromkeys((".tf", ".tfvars", ".hcl", ".bicep", ".bicepparam"), (read_declarations, SourceKind.FILE)),
}

_KEY_VALUE_LINE = re.compile(r"^[ \t]*[\w.:-]+[ \t]*[=:][ \t]*\S", re.MULTILINE)
_CODE_SIGNS = re.compile(r"[;{}()]\s*$", re.MULTILINE)


def entries_of(name: str, text: str) -> tuple[tuple[Entry, ...], SourceKind]:
    """Return the values of a file, and what its nameless sections are.

    Args:
        name: the file's name; its ending helps where the content leaves doubt.
        text: its content.
    """
    if len(text) > MAXIMUM_LENGTH:
        return (), SourceKind.FILE
    reader, kind = _reader(name, text)
    entries = with_named_pairs(reader(text))
    if kind is SourceKind.SOURCE_CODE:
        return tuple(resolved(entries)), kind
    return tuple(with_references(text, entries) if reader is read_declarations else entries), kind


def read(name: str, text: str) -> tuple[Expectation, ...]:
    """Return what a settings file, manifest, policy or source file says it accepts. Never fails.

    The path of policies in strings of Bicep, ARM templates and Terraform is the file's own, like their spans.
    """
    if len(text) > MAXIMUM_LENGTH:
        return ()
    found: list[Expectation] = []
    if looks_like_policy(text):
        found = list(read_policies(name, text))
        if text.lstrip("\ufeff \t\r\n").startswith("<"):
            return _joined(text, found)
    entries, kind = entries_of(name, text)
    return _joined(text, [*found, *expectations_of(entries, kind)])


def _joined(text: str, found: Iterable[Expectation]) -> tuple[Expectation, ...]:
    """Return the expectations with what another audience would have to be joined by, or where there is room for one."""
    return tuple(_with_joints(text, each) for each in found)


def _with_joints(text: str, section: Expectation) -> Expectation:
    client, listed = section.first("client"), {}
    for role in ("audience", "allowed_client"):
        if values := section.statements.get(role):
            listed[role] = with_joints(text, values)
    has_room = "audience" not in listed and section.kind is SourceKind.APP_SERVICE and client is not None
    room = room_beside(text, client.span) if has_room and client is not None else None
    return attrs.evolve(section, statements={**section.statements, **listed}, room=room) if listed or room else section


def _reader(name: str, text: str) -> tuple[Reader, SourceKind]:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    ending = PurePath(name).suffix.lower() or PurePath(name).name.lower()
    known = _BY_ENDING.get(ending)
    if start in ("{", "[") and (known is None or known[0] is read_json):
        return read_json, SourceKind.FILE
    if known is not None:
        return known
    if start == "<":
        return read_xml, SourceKind.FILE
    if start in ("{", "["):
        return read_json, SourceKind.FILE
    if PurePath(name).name.lower().startswith(".env") or _looks_like_lines(text):
        return read_lines, SourceKind.FILE
    return read_code, SourceKind.SOURCE_CODE


def _looks_like_lines(text: str) -> bool:
    lines = sum(1 for line in text.splitlines() if line.strip())
    return lines > 0 and len(_KEY_VALUE_LINE.findall(text)) * 2 > lines and not _CODE_SIGNS.search(text)
