"""Rules about what a token says of itself. Most say what `claimlens.entra` noticed."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra import Flow, TokenKind
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Severity, rule


@rule("jwt-encrypted", Severity.INFORMATION, "The token is encrypted", cause="token-encrypted")
def jwt_encrypted(context: TokenContext) -> Iterator[Finding]:
    """The token is a JWE: its claims can be read by the holder of the key alone.

    Entra ID encrypts access tokens for applications that have a token encryption key, and for some of its own services.
    Auth0 returns such tokens when no audience was asked for.
    A verifier for signed tokens cannot do anything with them.

    ## How to fix it

    If the token is meant for you, give your API the decryption key, or turn token encryption off for the application.
    If it is meant for somebody else, do not look into it; ask for a token for your own API.

    ## Example

    Bad, for an API that expects a signed token:

    ```json
    {"alg": "RSA-OAEP", "enc": "A256GCM"}
    ```

    Good:

    ```json
    {"alg": "RS256", "typ": "JWT"}
    ```

    ## Sources

    - [RFC 7516, JSON Web Encryption](https://www.rfc-editor.org/rfc/rfc7516)
    - [Access tokens](https://learn.microsoft.com/entra/identity-platform/access-tokens)
    """
    if context.profile.kind is TokenKind.ENCRYPTED:
        yield jwt_encrypted.finding(
            "Encrypted (JWE): only the holder of the key can read the claims.", context.token.span
        )


@rule("jwt-version-mismatch", Severity.INFORMATION, "Version and issuer do not fit together", cause="issuer-v1-vs-v2")
def jwt_version_mismatch(context: TokenContext) -> Iterator[Finding]:
    """The `ver` claim says one version of Entra's tokens, the form of `iss` the other.

    Version 1.0 comes with `https://sts.windows.net/<tenant>/`, version 2.0 with
    `https://login.microsoftonline.com/<tenant>/v2.0`.
    Entra ID never mixes them, so the token was made or changed by hand; as a sample it misleads.

    ## How to fix it

    Use a real token. Which version an API gets is decided by the API's own registration:
    `requestedAccessTokenVersion` in its manifest.

    ## Example

    Bad:

    ```json
    {"ver": "1.0", "iss": "https://login.microsoftonline.com/<tenant>/v2.0"}
    ```

    Good:

    ```json
    {"ver": "2.0", "iss": "https://login.microsoftonline.com/<tenant>/v2.0"}
    ```

    ## Sources

    - [Access token claims](https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference)
    """
    note = context.profile.note("version-mismatch")
    if note is not None:
        yield jwt_version_mismatch.finding(note.text, context.claim_span("ver"))


@rule("jwt-tenant-mismatch", Severity.INFORMATION, "Tenant and issuer do not fit together", cause="issuer-wrong-tenant")
def jwt_tenant_mismatch(context: TokenContext) -> Iterator[Finding]:
    """The `tid` claim names another tenant than the issuer.

    In a token of Entra ID both are the same, so the token was made or changed by hand.
    A verifier for several tenants that looks at one of the two only would be deceived.

    ## How to fix it

    Use a real token. As a verifier for several tenants, compare `iss` with the issuer of the tenant in `tid`.

    ## Example

    Bad:

    ```json
    {"tid": "<tenant A>", "iss": "https://login.microsoftonline.com/<tenant B>/v2.0"}
    ```

    Good:

    ```json
    {"tid": "<tenant A>", "iss": "https://login.microsoftonline.com/<tenant A>/v2.0"}
    ```

    ## Sources

    - [Validate the issuer](https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer)
    """
    note = context.profile.note("tenant-mismatch")
    if note is not None:
        yield jwt_tenant_mismatch.finding(note.text, context.claim_span("tid"))


@rule("jwt-no-permissions", Severity.INFORMATION, "The access token grants nothing")
def jwt_no_permissions(context: TokenContext) -> Iterator[Finding]:
    """The access token has neither scopes (`scp`) nor roles (`roles`).

    Entra ID issues such tokens to any application of the tenant that asks with client credentials, granted or not.
    An API that checks only signature and audience lets all of them in; one that checks permissions answers 401 or 403.

    ## How to fix it

    For an application: define an app role on the API, assign it to the client and have it consented, then get a new
    token.
    For a user: ask for a scope of the API (`api://<application-id>/<scope>`), not for `openid` and the like alone.
    On the API, require a scope or a role, and require assignment.

    ## Example

    Bad:

    ```json
    {"aud": "api://orders", "azp": "<client>", "idtyp": "app"}
    ```

    Good:

    ```json
    {"aud": "api://orders", "azp": "<client>", "idtyp": "app", "roles": ["Orders.Read.All"]}
    ```

    ## Sources

    - [Verify scopes and app roles](https://learn.microsoft.com/entra/identity-platform/scenario-protected-web-api-verification-scope-app-roles)
    """
    note, expected = context.profile.note("no-permissions"), context.settings.expected
    if note is not None and not (expected.scopes or expected.roles):  # else jwt-missing-permission says it
        cause = "missing-role" if context.profile.flow is Flow.APP_ONLY else "missing-scope"
        yield jwt_no_permissions.finding(note.text, context.claim_span(), cause=cause)


@rule("jwt-groups-overage", Severity.INFORMATION, "The groups do not stand in the token", cause="groups-overage")
def jwt_groups_overage(context: TokenContext) -> Iterator[Finding]:
    """The user is in more groups than Entra ID puts into a token.

    The limit is 200, and far fewer with the implicit flow, whose tokens travel in a URL.
    Beyond it the token says only where the groups can be asked for (`_claim_names`) or that there are some
    (`hasgroups`).
    Code that reads `groups` finds nothing and refuses precisely the users who are in most groups.

    ## How to fix it

    Let the token hold only the groups that are assigned to the application (`ApplicationGroup`), or use app roles.
    Otherwise ask Microsoft Graph: `GET /me/transitiveMemberOf`. The address in `_claim_sources` is that of a retired
    API.

    ## Example

    Bad:

    ```json
    {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "…"}}}
    ```

    Good:

    ```json
    {"roles": ["Orders.Approver"]}
    ```

    ## Sources

    - [Groups overage](https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference#groups-overage-claim)
    """
    note = context.profile.note("groups-overage")
    if note is not None:
        yield jwt_groups_overage.finding(note.text, context.claim_span(note.claims[0]))


RULES = (jwt_encrypted, jwt_version_mismatch, jwt_tenant_mismatch, jwt_no_permissions, jwt_groups_overage)
