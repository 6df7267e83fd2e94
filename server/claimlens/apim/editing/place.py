"""What stands at an offset of a policy: a name, an attribute, a value, code; finished, half typed or not begun."""

from __future__ import annotations

import enum
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.facts import ElementFact
from claimlens.apim.knowledge import resolve
from claimlens.apim.model import Attribute, CData, Comment, Element, Expression, Node, Text
from claimlens.text.spans import Span

_WORD_BEFORE: Final = re.compile(r"[\w:.\-]*\Z")
_WORD_AFTER: Final = re.compile(r"[\w:.\-]*")
_MARKUP_BEFORE: Final = re.compile(r"<(/?)([\w:.\-]*)\Z")
_LOOK_BACK: Final = 200
"""Characters before the cursor in which a half-typed name begins."""


class PlaceKind(enum.StrEnum):
    """What can stand at a place."""

    ELEMENT_NAME = "element name"
    CLOSING_NAME = "closing name"
    ATTRIBUTE_NAME = "attribute name"
    ATTRIBUTE_VALUE = "attribute value"
    CODE = "code"
    TEXT = "text"
    COMMENT = "comment"


@attrs.frozen
class Place:
    """What stands at an offset.

    Attributes:
        kind: what.
        offset: where.
        span: the name or value that is there, also half of one; empty where none is.
        names: the elements around it, outermost first; with that of an attribute, without that of a name being typed.
        element: the element whose tag it is in, or whose content, or None at the top level.
        attribute: the attribute it is in, or None.
        expression: the expression it is in, or None.
    """

    kind: PlaceKind
    offset: int
    span: Span
    names: tuple[str, ...] = ()
    element: Element | None = None
    attribute: Attribute | None = None
    expression: Expression | None = None

    @property
    def fact(self) -> ElementFact | None:
        """What is known of the innermost of ``names``; None for roots, sections and strangers."""
        return resolve(self.names)

    @property
    def section(self) -> str | None:
        """The section it stands in, or None."""
        inside = self.names[1:] if self.names[:1] == ("policies",) else self.names
        return inside[0] if inside and inside[0] in SECTIONS else None

    @property
    def policy_names(self) -> tuple[str, ...]:
        """Those of ``names`` that are of policies and what stands in them: root and section left out."""
        inside = self.names[1:] if self.names[:1] in (("policies",), ("fragment",)) else self.names
        return inside[1:] if self.section else inside


def names_of(document: PolicyDocument, element: Element | None) -> tuple[str, ...]:
    """Return the names of the elements around ``element`` and its own, outermost first."""
    if element is None:
        return ()
    return tuple(inner.name for inner in reversed((element, *document.ancestors(element))))


def container(document: PolicyDocument, offset: int) -> Element | None:
    """Return the innermost element whose content ``offset`` stands in; one without closing tag goes on at its end."""
    elements = document.elements
    index = bisect_left(elements, offset, key=lambda element: element.start) - 1
    line = (elements[index], *document.ancestors(elements[index])) if index >= 0 else ()
    for element in line:
        unfinished = element.close_start < 0 and not element.self_closing and document.text[element.open_end - 1] == ">"
        if offset < element.end or (unfinished and offset == element.end):
            return element
    return None


def place_at(document: PolicyDocument, offset: int) -> Place:
    """Return what stands at ``offset``."""
    element = _tag_at(document, offset)
    return _in_tag(document, element, offset) if element is not None else _in_content(document, offset)


def is_between_attributes(document: PolicyDocument, offset: int) -> bool:
    """Tell whether a new attribute could begin at ``offset``."""
    return place_at(document, offset).kind is PlaceKind.ATTRIBUTE_NAME


def _tag_at(document: PolicyDocument, offset: int) -> Element | None:
    """Return the element in whose opening tag ``offset`` stands; one that is not closed reaches over blanks."""
    elements: Sequence[Element] = document.elements
    index = bisect_left(elements, offset, key=lambda element: element.start) - 1
    if index < 0:
        return None
    found = elements[index]
    if document.text[found.open_end - 1] == ">":
        return found if offset < found.open_end else None
    if offset <= found.open_end or document.text[found.open_end : offset].isspace():
        return found
    return None


