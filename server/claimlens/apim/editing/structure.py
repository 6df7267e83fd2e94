"""The shape of a policy for outlines, folding, growing selections and pairs of tags."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import attrs

from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.editing.place import PlaceKind, place_at
from claimlens.apim.knowledge import ROOTS, policy
from claimlens.apim.model import Comment, Element
from claimlens.text.spans import Span

MESSAGE_BODIES = frozenset({"set-body", "return-value"})
"""Elements whose content is no policy language, whatever it looks like."""
_TELLING = ("name", "id", "fragment-id", "condition", "url", "policy-id", "backend-id", "base-url", "header-name")
_LONGEST_DETAIL = 80


@attrs.frozen
class Symbol:
    """An element in the outline.

    Attributes:
        element: the element.
        detail: what tells it from others of its name.
        is_section: whether it is a root or a section.
        is_policy: whether it is a policy.
        children: the symbols in it.
    """

    element: Element
    detail: str
    is_section: bool
    is_policy: bool
    children: tuple[Symbol, ...] = ()


class FoldKind(enum.StrEnum):
    """What is folded away."""

    ELEMENT = "element"
    COMMENT = "comment"
    CODE = "code"


@attrs.frozen
class Fold:
    """Lines that can be folded away: those of ``span`` but the first, and but the last where it ends the pair."""

    kind: FoldKind
    span: Span


def outline(document: PolicyDocument) -> tuple[Symbol, ...]:
    """Return the symbols of a document: its elements, without the markup of message bodies."""
    made: dict[Element | None, list[Symbol]] = {}
    for element in reversed(document.elements):
        inner = () if element.name in MESSAGE_BODIES else tuple(reversed(made.pop(element, [])))
        symbol = Symbol(
            element,
            _detail(element),
            element.name in ROOTS or element.name in SECTIONS,
            policy(element.name) is not None,
            inner,
        )
        made.setdefault(document.parent(element), []).append(symbol)
    return tuple(reversed(made.get(None, [])))


def folds(document: PolicyDocument) -> Iterator[Fold]:
    """Yield what can be folded away, on whatever lines it stands."""
    for node in document.walk():
        if isinstance(node, Element):
            yield Fold(FoldKind.ELEMENT, node.span)
        elif isinstance(node, Comment):
            yield Fold(FoldKind.COMMENT, node.span)
    for expression in document.expressions:
        yield Fold(FoldKind.CODE, expression.span)


def selections(document: PolicyDocument, offset: int) -> tuple[Span, ...]:
    """Return the spans around ``offset`` that a selection grows to, smallest first, each within the next."""
    place = place_at(document, offset)
    spans = [place.span]
    if place.attribute is not None:
        spans += (
            [place.attribute.value_span, place.attribute.span] if place.kind is not PlaceKind.ATTRIBUTE_NAME else []
        )
        spans += [place.attribute.span]
    if place.expression is not None:
        spans += [place.expression.code_span, place.expression.span]
    element = document.element_at(offset)
    if element is not None:
        spans.append(element.open_tag_span)
        for around in (element, *document.ancestors(element)):
            spans += [around.content_span, around.span]
    growing: list[Span] = []
    for span in sorted((each for each in spans if each.contains(offset)), key=len):
        if not growing or (span.covers(growing[-1]) and span != growing[-1]):
            growing.append(span)
    return tuple(growing)


def tag_names(document: PolicyDocument, offset: int) -> tuple[Span, ...]:
    """Return the names in both tags of the element whose name is at ``offset``; nothing where a tag is missing."""
    place = place_at(document, offset)
    element = place.element
    if element is None or place.kind not in (PlaceKind.ELEMENT_NAME, PlaceKind.CLOSING_NAME):
        return ()
    start = element.close_start + 2
    closing = Span(start, start + len(element.name)) if element.close_start >= 0 else None
    if closing is None or closing.slice(document.text) != element.name:
        return ()
    return (element.name_span, closing) if element.name_span.contains(offset) or closing.contains(offset) else ()


def tag_to_close(document: PolicyDocument, offset: int) -> str | None:
    """Return the name of the element whose opening tag ends at ``offset`` and that has no closing tag, or None."""
    for element in document.elements:
        if element.open_end == offset and document.text[offset - 1] == ">":
            return None if element.self_closing or _is_closed(document, element) else element.name
    return None


def _is_closed(document: PolicyDocument, element: Element) -> bool:
    """Tell whether an element has a closing tag that no element around it of the same name is in want of."""
    if element.close_start < 0:
        return False
    return all(outer.name != element.name or outer.close_start >= 0 for outer in document.ancestors(element))


def _detail(element: Element) -> str:
    found = next((each for name in _TELLING if (each := element.attribute(name)) is not None), None)
    text = " ".join(found.raw.split()) if found is not None else ""
    return text if len(text) <= _LONGEST_DETAIL else f"{text[:_LONGEST_DETAIL]}…"
