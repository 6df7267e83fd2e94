"""Finds the policy documents in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.document import SECTIONS
from claimlens.apim.knowledge import policy
from claimlens.apim.parser import parse
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.context import Request

_FIRST_TAG = re.compile(r"\A[\ufeff\s]*+(?:<!--(?:[^-]|-(?!->))*+-->\s*+|<[?!][^>]*+>\s*+)*+<([a-z][a-z0-9-]*+)[\s/>]")


def policies_in(request: Request) -> Iterator[PolicyContext]:
    """Yield a context for each policy document; never raises."""
    text = request.snapshot.text
    first = _FIRST_TAG.match(text)
    if first is None or not (first[1] in ("policies", "fragment") or policy(first[1]) is not None):
        return
    document = parse(text)
    root = document.root
    if root is None or (root.elements and not any(_is_known(element.name) for element in (root, *root.elements))):
        return
    yield PolicyContext(document, request.settings)


def _is_known(name: str) -> bool:
    return name in SECTIONS or policy(name) is not None
