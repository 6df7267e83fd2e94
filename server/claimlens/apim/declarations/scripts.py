"""Names that scripts, pipelines and requests mention: what they create exists, though no template declares it.

``az apim nv create --display-name …``, ``New-AzApiManagementNamedValue -Name …``, addresses of the management API, and
the section ``namedValues`` of an APIOps configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from claimlens.apim.declarations.model import Declaration, NameKind, Strength

_NAME: Final = r"[\"']?([A-Za-z0-9._-]{1,256})"
_COMMAND: Final = re.compile(r"\bapim\s+nv\s|\bAzApiManagement(?:NamedValue|Property)\b", re.IGNORECASE)
_OPTION: Final = re.compile(
    rf"(?<![\w-])(?:--(?:named-value-id|display-name)|-(?:NamedValueId|Name))[ =:]+{_NAME}", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"/(namedValues|policyFragments)/([A-Za-z0-9._-]{1,256})", re.IGNORECASE)
_SECTION: Final = re.compile(
    r"^([ \t]*+)(namedValues|policyFragments):[ \t]*+\r?\n((?:(?:\1[ \t]++|\1-|[ \t]*+\r?$)[^\r\n]*+(?:\r?\n|\Z))*+)",
    re.MULTILINE,
)
_ITEM: Final = re.compile(rf"^[ \t]*+(?:-[ \t]++)?(?:name|displayName):[ \t]*+{_NAME}", re.MULTILINE)
_KINDS: Final = {"namedvalues": NameKind.NAMED_VALUE, "policyfragments": NameKind.FRAGMENT}


def read_script(text: str) -> Iterator[Declaration]:
    """Yield what a script, a pipeline or a request mentions."""
    if _COMMAND.search(text):
        for found in _OPTION.finditer(text):
            yield Declaration(NameKind.NAMED_VALUE, found[1], Strength.MENTIONS)
    for found in _ADDRESS.finditer(text):
        yield Declaration(_KINDS[found[1].lower()], found[2], Strength.MENTIONS)
    for section in _SECTION.finditer(text):
        for item in _ITEM.finditer(section[3]):
            yield Declaration(_KINDS[section[2].lower()], item[1], Strength.MENTIONS)
