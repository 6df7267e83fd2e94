"""Findings as the command line tells them: JSON, text, SARIF, GitHub annotations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from claimlens import __version__
from claimlens.cli.output import color, place, say
from claimlens.rules.model import Finding, Rule, Severity
from claimlens.text.escape import terminal, visible
from claimlens.text.lines import LineIndex

RULE_PAGES = "https://github.com/claimlens/claimlens/blob/main/docs/rules"
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
    Severity.HINT: "note",
}
_GITHUB_LEVELS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}


def as_json(finding: Finding, lines: LineIndex, path: str) -> dict[str, Any]:
    """Return a finding as the fixed JSON has it."""
    return {
        "code": finding.code,
        "cause": finding.cause,
        "severity": str(finding.severity),
        "message": finding.message,
        "path": path,
        **place(lines, finding.span),
        "fixes": [{"title": fix.title} for fix in finding.fixes],
    }


def exit_status(findings: Iterable[Mapping[str, Any]]) -> int:
    """Return 1 where there is an error or a warning, else 0."""
    return int(any(finding["severity"] in ("error", "warning") for finding in findings))


def print_text(findings: Sequence[Mapping[str, Any]], files: int) -> None:
    """Print a line per finding and one that counts them."""
    for finding in findings:
        where = f"{terminal(finding['path'])}:{finding['line']}:{finding['column']}"
        severity = color(finding["severity"], finding["severity"])
        say(f"{where}: {severity}: {terminal(finding['message'])} [{finding['code']}]")
    counted = [
        f"{count} {name}"
        for name in ("error", "warning", "information", "hint")
        if (count := sum(finding["severity"] == name for finding in findings))
    ]
    say(f"{files} {'file' if files == 1 else 'files'} checked: {', '.join(counted) or 'nothing found'}.")


def print_github(findings: Iterable[Mapping[str, Any]]) -> None:
    """Print workflow commands, escaped as GitHub's toolkit does, so that no value can begin another command."""
    for finding in findings:
        properties = {
            "file": finding["path"],
            "line": finding["line"],
            "col": finding["column"],
            "endLine": finding["end_line"],
            "endColumn": finding["end_column"],
            "title": finding["code"],
        }
        told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
        say(f"::{_GITHUB_LEVELS[finding['severity']]} {told}::{_data(visible(finding['message']))}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Mapping[str, Any]], rules: Mapping[str, Rule[Any]]) -> dict[str, Any]:
    """Return findings as SARIF 2.1.0. No snippet and no context region: they would hold what was found."""
    used = sorted({finding["code"] for finding in findings})
    index = {code: position for position, code in enumerate(used)}
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Claimlens",
                        "version": __version__,
                        "informationUri": "https://github.com/claimlens/claimlens",
                        "rules": [_sarif_rule(rules[code]) for code in used],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(finding, index) for finding in findings],
            }
        ],
    }


def _sarif_rule(rule: Rule[Any]) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": f"{rule.summary}."},
        "help": {"text": rule.documentation, "markdown": rule.documentation},
        "helpUri": f"{RULE_PAGES}/{rule.code}.md",
        "defaultConfiguration": {"level": _SARIF_LEVELS.get(rule.severity, "none")},
        "properties": {"cause": rule.cause} if rule.cause else {},
    }


def _sarif_result(finding: Mapping[str, Any], index: Mapping[str, int]) -> dict[str, Any]:
    return {
        "ruleId": finding["code"],
        "ruleIndex": index[finding["code"]],
        "level": _SARIF_LEVELS[Severity(finding["severity"])],
        "message": {"text": finding["message"]},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(PurePath(finding["path"]).as_posix())},
                    "region": {
                        "startLine": finding["line"],
                        "startColumn": finding["column"],
                        "endLine": finding["end_line"],
                        "endColumn": finding["end_column"],
                    },
                }
            }
        ],
        "partialFingerprints": {"claimlens/v1": _fingerprint(finding)},
    }


def _fingerprint(finding: Mapping[str, Any]) -> str:
    """Return what stays the same while a finding only moves: its code, file and message, never a token."""
    said = "\0".join((finding["code"], PurePath(finding["path"]).as_posix(), finding["message"]))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
