"""Changes to a policy document from which quick fixes are made."""

from __future__ import annotations

import re
from collections.abc import Sequence

from claimlens.apim.document import PolicyDocument
from claimlens.apim.model import Attribute, Element
from claimlens.rules.model import Edit
from claimlens.text.spans import Span

_FIRST_INDENT = re.compile(r"[\r\n]([ \t]{1,8})<")


def escaped(value: str) -> str:
    """Return ``value`` as it is written between double quotes."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def set_value(attribute: Attribute, value: str) -> Edit:
    """Give an attribute another value."""
    return Edit(attribute.value_span, escaped(value))


def add_attribute(element: Element, name: str, value: str) -> Edit:
    """Add an attribute behind those that the element has."""
    end = element.attributes[-1].end if element.attributes else element.name_span.end
    return Edit(Span(end, end), f' {name}="{escaped(value)}"')


def remove_attribute(document: PolicyDocument, attribute: Attribute) -> Edit:
    """Remove an attribute with the blanks in front of it."""
    start = attribute.start
    while start and document.text[start - 1] in " \t\r\n":
        start -= 1
    return Edit(Span(start, attribute.end), "")


def rename_attribute(attribute: Attribute, name: str) -> Edit:
    """Give an attribute another name."""
    return Edit(attribute.name_span, name)


def rename(element: Element, name: str) -> tuple[Edit, ...]:
    """Give an element another name, in both tags."""
    edits = [Edit(element.name_span, name)]
    if (close := element.close_tag_span) is not None:
        edits.append(Edit(Span(close.start + 2, close.start + 2 + len(element.name)), name))
    return tuple(edits)


def lines_of(document: PolicyDocument, element: Element) -> Span:
    """Return an element with its whole lines where nothing else stands on them, else the element alone."""
    return whole_lines(document, element.span)


def whole_lines(document: PolicyDocument, span: Span) -> Span:
    """Return the whole lines of a span where nothing else stands on them, else the span alone."""
    text = document.text
    start, end = span.start, span.end
    while start and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t":
        end += 1
    if (start and text[start - 1] not in "\r\n") or (end < len(text) and text[end] not in "\r\n"):
        return span
    if text.startswith("\r\n", end):
        return Span(start, end + 2)
    return Span(start, min(end + 1, len(text)))


def remove(document: PolicyDocument, element: Element) -> Edit:
    """Remove an element."""
    return Edit(lines_of(document, element), "")


def indent_of(document: PolicyDocument, offset: int) -> str:
    """Return the blanks that the line of ``offset`` begins with."""
    text = document.text
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    end = start
    while end < offset and text[end] in " \t":
        end += 1
    return text[start:end]


def newline_of(document: PolicyDocument) -> str:
    """Return what the lines of a document end with."""
    return "\r\n" if "\r\n" in document.text else "\n"


def add_first(document: PolicyDocument, element: Element, lines: Sequence[str]) -> Edit:
    """Put lines of markup in front of everything in an element."""
    return _insert(document, element, element.open_end, lines)


def add_last(document: PolicyDocument, element: Element, lines: Sequence[str]) -> Edit:
    """Put lines of markup behind all children of an element."""
    return _insert(document, element, element.elements[-1].end if element.elements else element.open_end, lines)


def add_behind(document: PolicyDocument, element: Element, sibling: Element | None, lines: Sequence[str]) -> Edit:
    """Put lines of markup into an element behind one of its children; behind none, first."""
    return _insert(document, element, sibling.end if sibling is not None else element.open_end, lines)


def step(document: PolicyDocument) -> str:
    """Return by how much more the inner lines of a document are indented: as its first indented tag is."""
    match = _FIRST_INDENT.search(document.text)
    return match[1] if match else "    "


def _insert(document: PolicyDocument, element: Element, offset: int, lines: Sequence[str]) -> Edit:
    newline, outer = newline_of(document), indent_of(document, element.start)
    inner = outer + step(document)
    markup = "".join(f"{newline}{inner}{line}" for line in lines)
    if element.self_closing:
        start = element.end - 2
        while document.text[start - 1] in " \t":
            start -= 1
        return Edit(Span(start, element.end), f">{markup}{newline}{outer}</{element.name}>")
    rest = document.text[offset : element.content_span.end]
    on_one_line = not rest.strip() and "\n" not in rest
    return Edit(Span(offset, offset), markup + (newline + outer if on_one_line else ""))


def reorder(document: PolicyDocument, element: Element, wanted: Sequence[Element]) -> tuple[Edit, ...]:
    """Put the children of an element into another order; what stands between them stays."""
    return tuple(
        Edit(place.span, child.span.slice(document.text))
        for place, child in zip(element.elements, wanted, strict=True)
        if place is not child
    )


def move_before(document: PolicyDocument, element: Element, other: Element) -> tuple[Edit, ...]:
    """Move an element in front of another one, on a line of its own."""
    newline, indent = newline_of(document), indent_of(document, other.start)
    markup = f"{element.span.slice(document.text)}{newline}{indent}"
    return Edit(Span(other.start, other.start), markup), remove(document, element)
