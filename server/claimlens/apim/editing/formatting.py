"""Lays a policy out: what stands between tags and between attributes, and nothing else.

Expressions, values, texts, comments and the bodies of messages stay as they are, to the character; so does the order
of everything. Only white space that means nothing is changed, so a policy does after it what it did before it, and
laying it out twice changes nothing more. A document with problems of syntax is left alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

import attrs

from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.editing.place import PlaceKind, place_at
from claimlens.apim.editing.structure import MESSAGE_BODIES
from claimlens.apim.facts import ElementFact, Holds
from claimlens.apim.knowledge import ROOTS, child, policy
from claimlens.apim.model import Comment, Element, Node, ProcessingInstruction, Text
from claimlens.text.spans import Span

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_TAG_END: Final = re.compile(r"[ \t\r\n]*(/?>)")
_LINE_END: Final = re.compile(r"\r\n?|\n")
_BLANKS_OF_LINE: Final = re.compile(r"[ \t]*")
_INDENTED: Final = (PlaceKind.TEXT, PlaceKind.ATTRIBUTE_NAME)
_MARK: Final = "\ufeff"


@attrs.frozen
class Style:
    """How a policy is laid out: one step of indentation, and the end of a line."""

    step: str = "    "
    newline: str = "\n"


@attrs.frozen
class Change:
    """White space to put in place of other white space."""

    span: Span
    text: str


def newline_of(text: str) -> str:
    """Return what the lines of ``text`` end with."""
    return "\r\n" if "\r\n" in text else "\n"


def format_document(document: PolicyDocument, style: Style) -> tuple[Change, ...]:
    """Return the changes that lay a document out, in order; none where its syntax has problems."""
    if document.problems or document.root is None:
        return ()
    changes = sorted(_changes(document, style), key=lambda change: change.span)
    return tuple(change for change in changes if change.span.slice(document.text) != change.text)


def indent_at(document: PolicyDocument, offset: int, step: str) -> Change | None:
    """Return the change that indents the line of ``offset``; None in code, text and comments, and where it is right.

    Works in a damaged document too, as one that is being typed is: the line follows that of the element around it.
    """
    text = document.text
    start = _line_start(text, offset)
    blank = _BLANKS_OF_LINE.match(text, start)
    assert blank is not None, "the pattern matches the empty string"
    first = blank.end()
    place = place_at(document, first)
    element = place.element
    if element is None or element.name in MESSAGE_BODIES or place.kind not in _INDENTED:
        return None
    if any(
        isinstance(node, Text) and not node.is_blank and node.start <= first < node.end for node in element.children
    ):
        return None
    closing = element.close_start == first
    above = _attribute_above(document, element, first) if place.kind is PlaceKind.ATTRIBUTE_NAME else None
    wanted = _indent_of(text, element.start) + ("" if closing else step) if above is None else above
    found = Span(start, first)
    return Change(found, wanted) if found.slice(text) != wanted else None


def _attribute_above(document: PolicyDocument, element: Element, offset: int) -> str | None:
    """Return the indent of the last attribute before ``offset`` that begins its line, or None."""
    indents = (
        document.text[_line_start(document.text, each.start) : each.start]
        for each in reversed(element.attributes)
        if each.end <= offset and _line_start(document.text, each.start) > element.start
    )
    return next((indent for indent in indents if not indent.strip(" \t")), None)


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _indent_of(text: str, offset: int) -> str:
    blank = _BLANKS_OF_LINE.match(text, _line_start(text, offset), offset)
    return blank[0] if blank else ""


def _changes(document: PolicyDocument, style: Style) -> Iterator[Change]:
    yield from _top_level(document, style)
    pending: list[tuple[Element, int, ElementFact | None]] = [
        (root, 0, None if root.name in ROOTS else policy(root.name)) for root in document.roots
    ]
    while pending:
        element, depth, fact = pending.pop()
        yield from _tag(document, element, depth, style)
        known = fact is not None or (depth == 0 and element.name in ROOTS) or (depth == 1 and element.name in SECTIONS)
        if not known or element.self_closing or not _is_block(element, fact):
            continue
        yield from _content(document, element, depth, style)
        pending.extend((inner, depth + 1, _fact_of(element, fact, inner, depth)) for inner in element.elements)


def _fact_of(element: Element, fact: ElementFact | None, inner: Element, depth: int) -> ElementFact | None:
    if fact is not None:
        return child(fact, inner.name)
    if depth == 0 and element.name == "policies" and inner.name in SECTIONS:
        return None
    return policy(inner.name)


def _is_block(element: Element, fact: ElementFact | None) -> bool:
    """Tell whether white space between the children of an element means nothing."""
    if element.name in MESSAGE_BODIES or (fact is not None and fact.holds is Holds.MARKUP):
        return False
    if any(":" in inner.name for inner in element.elements):
        return False
    plain = all(
        isinstance(node, Element | Comment | ProcessingInstruction) or (isinstance(node, Text) and node.is_blank)
        for node in element.children
    )
    return plain and (bool(element.elements) or fact is None or not fact.text)


def _top_level(document: PolicyDocument, style: Style) -> Iterator[Change]:
    nodes = [node for node in document.nodes if not (isinstance(node, Text) and node.is_blank)]
    if any(isinstance(node, Text) for node in nodes):
        return
    first = len(_MARK) if document.text.startswith(_MARK) else 0
    yield Change(Span(first, nodes[0].start), "")
    for before, behind in itertools.pairwise(nodes):
        yield Change(Span(before.end, behind.start), _gap(document, before.end, behind, "", style))
    end = nodes[-1].end
    if end < len(document.text):
        yield Change(Span(end, len(document.text)), style.newline)


def _content(document: PolicyDocument, element: Element, depth: int, style: Style) -> Iterator[Change]:
    """Yield the changes between the children of an element."""
    nodes = [node for node in element.children if not isinstance(node, Text)]
    inner, content = style.step * (depth + 1), element.content_span
    if not nodes:
        if _LINE_END.search(content.slice(document.text)):
            yield Change(content, style.newline + style.step * depth)
        return
    cursor = content.start
    for number, node in enumerate(nodes):
        gap = _gap(document, cursor, node, inner, style)
        if number == 0 and _LINE_END.match(gap):
            gap = style.newline + inner  # no empty line at the beginning
        yield Change(Span(cursor, node.start), gap)
        cursor = node.end
    yield Change(Span(cursor, content.end), style.newline + style.step * depth)


def _gap(document: PolicyDocument, start: int, node: Node, indent: str, style: Style) -> str:
    """Return what stands in front of a node: a line of its own, with at most one empty line before it.

    A comment stays on the line it explains.
    """
    lines = len(_LINE_END.findall(document.text, start, node.start))
    if isinstance(node, Comment) and not lines:
        return " " if start < node.start else ""
    return style.newline * (2 if lines > 1 else 1) + indent


def _tag(document: PolicyDocument, element: Element, depth: int, style: Style) -> Iterator[Change]:
    """Yield the changes in the tags of an element: one blank between attributes, or a line for each that has one."""
    text, cursor = document.text, element.name_span.end
    for attribute in element.attributes:
        gap = Span(cursor, attribute.start)
        if _is_blank(gap, text):
            own_line = _LINE_END.search(text, gap.start, gap.end) is not None
            yield Change(gap, style.newline + style.step * (depth + 1) if own_line else " ")
        cursor = attribute.end
    end = _TAG_END.fullmatch(text, cursor, element.open_end)
    if end is not None:
        yield Change(Span(cursor, end.start(1)), " " if end[1] == "/>" else "")
    if element.close_start >= 0:
        name_end = element.close_start + 2 + len(element.name)
        if _is_blank(Span(name_end, element.end - 1), text):
            yield Change(Span(name_end, element.end - 1), "")


def _is_blank(span: Span, text: str) -> bool:
    return _BLANK.fullmatch(text, span.start, span.end) is not None
