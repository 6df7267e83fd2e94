"""Findings as LSP diagnostics, written as JSON straight away.

After each keystroke a client gets every diagnostic of the document again. In a log with thousands of tokens that is
most of the work, so what does not depend on the place is written once per finding and kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from claimlens.lsp import convert
from claimlens.rules.model import Finding, Related, Severity
from claimlens.text.snapshot import Snapshot
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.lsp.analysis import Analysis

MOST = 500
"""Diagnostics of one document; the least severe, then the last ones, are left out beyond it."""
_MOST_KEPT = 20_000


@attrs.frozen
class DiagnosticList:
    """The diagnostics of one state of a document.

    Attributes:
        uri: the document.
        version: its version.
        result_id: the same as long as the items are.
        items: the diagnostics, a JSON array.
    """

    uri: str
    version: int
    result_id: str
    items: str = attrs.field(repr=False)

    def report(self, previous_result_id: str | None, *, in_workspace: bool = False) -> str:
        """Return a document diagnostic report as JSON (LSP 3.17, "Pull Diagnostics")."""
        members = f'"resultId":{json.dumps(self.result_id)}'
        if in_workspace:
            members += f',"uri":{json.dumps(self.uri)},"version":{self.version}'
        if previous_result_id == self.result_id:
            return f'{{"kind":"unchanged",{members}}}'
        return f'{{"kind":"full",{members},"items":{self.items}}}'

    def publication(self) -> str:
        """Return the parameters of ``textDocument/publishDiagnostics`` as JSON."""
        return f'{{"uri":{json.dumps(self.uri)},"version":{self.version},"diagnostics":{self.items}}}'


class DiagnosticLists:
    """Makes `DiagnosticList` values and remembers the last one of each document, for its result id.

    Args:
        file: returns the text of a file that a finding is related to, by its URI.
    """

    def __init__(self, file: Callable[[str], Snapshot | None] = lambda uri: None) -> None:
        self._file = file
        self._last: dict[str, tuple[Analysis, DiagnosticList]] = {}
        self._rests: dict[Severity, dict[tuple[Any, ...], str]] = {}
        self._kept = 0
        self._made = 0

    def of(self, analysis: Analysis, encoding: str, notes: Sequence[str] = ()) -> DiagnosticList:
        """Return the diagnostics of ``analysis``, the severe ones first; ``notes`` say what was not looked at."""
        snapshot, findings = analysis.snapshot, list(analysis.placed())
        made_of, last = self._last.get(snapshot.uri, (None, None))
        if last is not None and made_of is analysis:
            return last
        if self._kept > _MOST_KEPT:
            self._rests, self._kept = {}, 0
        parts: list[str] = []
        for severity in convert.SEVERITIES:
            chosen = [placed for placed in findings if placed[0].severity is severity][: MOST - len(parts)]
            parts += self._written(chosen, severity, snapshot, encoding)
        if len(findings) > MOST:
            notes = [*notes, f"{len(findings) - MOST} more findings in this file are not shown."]
        items = "[" + ",".join([*parts, *map(_note, notes)]) + "]"
        if last is None or last.items != items:
            self._made += 1
        identifier = last.result_id if last and last.items == items else str(self._made)
        made = DiagnosticList(snapshot.uri, snapshot.version or 0, identifier, items)
        self._last[snapshot.uri] = analysis, made
        return made

    def forget(self, uri: str) -> None:
        """Drop what is known of a document."""
        self._last.pop(uri, None)

    def _written(
        self, findings: Iterable[tuple[Finding, int]], severity: Severity, snapshot: Snapshot, encoding: str
    ) -> Iterator[str]:
        rests = self._rests.setdefault(severity, {})
        for finding, distance in findings:
            key = (finding.code, finding.message, finding.cause, finding.tags, *_titles(finding))
            if finding.related:  # these have places of their own
                rest = _rest(finding.shift(distance), snapshot, encoding, self._file)
            elif (known := rests.get(key)) is not None:
                rest = known
            else:
                rest = rests[key] = _rest(finding, snapshot, encoding)
                self._kept += 1
            yield f'{{"range":{_range(snapshot, encoding, finding.span, distance)},{rest}}}'


def _range(snapshot: Snapshot, encoding: str, span: Span, distance: int = 0) -> str:
    lines = snapshot.lines
    start, end = lines.position(span.start + distance), lines.position(span.end + distance)
    first, last = start.column, end.column
    if not lines.ascii:
        first = lines.column_in(encoding, start.line, first)
        last = lines.column_in(encoding, end.line, last)
    return f'{{"start":{{"line":{start.line},"character":{first}}},"end":{{"line":{end.line},"character":{last}}}}}'


def _rest(
    finding: Finding, snapshot: Snapshot, encoding: str, file: Callable[[str], Snapshot | None] = lambda uri: None
) -> str:
    """Return the members of a diagnostic besides its range, without the braces."""
    members: dict[str, Any] = {
        "severity": convert.SEVERITIES[finding.severity].value,
        "code": finding.code,
        "codeDescription": {"href": convert.rule_page(finding.code)},
        "source": "claimlens",
        "message": finding.message,
        "data": {"cause": finding.cause, "fixes": _titles(finding)},
    }
    if finding.tags:
        members["tags"] = [convert.TAGS[tag].value for tag in finding.tags]
    written = json.dumps(members, separators=(",", ":"))[1:-1]
    related = ",".join(_related(finding.related, snapshot, encoding, file))
    return f'{written},"relatedInformation":[{related}]' if related else written


def _related(
    related: Iterable[Related], snapshot: Snapshot, encoding: str, file: Callable[[str], Snapshot | None]
) -> Iterable[str]:
    for each in related:
        place = snapshot if each.path in (None, snapshot.uri) else file(each.path or "")
        if place is not None:  # a place needs the text around it to be expressed in lines
            location = f'{{"uri":{json.dumps(place.uri)},"range":{_range(place, encoding, each.span)}}}'
            yield f'{{"location":{location},"message":{json.dumps(each.message)}}}'


def _titles(finding: Finding) -> list[str]:
    return [fix.title for fix in finding.fixes]


def _note(text: str) -> str:
    """Return an information at the first line that says what is not done in full."""
    start = '{"line":0,"character":0}'
    place = f'{{"start":{start},"end":{start}}}'
    severity = convert.SEVERITIES[Severity.INFORMATION].value
    return f'{{"range":{place},"severity":{severity},"source":"claimlens","message":{json.dumps(text)}}}'
