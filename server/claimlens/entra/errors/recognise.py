"""Find known errors in any text: logs, responses, headers, source.

Codes are found by one pattern and a table. Messages have an anchor, a literal that must be there before their pattern
is tried. Values are looked for behind a mention, up to the next one.
"""

from __future__ import annotations

import bisect
import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import attrs

from claimlens.entra.errors.catalogue import codes, messages, value_patterns
from claimlens.entra.errors.model import ErrorEntry, ErrorMention, ErrorValue
from claimlens.entra.errors.plain import PlainText, plain
from claimlens.text.spans import Span

_Found = tuple[Span, ErrorEntry]

MAXIMUM_MENTIONS = 500
VALUE_WINDOW = 3000
"""How far behind a mention its values may stand, in characters."""

_BEFORE_ANCHOR = 300
_BEHIND_ANCHOR = 1000

_CODE = re.compile(
    r"\b(?:IDX\d{5}|AADSTS\d{4,7}|AADB2C\d{5,6}|AKV\d{5}|IDW\d{5}|ERR_J[A-Z_]+|MSAL\.[A-Za-z.]+|OAuth[A-Z]\w+)\b"
)


_BARE_CODE = re.compile(
    r"\b(?:sign-in error code|result ?type|error_?codes?)[\"']?[\s:=|,]{1,40}\[?[\"']?(?P<number>\d{5,7})\b",
    re.IGNORECASE,
)
"""The number of an ``AADSTS`` code in sign-in logs, in answers (``error_codes``) and in results of queries."""


def recognise(text: str, *, loose: bool = True) -> tuple[ErrorMention, ...]:
    """Return the known errors mentioned in ``text``, in order.

    Of two at one place the longer one counts. Words that any product may use count where their line has nothing better.

    Args:
        text: a log, a response, a header.
        loose: whether words count that stand in prose and source as well; leave them out where no errors are expected.
    """
    plain_text = plain(text)
    text = plain_text.text
    mentioned = (*_codes(text), *_messages(text, loose))
    found = sorted(mentioned, key=lambda mention: (mention[0].start, -len(mention[0])))
    kept = _apart(mention for mention in found if mention[1].confidence != "low")
    vague = _apart(mention for mention in found if mention[1].confidence == "low")
    if vague:
        starts = [span.start for span, _ in kept]
        kept = sorted((*kept, *(mention for mention in vague if not _has_better(text, mention[0], starts))), key=_start)
    kept = kept[:MAXIMUM_MENTIONS]
    starts = [span.start for span, _ in kept]
    mentions = (_with_values(text, span, entry, _limit(starts, span, len(text))) for span, entry in kept)
    return tuple(_in_original(mention, plain_text) for mention in mentions)


def _in_original(mention: ErrorMention, plain_text: PlainText) -> ErrorMention:
    """Return ``mention`` with the places that it has in the text which was handed over."""
    values = {
        name: tuple(attrs.evolve(value, span=plain_text.original(value.span)) for value in found)
        for name, found in mention.values.items()
    }
    return ErrorMention(mention.entry, plain_text.original(mention.span), values)


def _apart(found: Iterable[_Found]) -> list[_Found]:
    """Leave out what overlaps an earlier one."""
    kept: list[_Found] = []
    for mention in found:
        if not kept or mention[0].start >= kept[-1][0].end:
            kept.append(mention)
    return kept


def _has_better(text: str, span: Span, starts: list[int]) -> bool:
    """Tell whether another mention begins in the line of ``span``, or near it in a very long line."""
    first = max(text.rfind("\n", 0, span.start) + 1, span.start - VALUE_WINDOW)
    end = text.find("\n", span.end, span.end + VALUE_WINDOW)
    last = end if end >= 0 else span.end + VALUE_WINDOW
    following = bisect.bisect_left(starts, first)
    return following < len(starts) and starts[following] < last


def _start(found: _Found) -> int:
    return found[0].start


def _codes(text: str) -> Iterator[tuple[Span, ErrorEntry]]:
    known = codes()
    for found in _CODE.finditer(text):
        entry = known.get(found[0].upper())
        if entry is not None:
            yield Span(*found.span()), entry
    for found in _BARE_CODE.finditer(text):
        entry = known.get(f"AADSTS{found['number']}")
        if entry is not None:
            yield Span(*found.span("number")), entry


