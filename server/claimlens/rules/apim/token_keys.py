"""Rules about the keys that `validate-jwt` checks signatures with."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from claimlens.apim.model import Element
from claimlens.apim.values import text_of
from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import TokenCheck, token_checks
from claimlens.rules.apim.context import PolicyContext, literal
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule

_SHORTEST = 16
"""Bytes of a symmetric key, below which the library of the service refuses to use it."""
_PUBLIC_KEY = re.compile(r"\s*(?:MII[A-Za-z0-9+/]|-----BEGIN|\{\s*\"k(?:ty|eys)\")")
_METADATA = "https://login.microsoftonline.com/{{tenant-id}}/v2.0/.well-known/openid-configuration"


@rule(
    "apim-no-key-source", Severity.WARNING, "There is no key to check signatures with", cause="signature-key-not-found"
)
def apim_no_key_source(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` has neither `openid-config` nor `issuer-signing-keys`.

    Signed tokens are required, so that every token is refused.

    ## How to fix it

    Add `openid-config` with the metadata of the issuer.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization">
      <openid-config url="https://login.example.com/.well-known/openid-configuration" />
    </validate-jwt>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        signed = check.element.attribute("require-signed-tokens")
        sources = ("openid-config", "issuer-signing-keys", "issuer-signing-tokens")
        if any(check.element.child(name) is not None for name in sources) or not check.is_whole:
            continue
        if signed is None or literal(check.element, "require-signed-tokens") == "true":
            line = f'<openid-config url="{_METADATA}" />'
            yield apim_no_key_source.finding(
                "Without openid-config and issuer-signing-keys no signature can be checked.",
                check.element.name_span,
                fixes=(Fix("Add openid-config", (edits.add_first(context.document, check.element, [line]),)),),
            )


@rule("apim-unsigned-tokens", Severity.WARNING, "Tokens without a signature are accepted", cause="alg-not-allowed")
def apim_unsigned_tokens(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` does not require tokens to be signed.

    Anybody can write a token with `alg` `none` that passes.

    ## How to fix it

    Remove `require-signed-tokens="false"`.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" require-signed-tokens="false" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        attribute = check.element.attribute("require-signed-tokens")
        if attribute is not None and (literal(check.element, attribute.name) or "").lower() == "false":
            yield apim_unsigned_tokens.finding(
                "Tokens without a signature pass: anybody can write one.",
                attribute.span,
                fixes=(Fix("Require signed tokens", (edits.remove_attribute(context.document, attribute),)),),
            )


def _keys(check: TokenCheck, *collections: str) -> Iterator[Element]:
    for name in collections or ("issuer-signing-keys",):
        found = check.element.child(name)
        if found is not None:
            yield from (key for key in found.elements if key.name == "key")


def _inline(context: PolicyContext) -> Iterator[tuple[Element, str]]:
    """Yield each signing key that is written in the policy, with its text."""
    for check in token_checks(context, "validate-jwt"):
        for key in _keys(check):
            value = text_of(key)
            if value.raw and (value.is_literal or _PUBLIC_KEY.match(value.raw)) and not value.has_expression:
                yield key, value.text.strip()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


@rule(
    "apim-inline-key-is-symmetric",
    Severity.ERROR,
    "A public key stands where a shared secret is expected",
    cause="policy-key-format",
)
def apim_inline_key_is_symmetric(context: PolicyContext) -> Iterator[Finding]:
    """The text of a `key` is a certificate, a PEM or a JSON Web Key.

    The policy takes the text for the base64 of a symmetric key, so that tokens signed with RS256 or ES256 are refused
    with IDX10634 or IDX10503.

    ## How to fix it

    Use `openid-config`, `certificate-id`, or `n` and `e` of an RSA key.
    Keys of elliptic curves work through `openid-config` or a certificate only.

    ## Example

    Bad:

    ```xml
    <issuer-signing-keys><key>-----BEGIN CERTIFICATE-----…</key></issuer-signing-keys>
    ```

    Good:

    ```xml
    <issuer-signing-keys><key certificate-id="issuer" /></issuer-signing-keys>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for key, text in _inline(context):
        if _PUBLIC_KEY.match(text):
            yield apim_inline_key_is_symmetric.finding(
                "This is no symmetric key: use openid-config, certificate-id, or n and e.", text_of(key).span
            )


@rule("apim-key-base64", Severity.ERROR, "The key is not base64", cause="policy-key-format")
def apim_key_base64(context: PolicyContext) -> Iterator[Finding]:
    """The text of a `key` is no base64.

    The service refuses the policy, or decodes another key than was meant.

    ## How to fix it

    Encode the bytes of the secret as base64 (not base64url).

    ## Example

    Bad:

    ```xml
    <key>my secret!</key>
    ```

    Good:

    ```xml
    <key>{{signing-key}}</key>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for key, text in _inline(context):
        if text and not _PUBLIC_KEY.match(text) and _decoded(text) is None:
            yield apim_key_base64.finding("The key has to be base64.", text_of(key).span)


