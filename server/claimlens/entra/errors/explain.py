"""Say what a known error means: for hovers, reports and findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import attrs

from claimlens.entra.errors.catalogue import HiddenNote, hidden_notes, value_titles
from claimlens.entra.errors.model import ErrorEntry, ErrorMention

_NO_TITLES: Mapping[str, str] = MappingProxyType({})


@attrs.frozen
class NamedCause:
    """A public cause code and what to call it."""

    code: str
    title: str


@attrs.frozen
class NamedValue:
    """Values of one kind in a message. They are text of the user's: escape them where they are shown."""

    name: str
    title: str
    texts: tuple[str, ...] = attrs.field(repr=False)


@attrs.frozen
class Comparison:
    """What the message says it found, beside what was expected; either may be missing."""

    title: str
    found: tuple[str, ...] = attrs.field(repr=False)
    expected: tuple[str, ...] = attrs.field(repr=False)


@attrs.frozen
class ErrorExplanation:
    """A known error in words.

    Attributes:
        title: the code, or the product that says it: ``IDX10214 (Microsoft.IdentityModel)``.
        meaning: one sentence.
        causes: the most usual first.
        fix: what to do; may be empty.
        link: an address to read on at, or None.
        comparisons: what was found beside what was expected.
        values: the other values in the message.
        hidden: why values are hidden and how to show them, or None where none is.
    """

    title: str
    meaning: str
    causes: tuple[NamedCause, ...]
    fix: str
    link: str | None
    comparisons: tuple[Comparison, ...] = ()
    values: tuple[NamedValue, ...] = ()
    hidden: HiddenNote | None = None


_COMPARED = (
    ("Audience", "found_audience", "expected_audience"),
    ("Issuer", "found_issuer", "expected_issuer"),
    ("Issuer in the metadata", "metadata_issuer", "expected_issuer"),
    ("Algorithm", "found_algorithm", "expected_algorithm"),
    ("Valid from, by the clock", "valid_from", "current_time"),
    ("Valid until, by the clock", "valid_to", "current_time"),
    ("Key", "kid", "known_kid"),
)
"""Which values belong side by side: a title, what was found, what it was held against."""


def explain(mention: ErrorMention, titles: Mapping[str, str] = _NO_TITLES) -> ErrorExplanation:
    """Return what is known about ``mention``; ``titles`` names the causes by their codes."""
    comparisons = tuple(_comparisons(mention))
    shown = {name: tuple(value.text for value in found if not value.hidden) for name, found in mention.values.items()}
    compared = {text for comparison in comparisons for text in (*comparison.found, *comparison.expected)}
    return ErrorExplanation(
        title=_title(mention.entry),
        meaning=mention.entry.meaning,
        causes=tuple(NamedCause(code, titles.get(code) or _words(code)) for code in mention.entry.causes),
        fix=mention.entry.fix,
        link=mention.entry.source if mention.entry.source.startswith("https://") else None,
        comparisons=comparisons,
        values=tuple(
            NamedValue(name, value_titles()[name], texts)
            for name, texts in shown.items()
            if texts and not compared.issuperset(texts)
        ),
        hidden=_hidden(mention),
    )


def _comparisons(mention: ErrorMention) -> Iterator[Comparison]:
    for title, found_name, expected_name in _COMPARED:
        found, expected = (
            tuple(dict.fromkeys(value.text for value in mention.values.get(name, ()) if not value.hidden))
            for name in (found_name, expected_name)
        )
        alone = found_name in ("valid_from", "valid_to", "metadata_issuer", "kid") and not (found and expected)
        if (found or expected) and not alone:
            yield Comparison(title, found, expected)


def _title(entry: ErrorEntry) -> str:
    return f"{entry.id} ({entry.product})" if entry.pattern is None else entry.product


def _words(code: str) -> str:
    return code.replace("-", " ").capitalize()


def _hidden(mention: ErrorMention) -> HiddenNote | None:
    if not any(value.hidden for found in mention.values.values() for value in found):
        return None
    notes = hidden_notes()
    return next((note for note in notes if mention.entry.product in note.products), notes[0])
