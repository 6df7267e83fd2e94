"""Checks a text as the faces do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from claimlens.rules.context import Workspace
from claimlens.rules.engine import CheckResult, check
from claimlens.services.workspace_index import Scanned, WorkspaceIndex, facts_in
from claimlens.settings import Settings, from_mapping
from claimlens.text.snapshot import Snapshot
from tests.support import markers
from tests.support.markers import MarkedText

NOW = datetime.fromisoformat("2026-01-15T12:00:00Z")


def check_text(text: str, *, now: datetime = NOW, uri: str = "", language: str = "", **settings: object) -> CheckResult:
    """Return what the rules say of ``text``; settings as people write them, in snake_case for kebab-case."""
    read, problems = from_mapping({name.replace("_", "-"): value for name, value in settings.items()})

    assert not problems
    return check_with(text, read, now=now, uri=uri, language=language)


def check_with(
    text: str,
    settings: Settings,
    *,
    now: datetime = NOW,
    uri: str = "",
    language: str = "",
    files: Mapping[str, str] = MappingProxyType({}),
) -> CheckResult:
    """Return what the rules say of ``text`` under these settings, with further files (by URI) in its workspace."""
    every = {**files, uri: text} if uri.startswith("file:") else {}
    facts = {name: facts_in(name, content) for name, content in every.items()}
    index = WorkspaceIndex()
    index.take(Scanned(facts))
    expectations = index.view(named_values=settings.policies.named_values)
    workspace = Workspace("", expectations, index.declared(), index.addressed())
    return check(Snapshot.of(text, uri=uri, language_id=language), settings, now, workspace=workspace)


def check_marked(marked: MarkedText) -> CheckResult:
    """Return what the rules say of a fixture, by its head: ``now``, ``uri``, ``language``, ``settings``."""
    settings, problems = from_mapping(json.loads(marked.options.get("settings", "{}")))

    assert not problems
    options = marked.options
    return check_with(
        marked.text,
        settings,
        now=marked.now,
        uri=options.get("uri", ""),
        language=options.get("language", ""),
        files=marked.files,
    )


def update_marks(path: Path) -> None:
    """Rewrite the marks in a fixture to what the rules say now."""
    fixture = path.read_text(encoding="utf-8")
    path.write_text(markers.with_marks(fixture, check_marked(markers.read(fixture)).findings), encoding="utf-8")
