"""Leaves out the findings that somebody decided not to hear of, in a comment or by a glob in the settings.

* ``claimlens: ignore[code, code]`` or ``claimlens: ignore``, in whatever the language takes for a comment, speaks for
  the findings on its own line; if there are none, for those on the next line. A finding on several lines counts by
  the first.
* ``claimlens: ignore-file[code]`` or ``claimlens: ignore-file`` in the first ten lines speaks for the whole document.
* The setting ``claimlens.ignore`` speaks for the files that match a glob.

A code that ends in ``*`` stands for every code that begins like it.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

from claimlens.rules.model import Finding
from claimlens.rules.severity import matches
from claimlens.text.spans import Span

if TYPE_CHECKING:
    import pathspec

FILE_LINES = 10
"""Lines at the beginning of a document in which ``ignore-file`` is heard."""

MOST_DIRECTIVES = 1000
"""Directives in a document that are heard; a document with more is not written by people."""

_DIRECTIVE = re.compile(
    r"\bclaimlens:[ \t]*(?P<verb>ignore[a-z-]*+)(?:[ \t]*\[(?P<codes>[^\[\]\r\n]{0,2000})(?P<closed>\])?)?"
)
_LINE = re.compile(r"\r\n|\r|\n")


@attrs.frozen
class Directive:
    """One ``claimlens: ignore`` comment.

    Attributes:
        span: the directive itself, without the comment around it.
        verb: ``ignore`` or ``ignore-file``; another word beginning with ``ignore`` is a mistake.
        codes: each code with its place; empty if all are meant.
        own_line: the line it stands on.
        next_line: the line below.
        early: whether it stands in the first `FILE_LINES` lines.
        closed: whether the list of codes ends, where there is one.
        listed: whether there is a list of codes.
    """

    span: Span
    verb: str
    codes: tuple[tuple[str, Span], ...]
    own_line: Span
    next_line: Span
    early: bool
    closed: bool = True
    listed: bool = False

    @property
    def effective(self) -> bool:
        """Whether it can silence anything: a list that is empty or does not end is a mistake, not a wildcard."""
        if self.listed and not (self.codes and self.closed):
            return False
        return self.verb == "ignore" or (self.verb == "ignore-file" and self.early)

    def pattern_for(self, code: str) -> str | None:
        """Return the listed code (``*`` without a list) that stands for ``code``, or None."""
        patterns = [pattern for pattern, _ in self.codes] or ["*"]
        return next((pattern for pattern in patterns if matches(pattern, code)), None)


@attrs.frozen
class Suppressed:
    """What is left of some findings.

    Attributes:
        findings: those that nobody decided not to hear of.
        used: for each directive, in order, the codes in it (``*`` without a list) that silenced something.
    """

    findings: tuple[Finding, ...]
    used: tuple[frozenset[str], ...]


def directives(text: str) -> tuple[Directive, ...]:
    """Return the directives in ``text``, in order; `MOST_DIRECTIVES` at most."""
    if "claimlens:" not in text:
        return ()
    lines = _Lines(text)
    return tuple(_directive(lines, match) for match in islice(_DIRECTIVE.finditer(text), MOST_DIRECTIVES))


def suppress(findings: Iterable[Finding], found: Sequence[Directive]) -> Suppressed:
    """Leave out the findings that the directives speak for; what is left comes in the order of the text."""
    kept = sorted(findings, key=lambda finding: finding.span.start)
    used: list[frozenset[str]] = []
    for directive in found:
        silenced = _silenced(kept, directive)
        used.append(frozenset(silenced.values()))
        kept = [finding for index, finding in enumerate(kept) if index not in silenced] if silenced else kept
    return Suppressed(tuple(kept), tuple(used))


def ignored_codes(uri: str, root: str, ignore: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return the codes (patterns) that ``claimlens.ignore`` leaves out in the document ``uri`` of the folder ``root``.

    Globs are those of ``.gitignore``: ``samples/`` is a folder at any depth, ``/docs/**/*.md`` begins at the root.
    """
    if not ignore:
        return frozenset()
    path = relative_path(uri, root)
    return frozenset(code for glob, codes in ignore.items() if _glob(glob).match_file(path) for code in codes)


