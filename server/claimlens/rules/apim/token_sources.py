"""Rules about where `validate-jwt` and `validate-azure-ad-token` take the token from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.model import Attribute
from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import TokenCheck, token_checks
from claimlens.rules.apim.context import PolicyContext, literal
from claimlens.rules.apim.wording import one_of, tag
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted
from claimlens.text.spans import Span

_SOURCES = ("header-name", "query-parameter-name", "token-value")
_RAW_HEADER = re.compile(
    r"\s*context\s*\.\s*Request\s*\.\s*Headers\s*(?:\.\s*GetValueOrDefault\s*\(\s*\"Authorization\"\s*(?:,\s*\"[^\"]*\"\s*)?\)"
    r"|\[\s*\"Authorization\"\s*\]\s*(?:\[\s*0\s*\]|\.\s*First(?:OrDefault)?\s*\(\s*\)))\s*",
    re.IGNORECASE,
)


@rule("apim-token-source-count", Severity.ERROR, "The policy needs one source of the token")
def apim_token_source_count(context: PolicyContext) -> Iterator[Finding]:
    """A policy that checks tokens has no source of the token, or several.

    `validate-jwt` needs exactly one of `header-name`, `query-parameter-name` and `token-value`; the service refuses
    anything else.
    `validate-azure-ad-token` takes one at most, and reads the Authorization header without any.

    ## How to fix it

    Keep one of them; mostly `header-name="Authorization"`.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" query-parameter-name="token" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    - [validate-azure-ad-token](https://learn.microsoft.com/azure/api-management/validate-azure-ad-token-policy)
    """
    for check in token_checks(context):
        sources = [found for name in _SOURCES if (found := check.element.attribute(name)) is not None]
        if len(sources) > 1:
            fixes = tuple(_keeping(context, kept, sources) for kept in sources)
            yield apim_token_source_count.finding(
                f"{tag(check.element.name)} takes the token from one place: keep one of "
                f"{one_of(source.name for source in sources)}.",
                max(sources, key=lambda source: source.start).name_span,
                fixes=fixes,
            )
        elif not sources and check.is_jwt and context.is_whole(check.element):
            addition = edits.add_attribute(check.element, "header-name", "Authorization")
            yield apim_token_source_count.finding(
                f"'<validate-jwt>' needs one of {one_of(_SOURCES)}.",
                check.element.name_span,
                fixes=(Fix('Add header-name="Authorization"', (addition,), preferred=True),),
            )


def _keeping(context: PolicyContext, kept: Attribute, sources: list[Attribute]) -> Fix:
    changes = tuple(edits.remove_attribute(context.document, source) for source in sources if source is not kept)
    return Fix(f"Keep {kept.name} alone", changes)


@rule("apim-require-scheme-ignored", Severity.WARNING, "The attribute require-scheme has no effect")
def apim_require_scheme_ignored(context: PolicyContext) -> Iterator[Finding]:
    """The attribute `require-scheme` stands beside a header that is not Authorization.

    The policy looks at the scheme in the Authorization header only.

    ## How to fix it

    Remove `require-scheme`, or read the Authorization header.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="X-Token" require-scheme="Bearer" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" require-scheme="Bearer" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        header, scheme = literal(check.element, "header-name"), check.element.attribute("require-scheme")
        if header is not None and scheme is not None and header.lower() != "authorization":
            yield apim_require_scheme_ignored.finding(
                f"require-scheme has no effect with the header {quoted(header)}.",
                scheme.span,
                fixes=(Fix("Remove require-scheme", (edits.remove_attribute(context.document, scheme),)),),
            )