def _in_tag(document: PolicyDocument, element: Element, offset: int) -> Place:
    outer = names_of(document, document.parent(element))
    if offset <= element.name_span.end:
        return Place(PlaceKind.ELEMENT_NAME, offset, element.name_span, outer, element)
    names = (*outer, element.name)
    for attribute in element.attributes:
        if attribute.value_start <= offset <= attribute.value_end:
            inside = _expression_at(attribute.expressions, offset)
            kind = PlaceKind.CODE if inside else PlaceKind.ATTRIBUTE_VALUE
            return Place(kind, offset, attribute.value_span, names, element, attribute, inside)
        if not attribute.quote and attribute.name_span.end < offset <= attribute.end:
            return Place(PlaceKind.ATTRIBUTE_VALUE, offset, Span(offset, offset), names, element, attribute)
        if attribute.name_span.contains(offset):
            return Place(PlaceKind.ATTRIBUTE_NAME, offset, attribute.name_span, names, element, attribute)
    return Place(PlaceKind.ATTRIBUTE_NAME, offset, word_at(document.text, offset), names, element)


def _in_content(document: PolicyDocument, offset: int) -> Place:
    node = document.node_at(offset)
    element = container(document, offset)
    names = names_of(document, element)
    closed_off = next(filter(None, (_closed_off(each, offset) for each in (node, document.node_at(offset - 1)))), None)
    if closed_off is not None:
        return Place(PlaceKind.COMMENT, offset, closed_off.span, names, element)
    inside = _expression_at(node.expressions, offset) if isinstance(node, Text) else _before(document, node, offset)
    if inside is not None:
        return Place(PlaceKind.CODE, offset, inside.span, names, element, None, inside)
    if element is not None and 0 <= element.close_start < offset < element.end:
        return Place(PlaceKind.CLOSING_NAME, offset, word_at(document.text, offset), names, element)
    markup = _MARKUP_BEFORE.search(document.text, max(0, offset - _LOOK_BACK), offset)
    if markup is None:
        return Place(PlaceKind.TEXT, offset, Span(offset, offset), names, element)
    word = word_at(document.text, offset)
    if markup[1]:
        opened = _open_at(document, markup.start())
        return Place(PlaceKind.CLOSING_NAME, offset, word, tuple(each.name for each in opened), None)
    typed = document.node_at(markup.start())
    element = document.parent(typed) if typed is not None else None
    return Place(PlaceKind.ELEMENT_NAME, offset, word, names_of(document, element), element)


def _open_at(document: PolicyDocument, offset: int) -> Iterable[Element]:
    """Return the elements that a closing tag at ``offset`` could end, outermost first.

    Where one without a closing tag ends was guessed by the parser; here it goes on as long as what it stands in.
    """
    opened: dict[Element, None] = {}
    for element in document.elements:
        if element.start >= offset:
            break
        goes_on = element.close_start >= offset if element.close_start >= 0 else not element.self_closing
        parent = document.parent(element)
        if goes_on and (parent is None or parent in opened):
            opened[element] = None
    return opened


def _closed_off(node: Node | None, offset: int) -> Comment | CData | None:
    """Return a comment or CDATA section if ``offset`` stands in it; one that is not closed goes on at its end."""
    if not isinstance(node, Comment | CData) or not node.start < offset <= node.end:
        return None
    return node if offset < node.end or node.content_end == node.end else None


def _before(document: PolicyDocument, node: Node | None, offset: int) -> Expression | None:
    """Return the unfinished expression in the text that ends at ``offset``, where markup follows."""
    found = document.expression_at(offset)
    return found if found is not None and not found.terminated and isinstance(node, Element) else None


def _expression_at(expressions: Sequence[Expression], offset: int) -> Expression | None:
    """Return the expression in whose code ``offset`` stands; one that is not closed reaches to its end."""
    for expression in expressions:
        if expression.start + 2 <= offset and (offset < expression.end or not expression.terminated):
            return expression if offset <= expression.end else None
    return None


def word_at(text: str, offset: int) -> Span:
    """Return the word around ``offset``; empty where none is."""
    before = _WORD_BEFORE.search(text, max(0, offset - _LOOK_BACK), offset)
    after = _WORD_AFTER.match(text, offset)
    return Span(before.start() if before else offset, after.end() if after else offset)
