"""Rules about the attributes of policies and of the elements in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.facts import AttributeFact, ElementFact, Group, GroupKind, ValueType
from claimlens.apim.model import Attribute, Element, Text
from claimlens.apim.values import text_of, value_of
from claimlens.rules.apim import edits
from claimlens.rules.apim.context import PolicyContext, literal, literal_of
from claimlens.rules.apim.wording import one_of, tag
from claimlens.rules.model import Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted
from claimlens.text.nearest import nearest

TOKEN_CHECKS = ("validate-jwt", "validate-azure-ad-token")
"""Policies that rules of their own look at more closely."""

_INTEGER = re.compile(r"[+-]?\d+")
_PATTERNS = {
    ValueType.INTEGER: _INTEGER,
    ValueType.NUMBER: re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"),
    ValueType.BOOLEAN: re.compile(r"(?i:true|false)|[01]"),
    ValueType.URL: re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/]\S*"),
    ValueType.GUID: re.compile(r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?"),
    ValueType.HEXADECIMAL: re.compile(r"[0-9A-Fa-f \u200e:]+"),
    ValueType.BASE64URL: re.compile(r"[A-Za-z0-9_+/=-]+"),
}
_FILLED_IN = re.compile(r"[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)+|__\w+__|%\w+%")
"""Names that scripts replace before the file reaches the service: ``RETRY_COUNT``."""
_EXPECTED = {
    ValueType.INTEGER: "a whole number",
    ValueType.NUMBER: "a number",
    ValueType.BOOLEAN: "true or false",
    ValueType.URL: "a URL such as https://example.com/path",
    ValueType.GUID: "a GUID",
    ValueType.HEXADECIMAL: "hexadecimal digits",
    ValueType.BASE64URL: "base64url",
}


@rule("apim-missing-attribute", Severity.ERROR, "An attribute is missing")
def apim_missing_attribute(context: PolicyContext) -> Iterator[Finding]:
    """An element lacks an attribute that it must have, or each of several of which it must have one.

    The service refuses the document.

    ## How to fix it

    Add the attribute.

    ## Example

    Bad:

    ```xml
    <rate-limit calls="5" />
    ```

    Good:

    ```xml
    <rate-limit calls="5" renewal-period="60" />
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        element, fact = placed.element, placed.fact
        if fact is None:
            continue
        missing = [each for each in fact.required_attributes if element.attribute(each.name) is None]
        needed = list(_needed(element, fact))
        if not (missing or needed) or not context.is_whole(element):
            continue
        for attribute in missing:
            yield apim_missing_attribute.finding(
                f"{tag(element.name)} needs the attribute {attribute.name}.",
                element.name_span,
                fixes=_adding(element, attribute),
            )
        for wanted in needed:
            yield apim_missing_attribute.finding(f"{tag(element.name)} needs {wanted}.", element.name_span)


def _needed(element: Element, fact: ElementFact) -> Iterator[str]:
    """Yield in words what an element needs beside the attributes that are always required."""
    for group in fact.groups if fact.name not in TOKEN_CHECKS else ():
        names = [name for alternative in group.alternatives for name in alternative]
        if _lacks(element, group) and all(name[0].isalpha() for name in names):
            yield one_of(" with ".join(alternative) for alternative in group.alternatives)
    for need in fact.needs:
        condition = need.condition
        wanted = need.name[0].isalpha() and literal(element, condition.attribute) in condition.values
        if wanted and element.attribute(need.name) is None:
            yield f"the attribute {need.name} with {condition.attribute} {one_of(condition.values)}"


def _adding(element: Element, fact: AttributeFact) -> tuple[Fix, ...]:
    value = fact.default or next(iter((*fact.values, *fact.suggestions)), "")
    return (Fix(f'Add {fact.name}="{value}"', (edits.add_attribute(element, fact.name, value),)),)


def is_there(element: Element, name: str) -> bool:
    """Tell whether an element has what a `Group` names: an attribute, ``<child>`` or ``#text``."""
    if name == "#text":
        return bool(text_of(element).raw)
    if name.startswith("<"):
        return element.child(name[1:-1]) is not None
    return element.attribute(name) is not None


def _lacks(element: Element, group: Group) -> bool:
    if group.kind is GroupKind.AT_MOST_ONE or any(
        is_there(element, name) for alternative in group.alternatives for name in alternative
    ):
        return False
    unless = group.unless
    return unless is None or (
        (attribute := element.attribute(unless.attribute)) is None
        or (value_of(attribute).is_literal and value_of(attribute).text not in unless.values)
    )


@rule("apim-conflicting-attributes", Severity.ERROR, "Attributes exclude each other")
def apim_conflicting_attributes(context: PolicyContext) -> Iterator[Finding]:
    """An element has several of the attributes of which it may have one.

    The service refuses the document.

    ## How to fix it

    Keep one of them.

    ## Example

    Bad:

    ```xml
    <set-backend-service base-url="https://orders.example.com" backend-id="orders" />
    ```

    Good:

    ```xml
    <set-backend-service backend-id="orders" />
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        element, fact = placed.element, placed.fact
        for group in fact.groups if fact is not None and fact.name not in TOKEN_CHECKS else ():
            chosen = [each for each in group.alternatives if any(is_there(element, name) for name in each)]
            if group.kind is GroupKind.AT_LEAST_ONE or len(chosen) < 2:
                continue
            names = [next(name for name in each if is_there(element, name)) for each in chosen]
            attributes = [each for each in map(element.attribute, names) if each is not None]
            fixes = tuple(
                Fix(f"Remove {each.name}", (edits.remove_attribute(context.document, each),))
                for each in attributes
                if len(chosen) == 2
            )
            yield apim_conflicting_attributes.finding(
                f"{tag(element.name)} takes one of {one_of(names)}, not {len(names)} of them.",
                attributes[-1].name_span if attributes else element.name_span,
                fixes=fixes,
            )


