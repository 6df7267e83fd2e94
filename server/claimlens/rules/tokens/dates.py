"""Rules about times that are not written as NumericDate says (RFC 7519 section 2)."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra import likely_moment
from claimlens.jose.model import SegmentRole
from claimlens.jose.numeric_dates import numeric_date_faults
from claimlens.jose.strict_json import Fault
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.tokens.wording import utc

_SEVERITIES = {
    "numericdate-text": Severity.WARNING,
    "numericdate-type": Severity.WARNING,
    "numericdate-float": Severity.HINT,
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
    for name, fault in _of(context, "numericdate-milliseconds"):
        moment = likely_moment(context.claims[name])
        meant = f"; as milliseconds it is {utc(moment)}" if moment else ""
        yield jwt_time_milliseconds.finding(f"{fault.message.rstrip('.')}{meant}.", context.claim_span(name))


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
    for code, severity in _SEVERITIES.items():
        for name, fault in _of(context, code):
            yield jwt_time_type.finding(fault.message, context.claim_span(name), severity=severity)


def _of(context: TokenContext, code: str) -> Iterator[tuple[str, Fault]]:
    """Yield the faults with this code in the order of the claims, each with the claim's name."""
    document = context.token.decoded.documents.get(SegmentRole.PAYLOAD)
    if document is None or all(defect.code != code for defect in context.token.defects):
        return
    names = {place.value: path[0] for path, place in document.places.items() if len(path) == 1}
    for fault in numeric_date_faults(document):
        if fault.code == code:
            yield str(names[fault.span]), fault


RULES = (jwt_time_milliseconds, jwt_time_type)
