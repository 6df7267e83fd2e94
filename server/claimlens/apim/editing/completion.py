"""What may be written at a place: policies, children, attributes, values, closing tags, members, names."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from claimlens.apim import expression_facts
from claimlens.apim.csharp import CodeKind, PlacedToken, tokens_of
from claimlens.apim.declarations import NameKind
from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.editing.code_types import members_of, type_before
from claimlens.apim.editing.names import mentions, names_a_variable, variables
from claimlens.apim.editing.place import Place, PlaceKind, place_at
from claimlens.apim.editing.snippets import Snippet, attribute_snippet, element_snippet
from claimlens.apim.facts import ElementFact, Gateway, Holds, PolicyFact, ValueType
from claimlens.apim.knowledge import child, policies, policies_in
from claimlens.apim.liquid import liquid_templates
from claimlens.apim.model import Element, Expression
from claimlens.apim.values import text_of
from claimlens.text.spans import Span

_DOTS: Final = (".", "?.")
_NAME_LOOK_BACK: Final = 260
"""Characters before the cursor in which the braces of a named value stand: its longest name and the braces."""


class Sort(enum.StrEnum):
    """What an item is; editors show a picture for each."""

    POLICY = "policy"
    ELEMENT = "element"
    SECTION = "section"
    ATTRIBUTE = "attribute"
    VALUE = "value"
    CLOSING_TAG = "closing tag"
    PROPERTY = "property"
    METHOD = "method"
    TYPE = "type"
    VARIABLE = "variable"
    NAMED_VALUE = "named value"
    FRAGMENT = "fragment"


@attrs.frozen
class Item:
    """Something that may be written.

    Attributes:
        label: what is shown.
        sort: what it is.
        snippet: what is written.
        span: what it is written in place of.
        rank: items are shown by rank, then by label.
        detail: a few words beside the label.
        page: names its documentation for `claimlens.apim.editing.pages.page_of`; None where there is none.
    """

    label: str
    sort: Sort
    snippet: Snippet
    span: Span
    rank: int = 0
    detail: str = ""
    page: str | None = None


@attrs.frozen
class Known:
    """What is known besides the document.

    Attributes:
        gateway: that policies are written for, or None for any.
        named_values: those that are declared, by name; the values may be shown.
        fragments: ids of the fragments that are there.
    """

    gateway: Gateway | None = None
    named_values: Mapping[str, str] = attrs.field(factory=dict)
    fragments: Sequence[str] = ()


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
        PlaceKind.CODE: lambda: _code(document, place),
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
        fact for fact in policies().values() if fact.documented and (gateway is None or gateway in fact.gateways)
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
    if details.expressions is not False and not attribute.raw.strip():
        made = Snippet((f"{quote}@(", f"){quote}"), ("",))
        yield Item("@( )", Sort.VALUE, made, place.span, 90, "policy expression")


def _content(document: PolicyDocument, place: Place, known: Known) -> Iterator[Item]:
    """Yield what may stand in the content of an element: elements, with their ``<``, or a text it knows."""
    fact = place.fact
    if fact is not None and fact.text and (fact.holds is Holds.NOTHING and not fact.children):
        return
    if document.text[max(0, place.offset - 1) : place.offset].isalnum():
        return
    yield from _elements(document, place, known, place.span, opened=False)
    owner = place.element
    if owner is not None and owner.close_start < 0 and not owner.self_closing and not text_of(owner).text:
        yield Item(f"</{owner.name}>", Sort.CLOSING_TAG, Snippet.of(f"</{owner.name}>"), place.span, 9)


def _code(document: PolicyDocument, place: Place) -> Iterator[Item]:
    expression = place.expression
    assert expression is not None
    tokens = tokens_of(expression)
    index = _last_before(tokens, place.offset)
    token = tokens[index] if index >= 0 else None
    if token is not None and token.kind is CodeKind.STRING and token.span.start < place.offset:
        if names_a_variable(tokens, index) and place.offset > token.span.start:
            yield from _variables(document, _inside_quotes(document.text, token, place.offset))
        return
    typed = token is not None and token.kind in (CodeKind.IDENTIFIER, CodeKind.KEYWORD)
    if token is not None and typed and token.span.end >= place.offset:
        word, index = token.span, index - 1
    elif token is not None and token.kind in (CodeKind.COMMENT, CodeKind.NUMBER, CodeKind.CHARACTER):
        return
    else:
        word = Span(place.offset, place.offset)
    if index >= 0 and tokens[index].text in _DOTS:
        yield from _members(type_before(tokens, index - 1), word)
    else:
        yield from _first_words(expression, word)


def _last_before(tokens: Sequence[PlacedToken], offset: int) -> int:
    """Return the index of the last token that begins before ``offset``, or -1."""
    return max((index for index, token in enumerate(tokens) if token.span.start < offset), default=-1)


def _inside_quotes(text: str, token: PlacedToken, offset: int) -> Span:
    """Return the span of what stands in the quotes of a string; one that is not closed ends at ``offset``."""
    raw = token.span.slice(text)
    quote = "&quot;" if "&quot;" in raw else '"'
    start = token.span.start + raw.find(quote) + len(quote)
    end = text.find(quote, start, token.span.end)
    return Span(min(start, offset), offset if end < offset else end)


def _members(owner: str | None, word: Span) -> Iterator[Item]:
    for member in members_of(owner):
        sort = Sort.METHOD if member.signature else Sort.PROPERTY
        made = Snippet.of(member.name)
        if member.signature:
            made = Snippet((f"{member.name}(", ")"), ("",))
            if "<T>" in member.signature:
                made = Snippet((f"{member.name}<", ">(", ")"), ("string", ""))
        yield Item(member.name, sort, made, word, 0 if member.documented else 5, member.type, f"{owner}.{member.name}")


def _first_words(expression: Expression, word: Span) -> Iterator[Item]:
    yield Item("context", Sort.VARIABLE, Snippet.of("context"), word, 0, "Context")
    if expression.kind.value == "@{":
        yield Item("return", Sort.VALUE, Snippet(("return ", ";"), ("",)), word, 1)
    for name in sorted({fact.short_name for fact in expression_facts.allowed_types().values()}):
        yield Item(name, Sort.TYPE, Snippet.of(name), word, 10)


def _variables(document: PolicyDocument, span: Span) -> Iterator[Item]:
    for name, mention in variables(document).items():
        later = mention.span.start > span.start
        yield Item(name, Sort.VARIABLE, Snippet.of(name), span, 5 if later else 0, mention.type or "")


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
