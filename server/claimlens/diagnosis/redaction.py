"""Makes a log fit to be shown to others: tokens, secrets, e-mail addresses and GUIDs become placeholders.

The same value gets the same placeholder (``[guid-2]``) wherever it stands, so that the story of the log can still be
followed: whether two lines speak of the same user, application or token. What is known to be a secret is known by its
name (``client_secret=…``) or its form; a secret in the middle of a sentence is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from claimlens.entra import opaque_tokens
from claimlens.jose.model import Token

_NAMES = (
    "client_?secret|client_?assertion|assertion|password|passwd|pwd|secret|api_?key|app_?key|account_?key|access_?key"
    "|shared_?access_?key|shared_?access_?signature|subscription_?key|ocp-apim-subscription-key|x-functions-key"
    "|access_?token|refresh_?token|id_?token|device_?code|code_verifier|x-zumo-auth|cookie|set-cookie|sig"
)
_SECRETS = (
    # name=value, name: value, "name": "value"; a value in quotes may hold blanks
    re.compile(
        rf"(?P<before>(?<![A-Za-z0-9])(?:{_NAMES})[\"']?\s{{0,4}}(?:=|:|%3D)\s{{0,4}})"
        r"(?:\"(?P<double>[^\"\r\n]+)\"|'(?P<single>[^'\r\n]+)'|(?P<bare>[^\s\"'&;,<>{}\[\]]+))",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<before>(?<![A-Za-z0-9])(?:Bearer|Basic|SharedAccessSignature)\s{1,4})(?P<bare>[A-Za-z0-9._~+/=-]{12,})"
    ),
    # A key of Azure Functions, or an authorization code, in an address.
    re.compile(r"(?P<before>[?&]code=)(?P<bare>[^\s\"'&;,<>{}\[\]]+)"),
    # A client secret of Entra ID has 7Q~ or 8Q~ behind its third character.
    re.compile(r"(?P<before>)(?<![A-Za-z0-9_.~-])(?P<bare>[A-Za-z0-9_.~-]{3}[78]Q~[A-Za-z0-9_.~-]{31,34})"),
    # A token in base64 once more, as Kubernetes secrets hold it, with "Bearer" in front or without.
    re.compile(r"(?P<before>)(?<![A-Za-z0-9+/_-])(?P<bare>(?:ZXlK|QmVhcmVyIGV5S)[A-Za-z0-9+/_-]{16,}={0,2})"),
    # What is left of tokens that stand together without anything between them.
    re.compile(r"(?P<before>)(?P<bare>eyJ[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]+){0,4})"),
)
_EMAIL = re.compile(r"(?<![A-Za-z0-9._+'-])[A-Za-z0-9._+'-]++(?:@|%40)[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)+")
_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_REDACTED = re.compile(r"\[(?:token|secret|email|guid)-\d+\]|\[?REDACTED", re.IGNORECASE)


def redact_everything(text: str, tokens: Iterable[Token]) -> str:
    """Return ``text`` with its ``tokens`` and everything else that identifies or opens replaced.

    Redacting the result again changes nothing.
    """
    names = _Placeholders()
    text = _without_tokens(text, tokens, names)
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: _secret(found, names), text)
    text = opaque_tokens().sub(lambda found: names.of("secret", found[0]), text)
    text = _EMAIL.sub(lambda found: names.of("email", found[0].replace("%40", "@").lower()), text)
    return _GUID.sub(lambda found: names.of("guid", found[0].lower()), text)


def mask_secrets(text: str) -> str:
    """Return ``text`` with what opens something replaced by ``[secret]``; tokens are masked by whoever has found them.

    Made for single lines that are shown as evidence, so what only names a secret (``accessToken: null``, a call) stays.
    """
    for pattern in _SECRETS:
        text = pattern.sub(_masked, text)
    return opaque_tokens().sub("[secret]", text)


_WITH_A_DIGIT = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9._~+/=%:-]{6,}")
_CREDENTIALS = re.compile(r"(?:Bearer|Basic|SharedAccessSignature)\s+")
_MIXED_CASE = re.compile(r"[a-z][A-Z]")


def _masked(found: re.Match[str]) -> str:
    groups = found.groupdict()
    before, quoted = groups["before"], groups.get("double") or groups.get("single")
    value = quoted or groups["bare"] or ""
    is_secret = (
        _WITH_A_DIGIT.fullmatch(value) is not None
        or (quoted is not None and len(quoted) >= 6)
        or (_CREDENTIALS.fullmatch(before) is not None and _MIXED_CASE.search(value) is not None)
    )
    return f"{before}[secret]" if is_secret else found[0]


class _Placeholders:
    """Numbers values in the order in which they are met, each kind for itself."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {}

    def of(self, kind: str, value: str) -> str:
        """Return the placeholder of a value."""
        known = self._numbers.setdefault(kind, {})
        return f"[{kind}-{known.setdefault(value, len(known) + 1)}]"


def _without_tokens(text: str, tokens: Iterable[Token], names: _Placeholders) -> str:
    pieces, position = [], 0
    for token in tokens:
        value = token.text or token.span.slice(text)
        pieces += [text[position : token.span.start], names.of("token", value)]
        position = token.disclosures[-1].span.end if token.disclosures else token.span.end
    return "".join([*pieces, text[position:]])


def _secret(found: re.Match[str], names: _Placeholders) -> str:
    groups = found.groupdict()
    value = groups.get("double") or groups.get("single") or groups["bare"] or ""
    if _REDACTED.match(value):
        return found[0]
    quote = '"' if groups.get("double") else "'" if groups.get("single") else ""
    return f"{groups['before']}{quote}{names.of('secret', value)}{quote}"
