"""Rules about the header of a token."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra import TokenKind
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.tokens.wording import listed

_KEY_PARAMETERS = ("jku", "x5u", "jwk")
_UNDERSTOOD = frozenset({"b64"})
"""Extensions that may be critical and are widely understood: RFC 7797."""
_REGISTERED = frozenset(
    {"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc", "zip"}
)


@rule("jwt-key-in-header", Severity.WARNING, "The header says which key to trust")
def jwt_key_in_header(context: TokenContext) -> Iterator[Finding]:
    """The header carries a key (`jwk`) or the address of one (`jku`, `x5u`).

    A verifier that uses it lets the token vouch for itself: an attacker signs with a key of his own and sends it along.
    Following the address also makes the verifier call whatever host the token names.
    Claimlens never follows such an address.

    Proofs of possession (DPoP) and ACME requests carry their public key by design and are left alone.

    ## How to fix it

    As a verifier, take keys only from the issuer's metadata, which you have configured, and ignore these parameters.
    As an issuer, name the key by `kid`.

    ## Example

    Bad:

    ```json
    {"alg": "RS256", "jku": "https://attacker.example/keys.json"}
    ```

    Good:

    ```json
    {"alg": "RS256", "kid": "key-1"}
    ```

    ## Sources

    - [RFC 8725 section 3.10, do not trust received claims](https://www.rfc-editor.org/rfc/rfc8725#section-3.10)
    - [RFC 7515 section 4.1](https://www.rfc-editor.org/rfc/rfc7515#section-4.1)
    """
    found = [name for name in _KEY_PARAMETERS if name in context.header]
    is_acme_request = "url" in context.header and "nonce" in context.header  # RFC 8555 section 6.2
    if is_acme_request or context.profile.kind is TokenKind.DPOP_PROOF:
        found = [name for name in found if name != "jwk"]
    if found:
        yield jwt_key_in_header.finding(
            f"The header brings its own key ({listed(found)}): a verifier that uses it trusts whoever made the token.",
            context.header_span(found[0]),
        )


@rule("jwt-critical-header", Severity.WARNING, "The header demands an extension that verifiers do not know")
def jwt_critical_header(context: TokenContext) -> Iterator[Finding]:
    """The header parameter `crit` lists extensions that a verifier must understand, or else refuse the token.

    It lists one that is not widely understood, one that is no extension or does not stand in the header, or it is no
    list of names at all.
    Most libraries refuse the token then.

    ## How to fix it

    Leave `crit` out, unless issuer and all verifiers have agreed on the extension.

    ## Example

    Bad:

    ```json
    {"alg": "RS256", "crit": ["https://example.com/ext"], "https://example.com/ext": true}
    ```

    Good:

    ```json
    {"alg": "RS256"}
    ```

    ## Sources

    - [RFC 7515 section 4.1.11](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11)
    - [RFC 7797, the extension b64](https://www.rfc-editor.org/rfc/rfc7797)
    """
    if "crit" in context.header:
        message = _critical_fault(context.header["crit"], context)
        if message:
            yield jwt_critical_header.finding(message, context.header_span("crit"))


def _critical_fault(critical: object, context: TokenContext) -> str | None:
    """Return what is wrong with ``crit``, or None."""
    if not isinstance(critical, list) or not critical or not all(isinstance(name, str) for name in critical):
        return "'crit' must be a list of names that is not empty (RFC 7515 section 4.1.11)."
    if standard := [name for name in critical if name in _REGISTERED]:
        return f"'crit' lists {listed(standard)}, which is no extension (RFC 7515 section 4.1.11)."
    if absent := [name for name in critical if name not in context.header]:
        return f"'crit' lists {listed(absent)}, which does not stand in the header (RFC 7515 section 4.1.11)."
    if unknown := [name for name in critical if name not in _UNDERSTOOD]:
        return f"'crit' demands {listed(unknown)}: a verifier that does not know it must refuse the token."
    return None


@rule(
    "jwt-header-nonce",
    Severity.INFORMATION,
    "Only the resource itself can verify this token",
    cause="signature-graph-nonce",
)
def jwt_header_nonce(context: TokenContext) -> Iterator[Finding]:
    """The header holds a `nonce`, as in the access tokens that Entra ID issues for Microsoft's own services.

    The signature was made over a header with another value in that place, which only the service knows how to restore.
    Every ordinary verification fails (`IDX10511`, `invalid signature`, `TokenSignatureInvalid`), although the token is
    genuine.

    The usual story: an application asks for `User.Read`, gets a token for Microsoft Graph and sends it to its own API.

    ## How to fix it

    Do not verify tokens that are meant for somebody else: send a Graph token to Graph and nowhere else.
    For your own API, expose a scope (`api://<application-id>/access_as_user`) and ask for a token with that scope.

    ## Example

    Bad, in front of your own API:

    ```json
    {"typ": "JWT", "nonce": "…", "alg": "RS256", "kid": "…"}
    {"aud": "00000003-0000-0000-c000-000000000000"}
    ```

    Good:

    ```json
    {"typ": "JWT", "alg": "RS256", "kid": "…"}
    {"aud": "api://orders"}
    ```

    ## Sources

    - [Validate tokens](https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens)
    """
    note = context.profile.note("signature-nonce")
    if note is not None:
        yield jwt_header_nonce.finding(note.text, context.header_span("nonce"))


RULES = (jwt_key_in_header, jwt_critical_header, jwt_header_nonce)
