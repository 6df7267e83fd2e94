"""Other ways to write the same policy: for Microsoft Entra tokens alone, with a fragment, for another format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.editing.formatting import Change, newline_of
from claimlens.apim.facts import PolicyFact
from claimlens.apim.knowledge import policy
from claimlens.apim.model import Element
from claimlens.apim.values import decode_entities, text_of, value_of
from claimlens.text.spans import Span

_METADATA: Final = re.compile(
    r"https://login\.(?:microsoftonline\.com|windows\.net)/([A-Za-z0-9.-]{1,100})/"
    r"(?:v2\.0/)?\.well-known/openid-configuration(?:\?.*)?"
)
_ISSUER: Final = re.compile(
    r"https://(?:login\.microsoftonline\.com/([A-Za-z0-9.-]{1,100})/v2\.0|sts\.windows\.net/([A-Za-z0-9.-]{1,100})/)"
)
_ALWAYS: Final = {"require-expiration-time": "true", "require-signed-tokens": "true"}
"""What ``validate-azure-ad-token`` does in any case."""
_WITH_ENTITIES: Final = re.compile(r"[^<&]*+&(?=[a-z#])(?:[^<&]|&(?=[a-z#]))*+")
"""Code in which a ``&`` begins an entity, as format ``xml`` wants it."""
_NOT_IN_FRAGMENTS: Final = frozenset({"base", "include-fragment"})


@attrs.frozen
class Extraction:
    """Policies that become a fragment: the change in the document, and the text of the fragment."""

    change: Change
    fragment: str


def to_azure_ad(document: PolicyDocument, element: Element) -> tuple[Change, ...]:
    """Return the changes that make ``validate-azure-ad-token`` of a ``validate-jwt``, in order.

    None where that policy cannot say the same: keys of its own, other issuers, a clock skew, no audience.
    """
    fact, tenant = policy("validate-azure-ad-token"), _tenant(element)
    if fact is None or tenant is None or not _can_be_said(element, fact, tenant):
        return ()
    start = element.close_start + 2
    parts = [attribute.span for attribute in element.attributes if attribute.name in _ALWAYS]
    parts += [inner.span for inner in element.elements if inner.name in ("openid-config", "issuers")]
    changes = [
        Change(element.name_span, f'{fact.name} tenant-id="{tenant}"'),
        *(_without(document, span) for span in parts),
        Change(Span(start, start + len(element.name)), fact.name),
    ]
    return tuple(sorted(changes, key=lambda change: change.span))


def extraction(document: PolicyDocument, selected: Span, fragment_id: str) -> Extraction | None:
    """Return how the policies in ``selected`` become a fragment; None where they cannot.

    They have to be whole, next to each other, and where policies stand; with an empty selection, the policy whose name
    is there.
    """
    chosen = _selected(document, selected)
    around = document.parent(chosen[0]) if chosen else None
    if around is None or (around.name not in SECTIONS and around.name not in ("when", "otherwise")):
        return None
    inside = {element.name for element in document.elements if any(each.span.covers(element.span) for each in chosen)}
    if inside & _NOT_IN_FRAGMENTS or any(policy(each.name) is None for each in chosen):
        return None
    span = Span(chosen[0].start, chosen[-1].end)
    newline, text = newline_of(document.text), span.slice(document.text)
    content = f"<fragment>{newline}    {text}{newline}</fragment>{newline}"
    return Extraction(Change(span, f'<include-fragment fragment-id="{fragment_id}" />'), content)


def escaped(document: PolicyDocument) -> tuple[Change, ...]:
    """Return the changes that write code as format ``xml`` wants it, with entities; none where it is so written."""
    return tuple(_rewritten(document, escape=True))


def unescaped(document: PolicyDocument) -> tuple[Change, ...]:
    """Return the changes that write code as format ``rawxml`` lets it be written; none where it is so written."""
    return tuple(_rewritten(document, escape=False))


def _tenant(element: Element) -> str | None:
    """Return the tenant whose metadata a ``validate-jwt`` trusts, where it trusts no other."""
    configurations = [inner for inner in element.elements if inner.name == "openid-config"]
    url = configurations[0].attribute("url") if len(configurations) == 1 else None
    found = _METADATA.fullmatch(value_of(url).text) if url is not None else None
    return found[1] if found and element.name == "validate-jwt" and element.close_start >= 0 else None


def _can_be_said(element: Element, fact: PolicyFact, tenant: str) -> bool:
    """Tell whether ``validate-azure-ad-token`` can say all that a ``validate-jwt`` says."""
    for attribute in element.attributes:
        if attribute.name not in fact.attributes and _ALWAYS.get(attribute.name) != attribute.raw:
            return False
    for inner in element.elements:
        known = inner.name in fact.children or inner.name == "openid-config"
        if not known and not (inner.name == "issuers" and _are_of(inner, tenant)):
            return False
    return element.child("audiences") is not None


def _are_of(issuers: Element, tenant: str) -> bool:
    """Tell whether all issuers are those of one tenant."""
    found = [_ISSUER.fullmatch(text_of(issuer).text) for issuer in issuers.elements]
    return all(match is not None and tenant in match.groups() for match in found)


def _without(document: PolicyDocument, span: Span) -> Change:
    """Return the change that takes something out with the white space in front of it."""
    start = span.start
    while document.text[start - 1] in " \t\r\n":
        start -= 1
    return Change(Span(start, span.end), "")


def _selected(document: PolicyDocument, selected: Span) -> Sequence[Element]:
    """Return the neighbours that a selection holds whole, or the one whose opening tag an empty one stands in."""
    if not len(selected):
        return [element for element in document.elements if element.name_span.contains(selected.start)]
    text = document.text
    start, end = selected.start, selected.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    inside = Span(start, end)
    held = [element for element in document.elements if inside.covers(element.span)]
    if not held or held[0].start != start:
        return []
    around = document.parent(held[0])
    chosen = [element for element in held if document.parent(element) is around]
    return chosen if chosen[-1].end == end else []


def _rewritten(document: PolicyDocument, *, escape: bool) -> Iterator[Change]:
    attributes = {
        expression for element in document.elements for each in element.attributes for expression in each.expressions
    }
    for expression in document.expressions:
        has_entities = _WITH_ENTITIES.fullmatch(expression.raw) is not None
        if not expression.terminated or "{{" in expression.raw or escape == has_entities:
            continue
        written = decode_entities(expression.raw)
        if escape:
            written = expression.raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            written = written.replace('"', "&quot;") if expression in attributes else written
        if written != expression.raw:
            yield Change(expression.span, written)
