"""Rules about the times of a token: ``exp``, ``nbf``, ``iat`` against the clock and against one another.

Messages name moments, never distances from now, so that they stay true while nobody looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule


def utc(moment: datetime) -> str:
    """Return ``moment`` as ``2026-01-31 12:00:00 UTC``."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def never_valid(context: TokenContext) -> bool:
    """Tell whether the token ends before it begins, so that no moment finds it valid."""
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

    Bad, in August 2026:

    ```json
    {"iss": "https://login.example.com/", "exp": 1767225600}
    ```

    Good: the same token, fetched anew, with an `exp` that lies ahead.

    ## Sources

    - [RFC 7519 section 4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)
    - [Token lifetime in Microsoft Entra ID](https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime)
    """
    expires = context.profile.validity.expires
    if expires is None or context.now < expires or never_valid(context):
        return
    lenient = ""
    if context.now < expires + context.skew:
        lenient = f" A verifier that grants {context.settings.clock_skew_seconds} s of clock skew still takes it."
    severity = Severity.WARNING if context.surroundings.will_be_sent else jwt_expired.severity
    yield jwt_expired.finding(f"Expired on {utc(expires)}.{lenient}", context.token.span, severity=severity)


RULES = (jwt_expired,)
