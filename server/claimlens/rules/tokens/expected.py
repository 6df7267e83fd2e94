"""Rules that compare a token with what the settings say tokens in this folder are meant for (``claimlens.expected``).

Only tokens that somebody would send to an API are compared. Where the issuer is wrong, the tenant in it is no news.
"""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra import IssuerMatch, TokenKind, application, match_issuer
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.tokens.wording import listed, named, quoted

_MEANT_FOR_AN_API = frozenset({TokenKind.ACCESS, TokenKind.MANAGED_IDENTITY, TokenKind.ID, TokenKind.UNKNOWN})
_GRAPH = "00000003-0000-0000-c000-000000000000"
_TENANT_PLACEHOLDERS = ("{tenantid}", "{tid}", "{tenant}")


@rule("jwt-unexpected-audience", Severity.WARNING, "The token is meant for somebody else", cause="audience-mismatch")
def jwt_unexpected_audience(context: TokenContext) -> Iterator[Finding]:
    """The `aud` claim holds none of the audiences in the setting `claimlens.expected.audiences`.

    The API would answer 401: `validate-jwt` with `TokenAudienceNotAllowed`, .NET with `IDX10214`.
    Audiences are compared character by character, as verifiers do.

    ## How to fix it

    Ask for a token for the API: the scope you request decides the audience.
    Where the API gets version 2.0 tokens, `aud` is its application id (a GUID); with version 1.0 it is the
    application ID URI or the GUID, as the client asked. Let the API accept both forms.

    ## Example

    Bad, with `audiences = ["api://orders"]`:

    ```json
    {"aud": "https://graph.microsoft.com"}
    ```

    Good:

    ```json
    {"aud": "api://orders"}
    ```

    ## Sources

    - [Validate the audience](https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-audience)
    - [RFC 7519 section 4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3)
    """
    expected = context.settings.expected.audiences
    found = [audience.value for audience in context.profile.audiences]
    if not expected or not _is_compared(context) or set(found) & set(expected):
        return
    if context.profile.kind is TokenKind.ID and context.surroundings.authorization:  # jwt-id-token-as-bearer says why
        return
    said = f"The audience is {named(context.profile.audiences)}" if found else "There is no audience"
    yield jwt_unexpected_audience.finding(
        f"{said}; expected is {listed(expected)}.", context.claim_span("aud"), cause=_audience_cause(found, expected)
    )


@rule("jwt-unexpected-issuer", Severity.WARNING, "The token comes from somebody else")
def jwt_unexpected_issuer(context: TokenContext) -> Iterator[Finding]:
    """The `iss` claim is none of the issuers in the setting `claimlens.expected.issuers`.

    The API would answer 401: `validate-jwt` with `TokenIssuerNotAllowed`, .NET with `IDX10205`.
    Issuers are compared character by character, as verifiers do: a slash at the end or a capital letter makes another
    issuer.
    `{tenantid}` in the setting stands for the token's own `tid`.

    ## How to fix it

    Compare the two: a v1.0 issuer (`https://sts.windows.net/<tenant>/`) against a v2.0 one is decided by
    `requestedAccessTokenVersion` in the manifest of the API; another tenant by the authority that the client used.

    ## Example

    Bad, with `issuers = ["https://login.microsoftonline.com/<tenant>/v2.0"]`:

    ```json
    {"iss": "https://sts.windows.net/<tenant>/"}
    ```

    Good:

    ```json
    {"iss": "https://login.microsoftonline.com/<tenant>/v2.0"}
    ```

    ## Sources

    - [Validate the issuer](https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer)
    - [RFC 7519 section 4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1)
    """
    if not _has_unexpected_issuer(context):
        return
    issuer, expected = context.claims.get("iss"), context.settings.expected.issuers
    said = f"The issuer is {quoted(issuer)}" if isinstance(issuer, str) else "There is no issuer"
    yield jwt_unexpected_issuer.finding(
        f"{said}; expected is {listed(expected)}.",
        context.claim_span("iss"),
        cause=_issuer_cause(issuer, expected) if isinstance(issuer, str) else None,
    )


@rule("jwt-unexpected-tenant", Severity.WARNING, "The token comes from another tenant", cause="issuer-wrong-tenant")
def jwt_unexpected_tenant(context: TokenContext) -> Iterator[Finding]:
    """The tenant of the token is none of those in the setting `claimlens.expected.tenants`.

    The client signed in with another authority than the API trusts, or the user came with an account of another tenant.

    ## How to fix it

    Let the client use the authority of the right tenant (`https://login.microsoftonline.com/<tenant>`) in place of
    `common` or `organizations`, and invite users of other tenants as guests.

    ## Example

    Bad, with `tenants = ["<tenant A>"]`:

    ```json
    {"tid": "<tenant B>"}
    ```

    Good:

    ```json
    {"tid": "<tenant A>"}
    ```

    ## Sources

    - [Access token claims](https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference)
    """
    expected, tenant = context.settings.expected.tenants, context.profile.tenant
    if not expected or tenant is None or not _is_compared(context) or _has_unexpected_issuer(context):
        return
    comparable = all("." not in known for known in expected)  # a domain name cannot be compared with an id
    if comparable and tenant.value.casefold() not in {known.casefold() for known in expected}:
        yield jwt_unexpected_tenant.finding(
            f"The tenant is {named([tenant])}; expected is {listed(expected)}.", context.claim_span("tid")
        )


