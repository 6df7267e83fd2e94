"""Findings as the command line tells them: JSON, text, GitHub annotations. SARIF is in `claimlens.cli.sarif`."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from claimlens.cli.output import color, counted, place, say
from claimlens.rules.model import Finding, Severity
from claimlens.services.files import TextFile, path_of, read_text
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
        "related": list(_related(finding, lines, path)),
    }


def _related(finding: Finding, lines: LineIndex, path: str) -> Iterator[dict[str, Any]]:
    """Yield the places that belong to a finding; one in a file that cannot be read has no lines, and is left out."""
    for each in finding.related:
        there = (path, lines) if each.path is None else _file(each.path, relative=not PurePath(path).is_absolute())
        if there is not None:
            yield {"message": each.message, "path": there[0], **place(there[1], each.span)}


@functools.lru_cache(maxsize=64)
def _file(uri: str, *, relative: bool) -> tuple[str, LineIndex] | None:
    """Return the path and the lines of a file; the path as seen from the working folder, where that holds the file."""
    path = path_of(uri)
    file = read_text(path) if path is not None else None
    if path is None or not isinstance(file, TextFile):
        return None
    is_inside = relative and path.is_relative_to(Path.cwd())
    return str(path.relative_to(Path.cwd()) if is_inside else path), LineIndex(file.text)


def exit_status(findings: Iterable[Mapping[str, Any]]) -> int:
    """Return 1 where there is an error or a warning, else 0."""
    return int(any(finding["severity"] in ("error", "warning") for finding in findings))


def print_text(findings: Sequence[Mapping[str, Any]], files: int) -> None:
    """Print a line per finding and one that counts them."""
    for finding in findings:
        print_one(finding, f"{visible(finding['path'])}:{finding['line']}:{finding['column']}: ")
    found = [
        f"{count} × {severity}"
        for severity in _WORST_FIRST
        if (count := sum(finding["severity"] == severity for finding in findings))
    ]
    if files == 0:
        say("No files were checked.")
        return
    say(f"{counted(files, 'file')} checked: {', '.join(found) or 'nothing found'}.")


def print_one(finding: Mapping[str, Any], where: str = "") -> None:
    """Print a finding on one line."""
    severity = color(finding["severity"], finding["severity"])
    say(where, severity, f": {visible(finding['message'])} ", color(f"[{finding['code']}]", "dim"))
    for related in _elsewhere(finding):
        say(color(f"    {related}", "dim"))


def _elsewhere(finding: Mapping[str, Any]) -> Iterator[str]:
    """Yield the places in other files that belong to a finding, each in a line."""
    for each in finding["related"]:
        if each["path"] != finding["path"]:
            yield f"{visible(each['path'])}:{each['line']}:{each['column']}: {visible(each['message'])}"


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
        said = "\n".join((visible(finding["message"]), *_elsewhere(finding)))
        say(f"::{command} {told}::{_data(said)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
