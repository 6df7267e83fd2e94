"""Which policies of a file an editor helps with: those that are found, and those that somebody only begins to write."""

from __future__ import annotations

import re
from typing import Final

from claimlens.apim.document import SECTIONS
from claimlens.apim.knowledge import ROOTS
from claimlens.apim.model import Element
from claimlens.apim.parser import parse
from claimlens.apim.sources import PolicySource, SourceKind, find_policies, policies_in_markdown
from claimlens.text.spans import Span

LANGUAGE_ID: Final = "apim-policy"
"""The language of policy files in editors."""
LONGEST: Final = 2_000_000
"""Characters of a file that is looked at."""
_MARKDOWN: Final = (".md", ".markdown", ".mdx")
_BEGINNING: Final = re.compile(r"<(?:policies|fragment)\s*>")


def editable_policies(text: str, path: str | None = None, language_id: str = "") -> tuple[PolicySource, ...]:
    """Return the policies in a file, in order.

    More is taken for one than where policies are judged: every file of the language `LANGUAGE_ID`, every ``policies``
    with a section, and a root in which nothing whole stands yet, as what is half typed there is no policy yet; and the
    examples in Markdown.
    """
    if len(text) > LONGEST:
        return ()
    if language_id == "markdown" or (path or "").lower().endswith(_MARKDOWN):
        return policies_in_markdown(text)
    found = find_policies(text, path)
    if found or not (language_id == LANGUAGE_ID or _BEGINNING.search(text)):
        return found
    document = parse(text)
    if language_id != LANGUAGE_ID and not _is_begun(document.root):
        return ()
    return (PolicySource(SourceKind.XML, Span(0, len(text)), document),)


def _is_begun(root: Element | None) -> bool:
    """Tell whether a root, still without any policy, is on the way to a policy document or a fragment."""
    if root is None or root.name not in ROOTS or root.attributes:
        return False
    if root.name == "policies" and any(inner.name in SECTIONS for inner in root.elements):
        return True
    return all(inner.close_start < 0 and not inner.self_closing for inner in root.elements)
