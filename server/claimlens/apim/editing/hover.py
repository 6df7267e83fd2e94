"""What to say of a place: its page, and the span the page is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs

from claimlens.apim.csharp import CodeKind, tokens_of
from claimlens.apim.declarations import NameKind
from claimlens.apim.document import PolicyDocument
from claimlens.apim.editing import pages
from claimlens.apim.editing.code_types import member_at, type_before
from claimlens.apim.editing.names import Mention, mention_at, variables
from claimlens.apim.editing.place import Place, PlaceKind, place_at
from claimlens.text.escape import markdown_block, markdown_code, markdown_text
from claimlens.text.spans import Span

_LONGEST_VALUE = 200
_PREVIEW_LINES = 20
_MOST_SOURCES = 5


@attrs.frozen
class Shown:
    """A page of Markdown and the span that it is about."""

    page: str
    span: Span


@attrs.frozen
class Source:
    """A place that declares a named value or a fragment.

    Attributes:
        label: what the place is called.
        link: a URI that leads there, with nothing in it that Markdown gives a meaning; empty for a setting.
        value: of a named value, where it may be shown.
        secret: whether it may not.
        parameter: the parameter or variable that carries the value.
    """

    label: str
    link: str = ""
    value: str | None = None
    secret: bool = False
    parameter: str | None = None


@attrs.frozen
class Note:
    """What is known of a named value or fragment outside of the document: who declares it, a fragment's text."""

    sources: Sequence[Source] = ()
    text: str | None = None


def hover_at(document: PolicyDocument, offset: int, note_of: Callable[[Mention], Note] | None = None) -> Shown | None:
    """Return what to show at ``offset``; None where nothing is known.

    ``note_of`` says what is known of a named value or fragment; it is asked for the one at ``offset``.
    """
    place = place_at(document, offset)
    mention = mention_at(document, offset)
    if mention is not None and mention.kind is NameKind.VARIABLE:
        return Shown(_variable_page(document, mention), mention.span)
    if mention is not None:
        return Shown(name_page(mention.kind, mention.name, note_of(mention) if note_of else Note()), mention.span)
    if place.kind is PlaceKind.CODE:
        return _code(place)
    if place.kind in (PlaceKind.ELEMENT_NAME, PlaceKind.CLOSING_NAME) and place.element is not None:
        closing = place.kind is PlaceKind.CLOSING_NAME
        page = pages.element_page(place.names if closing else (*place.names, place.element.name))
        return Shown(page, place.span) if page else None
    if place.attribute is None:
        return None
    name = place.attribute.name
    page = pages.attribute_page(place.names, name)
    if place.kind is PlaceKind.ATTRIBUTE_VALUE:
        page = pages.value_page(place.names, name, place.attribute.raw) or page
    return (
        Shown(page, place.span if place.kind is PlaceKind.ATTRIBUTE_VALUE else place.attribute.name_span)
        if page
        else None
    )


def _code(place: Place) -> Shown | None:
    assert place.expression is not None
    tokens = tokens_of(place.expression)
    for index, token in enumerate(tokens):
        if token.span.contains(place.offset) and token.kind is CodeKind.IDENTIFIER:
            found = member_at(tokens, index)
            if found is not None:
                return Shown(pages.member_page(*found), token.span)
            known = pages.type_page(token.text) or pages.type_page(type_before(tokens, index) or "")
            return Shown(known, token.span) if known else None
    return None


def name_page(kind: NameKind, name: str, note: Note) -> str:
    """Return the page of a named value or fragment."""
    title = "Policy fragment" if kind is NameKind.FRAGMENT else "Named value"
    parts = [f"{title} {markdown_code(name)}", *_told(kind, note)]
    if note.text is not None:
        lines = note.text.splitlines()
        preview = "\n".join(lines[:_PREVIEW_LINES] + (["…"] if len(lines) > _PREVIEW_LINES else []))
        parts.append(markdown_block(preview, "xml"))
    return "\n\n".join(parts)


def _told(kind: NameKind, note: Note) -> Iterator[str]:
    """Yield what is said of each source: of a named value its value, and where it stands."""
    for source in note.sources[:_MOST_SOURCES]:
        place = f"[{markdown_text(source.label)}]({source.link})" if source.link else source.label
        yield f"{_value(source)} ({place})" if kind is NameKind.NAMED_VALUE else f"Declared in {place}"
    if len(note.sources) > _MOST_SOURCES:
        yield f"and in {len(note.sources) - _MOST_SOURCES} more places"
    if not note.sources and note.text is None:
        yield "Nothing here declares it."


def _value(source: Source) -> str:
    if source.secret:
        return "Secret: its value is not shown"
    given = f", the parameter {markdown_code(source.parameter)}" if source.parameter else ""
    if source.value is None:
        return f"Its value is not written here{given}"
    return f"Value: {markdown_code(source.value[:_LONGEST_VALUE])}{given}"


def _variable_page(document: PolicyDocument, mention: Mention) -> str:
    name = markdown_code(mention.name)
    declared = variables(document).get(mention.name)
    if declared is None or declared.element is None:
        return f"Variable {name}\n\nNothing in this document sets it."
    line = document.text.count("\n", 0, declared.span.start) + 1
    kind = f" · {markdown_code(declared.type)}" if declared.type else ""
    return f"Variable {name}{kind}\n\nSet by `{declared.element.name}` on line {line}."
