r"""How secrets stand in texts: behind their name, in a place of an address or a header, or known by their form.

Texts may be JSON inside JSON: quotation marks may have backslashes before them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import attrs

from claimlens.entra import opaque_tokens


@attrs.frozen
class SecretPattern:
    """A way in which secrets stand in a text.

    Attributes:
        pattern: one of its groups, and no more than one, has matched: the secret.
        is_sure: whether nothing else stands so; what has only the name of a secret may be a word about it.
    """

    pattern: re.Pattern[str]
    is_sure: bool = False


_NAMES = (
    r"(?:client_?secret|client_?assertion|password|passwd|secret(?:_?text|_?value)?|api[_-]?key|app_?key|account_?key"
    r"|access_?key|master_?key|function_?key|primary_?key|secondary_?key|shared_?access_?signature|subscription[_-]?key"
    r"|x-functions-key|access[_-]?token|refresh[_-]?token|id[_-]?token|device_?code|user_code|code_?verifier|x-zumo-auth"
    r"|verification_?token|[cx]srf[_-]?token|session_?id|SAML(?:Request|Response)|x-ms-client-principal"
    r"|(?<![a-z0-9])(?:assertion|pwd|sig|wresult|(?:x-arr-client|x-client-|x-forwarded-client-)cert))"
)
_QUOTE = r"\\{0,7}[\"']"
_IS = r"\s{0,4}(?:=|:|%3D)\s{0,4}"
_QUOTED = r"\\{1,7}\"((?:(?!\\{1,7}\")[^\"\r\n])+)|\"((?:\\.|[^\"\\\r\n])+)|'((?:\\.|''|[^'\\\r\n])+)"
"""A value in quotation marks: escaped ones, double ones, single ones."""
_WORD = r"([^\s\"'&;,<>{}\[\]\\](?:[^\s\"'&;,<>{}\[\]\\]|[{}\[\]](?=\w))*)"
_NO_PARAMETER = r"(?![a-z_-]+=[\"'\\a-z0-9])"
"""What follows is no parameter of a challenge (``Bearer error="invalid_token"``)."""


@functools.cache
def secret_patterns() -> tuple[SecretPattern, ...]:
    """Return the patterns in the order in which they are to be looked for."""
    return (*_in_blocks(), *_in_addresses(), *_in_pairs(), *_behind_names(), *_in_headers(), *_known_by_form())


def _in_blocks() -> Iterator[SecretPattern]:
    begin = r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----"
    yield _sure(rf"{begin}((?:[^-]|-(?!----))++)(?=-----END)")
    yield _sure(rf"{begin}((?:(?:Proc-Type|DEK-Info):[^\r\n\\]*|[a-z0-9+/=]{{16,}}|\s|\\{{1,4}}[rn])+)")


def _in_addresses() -> Iterator[SecretPattern]:
    """The password before a host, also as curl takes it, and what an identity provider hands back in an address."""
    yield _sure(r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://[^\s/:\"'<>?#\\]{0,200}:([^\s/\"'<>?#\\]{1,200})(?=@)")
    yield _sure(r"(?<!\S)(?:-u|--user|--proxy-user)[ =]?\\?[\"']?[^\s:\"'\\-][^\s:\"'\\]{0,200}:([^\s\"'\\]+)")
    yield _named(rf"(?:[?&#]|%3F|%26|%23)(?:code|state)(?:=|%3D){_WORD}")
    yield _named(rf"(?<![\w.-])code=(?=[^\s\"'&;,]{{16,}}&){_WORD}")


def _in_pairs() -> Iterator[SecretPattern]:
    """``{"name": "AzureAd__ClientSecret", "value": "…"}``, ``<add key="ClientSecret" value="…"/>``, ``<password>…``."""
    between = rf"(?:,\s{{0,40}}{_QUOTE}\w{{1,40}}{_QUOTE}\s{{0,4}}:\s{{0,4}}(?:true|false|null|\d{{1,9}})\s{{0,4}})?"
    yield _named(
        rf"\b(?:name|key)(?:{_QUOTE})?\s{{0,4}}[:=]\s{{0,4}}{_QUOTE}[\w:.-]{{0,80}}?(?:{_NAMES}|authorization|cookie)"
        rf"{_QUOTE}\s{{0,40}}{between},?\s{{0,40}}(?:{_QUOTE})?value(?:{_QUOTE})?\s{{0,4}}[:=]\s{{0,4}}(?:{_QUOTED})"
    )
    yield _named(rf"<(?:\w{{1,20}}:)?{_NAMES}>([^<>\r\n]+)(?=</)")


def _behind_names() -> Iterator[SecretPattern]:
    # In a connection string a value ends at the semicolon before the next name.
    yield _named(
        r"(?<![a-z0-9])(?:password|pwd|accountkey|sharedaccesskey)\s?=\s?"
        r"([^;\"'\\\r\n]{1,200})(?=;\s?[a-z][a-z ]{1,40}=)"
    )
    yield _named(rf"{_NAMES}(?:{_QUOTE})?{_IS}(?:{_QUOTED}|{_WORD})")


def _in_headers() -> Iterator[SecretPattern]:
    yield _named(
        rf"\b(?:Bearer|Basic|Negotiate|NTLM|DPoP|SharedAccessSignature)\s{{1,4}}{_NO_PARAMETER}"
        r"(?=[a-z0-9._~+/-]*(?:[0-9=]|(?-i:[a-z][A-Z])))([a-z0-9._~+/=-]{12,})"
    )
    yield _named(
        rf"authorization(?:{_QUOTE})?{_IS}(?:{_QUOTE})?(?:[\w-]{{1,30}} )?{_NO_PARAMETER}"
        r"(?=[^\s\"'\\,;]*\d)([^\s\"'\\,;()\[\]]{8,})"
    )


def _known_by_form() -> Iterator[SecretPattern]:
    forms = (
        # A client secret of Entra ID has 7Q~ or 8Q~ behind its third character.
        r"(?<![A-Za-z0-9_.~-])([A-Za-z0-9_.~-]{3}[78]Q~[A-Za-z0-9_.~-]{31,34})",
        # What ASP.NET Core has protected: cookies, states.
        r"(?<![A-Za-z0-9_-])(CfDJ8[A-Za-z0-9_-]{16,})",
        # A token in base64 once more, as Kubernetes secrets hold it, with "Bearer" in front or without.
        r"(?<![A-Za-z0-9+/_-])((?:ZXlK|QmVhcmVyIGV5S)[A-Za-z0-9+/_-]{16,}={0,2})",
        # JSON in base64, but for the claims of a challenge; what is left of tokens that stand together without a gap.
        r"(?<!claims=)(?<!claims=[\"'])(eyJ[A-Za-z0-9+/_-]{16,}={0,2}(?:\.[A-Za-z0-9_-]+){0,4})",
    )
    yield from (SecretPattern(re.compile(form)) for form in forms)
    yield SecretPattern(re.compile(f"({opaque_tokens().pattern})"), is_sure=True)


def _named(pattern: str) -> SecretPattern:
    return SecretPattern(re.compile(pattern, re.IGNORECASE | re.ASCII))


def _sure(pattern: str) -> SecretPattern:
    return SecretPattern(re.compile(pattern, re.IGNORECASE | re.ASCII), is_sure=True)
