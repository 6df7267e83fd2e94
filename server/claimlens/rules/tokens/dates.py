"""Rules about times that are not written as NumericDate says (RFC 7519 section 2)."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra import likely_moment
from claimlens.jose.model import SegmentRole
from claimlens.jose.numeric_dates import numeric_date_faults
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.tokens.wording import listed, quoted, utc

_TYPES = {
    "numericdate-text": ("In quotes", Severity.WARNING),
    "numericdate-type": ("Not a number", Severity.WARNING),
    "numericdate-float": ("With a fraction", Severity.HINT),
}


@rule("jwt-time-milliseconds", Severity.WARNING, "A time is in milliseconds")
def jwt_time_milliseconds(context: TokenContext) -> Iterator[Finding]:
    """A time claim counts milliseconds where the standard counts seconds.

    Read as seconds it lies thousands of years ahead.
    A token with such an `exp` never expires for most verifiers, others refuse it as out of range; such an `nbf` or
    `iat` makes it invalid for longer than anybody will live.
    JavaScript's `Date.now()` is the usual origin.

    ## How to fix it

    Divide by 1000 and drop the fraction: `Math.floor(Date.now() / 1000)`.

    ## Example

    Bad:

    ```json
    {"iat": 1767225600000, "exp": 1767229200000}
    ```

    Good:

    ```json
    {"iat": 1767225600, "exp": 1767229200}
    ```

    ## Sources

    - [RFC 7519 section 2, NumericDate](https://www.rfc-editor.org/rfc/rfc7519#section-2)
    """
    names = _written_as(context, "numericdate-milliseconds")
    if names:
        moment = likely_moment(context.claims[names[0]])
        meant = f" {quoted(names[0])} means {utc(moment)}." if moment else ""
        yield jwt_time_milliseconds.finding(
            f"In milliseconds: {listed(names)}. Times are in seconds (RFC 7519 section 2).{meant}",
            context.claim_span(names[0]),
        )


@rule("jwt-time-type", Severity.WARNING, "A time is not a whole number")
def jwt_time_type(context: TokenContext) -> Iterator[Finding]:
    """A time claim is text, something else that is no number, or a number with a fraction.

    Text and other types are refused by strict verifiers, and silently ignored by others, for which the token then
    never expires.
    A fraction is allowed by the standard, but some libraries (those that read into an integer type) refuse it; such a
    finding is a hint.

    ## How to fix it

    Write the number of seconds since 1970 in UTC as a JSON integer.

    ## Example

    Bad:

    ```json
    {"iat": 1767225600.25, "exp": "1767229200"}
    ```

    Good:

    ```json
    {"iat": 1767225600, "exp": 1767229200}
    ```

    ## Sources

    - [RFC 7519 section 2, NumericDate](https://www.rfc-editor.org/rfc/rfc7519#section-2)
    """
    for code, (said, severity) in _TYPES.items():
        names = _written_as(context, code)
        if names:
            yield jwt_time_type.finding(
                f"{said}: {listed(names)}. Times are whole numbers of seconds (RFC 7519 section 2).",
                context.claim_span(names[0]),
                severity=severity,
            )


def _written_as(context: TokenContext, code: str) -> list[str]:
    """Return the names of the claims that have this defect."""
    if all(defect.code != code for defect in context.token.defects):
        return []
    document = context.token.decoded.documents[SegmentRole.PAYLOAD]
    names = {place.value: str(path[0]) for path, place in document.places.items() if len(path) == 1}
    return [names[fault.span] for fault in numeric_date_faults(document) if fault.code == code]


RULES = (jwt_time_milliseconds, jwt_time_type)
