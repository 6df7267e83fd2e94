"""Rules about the times of a token against the clock.

Messages name moments, never distances from now, so that they stay true while nobody looks. A token that no moment
finds valid is the matter of ``jwt-never-valid`` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.tokens.wording import utc


def is_never_valid(context: TokenContext) -> bool:
    """Tell whether the token ends before it begins."""
    times = context.profile.validity
    begin = times.starts or times.issued
    return times.expires is not None and begin is not None and times.expires <= begin


@rule("jwt-expired", Severity.INFORMATION, "The token has expired", cause="token-expired")
def jwt_expired(context: TokenContext) -> Iterator[Finding]:
    """The `exp` claim lies in the past, so every correct verifier refuses the token.

    The usual answer is 401 with `invalid_token`; .NET says `IDX10223`, `validate-jwt` says `TokenExpired`.

    Verifiers grant some clock skew: five minutes in ASP.NET Core, none in `validate-jwt` unless `clock-skew` is set.
    In the `Authorization` header of a request file the severity is a warning, because the request is about to fail.

    ## How to fix it

    Get a new token.
    An application should not store tokens itself: let its library (MSAL, Azure.Identity) keep them and renew them
    before they expire.

    ## Example

    Bad, on 15 January 2026:

    ```json
    {"iss": "https://login.example.com/", "exp": 1767225600}
    ```

    Good, on the same day:

    ```json
    {"iss": "https://login.example.com/", "exp": 1768482000}
    ```

    ## Sources

    - [RFC 7519 section 4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)
    - [Token lifetime](https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime)
    """
    expires = context.profile.validity.expires
    if expires is None or context.now < expires or is_never_valid(context):
        return
    lenient = ""
    if context.now < expires + context.skew:
        lenient = f" A verifier that grants {context.settings.clock_skew_seconds} s of clock skew still takes it."
    severity = Severity.WARNING if context.surroundings.will_be_sent else jwt_expired.severity
    yield jwt_expired.finding(f"Expired on {utc(expires)}.{lenient}", context.token.span, severity=severity)


@rule("jwt-expires-soon", Severity.HINT, "The token is about to expire", cause="token-expired")
def jwt_expires_soon(context: TokenContext) -> Iterator[Finding]:
    """The token is still valid, but only for some minutes more.

    How many minutes count as soon is the setting `claimlens.expiryHintMinutes`; 0 switches the hint off.

    ## How to fix it

    Get a new token before a longer piece of work begins.

    ## Example

    Bad, at 11:55 UTC on 1 January 2026:

    ```json
    {"iss": "https://login.example.com/", "exp": 1767268800}
    ```

    Good: a token fetched just now.

    ## Sources

    - [RFC 7519 section 4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)
    """
    expires = context.profile.validity.expires
    soon = timedelta(minutes=context.settings.expiry_hint_minutes)
    if expires is not None and expires - soon <= context.now < expires and not is_never_valid(context):
        yield jwt_expires_soon.finding(f"Expires on {utc(expires)}.", context.token.span)


@rule("jwt-not-yet-valid", Severity.INFORMATION, "The token is not valid yet", cause="token-not-yet-valid")
def jwt_not_yet_valid(context: TokenContext) -> Iterator[Finding]:
    """The `nbf` claim lies in the future by more than clocks may differ, so verifiers refuse the token.

    Issuers set `nbf` to the present or a little earlier. Where a fresh token is not valid yet, a clock is wrong: on the
    machine that verifies it or, with a token that you made yourself, on the machine that issued it.
    .NET says `IDX10222`.

    ## How to fix it

    Synchronise the clocks (NTP; virtual machines, containers and WSL drift after the computer slept), and let the
    verifier grant a few minutes of clock skew.
    What counts as a difference here is the setting `claimlens.clockSkewSeconds`.

    ## Example

    Bad, on 1 January 2026:

    ```json
    {"iss": "https://login.example.com/", "nbf": 1798761600, "exp": 1798765200}
    ```

    Good:

    ```json
    {"iss": "https://login.example.com/", "nbf": 1767225600, "exp": 1767229200}
    ```

    ## Sources

    - [RFC 7519 section 4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5)
    """
    starts = context.profile.validity.starts
    if starts is not None and context.now < starts - context.skew and not is_never_valid(context):
        severity = Severity.WARNING if context.surroundings.will_be_sent else jwt_not_yet_valid.severity
        yield jwt_not_yet_valid.finding(f"Not valid before {utc(starts)}.", context.token.span, severity=severity)


@rule("jwt-issued-in-future", Severity.INFORMATION, "The token was issued in the future", cause="clock-skew")
def jwt_issued_in_future(context: TokenContext) -> Iterator[Finding]:
    """The `iat` claim lies in the future by more than clocks may differ.

    Some verifiers refuse such a token (PyJWT with `ImmatureSignatureError`), others do not look at `iat` at all.
    Either way one of the clocks is wrong, or the token was made by hand.

    ## How to fix it

    Synchronise the clocks of the machine that issues and the one that verifies, by NTP.

    ## Example

    Bad, on 1 January 2026:

    ```json
    {"iss": "https://login.example.com/", "iat": 1798761600}
    ```

    Good:

    ```json
    {"iss": "https://login.example.com/", "iat": 1767225600}
    ```

    ## Sources

    - [RFC 7519 section 4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6)
    """
    times = context.profile.validity
    if times.issued is None or context.now >= times.issued - context.skew or is_never_valid(context):
        return
    if times.starts is None or context.now >= times.starts - context.skew:  # else jwt-not-yet-valid says it
        yield jwt_issued_in_future.finding(f"Issued on {utc(times.issued)}, in the future.", context.claim_span("iat"))


@rule("jwt-never-valid", Severity.WARNING, "The token ends before it begins")
def jwt_never_valid(context: TokenContext) -> Iterator[Finding]:
    """The `exp` claim is not later than `nbf` (or `iat`), so there is no moment at which the token is valid.

    Usually the issuer computed one of the two in another unit or time zone, or swapped them.

    ## How to fix it

    Compute both from the same clock, in seconds since 1970 in UTC.

    ## Example

    Bad:

    ```json
    {"iat": 1767229200, "exp": 1767225600}
    ```

    Good:

    ```json
    {"iat": 1767225600, "exp": 1767229200}
    ```

    ## Sources

    - [RFC 7519 section 4.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1)
    """
    if is_never_valid(context):
        times = context.profile.validity
        name = "nbf" if times.starts else "iat"
        yield jwt_never_valid.finding(
            f"Never valid: 'exp' is not later than '{name}', so the token ends before it begins.",
            context.claim_span("exp"),
        )


RULES = (jwt_expired, jwt_expires_soon, jwt_not_yet_valid, jwt_issued_in_future, jwt_never_valid)
