"""Rules about the algorithm and the signature, as far as they can be judged without a key."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.jose.model import Defect, SegmentRole, TokenForm
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.tokens.encoding import UNDECODABLE

_PUBLISH_KEYS = frozenset({"entra", "b2c", "ciam", "adfs", "google", "aws", "okta", "federation", "kubernetes"})
"""Families of issuers that sign what others shall verify with keys that they publish; Auth0 and
Keycloak offer HS256 as well."""


@rule("jwt-alg-none", Severity.WARNING, "The token is not signed (alg none)", cause="alg-not-allowed")
def jwt_alg_none(context: TokenContext) -> Iterator[Finding]:
    """The header says `"alg": "none"`: anybody can make such a token with any claims in it.

    Verifiers that follow the header of the token instead of their own list of algorithms accept it, which is the oldest
    attack on JWT.
    Other spellings (`None`, `nOnE`) exist only to get past filters.

    ## How to fix it

    Sign the token. As a verifier, name the algorithms that you accept and never take `none` from a token.
    In tests, sign with a key made for the test.

    ## Example

    Bad:

    ```json
    {"alg": "none", "typ": "JWT"}
    ```

    Good:

    ```json
    {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    ```

    ## Sources

    - [RFC 8725 section 3.2, use appropriate algorithms](https://www.rfc-editor.org/rfc/rfc8725#section-3.2)
    - [RFC 7518 section 3.6, no algorithm](https://www.rfc-editor.org/rfc/rfc7518#section-3.6)
    """
    algorithm = context.token.algorithm
    if algorithm is None or algorithm.lower() != "none":
        return
    spelling = "" if algorithm == "none" else " The unusual spelling is meant to get past filters."
    followed = " Yet a signature follows." if _defect(context, "signature-unexpected") else ""
    yield jwt_alg_none.finding(
        f"Not signed: 'alg' is none, so anybody can make this token.{spelling}{followed}", context.header_span("alg")
    )


@rule("jwt-signature-missing", Severity.INFORMATION, "The signature has been removed", cause="token-malformed")
def jwt_signature_missing(context: TokenContext) -> Iterator[Finding]:
    """The header names a signature algorithm, but the third part of the token is empty.

    Somebody took the signature out, usually to show the token without giving it away; some tools and proxies do so too.
    Every verifier refuses it; .NET says `IDX10504`.
    In the `Authorization` header of a request file it is a warning, because the request will fail.

    ## How to fix it

    Use the token as it was issued. If it stands here as a sample, nothing has to be done.

    ## Example

    Bad:

    ```text
    eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.
    ```

    Good: the same with its third part.

    ## Sources

    - [RFC 7515 section 5.2, verifying](https://www.rfc-editor.org/rfc/rfc7515#section-5.2)
    """
    defect = _defect(context, "signature-missing")
    if defect and context.token.form is not TokenForm.TRUNCATED:
        severity = Severity.WARNING if context.surroundings.will_be_sent else jwt_signature_missing.severity
        yield jwt_signature_missing.finding(defect.message, context.token.span, severity=severity)


@rule("jwt-signature-length", Severity.INFORMATION, "The signature cannot be right", cause="signature-invalid")
def jwt_signature_length(context: TokenContext) -> Iterator[Finding]:
    """The signature has a length that the algorithm in the header never makes.

    It was cut, altered or made up, or the header names another algorithm than the one that was used.
    In the `Authorization` header of a request file it is a warning, because the request will fail.
    ECDSA signatures in ASN.1 form, as OpenSSL makes them, have such lengths too: JWS wants two numbers side by side.

    ## How to fix it

    Copy the whole token. If you sign yourself, use a JWT library, or convert the signature from ASN.1 (DER) to the
    fixed-length form.

    ## Example

    Bad: an `RS256` token whose third part has ten characters.

    Good: one with 342, as a key of 2048 bits makes it.

    ## Sources

    - [RFC 7518 section 3, algorithms](https://www.rfc-editor.org/rfc/rfc7518#section-3)
    """
    defect = _defect(context, "signature-length")
    undecodable = any(each.role is SegmentRole.SIGNATURE and each.code in UNDECODABLE for each in context.token.defects)
    if defect and not undecodable and context.token.form is not TokenForm.TRUNCATED:
        severity = Severity.WARNING if context.surroundings.will_be_sent else jwt_signature_length.severity
        yield jwt_signature_length.finding(defect.message, defect.span, severity=severity)


@rule(
    "jwt-symmetric-algorithm",
    Severity.WARNING,
    "A shared secret signs what published keys should sign",
    cause="alg-not-allowed",
)
def jwt_symmetric_algorithm(context: TokenContext) -> Iterator[Finding]:
    """The token says that it comes from an issuer that publishes its keys, but is signed with a shared secret (`HS…`).

    No such token comes from that issuer.
    It is a sample made by hand, or an attack: a verifier that lets the token choose the algorithm takes the public key,
    which everybody knows, for the secret.

    ## How to fix it

    Get a real token from the issuer.
    As a verifier, name the algorithms that you accept: `RS256` for Microsoft Entra ID.

    ## Example

    Bad:

    ```json
    {"alg": "HS256"}
    {"iss": "https://login.microsoftonline.com/<tenant>/v2.0"}
    ```

    Good:

    ```json
    {"alg": "RS256", "kid": "<a key of the issuer>"}
    {"iss": "https://login.microsoftonline.com/<tenant>/v2.0"}
    ```

    ## Sources

    - [RFC 8725 section 2.1, algorithm confusion](https://www.rfc-editor.org/rfc/rfc8725#section-2.1)
    """
    issuer, algorithm = context.profile.issuer, context.token.algorithm or ""
    if issuer and issuer.family in _PUBLISH_KEYS and algorithm.upper().startswith("HS"):
        yield jwt_symmetric_algorithm.finding(
            f"{issuer.name} signs with keys that it publishes, never with a shared secret (HMAC).",
            context.header_span("alg"),
        )


def _defect(context: TokenContext, code: str) -> Defect | None:
    return next((defect for defect in context.token.defects if defect.code == code), None)


RULES = (jwt_alg_none, jwt_signature_missing, jwt_signature_length, jwt_symmetric_algorithm)