@rule("jwt-missing-permission", Severity.WARNING, "The token lacks the permissions that are expected")
def jwt_missing_permission(context: TokenContext) -> Iterator[Finding]:
    """The access token has none of the scopes and roles in `claimlens.expected.scopes` and `claimlens.expected.roles`.

    The API would answer 401 or 403.
    A user's token carries scopes (`scp`), an application's carries roles (`roles`); any one that is expected is enough.
    A scope may be written with or without the URI of its API: `api://orders/Orders.Read` stands in a token as
    `Orders.Read`.

    ## How to fix it

    Ask for the scope when you acquire the token. For an application, assign it the app role and have it consented.
    Then get a new token: permissions do not come into one that was issued before.

    ## Example

    Bad, with `scopes = ["Orders.Read"]`:

    ```json
    {"scp": "User.Read"}
    ```

    Good:

    ```json
    {"scp": "Orders.Read User.Read"}
    ```

    ## Sources

    - [Verify scopes and app roles](https://learn.microsoft.com/entra/identity-platform/scenario-protected-web-api-verification-scope-app-roles)
    """
    expected = context.settings.expected
    wanted = {*expected.scopes_in_tokens, *expected.roles}
    granted = [permission.value for permission in context.profile.permissions]
    is_access = context.profile.kind in (TokenKind.ACCESS, TokenKind.MANAGED_IDENTITY)
    if not wanted or not is_access or wanted & set(granted):
        return
    by_user = any(permission.type == "delegated" for permission in context.profile.permissions)
    cause = "missing-scope" if expected.scopes and (by_user or not expected.roles) else "missing-role"
    said = f"Granted is {listed(granted)}" if granted else "Nothing is granted"
    yield jwt_missing_permission.finding(
        f"{said}; expected is {listed(sorted(wanted))}.", context.claim_span("scp"), cause=cause
    )


def _is_compared(context: TokenContext) -> bool:
    return context.token.payload is not None and context.profile.kind in _MEANT_FOR_AN_API


def _has_unexpected_issuer(context: TokenContext) -> bool:
    expected = context.settings.expected.issuers
    if not expected or not _is_compared(context):
        return False
    tenant = context.claims.get("tid")
    return context.claims.get("iss") not in [_filled(known, tenant) for known in expected]


def _filled(issuer: str, tenant: object) -> str:
    """Return ``issuer`` with the token's tenant in place of a placeholder."""
    if isinstance(tenant, str):
        for placeholder in _TENANT_PLACEHOLDERS:
            issuer = issuer.replace(placeholder, tenant)
    return issuer


def _audience_cause(found: list[str], expected: tuple[str, ...]) -> str:
    known = {resource.id for resource in map(application, found) if resource}
    if _GRAPH in known:
        return "graph-token-for-own-api"
    bare = {_bare_audience(audience) for audience in expected}
    if any(_bare_audience(audience) in bare for audience in found):
        return "audience-guid-vs-app-id-uri"
    return "audience-mismatch"


def _bare_audience(audience: str) -> str:
    return audience.removeprefix("api://").rstrip("/").casefold()


def _issuer_cause(issuer: str, expected: tuple[str, ...]) -> str | None:
    """Return why the issuer is another one, judged by the expected one that is nearest."""
    if issuer.rstrip("/").casefold() in {known.rstrip("/").casefold() for known in expected}:
        return "issuer-trailing-slash-or-case"
    ours = match_issuer(issuer)
    causes = [_difference(ours, theirs) for theirs in map(match_issuer, expected) if ours and theirs]
    return next((cause for cause in _NEAREST_FIRST if cause in causes), None)


_NEAREST_FIRST = (
    "issuer-v1-vs-v2",
    "issuer-templated-common",
    "tenant-cross-cloud",
    "issuer-wrong-tenant",
    "issuer-b2c-vs-entra",
    "issuer-ciam",
)


def _difference(ours: IssuerMatch | None, theirs: IssuerMatch) -> str | None:
    if ours is None:
        return None
    families = {ours.family, theirs.family}
    if families == {"entra"}:
        if ours.tenant_id == theirs.tenant_id:
            return "issuer-v1-vs-v2"
        if theirs.tenant_id is None:
            return "issuer-templated-common"
        return "tenant-cross-cloud" if ours.cloud != theirs.cloud else "issuer-wrong-tenant"
    if families == {"entra", "b2c"}:
        return "issuer-b2c-vs-entra"
    return "issuer-ciam" if "ciam" in families else None


RULES = (jwt_unexpected_audience, jwt_unexpected_issuer, jwt_unexpected_tenant, jwt_missing_permission)
