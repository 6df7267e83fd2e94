"""Places in a policy that lead somewhere: metadata of an issuer, a fragment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from claimlens.apim.document import PolicyDocument
from claimlens.apim.values import value_of
from claimlens.text.spans import Span

_URL: Final = re.compile(r"https://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,2000}")


@attrs.frozen
class Link:
    """A place that leads to a URL, or to the fragment with an id."""

    span: Span
    url: str | None = None
    fragment: str | None = None


def links(document: PolicyDocument) -> Iterator[Link]:
    """Yield the links of a policy: literal URLs of ``openid-config``, and ids of fragments."""
    for element in document.elements:
        for attribute in element.attributes:
            value = value_of(attribute)
            if not value.is_literal:
                continue
            if (element.name, attribute.name) == ("openid-config", "url") and _URL.fullmatch(value.text):
                yield Link(attribute.value_span, url=value.text)
            elif (element.name, attribute.name) == ("include-fragment", "fragment-id") and value.text:
                yield Link(attribute.value_span, fragment=value.text)