@rule("apim-unknown-attribute", Severity.ERROR, "The attribute is unknown")
def apim_unknown_attribute(context: PolicyContext) -> Iterator[Finding]:
    """An element has an attribute that it does not take.

    The service refuses the document.
    Names are compared character by character: capitals count.

    ## How to fix it

    Write the name of an attribute that the element takes, or remove it.

    ## Example

    Bad:

    ```xml
    <rate-limit calls="5" renewal-time="60" />
    ```

    Good:

    ```xml
    <rate-limit calls="5" renewal-period="60" />
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        element, fact = placed.element, placed.fact
        if fact is None or all(each.name in fact.attributes for each in element.attributes):
            continue
        for attribute in element.attributes if context.is_whole(element) else ():
            if attribute.name in fact.attributes or attribute.name.startswith(("xmlns", "xml:")):
                continue
            free = [name for name in fact.attributes if element.attribute(name) is None]
            meant = nearest(attribute.name, free)
            known = f" Did you mean '{meant}'?" if meant else ""
            removal = Fix(f"Remove {attribute.name}", (edits.remove_attribute(context.document, attribute),))
            renaming = Fix(f"Change to {meant}", (edits.rename_attribute(attribute, meant or ""),), preferred=True)
            yield apim_unknown_attribute.finding(
                f"{tag(element.name)} takes no attribute {quoted(attribute.name)}.{known}",
                attribute.name_span,
                fixes=(renaming, removal) if meant else (removal,),
            )


@rule("apim-bad-value", Severity.ERROR, "The attribute does not take this value")
def apim_bad_value(context: PolicyContext) -> Iterator[Finding]:
    """The value of an attribute is none that it takes: not in its list, no number, no URL, or out of range.

    The service refuses the document.
    Values with expressions, named values or templates are not judged.

    ## How to fix it

    Write a value that the attribute takes; the finding says which.

    ## Example

    Bad:

    ```xml
    <set-header name="X-Request-Id" exists-action="replace"><value>1</value></set-header>
    ```

    Good:

    ```xml
    <set-header name="X-Request-Id" exists-action="override"><value>1</value></set-header>
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        fact = placed.fact
        for attribute in placed.element.attributes if fact is not None else ():
            assert fact is not None
            known = fact.attributes.get(attribute.name)
            value = literal_of(attribute) if attribute.quote else None
            if known is None or value is None or attribute.name == "clock-skew" or _FILLED_IN.fullmatch(value):
                continue
            expected = _expected(known, value.strip())
            if expected is not None:
                yield apim_bad_value.finding(
                    f"{attribute.name} does not take {quoted(value)}: expected {expected}.",
                    attribute.value_span,
                    fixes=_correcting(attribute, known, value),
                )


def _expected(fact: AttributeFact, value: str) -> str | None:
    """Return what an attribute expects, where ``value`` is not that."""
    if fact.type is ValueType.ENUMERATION:
        if value.lower() in {each.lower() for each in fact.values}:
            return None
        return one_of(fact.values, 12)
    pattern = _PATTERNS.get(fact.type)
    if pattern is None:
        return None
    if not pattern.fullmatch(value):
        return _EXPECTED[fact.type]
    return _range(fact, float(value)) if fact.type in (ValueType.INTEGER, ValueType.NUMBER) else None


def _range(fact: AttributeFact, number: float) -> str | None:
    if number in fact.also:
        return None
    if fact.minimum is not None and number < fact.minimum:
        return f"{fact.minimum:g} or more"
    if fact.maximum is not None and number > fact.maximum:
        return f"{fact.maximum:g} or less"
    return None


def _correcting(attribute: Attribute, fact: AttributeFact, value: str) -> tuple[Fix, ...]:
    meant = nearest(value.strip(), fact.values)
    if meant is None and fact.type is ValueType.BOOLEAN:
        meant = nearest(value.strip(), ("true", "false"))
    if meant is None and len(fact.values) == 1:
        meant = fact.values[0]
    return (Fix(f"Change to {meant}", (edits.set_value(attribute, meant),)),) if meant else ()


@rule("apim-expression-not-allowed", Severity.ERROR, "No expression is allowed here", cause="policy-expression-error")
def apim_expression_not_allowed(context: PolicyContext) -> Iterator[Finding]:
    """A policy expression stands in an attribute that takes none.

    The service refuses the document, or takes the expression for the value itself.

    ## How to fix it

    Write the value itself, or a named value: `{{name}}`.

    ## Example

    Bad:

    ```xml
    <include-fragment fragment-id="@(context.Api.Id)" />
    ```

    Good:

    ```xml
    <include-fragment fragment-id="orders" />
    ```

    ## Sources

    - [Policy expressions](https://learn.microsoft.com/azure/api-management/api-management-policy-expressions)
    """
    for placed in context.placed:
        fact = placed.fact
        for attribute in placed.element.attributes if fact is not None else ():
            assert fact is not None
            known = fact.attributes.get(attribute.name)
            if attribute.expressions and known is not None and known.expressions is False:
                yield apim_expression_not_allowed.finding(
                    f"{attribute.name} takes no policy expression; a named value such as {{{{name}}}} it does take.",
                    attribute.value_span,
                )
        if fact is not None and fact.text and fact.expressions is False:
            for node in placed.element.children:
                if isinstance(node, Text) and node.expressions:
                    yield apim_expression_not_allowed.finding(
                        f"{tag(fact.name)} takes no policy expression.", node.expressions[0].span
                    )


RULES = (
    apim_missing_attribute,
    apim_conflicting_attributes,
    apim_unknown_attribute,
    apim_bad_value,
    apim_expression_not_allowed,
)
