"""Names that scripts, pipelines and requests mention: what they create exists, though no template declares it.

``az apim nv create --display-name …``, ``New-AzApiManagementNamedValue -Name …``, addresses of the management API, and
the section ``namedValues`` of an APIOps configuration, which may give other values for one environment.
https://azure.github.io/apiops/apiops/6-supportingConfigurations/6-2-configurationFile.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from claimlens.apim.declarations.model import Declaration, NameKind, Strength
from claimlens.text.spans import Span

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
_ITEM: Final = re.compile(
    r"^[ \t]*+-(?=[ \t]).*?(?=^[ \t]*+-[ \t]++(?:name|displayName|properties):|\Z)", re.MULTILINE | re.DOTALL
)
_FIELD: Final = re.compile(
    r"""(?:^[ \t]*+(?:-[ \t]++)?|(?P<flow>[{,])[ \t]*+)(?P<key>name|displayName|value|secret|keyVault):[ \t]*+"""
    r"""(?:(?P<quote>["'])(?P<text>[^"'\\\r\n]*+)(?P=quote)|(?P<plain>[^\s"'|>{}#,](?(flow)[^{},\r\n]*+|[^\r\n#]*+)))?+""",
    re.MULTILINE,
)
_FILLED_IN: Final = re.compile(r"\{\#|[#$]\{|\$\(|__")
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
            yield from _configured(_KINDS[section[2].lower()], item, section.start(3))


def _configured(kind: NameKind, item: re.Match[str], start: int) -> Iterator[Declaration]:
    """Yield what an item of an APIOps configuration names, and the value that it gives in its environment."""
    fields = {found["key"]: found for found in reversed(list(_FIELD.finditer(item[0])))}
    names = [field for key in ("name", "displayName") if (field := fields.get(key)) and _text(field)]
    if kind is not NameKind.NAMED_VALUE or not names or not fields.keys() & {"value", "secret", "keyVault"}:
        yield from (Declaration(kind, _text(name), Strength.MENTIONS) for name in names)
        return
    resource, shown = _text(names[0]), _text(names[-1])
    if resource != shown:
        yield Declaration(kind, resource, Strength.MENTIONS)
    group = "text" if names[-1]["text"] else "plain"
    place = names[-1].start(group) + item.start() + start
    span = Span(place, place + len(shown)) if "displayName" in fields else None
    secret = "keyVault" in fields or ("secret" in fields and _text(fields["secret"]) == "true")
    value = _text(fields["value"]) if "value" in fields else ""
    known = None if secret or not value or _FILLED_IN.search(value) else value
    yield Declaration(kind, shown, Strength.OVERRIDES, span, resource, known, secret)


def _text(field: re.Match[str]) -> str:
    return (field["text"] or field["plain"] or "").strip()
