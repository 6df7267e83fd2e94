"""What may be written at a place: policies, children, attributes, values, closing tags, members, names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from claimlens.apim.declarations import NameKind
from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.editing.code_completion import code_items
from claimlens.apim.editing.items import Item, Known, Sort
from claimlens.apim.editing.names import mentions
from claimlens.apim.editing.place import Place, PlaceKind, place_at, word_at
from claimlens.apim.editing.snippets import Snippet, attribute_snippet, element_snippet
from claimlens.apim.facts import ElementFact, Gateway, Holds, PolicyFact, ValueType
from claimlens.apim.knowledge import child, policies, policies_in
from claimlens.apim.liquid import liquid_templates
from claimlens.apim.model import Element
from claimlens.apim.values import text_of
from claimlens.text.spans import Span

_NAME_LOOK_BACK: Final = 260
"""Characters before the cursor in which the braces of a named value stand: its longest name and the braces."""


def complete(document: PolicyDocument, offset: int, known: Known) -> tuple[Item, ...]:
    """Return what may be written at ``offset``, best first."""
    place = place_at(document, offset)
    braces = _named_value_span(document.text, offset)
    if braces is not None and any(span.contains(offset) for span in liquid_templates(document)):
        return ()  # there, braces hold values of Liquid
    if braces is not None:
        return tuple(_named_values(document, braces, known))
    makers: dict[PlaceKind, Callable[[], Iterator[Item]]] = {
        PlaceKind.ELEMENT_NAME: lambda: _elements(document, place, known, place.span, opened=True),
        PlaceKind.CLOSING_NAME: lambda: _closing(document, place),
        PlaceKind.ATTRIBUTE_NAME: lambda: _attributes(place),
        PlaceKind.ATTRIBUTE_VALUE: lambda: _values(document, place, known),
        PlaceKind.CODE: lambda: code_items(document, place),
        PlaceKind.TEXT: lambda: _content(document, place, known),
        PlaceKind.COMMENT: lambda: iter(()),
    }
    return tuple(sorted(makers[place.kind](), key=lambda item: (item.rank, item.label)))


def _elements(document: PolicyDocument, place: Place, known: Known, span: Span, *, opened: bool) -> Iterator[Item]:
    """Yield the elements that may stand at a place; ``opened`` where the ``<`` is already there."""
    if opened and (owner := _content_owner(document, place)) is not None and owner.close_start < 0:
        yield Item(f"/{owner.name}", Sort.CLOSING_TAG, Snippet.of(f"/{owner.name}>"), span, 9)
    begin, ends = "" if opened else "<", place.element is not None and opened and _goes_on(document, place)
    for sort, fact, rank, path in _facts(document, place, known):
        made = Snippet.of(f"{begin}{fact.name}") if ends else element_snippet(fact, begin)
        detail = fact.category if isinstance(fact, PolicyFact) else ""
        yield Item(fact.name, sort, made, span, rank, detail, path)
    if not place.names or place.names == ("policies",):
        sections = SECTIONS if place.names else ("policies", "fragment")
        there = {inner.name for inner in document.root.elements} if place.names and document.root else set()
        for rank, name in enumerate(section for section in sections if section not in there):
            yield Item(name, Sort.SECTION, _section(name, begin), span, rank, page=name)


def _content_owner(document: PolicyDocument, place: Place) -> Element | None:
    """Return the element in whose content a name is being typed."""
    element = place.element
    if element is not None and place.span.start == element.start + 1:
        return document.parent(element)
    return element


def _goes_on(document: PolicyDocument, place: Place) -> bool:
    """Tell whether a name is changed in a tag that is complete."""
    element = place.element
    assert element is not None
    return element.start + 1 == place.span.start and document.text[element.open_end - 1] == ">"


def _section(name: str, begin: str) -> Snippet:
    if name == "policies":
        rest = "".join(f"\n\t<{section}>\n\t\t<base />\n\t</{section}>" for section in SECTIONS[1:])
        return Snippet(
            (f"{begin}policies>\n\t<inbound>\n\t\t<base />\n\t\t", f"\n\t</inbound>{rest}\n</policies>"), ("",)
        )
    body = "" if name == "fragment" else "<base />\n\t"
    return Snippet((f"{begin}{name}>\n\t{body}", f"\n</{name}>"), ("",))


def _facts(document: PolicyDocument, place: Place, known: Known) -> Iterator[tuple[Sort, ElementFact, int, str]]:
    """Yield what is known of each element that may stand at a place, with its rank and the path of its page."""
    fact, section = place.fact, place.section
    holds = place.names == ("fragment",) or (section is not None and not place.policy_names)
    if fact is not None:
        owner = _content_owner(document, place)
        present = [inner.name for inner in owner.elements if inner.start + 1 != place.span.start] if owner else []
        yield from _children(place, fact, present)
        holds = fact.holds is Holds.POLICIES
    if holds:
        allowed = policies_in(section, gateway=known.gateway) if section else _everywhere(known.gateway)
        for policy in allowed:
            yield Sort.POLICY, policy, 0 if policy.name == "base" else 20, policy.name
    elif not place.names:
        for policy in _everywhere(known.gateway):
            yield Sort.POLICY, policy, 20, policy.name


def _children(place: Place, fact: ElementFact, present: Sequence[str]) -> Iterator[tuple[Sort, ElementFact, int, str]]:
    """Yield the named children of which one more may stand here: those that are missing first, in their order."""
    order = fact.order or tuple(fact.children)
    path = "/".join(place.policy_names)
    for name, entry in fact.children.items():
        known = child(fact, name)
        if known is None or not entry.documented or (entry.most is not None and present.count(name) >= entry.most):
            continue
        rank = 1 + (order.index(name) if name in order else len(order))
        missing = present.count(name) < entry.least
        yield Sort.ELEMENT, known, rank if missing else rank + 5, f"{path}/{name}"


def _everywhere(gateway: Gateway | None) -> tuple[PolicyFact, ...]:
    return tuple(
        fact for fact in policies().values() if fact.is_offered and (gateway is None or gateway in fact.gateways)
    )


def _closing(document: PolicyDocument, place: Place) -> Iterator[Item]:
    for rank, name in enumerate(reversed(place.names)):
        end = "" if document.text.startswith(">", place.span.end) else ">"
        yield Item(f"/{name}", Sort.CLOSING_TAG, Snippet.of(f"{name}{end}"), place.span, rank)


def _attributes(place: Place) -> Iterator[Item]:
    fact, element = place.fact, place.element
    if fact is None or element is None:
        return
    present = {attribute.name for attribute in element.attributes if attribute is not place.attribute}
    for rank, (name, known) in enumerate(fact.attributes.items()):
        if name in present or not known.documented:
            continue
        made = Snippet.of(name) if place.attribute is not None else attribute_snippet(known)
        detail = "required" if known.required else known.type.value
        order = rank if known.required else rank + 100
        page = f"{'/'.join(place.policy_names)}@{name}"
        yield Item(name, Sort.ATTRIBUTE, made, place.span, order, detail, page)


def _values(document: PolicyDocument, place: Place, known: Known) -> Iterator[Item]:
    fact, attribute = place.fact, place.attribute
    assert attribute is not None
    assert place.element is not None
    quote = "" if attribute.quote else '"'
    if (place.element.name, attribute.name) == ("include-fragment", "fragment-id"):
        there = {each.name for each in mentions(document) if each.kind is NameKind.FRAGMENT} - {attribute.raw}
        for name in sorted({*known.fragments, *there}):
            yield Item(name, Sort.FRAGMENT, Snippet.of(f"{quote}{name}{quote}"), place.span)
    details = fact.attributes.get(attribute.name) if fact is not None else None
    if details is None:
        return
    values = details.values or (("true", "false") if details.type is ValueType.BOOLEAN else ())
    for rank, value in enumerate(values):
        note = "default" if value == details.default else ""
        yield Item(value, Sort.VALUE, Snippet.of(f"{quote}{value}{quote}"), place.span, rank, note)
    for rank, value in enumerate(details.suggestions):
        yield Item(value, Sort.VALUE, Snippet.of(f"{quote}{value}{quote}"), place.span, rank)
    if details.expressions is not False and not attribute.raw.strip():
        made = Snippet((f"{quote}@(", f"){quote}"), ("",))
        yield Item("@( )", Sort.VALUE, made, place.span, 90, "policy expression")


def _content(document: PolicyDocument, place: Place, known: Known) -> Iterator[Item]:
    """Yield what may stand in the content of an element: elements, with their ``<``, or a text it knows."""
    fact = place.fact
    for rank, text in enumerate(fact.suggestions if fact is not None else ()):
        yield Item(text, Sort.VALUE, Snippet.of(text), word_at(document.text, place.offset), rank)
    if fact is not None and fact.text and (fact.holds is Holds.NOTHING and not fact.children):
        return
    if document.text[max(0, place.offset - 1) : place.offset].isalnum():
        return
    yield from _elements(document, place, known, place.span, opened=False)
    owner = place.element
    if owner is not None and owner.close_start < 0 and not owner.self_closing and not text_of(owner).text:
        yield Item(f"</{owner.name}>", Sort.CLOSING_TAG, Snippet.of(f"</{owner.name}>"), place.span, 9)


def _named_value_span(text: str, offset: int) -> Span | None:
    """Return the span of the name behind ``{{`` at ``offset``, or None."""
    start = text.rfind("{{", max(0, offset - _NAME_LOOK_BACK), offset)
    if start < 0 or any(not (each.isalnum() or each in "._-") for each in text[start + 2 : offset]):
        return None
    end = offset
    while end < len(text) and (text[end].isalnum() or text[end] in "._-"):
        end += 1
    return Span(start + 2, end)


def _named_values(document: PolicyDocument, span: Span, known: Known) -> Iterator[Item]:
    used: Iterable[str] = (
        each.name for each in mentions(document) if each.kind is NameKind.NAMED_VALUE and each.span != span
    )
    end = "" if document.text.startswith("}}", span.end) else "}}"
    for name in sorted({*known.named_values, *used}):
        detail = known.named_values.get(name, "")
        yield Item(name, Sort.NAMED_VALUE, Snippet.of(f"{name}{end}"), span, 0 if detail else 1, detail)
