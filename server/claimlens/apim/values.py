"""What a value says: its text without entities, and what stands in it that is not known until the policy runs.

A value may hold policy expressions, named values (``{{name}}``, put in by the service before anything else) and
templates (``${…}`` and ``%{…}`` of Terraform, ``#{…}#`` of Azure DevOps, ``{placeholder}`` of format strings, filled in
before the file reaches the service).
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_right
from functools import cached_property
from typing import Final

import attrs

from claimlens.apim.model import Attribute, CData, Element, Expression, Text
from claimlens.text.spans import Span

_ENTITY: Final = re.compile(r"&(?:(quot|apos|lt|gt|amp)|#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
_NAMED: Final = {"quot": '"', "apos": "'", "lt": "<", "gt": ">", "amp": "&"}
_NAMED_VALUE: Final = re.compile(r"\{\{\s*+([A-Za-z0-9._-]{1,256})\s*+\}\}")
_PLACEHOLDER: Final = re.compile(
    r"\{\{\s*+(?P<named>[A-Za-z0-9._-]{1,256})\s*+\}\}"
    r"|(?P<terraform>[$%]\{[^{}\r\n]*+\})"
    r"|(?P<devops>\#\{[^{}\r\n]*+\}\#)"
    r"|(?P<format>\{[A-Za-z_][\w.\-]*+\})"
)


class PlaceholderKind(enum.StrEnum):
    """Who fills a placeholder in."""

    NAMED_VALUE = "named"
    """``{{name}}``: the service."""
    TERRAFORM = "terraform"
    """``${…}`` and ``%{…}``: Terraform's templates, and Bicep's strings."""
    DEVOPS = "devops"
    """``#{…}#``: the token replacement of Azure DevOps."""
    FORMAT = "format"
    """``{name}``: a format string, or a URL template of the service, which are written alike."""


@attrs.frozen
class Placeholder:
    """A part of a value that is filled in before the policy runs.

    Attributes:
        kind: who fills it in.
        name: what stands between the delimiters, trimmed.
        span: where, delimiters included.
        name_span: where the name stands.
    """

    kind: PlaceholderKind
    name: str
    span: Span
    name_span: Span

    def shift(self, distance: int) -> Placeholder:
        """Return the same placeholder ``distance`` code points further on."""
        return Placeholder(self.kind, self.name, self.span.shift(distance), self.name_span.shift(distance))


def placeholders(text: str, span: Span) -> tuple[Placeholder, ...]:
    """Return the placeholders in a part of ``text``, in order, those inside expressions included.

    What looks like a format string's ``{name}`` inside an expression is C#, so callers leave those out.
    """
    return tuple(
        _placeholder(match, PlaceholderKind(match.lastgroup or ""))
        for match in _PLACEHOLDER.finditer(text, span.start, span.end)
    )


def named_values(text: str, span: Span | None = None) -> tuple[Placeholder, ...]:
    """Return the references to named values in ``text``, or in a part of it (comments and expressions included)."""
    start, end = (0, len(text)) if span is None else (span.start, span.end)
    return tuple(_placeholder(match, PlaceholderKind.NAMED_VALUE) for match in _NAMED_VALUE.finditer(text, start, end))


def _placeholder(match: re.Match[str], kind: PlaceholderKind) -> Placeholder:
    name = match[0].strip("$%#{} \t")
    start = match.start() + match[0].index(name)
    return Placeholder(kind, name, Span(*match.span()), Span(start, start + len(name)))


def decode_entities(raw: str) -> str:
    """Return ``raw`` with the five entities of XML and character references replaced; what is neither stays."""
    return _ENTITY.sub(_decoded, raw) if "&" in raw else raw


