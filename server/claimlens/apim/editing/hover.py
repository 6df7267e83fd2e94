"""What to say of a place: its page, and the span the page is about."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from claimlens.apim.csharp import CodeKind, tokens_of
from claimlens.apim.declarations import NameKind
from claimlens.apim.document import PolicyDocument
from claimlens.apim.editing import pages
from claimlens.apim.editing.code_types import member_at, type_before
from claimlens.apim.editing.names import Mention, mention_at, variables
from claimlens.apim.editing.place import Place, PlaceKind, place_at
from claimlens.text.escape import markdown_block, markdown_code
from claimlens.text.spans import Span

_LONGEST_VALUE = 200
_PREVIEW_LINES = 20


@attrs.frozen
class Shown:
    """A page of Markdown and the span that it is about."""

    page: str
    span: Span


def hover_at(
    document: PolicyDocument,
    offset: int,
    named_values: Mapping[str, str] | None = None,
    fragments: Mapping[str, str] | None = None,
) -> Shown | None:
    """Return what to show at ``offset``; None where nothing is known.

    ``named_values`` are the declared ones with values that may be shown, ``fragments`` the text of each by its id.
    """
    place = place_at(document, offset)
    mention = mention_at(document, offset)
    if mention is not None:
        return Shown(_mention_page(document, mention, named_values or {}, fragments or {}), mention.span)
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


def _mention_page(
    document: PolicyDocument, mention: Mention, named_values: Mapping[str, str], fragments: Mapping[str, str]
) -> str:
    name = markdown_code(mention.name)
    if mention.kind is NameKind.NAMED_VALUE:
        value = named_values.get(mention.name)
        text = "No value is declared here." if value is None else f"Value: {markdown_code(value[:_LONGEST_VALUE])}"
        return f"Named value {name}\n\n{text}"
    if mention.kind is NameKind.FRAGMENT:
        content = fragments.get(mention.name)
        if content is None:
            return f"Policy fragment {name}\n\nIts text is not open here."
        lines = content.splitlines()
        preview = "\n".join(lines[:_PREVIEW_LINES] + (["…"] if len(lines) > _PREVIEW_LINES else []))
        return f"Policy fragment {name}\n\n{markdown_block(preview, 'xml')}"
    declared = variables(document).get(mention.name)
    if declared is None or declared.element is None:
        return f"Variable {name}\n\nNothing in this document sets it."
    line = document.text.count("\n", 0, declared.span.start) + 1
    kind = f" · {markdown_code(declared.type)}" if declared.type else ""
    return f"Variable {name}{kind}\n\nSet by `{declared.element.name}` on line {line}."
