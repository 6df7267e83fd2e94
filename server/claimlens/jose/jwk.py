"""Finds JSON Web Keys and key sets in text (RFC 7517).

Key material stays where it is: nothing here keeps or shows it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from claimlens.jose import strict_json
from claimlens.jose.json_extent import extent
from claimlens.text.spans import Span

PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""RFC 7518 sections 6.2.2, 6.3.2 and 6.4: what must never be published."""

_THUMBPRINT_MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
"""RFC 7638 section 3.2, RFC 8037 section 2. None for ``oct``: the hash of a weak secret gives it away (section 7)."""

_KEY_TYPE = re.compile(r'"kty"\s{0,20}+:\s{0,20}+"')
_SET = re.compile(
    r"\{\s{0,100}+"
    r'(?:"[^"\\{}]{1,64}"\s{0,20}+:\s{0,20}+"[^"\\]{0,512}"\s{0,20}+,\s{0,100}+){0,8}'  # texts before the keys
    r'"keys"\s{0,20}+:\s{0,100}+\['
)
_LONGEST_LEAD = 16_384
"""Characters between the brace of a key and its ``kty``: certificates may stand before it."""


@attrs.frozen
class Key:
    """What may be said of a key without showing it.

    Attributes:
        span: where its object stands in the text.
        key_type: ``kty``.
        key_id: ``kid``, or None; so for the next three.
        thumbprint: its JWK SHA-256 thumbprint (RFC 7638), or None for symmetric, incomplete or unknown keys.
        private: whether members stand in it that only its owner may know.
    """

    span: Span
    key_type: str
    key_id: str | None = None
    use: str | None = None
    algorithm: str | None = None
    curve: str | None = None
    thumbprint: str | None = None
    private: bool = False


@attrs.frozen
class KeyDocument:
    """A key set, or a key that stands alone: its place and its keys."""

    span: Span
    keys: tuple[Key, ...]
    is_set: bool


def find_keys(text: str, start: int = 0, end: int | None = None) -> tuple[KeyDocument, ...]:
    """Return the JWK sets and single JWKs that stand as JSON in ``text[start:end]``, in order; never raises."""
    limit = len(text) if end is None else min(end, len(text))
    found: list[KeyDocument] = []
    position = start
    while match := _KEY_TYPE.search(text, position, limit):
        document, position = _document_around(text, match, position, limit)
        if document is not None:
            found.append(document)
    return tuple(found)


def _document_around(text: str, match: re.Match[str], start: int, limit: int) -> tuple[KeyDocument | None, int]:
    """Return the document that holds the key type matched, and where to look on."""
    lead = max(start, match.start() - _LONGEST_LEAD)
    for opening in (_SET.search(text, lead, match.start()), _last_brace(text, lead, match.start())):
        if opening is None:
            continue
        offset = opening if isinstance(opening, int) else opening.start()
        span_end, closed = extent(text, offset, limit)
        if not closed:
            return None, span_end
        if span_end <= match.start():
            continue
        document = _document(text, Span(offset, span_end))
        if document is not None:
            return document, span_end
    return None, match.end()


def _last_brace(text: str, start: int, end: int) -> int | None:
    """Return the last brace before ``end``: nothing nested stands before ``kty`` in a key."""
    found = text.rfind("{", start, end)
    return None if found < 0 else found


def _document(text: str, span: Span) -> KeyDocument | None:
    parsed = strict_json.parse(span.slice(text))
    if not isinstance(parsed.value, dict):
        return None
    members = parsed.value.get("keys")
    if not isinstance(members, list):
        alone = _key(parsed.value, span)
        return KeyDocument(span, (alone,), is_set=False) if alone else None
    keys = tuple(
        key
        for index, member in enumerate(members)
        if (key := _key(member, parsed.places["keys", index].value.shift(span.start)))
    )
    return KeyDocument(span, keys, is_set=True) if keys else None


def _key(members: Any, span: Span) -> Key | None:
    if not isinstance(members, dict) or not isinstance(members.get("kty"), str):
        return None

    def text(name: str) -> str | None:
        value = members.get(name)
        return value if isinstance(value, str) else None

    private = not PRIVATE_MEMBERS.isdisjoint(members)
    return Key(span, members["kty"], text("kid"), text("use"), text("alg"), text("crv"), thumbprint(members), private)


def thumbprint(members: Mapping[str, Any]) -> str | None:
    """Return the JWK SHA-256 thumbprint (RFC 7638 section 3), or None where there is none or it gives a secret away."""
    names = _THUMBPRINT_MEMBERS.get(str(members.get("kty")))
    if names is None or not all(isinstance(members.get(name), str) for name in names):
        return None
    canonical = json.dumps({name: members[name] for name in names}, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