@rule("apim-key-too-short", Severity.WARNING, "The key is too short", cause="policy-key-format")
def apim_key_too_short(context: PolicyContext) -> Iterator[Finding]:
    """A symmetric key has fewer than 16 bytes.

    The library of the service refuses to check signatures with it (IDX10653, IDX10720).
    RFC 7518 asks for 32 bytes with HS256, 48 with HS384 and 64 with HS512.

    ## How to fix it

    Use a longer random key on both sides.

    ## Example

    Bad:

    ```xml
    <key>c2hvcnQ=</key>
    ```

    Good:

    ```xml
    <key>{{signing-key}}</key>
    ```

    ## Sources

    - [RFC 7518 section 3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)
    """
    for key, text in _inline(context):
        decoded = _decoded(text)
        if decoded is not None and 0 < len(decoded) < _SHORTEST and not _PUBLIC_KEY.match(text):
            yield apim_key_too_short.finding(f"The key has {len(decoded)} bytes; HS256 asks for 32.", text_of(key).span)


@rule("apim-key-hardcoded", Severity.WARNING, "The signing key stands in the policy")
def apim_key_hardcoded(context: PolicyContext) -> Iterator[Finding]:
    """A symmetric key is written into the policy.

    Whoever reads the policy or its repository can sign tokens.

    ## How to fix it

    Keep the key as a secret named value, best from a key vault, and replace the key that was shown.

    ## Example

    Bad:

    ```xml
    <key>VGhpcyBpcyBubyBzZWNyZXQgYW55IG1vcmU=</key>
    ```

    Good:

    ```xml
    <key>{{signing-key}}</key>
    ```

    ## Sources

    - [Named values](https://learn.microsoft.com/azure/api-management/api-management-howto-properties)
    """
    for key, text in _inline(context):
        if not _PUBLIC_KEY.match(text) and _decoded(text):
            span = text_of(key).span
            yield apim_key_hardcoded.finding(
                "Whoever reads this key can sign tokens: make it a secret named value.",
                span,
                fixes=(Fix("Use the named value {{jwt-signing-key}}", (Edit(span, "{{jwt-signing-key}}"),)),),
            )


@rule("apim-n-needs-e", Severity.ERROR, "An RSA key needs modulus and exponent", cause="policy-key-format")
def apim_n_needs_e(context: PolicyContext) -> Iterator[Finding]:
    """A `key` has one of the attributes `n` and `e` without the other.

    An RSA public key is both: modulus and exponent.

    ## How to fix it

    Add the other one; `e` is nearly always `AQAB`.

    ## Example

    Bad:

    ```xml
    <key n="u1SU1LfVLPHCozMxH2Mo…" />
    ```

    Good:

    ```xml
    <key n="u1SU1LfVLPHCozMxH2Mo…" e="AQAB" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    - [RFC 7518 section 6.3.1](https://www.rfc-editor.org/rfc/rfc7518#section-6.3.1)
    """
    for check in token_checks(context, "validate-jwt"):
        for key in _keys(check):
            for name, other in (("n", "e"), ("e", "n")):
                if key.attribute(name) is None or key.attribute(other) is not None or not context.is_whole(key):
                    continue
                addition = Fix('Add e="AQAB"', (edits.add_attribute(key, "e", "AQAB"),))
                yield apim_n_needs_e.finding(
                    f"The key has {name} and needs {other} as well.",
                    key.name_span,
                    fixes=(addition,) if other == "e" else (),
                )


@rule("apim-decryption-key-form", Severity.INFORMATION, "A decryption key is a certificate", cause="policy-key-format")
def apim_decryption_key_form(context: PolicyContext) -> Iterator[Finding]:
    """A key in `decryption-keys` has the attributes `n` or `e`.

    They make a public key, and only a private key decrypts.

    ## How to fix it

    Upload the certificate with its private key and name it by `certificate-id`.

    ## Example

    Bad:

    ```xml
    <decryption-keys><key n="u1SU1LfVLPHCozMxH2Mo…" e="AQAB" /></decryption-keys>
    ```

    Good:

    ```xml
    <decryption-keys><key certificate-id="decryption" /></decryption-keys>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        for key in _keys(check, "decryption-keys"):
            found = key.attribute("n") or key.attribute("e")
            if found is not None:
                yield apim_decryption_key_form.finding(
                    "A public key decrypts nothing: use certificate-id.", found.name_span
                )


RULES = (
    apim_no_key_source,
    apim_unsigned_tokens,
    apim_inline_key_is_symmetric,
    apim_key_base64,
    apim_key_too_short,
    apim_key_hardcoded,
    apim_n_needs_e,
    apim_decryption_key_form,
)
