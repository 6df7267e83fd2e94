"""Names that people give: variables, fragments, named values; where each is declared and where it is spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from claimlens.apim.csharp import CodeKind, PlacedToken, tokens_of
from claimlens.apim.declarations import NameKind
from claimlens.apim.document import PolicyDocument
from claimlens.apim.expression_facts import variable_from
from claimlens.apim.liquid import liquid_templates
from claimlens.apim.model import Attribute, Element
from claimlens.apim.values import named_values, value_of
from claimlens.text.spans import Span, Spans

_LITERAL: Final = re.compile(r'@?"([^"\\]*)"')
_VARIABLE_CALLS: Final = frozenset({"GetValueOrDefault", "ContainsKey", "TryGetValue"})


@attrs.frozen
class Mention:
    """One place where a name stands.

    Attributes:
        kind: what it belongs to.
        name: as written, entities decoded.
        span: the name alone, without quotes or braces.
        declares: whether this place gives it its value (of a variable) rather than reads it.
        type: of a variable, where the place that declares it says so.
        element: that declares it, or None.
    """

    kind: NameKind
    name: str
    span: Span
    declares: bool = False
    type: str | None = None
    element: Element | None = None


def mentions(document: PolicyDocument) -> tuple[Mention, ...]:
    """Return every place where a name stands, in the order of the text."""
    found = [*_in_attributes(document), *_in_code(document)]
    liquid = Spans(liquid_templates(document))
    found.extend(
        Mention(NameKind.NAMED_VALUE, item.name, item.name_span)
        for item in named_values(document.text)
        if not liquid.cover(item.span)
    )
    return tuple(sorted(found, key=lambda mention: mention.span))


def mention_at(document: PolicyDocument, offset: int) -> Mention | None:
    """Return the name at ``offset``; the innermost where a named value stands in another name."""
    touching = [mention for mention in mentions(document) if mention.span.contains(offset)]
    return min(touching, key=lambda mention: len(mention.span), default=None)


def same_name(document: PolicyDocument, kind: NameKind, name: str) -> tuple[Mention, ...]:
    """Return every place of ``document`` with a name; the service compares those that it knows itself without case."""
    return tuple(each for each in mentions(document) if each.kind is kind and is_same(kind, each.name, name))


def is_same(kind: NameKind, one: str, other: str) -> bool:
    """Tell whether two names are one."""
    return one == other if kind is NameKind.VARIABLE else one.lower() == other.lower()


def in_liquid(document: PolicyDocument, name: str) -> bool:
    """Tell whether a Liquid template speaks of something by the name of a named value."""
    spans = liquid_templates(document)
    return any(used.name.lower() == name.lower() for span in spans for used in named_values(document.text, span))


def variables(document: PolicyDocument) -> Mapping[str, Mention]:
    """Return the variables that a document sets, by name, each with the first place that does."""
    found: dict[str, Mention] = {}
    for mention in _in_attributes(document):
        if mention.kind is NameKind.VARIABLE and mention.declares:
            found.setdefault(mention.name, mention)
    return found


def is_valid(kind: NameKind, name: str) -> bool:
    """Tell whether a name may be given: what would break the markup or code around it may not."""
    if kind is NameKind.VARIABLE:
        return bool(re.fullmatch(r"[^\s\"'<>&{}\\][^\"'<>&{}\\\r\n]{0,255}", name))
    return bool(re.fullmatch(r"[A-Za-z0-9._-]{1,256}", name))


def _in_attributes(document: PolicyDocument) -> Iterator[Mention]:
    for element in document.elements:
        for attribute in element.attributes:
            value = value_of(attribute)
            if not value.text or not value.is_literal:
                continue
            if (element.name, attribute.name) == ("include-fragment", "fragment-id"):
                yield Mention(NameKind.FRAGMENT, value.text, attribute.value_span, element=element)
            elif _names_variable(element, attribute):
                known = variable_from(element.name, attribute.name) or _type_of(element)
                yield Mention(NameKind.VARIABLE, value.text, attribute.value_span, True, known, element)


def _names_variable(element: Element, attribute: Attribute) -> bool:
    if element.name == "set-variable":
        return attribute.name == "name"
    return attribute.name.endswith("variable-name")


def _type_of(element: Element) -> str | None:
    """Return the type of what ``set-variable`` sets, where it is text and no expression."""
    value = element.attribute("value")
    return "string" if element.name == "set-variable" and value is not None and not value.expressions else None


def _in_code(document: PolicyDocument) -> Iterator[Mention]:
    for expression in (*document.expressions, *document.comment_expressions):
        if "Variables" in expression.raw:
            tokens = tokens_of(expression)
            for index, token in enumerate(tokens):
                if token.kind is CodeKind.STRING and names_a_variable(tokens, index):
                    literal = _LITERAL.fullmatch(token.text)
                    if literal and literal[1]:
                        start = document.text.find(literal[1], token.span.start, token.span.end)
                        if start >= 0:
                            yield Mention(NameKind.VARIABLE, literal[1], Span(start, start + len(literal[1])))


def names_a_variable(tokens: Sequence[PlacedToken], index: int) -> bool:
    """Tell whether the token at ``index`` is the name in ``Variables["…"]`` or in a method that takes one."""
    if index < 2:
        return False
    if tokens[index - 1].text == "[":
        return tokens[index - 2].text == "Variables"
    if tokens[index - 1].text != "(":
        return False
    place = index - 2
    if tokens[place].text == ">":
        while place and tokens[place].text != "<":
            place -= 1
        place -= 1
    called = place >= 2 and tokens[place].text in _VARIABLE_CALLS
    return called and tokens[place - 1].text in (".", "?.") and tokens[place - 2].text == "Variables"