def _messages(text: str, loose: bool) -> Iterator[tuple[Span, ErrorEntry]]:
    folded = text.lower()
    if len(folded) != len(text):  # a few characters change length in lower case; offsets must not
        folded = text
    for entry in messages():
        if entry.loose and not loose:
            continue
        for anchor in entry.anchors:
            yield from ((span, entry) for span in _anchored(text, folded, anchor, entry.pattern))


def _anchored(text: str, folded: str, anchor: str, pattern: re.Pattern[str] | None) -> Iterator[Span]:
    """Yield where ``pattern`` matches around ``anchor``: from the beginning of the line or the last match on."""
    position = folded.find(anchor)
    reached = 0
    for _ in range(MAXIMUM_MENTIONS):
        if position < 0 or pattern is None:
            return
        line_start = max(text.rfind("\n", 0, position) + 1, position - _BEFORE_ANCHOR, reached)
        line_end = text.find("\n", position, position + _BEHIND_ANCHOR)
        end = line_end if line_end >= 0 else min(len(text), position + _BEHIND_ANCHOR)
        found = pattern.search(text, line_start, end)
        if found is not None and found.end() > found.start():
            yield Span(*found.span())
            reached = found.end()
        position = folded.find(anchor, max(position + len(anchor), reached))


def _limit(starts: list[int], span: Span, length: int) -> int:
    """Return how far the values of a mention may reach: a nested mention may follow, so the one after it ends them."""
    following = bisect.bisect_right(starts, span.start) + 1
    end = starts[following] if following < len(starts) else length
    return min(end, span.end + VALUE_WINDOW)


def _with_values(text: str, span: Span, entry: ErrorEntry, limit: int) -> ErrorMention:
    values: dict[str, list[ErrorValue]] = defaultdict(list)
    taken: list[Span] = []
    folded = text[span.start : limit].lower()
    for value in value_patterns():
        if value.word not in folded or (value.products and entry.product not in value.products):
            continue
        for found in value.pattern.finditer(text, span.start, limit):
            for piece in _pieces(found):
                if not any(piece.span.overlaps(other) for other in taken):
                    taken.append(piece.span)
                    values[value.name].append(piece)
    return ErrorMention(entry, span, {name: tuple(found) for name, found in values.items()})


_ITEM = re.compile(r"""(?:[^,'"\s\[\]\\&]|&#39;|&)(?:[^,'"\n\[\]\\]|\\/)*""")
_TOKEN = re.compile(r"eyJ[\w-]{8}")
"""The beginning of a token: no value, and not to be shown."""
_NOTHING = frozenset({"null", "none", "(null)", "&#39;", ""})


def _pieces(found: re.Match[str]) -> Iterator[ErrorValue]:
    """Yield the values in the first group: one, or several separated by commas."""
    if found.lastindex is None or found[1] is None:
        return
    start = found.start(1)
    if _HIDDEN_WHOLE.search(found[1]):
        yield ErrorValue(found[1], Span(*found.span(1)))
        return
    if _has_outer_blank(found):
        yield ErrorValue(_plain(found[1]), Span(*found.span(1)))
        return
    for item in _ITEM.finditer(found[1]):
        text = _plain(item[0]).strip(" '\"")
        if text.lower() not in _NOTHING and not _TOKEN.search(text):
            yield ErrorValue(text, Span(start + item.start(), start + item.start() + len(item[0].rstrip())))


def _plain(value: str) -> str:
    """Take off what HTML and JSON have put into a value."""
    return html.unescape(value).replace("\\/", "/")


def _has_outer_blank(found: re.Match[str]) -> bool:
    """Tell whether one value stands in quotes with a blank at an end, which is what somebody has to see."""
    value, before, after = found[1], found.string[found.start(1) - 1], found.string[found.end(1) : found.end(1) + 1]
    return value != value.strip() and bool(value.strip()) and "," not in value and before == after and before in "'\"`"


_HIDDEN_WHOLE = re.compile(r"PII |ScrubbedArtifact|Security Artifact", re.IGNORECASE)
