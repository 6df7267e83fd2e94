"""One scenario, one file: several artefacts, and the cause that a diagnosis must name first.

    # What happened, in a sentence
    expect: issuer-v1-vs-v2 certain
    === token.json
    {"header": {...}, "payload": {...}}
    === log.txt
    IDX10205: …

``expect: nothing`` stands for a healthy set. A ``*.json`` artefact with ``header`` and ``payload`` becomes a compact
token; ``{now}``, ``{now-300}`` and ``{now+3600}`` stand for times. ``also:`` lists causes that would be right as well.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from claimlens.diagnosis.case import Case
from tests.support.tokens import compact

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
TENANT = "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30"

_TIME = re.compile(r"\{now(?:([+-])(\d+))?\}")


@attrs.frozen
class Scenario:
    name: str
    title: str
    causes: tuple[str, ...]
    confidence: str | None
    files: tuple[tuple[str, str], ...]

    def case(self, without: str | None = None) -> Case:
        return Case.of([each for each in self.files if each[0] != without], NOW)


def load(folder: Path) -> list[Scenario]:
    return [read(path) for path in sorted(folder.glob("*.txt"))]


def read(path: Path) -> Scenario:
    head, *parts = re.split(r"^=== (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    title = head.splitlines()[0].removeprefix("#").strip()
    told = dict(line.split(":", 1) for line in head.splitlines()[1:] if ":" in line)
    expected = told["expect"].split()
    causes = () if expected[0] == "nothing" else (expected[0], *told.get("also", "").split())
    files = tuple(_file(name.strip(), text) for name, text in zip(parts[::2], parts[1::2], strict=True))
    return Scenario(path.stem, title, causes, expected[1] if len(expected) > 1 else None, files)


def _file(name: str, text: str) -> tuple[str, str]:
    text = _TIME.sub(_moment, text.strip("\n") + "\n")
    if name.endswith(".json"):
        try:
            document: Any = json.loads(text)
        except ValueError:
            return name, text
        if isinstance(document, dict) and {"header", "payload"} <= set(document):
            return name.replace(".json", ".jwt"), compact(document["payload"], document["header"]) + "\n"
    return name, text


def _moment(found: re.Match[str]) -> str:
    distance = int(found[2] or 0) * (-1 if found[1] == "-" else 1)
    return str(int(NOW.timestamp()) + distance)


def artefacts(scenario: Scenario) -> Iterator[str]:
    return (name for name, _ in scenario.files)
