"""Named values and fragments by where their files stand, as the extractor of APIOps lays them out.

``named values/NAME/namedValueInformation.json``, ``policy fragments/NAME/policy.xml`` with
``policyFragmentInformation.json`` beside it; other tools write ``namedValues`` and ``policyFragments``.
https://azure.github.io/apiops/apiops/7-additionalTopics/apiops-7-3-supportedresources.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from claimlens.apim.declarations.model import Declaration, NameKind, Strength
from claimlens.apim.declarations.resources import read_information

_NAMED_VALUE: Final = re.compile(r"(?:\A|/)([^/]+)/namedValueInformation(?:\.[\w-]+)?\.json\Z", re.IGNORECASE)
_INFORMATION: Final = re.compile(r"(?:\A|/)([^/]+)/policyFragmentInformation(?:\.[\w-]+)?\.json\Z", re.IGNORECASE)
_FRAGMENT: Final = re.compile(r"(?:\A|/)policy ?fragments/([^/]+)/policy\.xml\Z", re.IGNORECASE)
_FRAGMENT_FILE: Final = re.compile(
    r"(?:\A|/)([^/]+?)(?:/(?:policy|policies|fragment|policyFragment))?(?:\.(?:policy|fragment))?\.\w+\Z", re.IGNORECASE
)
_ROOT: Final = re.compile(r"[\ufeff\s]*+(?:<!--(?:[^-]|-(?!->))*+-->\s*+|<[?!][^>]*+>\s*+)*+<fragment[\s/>]")


def read_artifact(path: str, text: str) -> Iterator[Declaration]:
    """Yield what a file declares by its place; ``path`` is without escapes."""
    if found := _NAMED_VALUE.search(path):
        yield read_information(text, found[1])
    elif found := _INFORMATION.search(path) or _FRAGMENT.search(path):
        yield Declaration(NameKind.FRAGMENT, found[1], content="policy.xml")
    elif (name := fragment_name(path)) and is_fragment(text):
        yield Declaration(NameKind.FRAGMENT, name, Strength.MENTIONS, content=path.rpartition("/")[2])


def fragment_name(path: str) -> str | None:
    """Return the id of the fragment that a file by itself holds, as far as its path tells."""
    found = _FRAGMENT_FILE.search(path)
    return found[1] if found else None


def is_fragment(text: str) -> bool:
    """Tell whether a text is a policy fragment by its root."""
    return _ROOT.match(text) is not None


def artifact_folder(kind: NameKind, path: str) -> str | None:
    """Return the folder whose name is that of the fragment in it, or None for other declarations."""
    plain = unquote(path)
    found = kind is NameKind.FRAGMENT and (_INFORMATION.search(plain) or _FRAGMENT.search(plain))
    return path.rpartition("/")[0] if found else None
