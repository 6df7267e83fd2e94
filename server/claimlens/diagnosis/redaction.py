"""Makes a log fit to be shown to others: tokens, secrets, e-mail addresses and GUIDs become placeholders.

The same value gets the same placeholder (``[guid-2]``) wherever it stands, so that the story of the log can still be
followed: whether two lines speak of the same user, application or token. What is known to be a secret is known by its
name (``client_secret=…``), its place (a cookie, the password in an address) or its form; a secret in the middle of a
sentence is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from claimlens.diagnosis.secrets import secret_patterns
from claimlens.jose.model import Token

_EMAIL = re.compile(
    r"(?:(?<![\w.+%-])|(?<=%27))\w(?:[\w.+'-]|%27|%2[Bb]|\\u00(?:27|2[Bb])|#EXT#)*+(?:@|%40|\\u0040)"
    r"(?:[\w-]++\.)++(?:xn--[a-z0-9-]+|[^\W\d_]{2,})"
)
_ENCODED = re.compile(r"(?:%|\\u00)([0-9A-Fa-f]{2})")
_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_GUID_WITHOUT_HYPHENS = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?![0-9A-Za-z])")
_REDACTED = re.compile(r"\[(?P<kind>token|secret|email|guid)-(?P<number>\d+)\]")
_NO_SECRET = re.compile(
    r"\[(?:token|secret|email|guid)-\d+|\[?REDACTED|(?:null|none|nil|true|false|undefined|\(null\)|\*+)\Z",
    re.IGNORECASE,
)
_WITHIN = (
    # A cookie has its name before it, and what a browser is told about it behind.
    (
        re.compile(r"\bcookie(?:\\{0,7}[\"'])?\s{0,4}[:=]\s{0,4}(?:\\{0,7}[\"'])?[^\"\r\n]+", re.IGNORECASE),
        re.compile(
            r"(?<![^\s;:=\"'])(?!(?:path|domain|expires|max-age|samesite|priority)=)[\w.!#$%&*+^`|~-]+=([^\s;,\"'\\]+)",
            re.IGNORECASE,
        ),
    ),
    (re.compile(r"\"cookies\"\s*:\s*\[[^\[\]]+"), re.compile(r"\"value\"\s*:\s*\"((?:\\.|[^\"\\])+)")),
    # The private half of a key (RFC 7518, section 6), or a shared one.
    (
        re.compile(r"\{[^{}]*\"kty\\{0,7}\"[^{}]*"),
        re.compile(r"\"(?:d|p|q|dp|dq|qi|k)\\{0,7}\"\s*:\s*\\{0,7}\"([\w=+/-]+)"),
    ),
)
"""Where what only looks like a pair of name and value is a secret: the whole, and each pair in it."""


def redact_everything(text: str, tokens: Iterable[Token]) -> str:
    """Return ``text`` with its ``tokens`` and everything else that identifies or opens replaced.

    Redacting the result again changes nothing. Placeholders that are there already keep their numbers.
    """
    names = _Placeholders(text)
    text = _without_tokens(text, tokens, names)
    for whole, pair in _WITHIN:
        text = whole.sub(lambda found, pair=pair: pair.sub(names.secret, found[0]), text)  # type: ignore[misc]
    for known in secret_patterns():
        text = known.pattern.sub(names.secret, text)
    text = _EMAIL.sub(lambda found: names.of("email", _ENCODED.sub(_character, found[0]).lower()), text)
    text = _GUID.sub(lambda found: names.of("guid", found[0].replace("-", "").lower()), text)
    text = _GUID_WITHOUT_HYPHENS.sub(lambda found: names.known("guid", found[0].lower()) or found[0], text)
    return names.in_order(text)


def mask_secrets(text: str) -> str:
    """Return ``text`` with what opens something replaced by ``[secret]``; tokens are masked by whoever has found them.

    Made for single lines that are shown as evidence, so what only names a secret (``accessToken: null``, a call) stays.
    """
    for known in secret_patterns():
        text = known.pattern.sub(_masked_surely if known.is_sure else _masked, text)
    return text


_WITH_A_DIGIT = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9._~+/=%:-]{6,}")
_CREDENTIALS = re.compile(r"(?:Bearer|Basic|SharedAccessSignature)\s+", re.IGNORECASE)
_MIXED_CASE = re.compile(r"[a-z][A-Z]")


def _masked(found: re.Match[str]) -> str:
    before, secret, behind = _cut(found)
    is_secret = (
        _WITH_A_DIGIT.fullmatch(secret) is not None
        or (before.endswith(("'", '"')) and len(secret) >= 6)
        or (_CREDENTIALS.fullmatch(before) is not None and _MIXED_CASE.search(secret) is not None)
    )
    return f"{before}[secret]{behind}" if is_secret else found[0]


def _masked_surely(found: re.Match[str]) -> str:
    before, _, behind = _cut(found)
    return f"{before}[secret]{behind}"


def _cut(found: re.Match[str]) -> tuple[str, str, str]:
    """Return what stands before the secret, the secret, and what stands behind it."""
    start, end = (place - found.start() for place in found.span(found.lastindex or 0))
    return found[0][:start], found[0][start:end], found[0][end:]


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


class _Placeholders:
    """Numbers values, each kind for itself, behind the numbers that a text has already."""

    def __init__(self, text: str) -> None:
        self._numbers: dict[str, dict[str, int]] = {}
        self._taken: dict[str, int] = {}
        for found in _REDACTED.finditer(text):
            self._taken[found["kind"]] = max(self._taken.get(found["kind"], 0), int(found["number"]))

    def of(self, kind: str, value: str) -> str:
        """Return the placeholder of a value."""
        known = self._numbers.setdefault(kind, {})
        return f"[{kind}-{known.setdefault(value, self._taken.get(kind, 0) + len(known) + 1)}]"

    def known(self, kind: str, value: str) -> str | None:
        """Return the placeholder of a value that has one."""
        return self.of(kind, value) if value in self._numbers.get(kind, {}) else None

    def secret(self, found: re.Match[str]) -> str:
        """Return a match with its secret replaced."""
        before, value, behind = _cut(found)
        return found[0] if _NO_SECRET.match(value) else f"{before}{self.of('secret', value)}{behind}"

    def in_order(self, text: str) -> str:
        """Return ``text`` with the placeholders numbered in the order in which they stand in it."""
        numbers: dict[str, dict[int, int]] = {}

        def renumbered(found: re.Match[str]) -> str:
            kind, number, taken = found["kind"], int(found["number"]), self._taken.get(found["kind"], 0)
            if number <= taken:
                return found[0]
            known = numbers.setdefault(kind, {})
            return f"[{kind}-{known.setdefault(number, taken + len(known) + 1)}]"

        return _REDACTED.sub(renumbered, text)


def _without_tokens(text: str, tokens: Iterable[Token], names: _Placeholders) -> str:
    pieces, position = [], 0
    for token in tokens:
        value = token.text or token.span.slice(text)
        pieces += [text[position : token.span.start], names.of("token", value)]
        position = token.disclosures[-1].span.end if token.disclosures else token.span.end
    return "".join([*pieces, text[position:]])
