"""Rules about times in token checks, and about the answer that a failure gives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import token_checks
from claimlens.rules.apim.context import PolicyContext, literal, literal_of
from claimlens.rules.model import Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted

_TIME_SPAN = re.compile(r"(?:(\d{1,4})\.)?(\d{1,3}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?")
_INTEGER = re.compile(r"\s*[+-]?\d{1,9}\s*")
_LARGE = 600
_CLIENT_ERRORS = range(400, 500)


@rule("apim-clock-skew-format", Severity.ERROR, "The attribute clock-skew takes seconds", cause="clock-skew")
def apim_clock_skew_format(context: PolicyContext) -> Iterator[Finding]:
    """The attribute `clock-skew` is no whole number.

    It takes seconds, although the documentation calls it a time span; the service refuses `00:05:00`.

    ## How to fix it

    Write the seconds: `clock-skew="300"`.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" clock-skew="00:05:00" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" clock-skew="300" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        attribute = check.element.attribute("clock-skew")
        value = literal_of(attribute) if attribute is not None and attribute.quote else None
        if attribute is None or value is None or _INTEGER.fullmatch(value):
            continue
        seconds = _seconds(value.strip())
        fixes = (
            () if seconds is None else (Fix(f"Write {seconds} seconds", (edits.set_value(attribute, seconds),), True),)
        )
        yield apim_clock_skew_format.finding(
            f"clock-skew takes a number of seconds, not {quoted(value)}.", attribute.value_span, fixes=fixes
        )


def _seconds(value: str) -> str | None:
    match = _TIME_SPAN.fullmatch(value)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return str(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


@rule("apim-clock-skew-zero", Severity.HINT, "Clocks may not differ at all", cause="clock-skew")
def apim_clock_skew_zero(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` has no `clock-skew`.

    The default is 0 seconds, so that a fresh token is refused where the clock of the issuer is a little ahead.

    ## How to fix it

    Add `clock-skew="60"`.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" clock-skew="60" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        if check.element.attribute("clock-skew") is None and check.is_whole:
            addition = edits.add_attribute(check.element, "clock-skew", "60")
            yield apim_clock_skew_zero.finding(
                "Without clock-skew the clocks of issuer and gateway may not differ by a second.",
                check.element.name_span,
                fixes=(Fix('Add clock-skew="60"', (addition,)),),
            )


@rule("apim-clock-skew-large", Severity.INFORMATION, "Expired tokens stay usable for long", cause="clock-skew")
def apim_clock_skew_large(context: PolicyContext) -> Iterator[Finding]:
    """The attribute `clock-skew` is more than ten minutes.

    Expired tokens pass for as long.

    ## How to fix it

    Lower it: clocks that are set by the network differ by seconds.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" clock-skew="3600" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" clock-skew="300" />
    ```

    ## Sources

    - [RFC 7519 section 4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)
    """
    for check in token_checks(context, "validate-jwt"):
        value, attribute = literal(check.element, "clock-skew"), check.element.attribute("clock-skew")
        if attribute is not None and value is not None and _INTEGER.fullmatch(value) and int(value) > _LARGE:
            yield apim_clock_skew_large.finding(
                f"Tokens pass for {int(value)} seconds after they have expired.",
                attribute.value_span,
                fixes=(Fix('Change to "300"', (edits.set_value(attribute, "300"),)),),
            )


@rule("apim-no-expiry", Severity.WARNING, "Tokens that never expire are accepted")
def apim_no_expiry(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` does not require tokens to have `exp`.

    A token without it works for ever, whoever has got hold of it.

    ## How to fix it

    Remove `require-expiration-time="false"`.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" require-expiration-time="false" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        attribute = check.element.attribute("require-expiration-time")
        if attribute is not None and (literal(check.element, attribute.name) or "").lower() == "false":
            yield apim_no_expiry.finding(
                "A token without exp works for ever.",
                attribute.span,
                fixes=(Fix("Require exp", (edits.remove_attribute(context.document, attribute),)),),
            )


@rule("apim-httpcode-range", Severity.INFORMATION, "A failed check gives no client error")
def apim_httpcode_range(context: PolicyContext) -> Iterator[Finding]:
    """A check answers its failure with a status that is no client error (400 to 499).

    Clients take 401 as the sign to get another token, and 403 as the sign that no token will help.

    ## How to fix it

    Use 401 or 403.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" failed-validation-httpcode="500" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" failed-validation-httpcode="401" />
    ```

    ## Sources

    - [RFC 6750 section 3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
    """
    for name, attribute_name in (
        ("validate-jwt", "failed-validation-httpcode"),
        ("validate-azure-ad-token", "failed-validation-httpcode"),
        ("check-header", "failed-check-httpcode"),
    ):
        for element in context.named(name):
            attribute, value = element.attribute(attribute_name), literal(element, attribute_name)
            if attribute is None or value is None or not _INTEGER.fullmatch(value) or int(value) in _CLIENT_ERRORS:
                continue
            yield apim_httpcode_range.finding(
                "Clients expect 401 or 403 here.",
                attribute.value_span,
                fixes=(Fix("Change to 401", (edits.set_value(attribute, "401"),)),),
            )


RULES = (
    apim_clock_skew_format,
    apim_clock_skew_zero,
    apim_clock_skew_large,
    apim_no_expiry,
    apim_httpcode_range,
)
