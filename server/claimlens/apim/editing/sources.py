"""Which policies of a file an editor helps with: those that are found, and those that somebody only begins to write."""

from __future__ import annotations

import re
from typing import Final

from claimlens.apim.document import SECTIONS
from claimlens.apim.parser import parse
from claimlens.apim.sources import PolicySource, SourceKind, find_policies
from claimlens.text.spans import Span

LANGUAGE_ID: Final = "apim-policy"
"""The language of policy files in editors."""
LONGEST: Final = 2_000_000
"""Characters of a file that is looked at."""
_BEGINNING: Final = re.compile(r"<policies[\s>]")


def editable_policies(text: str, path: str | None = None, language_id: str = "") -> tuple[PolicySource, ...]:
    """Return the policies in a file, in order.

    More is taken for one than where policies are judged: every file of the language `LANGUAGE_ID`, and every
    ``policies`` with a section, as what is half typed there is no policy yet.
    """
    if len(text) > LONGEST:
        return ()
    found = find_policies(text, path)
    if found or not (language_id == LANGUAGE_ID or _BEGINNING.search(text)):
        return found
    document = parse(text)
    root = document.root
    begun = root is not None and root.name == "policies" and any(inner.name in SECTIONS for inner in root.elements)
    if not begun and language_id != LANGUAGE_ID:
        return ()
    return (PolicySource(SourceKind.XML, Span(0, len(text)), document),)
