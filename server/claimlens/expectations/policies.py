"""What the policies of API Management say they accept: ``validate-jwt`` and ``validate-azure-ad-token``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import attrs

from claimlens.apim.document import PolicyDocument
from claimlens.apim.model import Attribute, Element
from claimlens.apim.parser import parse
from claimlens.apim.sources import find_policies
from claimlens.apim.values import Value, text_of, value_of
from claimlens.expectations.model import Expectation, SourceKind, Stated

_KINDS = {kind.value: kind for kind in (SourceKind.VALIDATE_JWT, SourceKind.VALIDATE_AZURE_AD_TOKEN)}
_CLAIM_ROLES = {"aud": "audience", "iss": "issuer", "scp": "scope", "scope": "scope", "roles": "role", "tid": "tenant"}


def looks_like_policy(text: str) -> bool:
    """Tell whether a text may hold a policy that states an expectation; a cheap test."""
    return "validate-jwt" in text or "validate-azure-ad-token" in text


def read_policies(name: str, text: str) -> Iterator[Expectation]:
    """Yield what each JWT policy of a file accepts: the file is the policy, or holds it in a string."""
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        yield from _in_document(parse(text))
        return
    for source in find_policies(text, name):
        for expectation in _in_document(source.document):
            yield attrs.evolve(
                expectation,
                span=source.host_span(expectation.span),
                statements={
                    role: tuple(attrs.evolve(stated, span=source.host_span(stated.span)) for stated in values)
                    for role, values in expectation.statements.items()
                },
            )


def _in_document(document: PolicyDocument) -> Iterator[Expectation]:
    for element in document.elements:
        kind = _KINDS.get(element.name)
        if kind is None:
            continue
        statements: dict[str, list[Stated]] = defaultdict(list)
        for role, stated in _statements(element):
            statements[role].append(stated)
        yield Expectation(
            kind=kind,
            label=element.name,
            span=element.span,
            statements={role: tuple(values) for role, values in statements.items()},
        )


def _statements(policy: Element) -> Iterator[tuple[str, Stated]]:
    tenant = policy.attribute("tenant-id")
    if tenant is not None:
        yield "tenant", _of_attribute(tenant)
    for child in policy.elements:
        if child.name == "openid-config" and (url := child.attribute("url")) is not None:
            yield "metadata", _of_attribute(url)
        elif child.name in ("audiences", "issuers"):
            yield from ((child.name.removesuffix("s"), _of_text(item)) for item in child.elements)
        elif child.name in ("client-application-ids", "backend-application-ids"):
            role = "allowed_client" if child.name.startswith("client") else "backend_application"
            yield from ((role, _of_text(item)) for item in child.elements)
        elif child.name == "required-claims":
            for claim in child.elements:
                yield from _claim(claim)


def _claim(claim: Element) -> Iterator[tuple[str, Stated]]:
    name = claim.attribute("name")
    role = _CLAIM_ROLES.get(name.raw if name is not None else "", "claim")
    for value in claim.elements:
        yield role, _of_text(value)


def _of_attribute(attribute: Attribute) -> Stated:
    return _stated(value_of(attribute), attribute.name)


def _of_text(element: Element) -> Stated:
    value = text_of(element)
    text = value.text
    stripped = text.strip()
    if not stripped or value.has_expression or value.has_template:
        return _stated(value, element.name)
    # White space around a value is layout in policies as people write them; the service trims it.
    start = text.index(stripped)
    return Stated(stripped, value.place(start, start + len(stripped)), element.name)


def _stated(value: Value, label: str) -> Stated:
    """An expression is filled in at run time; its code as a value is a placeholder to everyone who compares.

    So are templates. Named values stay as they are written, for whoever knows what they stand for.
    """
    is_known_later = value.has_expression or value.has_template
    text = f"${{{value.text}}}" if is_known_later else value.text
    return Stated(text, value.span, label)
