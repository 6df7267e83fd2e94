"""Where the comment that silences a finding can stand: never inside a string, a tag or a command that it would break.

A policy takes XML comments, wherever it stands: a comment of Bicep or Terraform would become part of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from claimlens.lsp.comments import comment
from claimlens.rules.model import Edit
from claimlens.text.snapshot import Snapshot
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.apim.sources import PolicySource
    from claimlens.lsp.server import ClaimlensServer

_BLOCK_SCALAR = re.compile(r"(?:^|[\s:-])[|>][+-]?[1-9]?[+-]?[ \t]*(?:#.*)?$")
"""The end of a line of YAML below which lines are text, comments too (YAML 1.2.2 section 8.1)."""
_YAML = frozenset({"yaml", "dockercompose"})
_HTTP = frozenset({"http", "rest"})
_REQUEST_LINE = re.compile(r"[ \t]*(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE)[ \t]|https?://|@)")
"""A request, or a variable: what is neither and stands below an empty line is the body."""
_BARE = frozenset({"http", "rest", "plaintext", "text", "log", "markdown", "md"})
"""Languages in which a token may stand alone on a line; in others such a line is inside a string."""
_CONTINUATIONS = {"`": frozenset({"powershell", "ps1"})}
_MOST_LINES = 500
"""Lines that are looked at to find what a line belongs to."""


def silencing(server: ClaimlensServer, snapshot: Snapshot, start: int, code: str) -> Edit | None:
    """Return the edit that silences ``code`` for a finding that begins at ``start``; None where no comment fits."""
    line = snapshot.lines.position(start).line
    text = f"claimlens: ignore[{code}]"
    here = snapshot.lines.line_span(line)
    for source in server.policies.of(snapshot):
        if source.span.contains(here.start) and source.span.contains(start):
            return _in_policy(snapshot, source, here, f"<!-- {text} -->")
    line_of_code = comment(snapshot.language_id, text)
    if line_of_code is None or _is_alone(snapshot, here, start) or _goes_on(snapshot, line):
        return None
    return _above(snapshot, here, line_of_code)


def _in_policy(snapshot: Snapshot, source: PolicySource, line: Span, text: str) -> Edit | None:
    if _takes_comment(source, line.start):
        return _above(snapshot, line, text)
    if _takes_comment(source, line.end):
        return Edit(Span(line.end, line.end), f" {text}")
    return None


def _takes_comment(source: PolicySource, place: int) -> bool:
    """Tell whether a place (in the file) is between the tags of the policy, and not in the text of an element."""
    from claimlens.apim.model import Element, Text

    offset = source.policy_offset(place)
    if offset is None:
        return False
    node = source.document.node_at(offset)
    if isinstance(node, Element):
        return offset <= node.start or offset == node.end
    return node is None or node.start == offset or (isinstance(node, Text) and node.is_blank)


def _above(snapshot: Snapshot, line: Span, text: str) -> Edit:
    """Put a line of its own above another, indented like it."""
    below = line.slice(snapshot.text)
    indent = below[: len(below) - len(below.lstrip(" \t"))]
    ending = "\r\n" if snapshot.text[line.end : line.end + 2] == "\r\n" else "\n"
    return Edit(Span(line.start, line.start), f"{indent}{text}{ending}")


def _is_alone(snapshot: Snapshot, line: Span, start: int) -> bool:
    """Tell whether the line begins with a token, which no language has outside of a string."""
    if snapshot.language_id in _BARE:
        return False
    return not snapshot.text[line.start : start].strip() and snapshot.text.startswith("eyJ", start)


def _goes_on(snapshot: Snapshot, line: int) -> bool:
    """Tell whether the line goes on with what began above: a command, a text of YAML, the body of a request."""
    above = _line(snapshot, line - 1).rstrip() if line else ""
    mark = above[-1:]
    if mark == "\\" or snapshot.language_id in _CONTINUATIONS.get(mark, ()):
        return True
    if snapshot.language_id in _HTTP:
        return _is_body(snapshot, line)
    return snapshot.language_id in _YAML and any(map(_BLOCK_SCALAR.search, _parents(snapshot, line)))


def _is_body(snapshot: Snapshot, line: int) -> bool:
    if _REQUEST_LINE.match(_line(snapshot, line)):
        return False
    is_below_blank = False
    for number in range(line - 1, max(line - _MOST_LINES, -1), -1):
        above = _line(snapshot, number)
        if above.startswith("###"):
            return False
        if _REQUEST_LINE.match(above):
            return is_below_blank
        is_below_blank |= not above.strip()
    return False


def _parents(snapshot: Snapshot, line: int) -> Iterator[str]:
    """Yield the lines above that are indented less and less: those that a line of YAML belongs to."""
    indent = _indent(_line(snapshot, line))
    for number in range(line - 1, max(line - _MOST_LINES, -1), -1):
        above = _line(snapshot, number)
        if above.strip() and _indent(above) < indent:
            indent = _indent(above)
            yield above.rstrip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _line(snapshot: Snapshot, number: int) -> str:
    return snapshot.lines.line_span(number).slice(snapshot.text)
