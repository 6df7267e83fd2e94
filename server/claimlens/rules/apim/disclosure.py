"""Rules about what expressions trust and tell: tokens read without a check, messages that go to callers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.model import Finding, Severity, rule

_PARSES = re.compile(r"\.\s*(AsJwt|TryParseJwt)\s*\(")


@rule("apim-asjwt-unverified", Severity.INFORMATION, "The token is read and never checked")
def apim_asjwt_unverified(context: PolicyContext) -> Iterator[Finding]:
    """An expression reads a token by `AsJwt` or `TryParseJwt`, and nothing in the document checks it.

    Reading a token does not check its signature: anybody can have written it.
    Nothing is said where `base` or a fragment may check it.

    ## How to fix it

    Add `validate-jwt` or `validate-azure-ad-token` before, and read the token from its output variable.

    ## Example

    Bad:

    ```xml
    <set-variable name="user" value="@(context.Request.Headers.GetValueOrDefault("X-Token", "").AsJwt()?.Subject)" />
    ```

    Good:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}" output-token-variable-name="jwt" />
    <set-variable name="user" value="@(((Jwt)context.Variables["jwt"]).Subject)" />
    ```

    ## Sources

    - [Policy expressions](https://learn.microsoft.com/azure/api-management/api-management-policy-expressions)
    """
    checks = ("validate-jwt", "validate-azure-ad-token", "base", "include-fragment")
    if context.root_name != "policies" or any(context.named(*checks)):
        return
    for code in context.codes:
        for match in _PARSES.finditer(code.bare):
            yield apim_asjwt_unverified.finding(
                f"{match[1]} reads a token without checking it.", code.place(*match.span(1))
            )


@rule("apim-last-error-leak", Severity.INFORMATION, "The answer tells callers what was expected")
def apim_last_error_leak(context: PolicyContext) -> Iterator[Finding]:
    """The message of a failed token check goes to the caller.

    It may hold the issuer and the audience that the policy expects.

    ## How to fix it

    Write it to a log or trace, and tell callers only that the token was refused.

    ## Example

    Bad:

    ```xml
    <on-error><base /><set-body>@(context.LastError.Message)</set-body></on-error>
    ```

    Good:

    ```xml
    <on-error><base /><set-body>The token was refused.</set-body></on-error>
    ```

    ## Sources

    - [Error handling](https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies)
    """
    for element in context.named("set-body"):
        around = context.document.parent(element)
        if context.document.section_of(element) != "on-error" or (
            around is not None and around.name.startswith("send-")
        ):
            continue
        for code in context.codes:
            if element.span.covers(code.expression.span) and "context.LastError.Message" in code.bare:
                start = code.bare.index("context.LastError.Message")
                yield apim_last_error_leak.finding(
                    "Callers get the message of the failure, with what the policy expected.",
                    code.place(start, start + len("context.LastError.Message")),
                )


RULES = (apim_asjwt_unverified, apim_last_error_leak)
