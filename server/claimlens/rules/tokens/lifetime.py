"""Rules about how long a token lives. Entra's random 60 to 90 minutes are by design and no finding."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra import TokenKind
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.moments import LONGEST_LIFETIME
from claimlens.rules.tokens.times import is_never_valid
from claimlens.rules.tokens.wording import utc

_REGISTERED_CLAIMS = frozenset({"iss", "sub", "aud", "nbf", "iat", "jti"})
_NEED_AN_END = frozenset(
    {
        TokenKind.ACCESS,
        TokenKind.ID,
        TokenKind.CLIENT_ASSERTION,
        TokenKind.MANAGED_IDENTITY,
        TokenKind.FEDERATED,
        TokenKind.SESSION,
        TokenKind.UNKNOWN,
    }
)


@rule("jwt-no-expiry", Severity.INFORMATION, "The token never expires")
def jwt_no_expiry(context: TokenContext) -> Iterator[Finding]:
    """The token has no `exp` claim, so it is good for ever once it leaks.

    Many verifiers refuse it: `validate-jwt` (unless `require-expiration-time="false"`) and .NET, which says `IDX10225`.
    Tokens that need no end by their own rules are left alone: logout tokens, security events, proofs of possession.
    A token about which nothing is known gets a hint only.

    ## How to fix it

    Set `exp` when you issue the token; an hour is usual for access tokens.

    ## Example

    Bad:

    ```json
    {"iss": "https://login.example.com/", "sub": "1234567890", "iat": 1767225600}
    ```

    Good:

    ```json
    {"iss": "https://login.example.com/", "sub": "1234567890", "iat": 1767225600, "exp": 1767229200}
    ```

    ## Sources

    - [RFC 7519 section 4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)
    """
    kind = context.profile.kind
    if "exp" in context.claims or kind not in _NEED_AN_END or _REGISTERED_CLAIMS.isdisjoint(context.claims):
        return
    severity = Severity.HINT if kind is TokenKind.UNKNOWN else jwt_no_expiry.severity
    yield jwt_no_expiry.finding("Never expires: there is no 'exp' claim.", context.claim_span(), severity=severity)


@rule("jwt-long-lifetime", Severity.INFORMATION, "The token lives for more than a year")
def jwt_long_lifetime(context: TokenContext) -> Iterator[Finding]:
    """Between `iat` (or `nbf`) and `exp` lies more than a year; without either, `exp` lies more than a year ahead.

    Nobody can take a signed token back, so whoever finds it can use it until then.
    A token that lives for years is a password that nobody can change.
    Once it has expired, nothing is said of it any more.

    ## How to fix it

    Issue short-lived tokens, an hour is usual, and let clients renew them.
    Where a long-lived credential is needed, use one that can be revoked, such as an API key, or better none at all:
    managed identities and workload identity federation need no stored credential.

    ## Example

    Bad:

    ```json
    {"iat": 1767225600, "exp": 2082758400}
    ```

    Good:

    ```json
    {"iat": 1767225600, "exp": 1767229200}
    ```

    ## Sources

    - [RFC 8725, best practices for JSON Web Tokens](https://www.rfc-editor.org/rfc/rfc8725)
    - [Token lifetime](https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime)
    """
    times = context.profile.validity
    lifetime = times.lifetime if times.lifetime is not None else times.remaining
    if lifetime is None or times.expires is None or lifetime <= LONGEST_LIFETIME or times.expires <= context.now:
        return
    span = "Lives for more than a year" if times.lifetime is not None else "Is valid for more than a year from now"
    yield jwt_long_lifetime.finding(f"{span}, until {utc(times.expires)}.", context.claim_span("exp"))


@rule(
    "jwt-continuous-access",
    Severity.HINT,
    "The token lives for about a day because of continuous access evaluation",
    cause="cae-challenge",
)
def jwt_continuous_access(context: TokenContext) -> Iterator[Finding]:
    """Entra ID gives tokens of 20 to 28 hours to clients and resources that take part in continuous access evaluation.

    The long life is intended: the resource is told when the user's sign-in is revoked, the password changes or the
    location is no longer allowed, and then refuses the token before it expires, with 401 and a claims challenge
    (`insufficient_claims`).
    A client that cannot answer the challenge keeps sending the same token and keeps failing.

    ## How to fix it

    Nothing is wrong. If a token is refused although it has not expired, look for `claims=` in the `WWW-Authenticate`
    header of the answer and pass its value on when you acquire the next token (`WithClaims` in MSAL).

    ## Example

    A token that looks too long-lived and is not:

    ```json
    {"iss": "https://login.microsoftonline.com/<tenant>/v2.0", "iat": 1767225600, "exp": 1767312000, "xms_cc": ["cp1"]}
    ```

    ## Sources

    - [Continuous access evaluation](https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation)
    - [Claims challenges](https://learn.microsoft.com/entra/identity-platform/claims-challenge)
    """
    note = context.profile.note("continuous-access")
    if note is not None and "exp" in note.claims and not is_never_valid(context):
        yield jwt_continuous_access.finding(note.text, context.claim_span("exp"))


RULES = (jwt_no_expiry, jwt_long_lifetime, jwt_continuous_access)
