"""Fixtures that people can read: a text with the expected findings marked under it.

::

    now: 2026-01-15T12:00:00Z
    uri: file:///folder/request.http
    ---
    GET https://api.example.com/orders
    Authorization: Bearer ⟦{"alg": "RS256"}.{"exp": @2026-01-15T11:00Z}⟧
                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-expired warning
    --- fix: Remove it
    GET https://api.example.com/orders
    Authorization: Bearer

* The **head** ends with ``---`` and holds ``name: value`` options; a text without a head has none.
* A **mark** stands under the text it is about: ``^^^^ code``, then, where they matter, the severity and, in quotes,
  words of the message. ``^^^^… code`` goes on beyond its line: only its beginning is compared.
  Findings and marks must match one to one, so an unexpected finding fails.
* ``⟦header.payload⟧`` becomes a **token**, ``⟦header.payload.signature⟧`` one with that third part, ``⟦header⟧`` with
  an ``enc`` in it a JWE. Header and payload are JSON, or `` `text` `` that is encoded as it is, or ``=text`` that is
  already encoded. ``@2026-01-15T11:00Z`` in JSON is that moment in seconds, ``@fill:1000`` a thousand letters.
  Marks are set under the placeholder: under
  the whole of it for the token, under header, payload or signature for that part.
* A **fix** section holds the text after the fix with this title was applied; a fixture may have several.
* ``--- file: policy.xml`` begins another file, its name relative to `uri`; the fix section of a fix to it holds its
  text.

`read` makes a `MarkedText` of it, `assert_findings` and `assert_fixes` compare, `with_marks` writes the marks that the
findings call for. Nothing here knows the rules about tokens: use it for policies and settings files as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urljoin

import attrs

from claimlens.rules.model import Edit, Finding
from claimlens.text.spans import Span
from tests.support.tokens import make_encrypted_token, make_token

_HEAD = re.compile(r"(?:[a-z_]+:[^\n]*\n)+---\n")
_MARK = re.compile(
    r"[ \t]*(?P<range>\^+)(?P<open>…)?[ ]+(?P<code>[a-z][a-z0-9-]*)"
    r"(?:[ ]+(?P<severity>hint|information|warning|error))?(?:[ ]+\"(?P<message>[^\"]*)\")?[ ]*"
)
_SECTION = re.compile(r"^--- (fix|file): (.+)\n", re.MULTILINE)
_TOKEN = re.compile("⟦([^⟧]*)⟧")
_FILL = re.compile(r"@fill:(\d+)")
_MOMENT = re.compile(r"@(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z)")


@attrs.frozen
class Mark:
    """One expected finding; what is None was not said and is not compared."""

    span: Span
    code: str
    severity: str | None = None
    message: str | None = None
    open_ended: bool = False


@attrs.frozen
class MarkedText:
    """A fixture, read: the text with its tokens in place and without the marks."""

    text: str
    marks: tuple[Mark, ...]
    options: Mapping[str, str] = attrs.field(factory=dict)
    fixes: Mapping[str, str] = attrs.field(factory=dict)
    files: Mapping[str, str] = attrs.field(factory=dict)
    """The other files, by URI."""

    @property
    def now(self) -> datetime:
        """The moment in the head."""
        return datetime.fromisoformat(self.options["now"])


def read(fixture: str) -> MarkedText:
    """Read a fixture in the form that this module describes."""
    head = _HEAD.match(fixture)
    options = dict(line.split(": ", 1) for line in head[0].splitlines()[:-1]) if head else {}
    body, *sections = _SECTION.split(fixture[head.end() if head else 0 :])
    text, marks = _marked(body)
    named = list(zip(sections[::3], sections[1::3], sections[2::3], strict=True))
    fixes = {title: _marked(after)[0] for kind, title, after in named if kind == "fix"}
    files = {urljoin(options["uri"], name): content for kind, name, content in named if kind == "file"}
    return MarkedText(text, marks, options, fixes, files)


def assert_findings(marked: MarkedText, findings: Iterable[Finding]) -> None:
    """Fail unless findings and marks match one to one."""
    left = [*findings]
    missing = []
    for mark in marked.marks:
        match = next((finding for finding in left if _fits(mark, finding)), None)
        if match is None:
            missing.append(mark)
        else:
            left.remove(match)
    said = [f"missing: {_place(marked.text, each.span)} {each.code} {each.severity or ''}" for each in missing]
    said += [
        f"unexpected: {_place(marked.text, each.span)} {each.code} {each.severity}: {each.message}" for each in left
    ]

    assert not said, "\n".join(["findings and marks differ", *said])


def assert_fixes(marked: MarkedText, findings: Iterable[Finding]) -> None:
    """Fail unless each fix section is what its fix makes of the text."""
    offered = {fix.title: fix for finding in findings for fix in finding.fixes}
    for title, expected in marked.fixes.items():
        assert title in offered, f"no fix {title!r} among {sorted(offered)}"

        before = marked.files.get(offered[title].path or "", marked.text)
        assert apply(before, offered[title].edits) == expected


def with_marks(fixture: str, findings: Iterable[Finding]) -> str:
    """Return the fixture with marks for exactly these findings, severities included; everything else stays."""
    head = _HEAD.match(fixture)
    body, *sections = re.split(r"(?m)^(?=--- (?:fix|file): )", fixture[head.end() if head else 0 :], maxsplit=1)
    left = sorted(findings, key=lambda finding: finding.span)
    lines: list[str] = []
    start = 0
    for line in body.splitlines(keepends=True):
        if _MARK.fullmatch(line.rstrip("\n")):
            continue
        lines.append(line if line.endswith("\n") else f"{line}\n")
        expanded, columns = _expanded(line)
        here = [finding for finding in left if start <= finding.span.start < start + max(1, len(expanded))]
        lines += (_written(finding, start, columns, len(line.rstrip("\n"))) for finding in here)
        start += len(expanded)
    return "".join([head[0] if head else "", *lines, *sections])


def _written(finding: Finding, start: int, columns: Mapping[int, int], length: int) -> str:
    """Return the mark for a finding in a line that begins at ``start``."""
    first, end = finding.span.start - start, finding.span.end - start
    begins, ends = ([here for here, there in columns.items() if there == offset] for offset in (first, end))
    whole = len(begins) > 1 and bool(ends)  # a token begins where its placeholder does, and where its header does
    back = {there: here for here, there in sorted(columns.items(), reverse=True)}
    first = begins[0] if whole and _is_closing(columns, ends[-1]) else begins[-1] if begins else _column(back, first)
    end = ends[-1] if whole and _is_closing(columns, ends[-1]) else ends[0] if ends else _column(back, end)
    beyond = "…" if end > length else ""
    return f"{' ' * first}{'^' * max(1, min(end, length) - first)}{beyond} {finding.code} {finding.severity}\n"


def _is_closing(columns: Mapping[int, int], column: int) -> bool:
    """Tell whether a placeholder ends at this column: nothing in it stands behind."""
    later = [here for here in columns if here > column]
    return column - 1 not in columns or not later or columns[min(later)] > columns[column]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with ``edits``, which must not overlap, carried out."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    return text


def _marked(body: str) -> tuple[str, tuple[Mark, ...]]:
    """Return the text without marks, and the marks with their places in it."""
    lines: list[str] = []
    marks: list[Mark] = []
    start = 0
    columns: dict[int, int] = {}
    for line in body.splitlines(keepends=True):
        if match := _MARK.fullmatch(line.rstrip("\n")):
            first, end = match.span("range")
            span = Span(start + _column(columns, first), start + _column(columns, end))
            marks.append(Mark(span, match["code"], match["severity"], match["message"], match["open"] is not None))
            continue
        start = sum(map(len, lines))
        expanded, columns = _expanded(line)
        lines.append(expanded)
    return "".join(lines), tuple(marks)


def _column(columns: Mapping[int, int], column: int) -> int:
    """Return where a column of the line as written stands in the line as expanded."""
    known = max((each for each in columns if each <= column), default=0)
    return columns.get(known, 0) + column - known


def _expanded(line: str) -> tuple[str, dict[int, int]]:
    """Return the line with its tokens in place, and for each place that marks can be set at, where it went."""
    out, columns, position = "", {0: 0}, 0
    for match in _TOKEN.finditer(line):
        out += line[position : match.start()]
        parts = [*_parts(match[1])]
        token = _token([text for text, _ in parts])
        columns[match.start()] = len(out)
        offset = len(out)
        for (text, start), segment in zip(parts, token.split("."), strict=False):
            columns[match.start(1) + start + text.startswith("=")] = offset
            columns[match.start(1) + start + len(text)] = offset + len(segment)
            offset += len(segment) + 1
        out += token
        position = match.end()
        columns[position] = len(out)
    return out + line[position:], columns


def _parts(inside: str) -> Iterable[tuple[str, int]]:
    """Yield each part of a placeholder as it is written, with its place."""
    pattern = re.compile(r"`[^`]*`|=[^.]*|\{(?:[^{}\"]|\"(?:[^\"\\]|\\.)*\"|\{[^{}]*\})*\}|[^.{`]+")
    position = 0
    while position < len(inside):
        match = pattern.match(inside, position)
        text = match[0] if match else ""
        yield text, position
        position += len(text)
        assert position == len(inside) or inside[position] == ".", f"not a token: {inside}"
        position += 1
    if inside.endswith("."):
        yield "", len(inside)


def _token(parts: list[str]) -> str:
    header = _value(parts[0])
    if len(parts) == 1 and isinstance(header, dict):
        return make_encrypted_token(header)
    made = make_token(header, _value(parts[1]), parts[2].removeprefix("=") if len(parts) > 2 else None).split(".")
    for index, part in enumerate(parts[:2]):
        if part.startswith("="):
            made[index] = part[1:]
    return ".".join(made)


def _value(written: str) -> object:
    if written.startswith("`"):
        return written[1:-1]
    if written.startswith("=") or not written:
        return written
    written = _FILL.sub(lambda found: "x" * int(found[1]), written)
    moments = _MOMENT.sub(lambda found: str(int(datetime.fromisoformat(found[1]).astimezone(UTC).timestamp())), written)
    return json.loads(moments)


def _fits(mark: Mark, finding: Finding) -> bool:
    same_place = finding.span.start == mark.span.start if mark.open_ended else finding.span == mark.span
    return (
        same_place
        and finding.code == mark.code
        and mark.severity in (None, finding.severity)
        and (mark.message is None or mark.message in finding.message)
    )


def _place(text: str, span: Span) -> str:
    line = text.count("\n", 0, span.start)
    column = span.start - (text.rfind("\n", 0, span.start) + 1)
    return f"line {line + 1}, columns {column + 1}-{column + 1 + len(span)}"
