"""Findings as the command line tells them: JSON, text, GitHub annotations. SARIF is in `claimlens.cli.sarif`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from claimlens.cli.output import color, place, say
from claimlens.rules.model import Finding, Severity
from claimlens.text.escape import visible
from claimlens.text.lines import LineIndex

_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION, Severity.HINT)
_GITHUB_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "notice",
    Severity.HINT: "notice",
}


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
        print_one(finding, f"{visible(finding['path'])}:{finding['line']}:{finding['column']}: ")
    counted = [
        f"{count} × {severity}"
        for severity in _WORST_FIRST
        if (count := sum(finding["severity"] == severity for finding in findings))
    ]
    if files == 0:
        say("No files were checked.")
        return
    say(f"{files} {'file' if files == 1 else 'files'} checked: {', '.join(counted) or 'nothing found'}.")


def print_one(finding: Mapping[str, Any], where: str = "") -> None:
    """Print a finding on one line."""
    severity = color(finding["severity"], finding["severity"])
    say(where, severity, f": {visible(finding['message'])} ", color(f"[{finding['code']}]", "dim"))


def print_github(findings: Iterable[Mapping[str, Any]]) -> None:
    """Print workflow commands, escaped as GitHub's toolkit does, so that no value can begin another command.

    Columns count only where a finding stands on one line (checks API).
    """
    for finding in findings:
        path = PurePath(finding["path"]).as_posix()
        properties = {"file": path, "line": finding["line"], "endLine": finding["end_line"]}
        if finding["line"] == finding["end_line"]:
            properties |= {"col": finding["column"], "endColumn": finding["end_column"]}
        properties["title"] = finding["code"]
        told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
        command = _GITHUB_COMMANDS[Severity(finding["severity"])]
        say(f"::{command} {told}::{_data(visible(finding['message']))}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