@rule("apim-require-scheme-missing", Severity.HINT, "Any authorization scheme is accepted")
def apim_require_scheme_missing(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` reads the Authorization header and names no scheme.

    It accepts a token behind any scheme, and one without.

    ## How to fix it

    Add `require-scheme="Bearer"`.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" require-scheme="Bearer" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        if check.reads_authorization and check.element.attribute("require-scheme") is None and check.is_whole:
            yield apim_require_scheme_missing.finding(
                "Without require-scheme any scheme before the token is accepted.",
                check.element.name_span,
                fixes=(
                    Fix(
                        'Add require-scheme="Bearer"',
                        (edits.add_attribute(check.element, "require-scheme", "Bearer"),),
                    ),
                ),
            )


@rule("apim-token-value-bearer", Severity.WARNING, "The token value keeps its scheme", cause="token-malformed")
def apim_token_value_bearer(context: PolicyContext) -> Iterator[Finding]:
    """The attribute `token-value` is the Authorization header as it came, with `Bearer ` in front.

    The attribute takes the token alone, so that every request is refused.

    ## How to fix it

    Use `header-name="Authorization"`, or cut the scheme off.

    ## Example

    Bad:

    ```xml
    <validate-jwt token-value="@(context.Request.Headers.GetValueOrDefault("Authorization", ""))" />
    ```

    Good:

    ```xml
    <validate-jwt token-value="@(context.Request.Headers.GetValueOrDefault("Authorization", "").Split(' ').Last())" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    - [validate-azure-ad-token](https://learn.microsoft.com/azure/api-management/validate-azure-ad-token-policy)
    """
    for check in token_checks(context):
        attribute = check.element.attribute("token-value")
        if attribute is None or len(attribute.expressions) != 1 or not attribute.expressions[0].terminated:
            continue
        expression = attribute.expressions[0]
        if _RAW_HEADER.fullmatch(expression.code.replace("&quot;", '"')):
            end = expression.code_span.end
            cut = Fix("Cut the scheme off", (Edit(Span(end, end), ".Split(' ').Last()"),))
            yield apim_token_value_bearer.finding(
                "The header holds 'Bearer ' before the token; token-value takes the token alone.",
                attribute.value_span,
                fixes=(cut,) if attribute.quote == '"' else (),
            )


@rule("apim-custom-header-bearer", Severity.INFORMATION, "The header must hold the bare token")
def apim_custom_header_bearer(context: PolicyContext) -> Iterator[Finding]:
    """A policy reads the token from a header that is not Authorization, where no scheme is expected.

    A caller who sends `Bearer ` in front of the token is refused.

    ## How to fix it

    Tell callers so, or read the Authorization header.

    ## Example

    Bad:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}" header-name="X-Token" />
    ```

    Good:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}" />
    ```

    ## Sources

    - [validate-azure-ad-token](https://learn.microsoft.com/azure/api-management/validate-azure-ad-token-policy)
    """
    for check in token_checks(context, "validate-azure-ad-token"):
        header = literal(check.element, "header-name")
        attribute = check.element.attribute("header-name")
        if header is not None and attribute is not None and header.lower() != "authorization":
            yield apim_custom_header_bearer.finding(
                f"The header {quoted(header)} has to hold the token alone, without 'Bearer '.", attribute.value_span
            )


@rule("apim-token-in-query", Severity.INFORMATION, "The token is taken from the URL")
def apim_token_in_query(context: PolicyContext) -> Iterator[Finding]:
    """A policy takes the token from a query parameter.

    URLs stand in logs, histories and referrers, and so do the tokens in them.

    ## How to fix it

    Send the token in the Authorization header, where the client can.

    ## Example

    Bad:

    ```xml
    <validate-jwt query-parameter-name="access_token" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" />
    ```

    ## Sources

    - [RFC 6750 section 2.3](https://www.rfc-editor.org/rfc/rfc6750#section-2.3)
    """
    for check in token_checks(context):
        attribute = check.element.attribute("query-parameter-name")
        if attribute is not None and not _has_other_source(check):
            yield apim_token_in_query.finding("A token in the URL ends up in logs.", attribute.name_span)


def _has_other_source(check: TokenCheck) -> bool:
    return any(check.element.attribute(name) is not None for name in ("header-name", "token-value"))


RULES = (
    apim_token_source_count,
    apim_require_scheme_ignored,
    apim_require_scheme_missing,
    apim_token_value_bearer,
    apim_custom_header_bearer,
    apim_token_in_query,
)
