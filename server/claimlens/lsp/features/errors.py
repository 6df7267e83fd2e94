"""Known error codes and messages in any text: what a hover says of one, and where it stands.

Only the lines around a place are looked at, so that a hover in a large log costs no more than in a small one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from claimlens.entra.summary import Row
from claimlens.lsp.markdown import Report, Section
from claimlens.text.spans import Span, hull

if TYPE_CHECKING:
    from claimlens.entra.errors import Comparison, ErrorExplanation, ErrorMention
    from claimlens.lsp.server import ClaimlensServer, Place
    from claimlens.text.snapshot import Snapshot

REACH = 2_000
"""Characters before and after a place that are looked at."""
LONGEST_SEARCH = 200_000
"""Characters that are searched when more than one place is asked about."""
_LINES_BEHIND = 3
"""Indented lines behind the one with the place in which a message may go on."""
_LONGEST_VALUE = 500


def error(server: ClaimlensServer, place: Place) -> tuple[Report, Span] | None:
    """Show what the error at the place means."""
    found = mention_at(place.snapshot, place.offset)
    return None if found is None else (report(found[0]), found[1])


def mention_at(snapshot: Snapshot, offset: int) -> tuple[ErrorMention, Span] | None:
    """Return the error whose message stands at ``offset``, and from where to where it does, the values included."""
    window, mentions = _around(snapshot, offset)
    for mention in reversed(mentions):
        whole = hull([mention.span, *(value.span for values in mention.values.values() for value in values)])
        if whole.start <= offset - window.start <= whole.end:
            return mention, Span(whole.start + window.start, whole.end + window.start)
    return None


def mentions_in_line(snapshot: Snapshot, offset: int) -> tuple[ErrorMention, ...]:
    """Return the errors that begin in the line at ``offset``."""
    window, mentions = _around(snapshot, offset)
    line = snapshot.lines.line_span(snapshot.lines.position(offset).line)
    return tuple(each for each in mentions if line.contains(each.span.start + window.start))


def mentions_in(snapshot: Snapshot, asked: Span) -> Iterator[tuple[ErrorMention, Span]]:
    """Yield the errors that begin in the lines of ``asked``, each with where it stands; long texts are cut."""
    from claimlens.entra.errors import recognise

    lines = snapshot.lines
    first, last = (lines.line_span(lines.position(offset).line) for offset in (asked.start, asked.end))
    window = Span(first.start, min(last.end, first.start + LONGEST_SEARCH))
    for mention in recognise(window.slice(snapshot.text), loose=False):
        yield mention, mention.span.shift(window.start)


def report(mention: ErrorMention) -> Report:
    """Return what is known about an error, with the values of the message side by side."""
    from claimlens.diagnosis.model import cause_descriptions
    from claimlens.entra.errors import explain

    known = explain(mention, {code: cause.title for code, cause in cause_descriptions().items()})
    compared = [
        Section(each.title, list(_sides(each)), named=False, longest=_LONGEST_VALUE) for each in known.comparisons
    ]
    others = [Row(value.title, ", ".join(value.texts)) for value in known.values]
    sections = [*compared, Section("in the message", others, named=False, longest=_LONGEST_VALUE)]
    return Report(known.title, sections, list(_remarks(known)), link=known.link)


def _around(snapshot: Snapshot, offset: int) -> tuple[Span, tuple[ErrorMention, ...]]:
    from claimlens.entra.errors import recognise

    lines = snapshot.lines
    line = last = lines.position(offset).line
    while last < min(line + _LINES_BEHIND, lines.line_count - 1) and _goes_on(snapshot, last + 1):
        last += 1
    start, end = lines.line_span(line).start, lines.line_span(last).end
    window = Span(max(start, offset - REACH), min(end, offset + REACH))
    return window, recognise(window.slice(snapshot.text), loose=False)


def _goes_on(snapshot: Snapshot, line: int) -> bool:
    """Tell whether a line belongs to the entry of a log that began above: such lines are indented."""
    return snapshot.lines.line_span(line).slice(snapshot.text)[:1].isspace()


def _remarks(known: ErrorExplanation) -> Iterator[str]:
    yield known.meaning
    if known.causes:
        yield f"Usual causes: {'; '.join(cause.title for cause in known.causes)}."
    if known.fix:
        yield f"Fix: {known.fix}"
    yield from _absences(known)
    if known.hidden is not None:
        yield known.hidden.meaning
        yield known.hidden.fix


def _absences(known: ErrorExplanation) -> Iterator[str]:
    """Say of the claims that the message misses why a token may lack them, and what adds them."""
    from claimlens.diagnosis.missing_claims import known_claims, missing_claim

    names = (text for value in known.values if value.name == "claim" for text in value.texts)
    for name in dict.fromkeys(names):
        if name in known_claims():
            found = missing_claim(name)
            yield f"Why {name} may be missing: {found.why}"
            yield f"What brings {name}: {found.advice}"


def _sides(comparison: Comparison) -> Iterator[Row]:
    yield Row("found", ", ".join(comparison.found) or "nothing")
    yield Row("expected", ", ".join(comparison.expected) or "nothing")
