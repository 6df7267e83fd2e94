"""Rules about the ``Authorization`` header that a token stands in."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra import TokenKind
from claimlens.jose.model import TokenForm
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.text.spans import Span, hull

_ID_TOKENS_ARE_CREDENTIALS = frozenset({"google", "aws"})
"""Cloud Run, IAP and API Gateway with Cognito take ID tokens as bearer tokens by design."""


@rule(
    "jwt-id-token-as-bearer", Severity.WARNING, "An ID token is used as access token", cause="id-token-as-access-token"
)
def jwt_id_token_as_bearer(context: TokenContext) -> Iterator[Finding]:
    """The token in the `Authorization` header is an ID token.

    An ID token tells the client who signed in; its audience is the client.
    An API must not accept it: it carries no permissions, and any application the user signs in to could call the API
    with it.

    Google's and AWS' gateways take ID tokens by design; theirs are left alone.

    ## How to fix it

    Send the access token: in the token response it is `access_token`, not `id_token`.
    Ask for a scope of the API (`api://<application-id>/<scope>`) when you acquire it.

    ## Example

    Bad:

    ```text
    Authorization: Bearer <id_token>
    ```

    Good:

    ```text
    Authorization: Bearer <access_token>
    ```

    ## Sources

    - [ID tokens](https://learn.microsoft.com/entra/identity-platform/id-tokens)
    - [RFC 8725 section 2.8, cross-JWT confusion](https://www.rfc-editor.org/rfc/rfc8725#section-2.8)
    """
    issuer = context.profile.issuer
    by_design = issuer is not None and issuer.family in _ID_TOKENS_ARE_CREDENTIALS
    if context.profile.kind is TokenKind.ID and context.surroundings.authorization and not by_design:
        yield jwt_id_token_as_bearer.finding(
            "This is an ID token. It says who signed in and gives no access: an API wants the access token.",
            context.token.span,
        )


@rule(
    "jwt-scheme-duplicated",
    Severity.WARNING,
    "The authorization scheme stands twice",
    cause="scheme-missing-or-duplicated",
)
def jwt_scheme_duplicated(context: TokenContext) -> Iterator[Finding]:
    """Two schemes stand in front of the token, such as `Bearer Bearer`.

    The server takes everything after the first as the token and refuses it as malformed.
    Usually one `Bearer` was typed and another was added by the tool: Swagger UI, Postman and most libraries add it.

    ## How to fix it

    Remove one of them, in the tool's settings or in the variable that holds the token.

    ## Example

    Bad:

    ```text
    Authorization: Bearer Bearer <token>
    ```

    Good:

    ```text
    Authorization: Bearer <token>
    ```

    ## Sources

    - [RFC 6750 section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
    """
    schemes = context.surroundings.schemes
    if len(schemes) > 1:
        surplus = Span(schemes[0].start, schemes[-1].start)
        yield jwt_scheme_duplicated.finding(
            "Two schemes stand in front of the token: the server takes the second for a part of it.",
            hull(schemes),
            fixes=(Fix("Keep one scheme", (Edit(surplus, ""),), preferred=True),),
        )


@rule(
    "jwt-scheme-missing",
    Severity.INFORMATION,
    "The authorization scheme is missing",
    cause="scheme-missing-or-duplicated",
)
def jwt_scheme_missing(context: TokenContext) -> Iterator[Finding]:
    """The `Authorization` header holds a token without `Bearer` in front of it.

    Most servers then find no credentials at all and answer 401; `validate-jwt` takes the token all the same unless
    `require-scheme` is set.
    In a request file it is a warning; elsewhere it is information, because what is shown may not be what is sent.

    ## How to fix it

    Put `Bearer` and one blank in front of the token.
    In Swagger UI declare the scheme as `type: http, scheme: bearer`, so that it adds the word itself.

    ## Example

    Bad:

    ```text
    Authorization: <token>
    ```

    Good:

    ```text
    Authorization: Bearer <token>
    ```

    ## Sources

    - [RFC 6750 section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy#attributes)
    """
    around, start = context.surroundings, context.token.span.start
    if around.header and not around.schemes:
        severity = Severity.WARNING if around.request else jwt_scheme_missing.severity
        yield jwt_scheme_missing.finding(
            "The scheme is missing: 'Bearer' and a blank belong in front of the token.",
            context.token.span,
            severity=severity,
            fixes=(Fix("Insert Bearer", (Edit(Span(start, start), "Bearer "),), preferred=True),),
        )


@rule(
    "jwt-header-value", Severity.WARNING, "The header's value holds what does not belong there", cause="token-malformed"
)
def jwt_header_value(context: TokenContext) -> Iterator[Finding]:
    """Quotes stand around the token, a blank stands in it, or something else than one blank stands in front of it.

    Quotes are part of what is sent: the server takes them for a part of the token and refuses it as malformed.
    The same is true of a colon after the scheme.
    At a blank inside the token, where a line was wrapped and joined again, the token ends for the server.
    More than one blank is allowed by HTTP, but servers that cut the value at a fixed place fail; it is a hint.

    ## How to fix it

    Write the scheme, one blank, the token, and nothing else.

    ## Example

    Bad:

    ```text
    Authorization: Bearer "<token>"
    Authorization: Bearer: <token>
    ```

    Good:

    ```text
    Authorization: Bearer <token>
    ```

    ## Sources

    - [RFC 6750 section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
    - [RFC 9110 section 11.4, credentials](https://www.rfc-editor.org/rfc/rfc9110#section-11.4)
    """
    around = context.surroundings
    if around.quotes:
        yield jwt_header_value.finding(
            "Quotes stand in the header's value: they are sent along, and the token is refused.",
            hull([*around.quotes, context.token.span]),
            fixes=(Fix("Remove the quotes", tuple(Edit(span, "") for span in around.quotes), preferred=True),),
        )
    if around.interruption is not None and context.token.form is TokenForm.TRUNCATED:
        yield jwt_header_value.finding(
            "A blank stands inside the token: the server takes what is in front of it, which is not all.",
            around.interruption,
            fixes=(Fix("Remove the blank", (Edit(around.interruption, ""),), preferred=True),),
        )
    if around.gap is not None and around.gap_text.strip(" \t"):
        yield jwt_header_value.finding(
            "Only a blank belongs between scheme and token.", around.gap, fixes=(_one_blank(around.gap),)
        )
    elif around.gap is not None and around.gap_text != " " and around.header:
        message = "A single blank belongs between scheme and token." if around.gap_text else "A blank is missing here."
        span = around.gap if around.gap_text else context.token.span
        severity = Severity.HINT if around.gap_text else jwt_header_value.severity
        yield jwt_header_value.finding(message, span, severity=severity, fixes=(_one_blank(around.gap),))


def _one_blank(gap: Span) -> Fix:
    return Fix("Leave one blank", (Edit(gap, " "),), preferred=True)


RULES = (jwt_id_token_as_bearer, jwt_scheme_duplicated, jwt_scheme_missing, jwt_header_value)
