"""The policies that check tokens, with the parts that rules ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import attrs

from claimlens.apim.model import Element
from claimlens.apim.values import Value, text_of, value_of
from claimlens.rules.apim.context import PolicyContext, literal

_ENTRA = re.compile(
    r"https?://(?:login\.microsoftonline\.(?:com|us|de)|login\.windows\.net|sts\.windows\.net"
    r"|login\.partner\.microsoftonline\.cn|login\.chinacloudapi\.cn)/(?P<tenant>[^/?#]*)(?P<version>/v2\.0)?(?=[/?#]|$)",
    re.IGNORECASE,
)
_V1_ISSUER = re.compile(r"https://sts\.(?:windows\.net|chinacloudapi\.cn)/")
MANY_TENANTS = frozenset({"common", "organizations", "consumers"})


@attrs.frozen(eq=False)
class Item:
    """One value of a list, such as an audience."""

    element: Element
    value: Value

    @property
    def text(self) -> str | None:
        """What it says, or None where that is not known before the policy runs."""
        return self.value.text.strip() if self.value.is_literal and self.value.raw else None


@attrs.frozen(eq=False)
class Claim:
    """A required claim."""

    element: Element
    values: tuple[Item, ...]

    @property
    def name(self) -> str | None:
        """Its name, or None where that is not known before the policy runs."""
        return literal(self.element, "name")

    @property
    def match(self) -> str | None:
        """``all``, which is the default, or ``any``; None where that is not known before the policy runs."""
        return literal(self.element, "match") if self.element.attribute("match") is not None else "all"


@attrs.frozen(eq=False)
class TokenCheck:
    """A ``validate-jwt`` or ``validate-azure-ad-token``."""

    element: Element
    context: PolicyContext

    @property
    def is_jwt(self) -> bool:
        """Whether it is ``validate-jwt``."""
        return self.element.name == "validate-jwt"

    @property
    def is_whole(self) -> bool:
        """Whether all of its parts are there to be read: no template puts further ones in."""
        return self.context.is_whole(self.element) and not self.context.is_filled_in(self.element)

    def items(self, collection: str) -> tuple[Item, ...]:
        """Return the values in the child ``collection``, such as ``audiences``."""
        found = self.element.child(collection)
        return tuple(Item(item, text_of(item)) for item in found.elements) if found is not None else ()

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The required claims."""
        found = self.element.child("required-claims")
        return tuple(
            Claim(claim, tuple(Item(value, text_of(value)) for value in claim.elements if value.name == "value"))
            for claim in (found.elements if found is not None else ())
            if claim.name == "claim"
        )

    def claim(self, name: str) -> Claim | None:
        """Return the first required claim with this name."""
        return next((claim for claim in self.claims if claim.name == name), None)

    @property
    def configs(self) -> tuple[Element, ...]:
        """The ``openid-config`` elements."""
        return tuple(child for child in self.element.elements if child.name == "openid-config")

    @property
    def entra_versions(self) -> frozenset[str]:
        """The versions, ``v1`` and ``v2``, of the Entra metadata that it uses; empty unless all is Entra's."""
        versions = {_version(config) for config in self.configs}
        return frozenset() if None in versions else frozenset(version for version in versions if version)

    @property
    def issuer_versions(self) -> frozenset[str]:
        """The versions, ``v1`` and ``v2``, of the tokens whose issuers, Entra ID's among them, it lists."""
        texts = [item.value.text for item in self.items("issuers")]
        v1 = {"v1" for text in texts if _V1_ISSUER.match(text)}
        v2 = {"v2" for text in texts if (match := _ENTRA.match(text)) is not None and match["version"]}
        return frozenset(v1 | v2)

    @property
    def reads_authorization(self) -> bool:
        """Whether it reads the header Authorization."""
        if self.element.attribute("token-value") is not None or self.element.attribute("query-parameter-name"):
            return False
        header = self.element.attribute("header-name")
        return (literal(self.element, "header-name") or "").lower() == "authorization" or (
            header is None and not self.is_jwt
        )


def token_checks(context: PolicyContext, *names: str) -> Iterator[TokenCheck]:
    """Yield the policies of a document that check tokens."""
    for element in context.named(*(names or ("validate-jwt", "validate-azure-ad-token"))):
        yield TokenCheck(element, context)


def entra_url(url: str) -> re.Match[str] | None:
    """Match a URL of Entra ID: groups ``tenant`` and, for version 2.0, ``version``."""
    return _ENTRA.match(url)


def url_of(config: Element) -> Value | None:
    """Return the URL of an ``openid-config``."""
    attribute = config.attribute("url")
    return value_of(attribute) if attribute is not None else None


def _version(config: Element) -> str | None:
    value = url_of(config)
    match = entra_url(value.text.strip()) if value is not None and not value.has_expression else None
    if match is None:
        return None
    return "v2" if match["version"] else "v1"
