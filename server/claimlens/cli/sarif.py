"""Findings as SARIF 2.1.0 (OASIS), which code scanning services take.

No snippet and no context region: they would hold the tokens that were found.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from claimlens import __version__
from claimlens.rules.model import Rule, Severity

_REPOSITORY = "https://github.com/claimlens/claimlens"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.OFF: "none",
    Severity.HINT: "note",
    Severity.INFORMATION: "note",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
}


def log(
    findings: Sequence[Mapping[str, Any]], rules: Mapping[str, Rule[Any]], *, complete: bool = True
) -> dict[str, Any]:
    """Return the log of one run.

    Args:
        findings: as `claimlens.cli.findings.as_json` makes them.
        rules: every rule by its code.
        complete: whether everything could be read.
    """
    used = sorted({finding["code"] for finding in findings})
    index = {code: position for position, code in enumerate(used)}
    told: Counter[str] = Counter()
    driver = {
        "name": "Claimlens",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": _REPOSITORY,
        "rules": [_rule(rules[code]) for code in used],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": complete}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index, told) for finding in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule[Any]) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": f"{rule.summary}."},
        "help": {"text": rule.documentation, "markdown": rule.documentation},
        "helpUri": f"{_REPOSITORY}/blob/main/docs/rules/{rule.code}.md",
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["security"], **({"cause": rule.cause} if rule.cause else {})},
    }


def _result(finding: Mapping[str, Any], index: Mapping[str, int], told: Counter[str]) -> dict[str, Any]:
    related = [
        {"id": number, "physicalLocation": _place(each), "message": {"text": each["message"]}}
        for number, each in enumerate(finding["related"], 1)
    ]
    return {
        "ruleId": finding["code"],
        "ruleIndex": index[finding["code"]],
        "level": _LEVELS[Severity(finding["severity"])],
        "message": {"text": finding["message"]},
        "locations": [{"physicalLocation": _place(finding)}],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {"claimlens/v1": _fingerprint(finding, told)},
    }


def _place(found: Mapping[str, Any]) -> dict[str, Any]:
    region = {
        "startLine": found["line"],
        "startColumn": found["column"],
        "endLine": found["end_line"],
        "endColumn": found["end_column"],
    }
    return {"artifactLocation": {"uri": uri(found["path"])}, "region": region}


def uri(path: str) -> str:
    """Return a path as a URI reference relative to the working folder, or a ``file:`` URI where it lies elsewhere."""
    if path == "-":
        return "stdin"
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, and rename what was given
    try:
        return quote(os.fsencode(absolute.relative_to(Path.cwd()).as_posix()))
    except ValueError:
        return "file://" + quote(os.fsencode(PurePath("/", absolute.as_posix()).as_posix()))


def _fingerprint(finding: Mapping[str, Any], told: Counter[str]) -> str:
    """Return what stays the same while a finding only moves: code, file, message, and how many were like it before."""
    said = "\0".join((finding["code"], uri(finding["path"]), finding["message"]))
    told[said] += 1
    return hashlib.sha256(f"{said}\0{told[said]}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