def is_ignored(code: str, patterns: Collection[str]) -> bool:
    """Tell whether one of ``patterns`` stands for ``code``."""
    return any(matches(pattern, code) for pattern in patterns)


def relative_path(uri: str, root: str) -> str:
    """Return the path of a document (path or ``file:`` URI) below ``root``, with ``/`` and no leading one."""
    path, folder = _plain_path(uri), _plain_path(root).rstrip("/")
    inside = folder and path.startswith(f"{folder}/")
    return (path[len(folder) :] if inside else path).lstrip("/")


@attrs.define
class _Lines:
    """The lines around ascending places of a text; a line is looked for once, however many directives it holds."""

    text: str
    own: Span = attrs.field(factory=lambda: Span(0, 0))
    below: Span = attrs.field(factory=lambda: Span(0, 0))
    early_end: int = -1

    def move_to(self, offset: int) -> None:
        if self.early_end < 0:
            breaks = [*islice(_LINE.finditer(self.text), FILE_LINES)]
            self.early_end = breaks[-1].start() if len(breaks) == FILE_LINES else len(self.text)
        elif self.own.contains(offset):
            return
        start = max(self.text.rfind("\n", self.own.end, offset), self.text.rfind("\r", self.own.end, offset)) + 1
        self.own = self._line(start or self.own.start)
        line_break = _LINE.match(self.text, self.own.end)
        self.below = self._line(line_break.end()) if line_break else Span(self.own.end, self.own.end)

    def _line(self, start: int) -> Span:
        match = _LINE.search(self.text, start)
        return Span(start, match.start() if match else len(self.text))


def _directive(lines: _Lines, match: re.Match[str]) -> Directive:
    lines.move_to(match.start())
    return Directive(
        span=Span(*match.span()),
        verb=match["verb"],
        codes=tuple(_codes(match["codes"] or "", match.start("codes"))),
        own_line=lines.own,
        next_line=lines.below,
        early=match.start() <= lines.early_end,
        closed=match["codes"] is None or match["closed"] is not None,
        listed=match["codes"] is not None,
    )


def _codes(listed: str, start: int) -> Iterator[tuple[str, Span]]:
    for found in re.finditer(r"[^\s,]+", listed):
        yield found[0], Span(start + found.start(), start + found.end())


def _silenced(findings: Sequence[Finding], directive: Directive) -> dict[int, str]:
    """Return the indexes of the findings that the directive silences, each with the code in it that does."""
    if not directive.effective:
        return {}
    if directive.verb == "ignore-file":
        return _fitting(findings, range(len(findings)), directive)
    for line in (directive.own_line, directive.next_line):
        first = bisect_left(findings, line.start, key=lambda finding: finding.span.start)
        last = bisect_right(findings, line.end, key=lambda finding: finding.span.start)
        if there := _fitting(findings, range(first, last), directive):
            return there
    return {}


def _fitting(findings: Sequence[Finding], indexes: range, directive: Directive) -> dict[int, str]:
    patterns = ((index, directive.pattern_for(findings[index].code)) for index in indexes)
    return {index: pattern for index, pattern in patterns if pattern is not None}


def _plain_path(uri: str) -> str:
    if uri.lower().startswith("file:"):
        uri = "/" + unquote(uri[5:]).lstrip("/")
    path = uri.replace("\\", "/")
    drive = re.match(r"/?([A-Za-z]):(?=/)", path)
    return f"/{drive[1].lower()}:{path[drive.end() :]}" if drive else path.removeprefix("./")


@functools.cache
def _glob(pattern: str) -> pathspec.GitIgnoreSpec:
    """Compile one glob; one that is no glob at all (a lone ``!``) matches nothing."""
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return pathspec.GitIgnoreSpec.from_lines([])