def _decoded(match: re.Match[str]) -> str:
    if match[1]:
        return _NAMED[match[1]]
    number = int(match[2]) if match[2] else int(match[3], 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else match[0]


@attrs.frozen
class Value:
    """A value, decoded.

    Attributes:
        raw: as written.
        raw_start: offset of its first character in the document.
        text: with entities decoded (in a raw expression an ``&`` is C#, so nothing is decoded there).
        expressions: the policy expressions in it.
        placeholders: named values and templates in it.
    """

    raw: str = attrs.field(repr=False)
    raw_start: int
    expressions: tuple[Expression, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.raw_start, self.raw_start + len(self.raw))

    @property
    def has_expression(self) -> bool:
        """Whether a policy expression stands in it."""
        return bool(self.expressions)

    @property
    def is_expression(self) -> bool:
        """Whether it is one policy expression and nothing else (white space around it aside)."""
        if len(self.expressions) != 1:
            return False
        start, end = self.expressions[0].start - self.raw_start, self.expressions[0].end - self.raw_start
        return not (self.raw[:start].strip("\ufeff \t\r\n") or self.raw[end:].strip())

    @property
    def has_named_value(self) -> bool:
        """Whether a named value stands in it."""
        return any(item.kind is PlaceholderKind.NAMED_VALUE for item in self.placeholders)

    @property
    def has_template(self) -> bool:
        """Whether something other than a named value is filled in before the file reaches the service."""
        return any(item.kind is not PlaceholderKind.NAMED_VALUE for item in self.placeholders)

    @property
    def is_literal(self) -> bool:
        """Whether all of it is known: no expression, no named value, no template."""
        return not self.expressions and not self.placeholders

    @cached_property
    def _entities(self) -> tuple[re.Match[str], ...]:
        if "&" not in self.raw:
            return ()
        raw_code = [expression for expression in self.expressions if not expression.escaped]
        return tuple(
            match
            for match in _ENTITY.finditer(self.raw)
            if not any(code.start <= self.raw_start + match.start() < code.end for code in raw_code)
        )

    @cached_property
    def text(self) -> str:
        """The value with entities decoded."""
        pieces: list[str] = []
        cursor = 0
        for match in self._entities:
            pieces += (self.raw[cursor : match.start()], _decoded(match))
            cursor = match.end()
        return "".join((*pieces, self.raw[cursor:]))

    @cached_property
    def _shifts(self) -> tuple[list[int], list[int]]:
        """Return for each entity the index behind it in ``text``, and the distance to ``raw`` from there."""
        indexes, distances, distance = [], [], 0
        for match in self._entities:
            length = len(_decoded(match))
            indexes.append(match.start() - distance + length)
            distance += len(match[0]) - length
            distances.append(distance)
        return indexes, distances

    def offset(self, index: int) -> int:
        """Return the offset in the document of the character ``index`` of ``text``."""
        indexes, distances = self._shifts
        passed = bisect_right(indexes, index)
        return self.raw_start + index + (distances[passed - 1] if passed else 0)

    def place(self, start: int, end: int) -> Span:
        """Return where the characters ``[start, end)`` of ``text`` stand in the document."""
        first = self.offset(start)
        return Span(first, max(first, self.offset(end)))


def value_of(attribute: Attribute) -> Value:
    """Return the value of an attribute."""
    return _value(attribute.raw, attribute.value_start, attribute.expressions)


def text_of(element: Element) -> Value:
    """Return the text of an element without child elements: its one run of text or CDATA, without blanks around it.

    Where it has several (a comment between them), the first that is not blank; an empty value where it has none.
    """
    for child in element.children:
        if isinstance(child, Text) and not child.is_blank:
            stripped = child.raw.strip()
            start = child.start + child.raw.index(stripped)
            return _value(stripped, start, child.expressions)
        if isinstance(child, CData):
            content = child.content_span
            return Value(content.shift(-child.start).slice(child.raw), content.start)
    return Value("", element.content_span.start)


def _value(raw: str, start: int, expressions: tuple[Expression, ...]) -> Value:
    if "{" not in raw:
        return Value(raw, start, expressions)
    found = []
    for item in placeholders(raw, Span(0, len(raw))):
        moved = item.shift(start)
        in_code = any(code.start <= moved.span.start < code.end for code in expressions)
        if not in_code or item.kind in (PlaceholderKind.NAMED_VALUE, PlaceholderKind.DEVOPS):
            found.append(moved)
    return Value(raw, start, expressions, tuple(found))
