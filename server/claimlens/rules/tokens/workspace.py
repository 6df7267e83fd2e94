"""Rules that compare a token with what the files near it say they accept: policies, settings, infrastructure.

One finding for a token at most, for what is checked first. What ``claimlens.expected`` says about the same thing goes
first: then those rules speak. Which files are compared, and when, is `claimlens.expectations.matching`'s to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from claimlens.entra import TokenKind
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Fix, Related, Rule, Severity, rule
from claimlens.rules.tokens.wording import listed, named, quoted

if TYPE_CHECKING:
    from claimlens.expectations.matching import Mismatch


@rule("config-audience-mismatch", Severity.WARNING, "A file near the token accepts other audiences")
def config_audience_mismatch(context: TokenContext) -> Iterator[Finding]:
    """The policy or the settings near this token do not accept its `aud`.

    API Management would answer 401 with `TokenAudienceNotAllowed`, .NET with `IDX10214`, App Service with 401.
    Audiences are compared character by character: `api://<id>` is not `<id>`, and a slash at the end makes another one.

    Compared are policies (`validate-jwt`, `validate-azure-ad-token`), `appsettings.json`, App Service authentication
    and Spring settings in the folder of the token or in the nearest folder above.
    Only a token that is evidently meant for that API is judged: another form of the same audience, a token for a
    service of Microsoft sent elsewhere, or a request beside the only API of its folder.

    ## How to fix it

    Tokens of version 2.0 have the application id (a GUID) as audience, those of version 1.0 often the application ID
    URI: accept both forms, or decide on one by `requestedAccessTokenVersion` in the manifest.
    For a token that is meant for somebody else, ask for a scope of your own API: the scope decides the audience.

    ## Example

    Bad, for a token with `"aud": "api://<id>"`:

    ```xml
    <audiences>
        <audience><id></audience>
    </audiences>
    ```

    Good:

    ```xml
    <audiences>
        <audience><id></audience>
        <audience>api://<id></audience>
    </audiences>
    ```

    ## Sources

    - [Validate the audience](https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-audience)
    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    found = _found(context, "audience")
    if found is not None and not context.settings.expected.audiences:
        message = (
            f"The audience is {named(context.profile.audiences)}; {_place(found)} accepts {listed(found.accepted)}."
        )
        yield _finding(config_audience_mismatch, context, found, message, "aud")


@rule("config-issuer-mismatch", Severity.WARNING, "A file near the token accepts other issuers")
def config_issuer_mismatch(context: TokenContext) -> Iterator[Finding]:
    """The policy or the settings near this token accept its audience, but not its `iss`.

    API Management would answer 401 with `TokenIssuerNotAllowed`, .NET with `IDX10205`.
    The accepted issuer follows from what the file names: an `openid-config` or authority with `/v2.0` stands for
    `https://login.microsoftonline.com/<tenant>/v2.0`, one without for `https://sts.windows.net/<tenant>/`.

    ## How to fix it

    The version of an access token is decided by the API it is for, not by the endpoint that the client used:
    `requestedAccessTokenVersion` in the manifest of the API, where `null` means 1.0.
    Set it to 2, or let the file name the metadata of version 1.0.
    For a token of another tenant or of Azure AD B2C, compare the authority that the client used.

    ## Example

    Bad, for a token of version 1.0:

    ```xml
    <openid-config url="https://login.microsoftonline.com/<tenant>/v2.0/.well-known/openid-configuration" />
    ```

    Good:

    ```xml
    <openid-config url="https://login.microsoftonline.com/<tenant>/.well-known/openid-configuration" />
    ```

    ## Sources

    - [Validate the issuer](https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer)
    - [requestedAccessTokenVersion](https://learn.microsoft.com/entra/identity-platform/reference-microsoft-graph-app-manifest)
    """
    found = _found(context, "issuer")
    if found is not None and not context.settings.expected.issuers:
        issuer = quoted(str(context.claims.get("iss")))
        message = f"The issuer is {issuer}; {_place(found)} accepts {listed(found.accepted)}."
        yield _finding(config_issuer_mismatch, context, found, message, "iss")


@rule("config-client-not-allowed", Severity.WARNING, "A file near the token lets other applications call")
def config_client_not_allowed(context: TokenContext) -> Iterator[Finding]:
    """The policy or the settings near this token accept it, but not the application that asked for it.

    `validate-azure-ad-token` compares `azp` (`appid` in tokens of version 1.0) with `client-application-ids` and
    answers 401, App Service with `allowedApplications` of its authorization policy and answers 403.

    ## How to fix it

    Add the application that calls to the list, or ask for the token as one that is in it.

    ## Example

    Bad, for a token with `"azp": "<other client>"`:

    ```xml
    <client-application-ids>
        <application-id><client></application-id>
    </client-application-ids>
    ```

    Good:

    ```xml
    <client-application-ids>
        <application-id><client></application-id>
        <application-id><other client></application-id>
    </client-application-ids>
    ```

    ## Sources

    - [validate-azure-ad-token](https://learn.microsoft.com/azure/api-management/validate-azure-ad-token-policy)
    - [Authorization policy of App Service](https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad#use-a-built-in-authorization-policy)
    """
    found = _found(context, "client")
    if found is not None:
        claim = "azp" if isinstance(context.claims.get("azp"), str) else "appid"
        calling = quoted(str(context.claims.get(claim)))
        message = f"The calling application is {calling}; {_place(found)} lets {listed(found.accepted)} call."
        yield _finding(config_client_not_allowed, context, found, message, claim)


@rule("config-missing-permission", Severity.WARNING, "A file near the token requires a permission that it lacks")
def config_missing_permission(context: TokenContext) -> Iterator[Finding]:
    """The policy or the settings near this token accept its issuer and audience, but require a scope or role it lacks.

    API Management would answer 401 with `TokenClaimValueNotAllowed` or `TokenClaimNotFound`, ASP.NET Core 403.
    A user's token carries scopes (`scp`), an application's carries roles (`roles`): who looks for one never finds the
    other.

    ## How to fix it

    Ask for the scope when you acquire the token; for an application, assign it the app role.
    An API for both kinds of callers needs a rule for each, such as two `validate-jwt` in a `choose`.

    ## Example

    Bad, for a token with `"scp": "User.Read"`:

    ```xml
    <claim name="scp" match="any" separator=" ">
        <value>Orders.Read</value>
    </claim>
    ```

    Good:

    ```json
    {"scp": "Orders.Read User.Read"}
    ```

    ## Sources

    - [Verify scopes and app roles](https://learn.microsoft.com/entra/identity-platform/scenario-protected-web-api-verification-scope-app-roles)
    """
    found = _found(context, "scope", "role")
    expected = context.settings.expected
    if found is not None and not (expected.scopes or expected.roles):
        granted = [permission.value for permission in context.profile.permissions]
        said = f"Granted is {listed(granted)}" if granted else "Nothing is granted"
        message = f"{said}; {_place(found)} requires the {found.aspect} {listed(found.accepted)}."
        claim = "scp" if found.aspect == "scope" else "roles"
        yield _finding(config_missing_permission, context, found, message, claim)


def _found(context: TokenContext, *aspects: str) -> Mismatch | None:
    if context.near is None or context.profile.kind is TokenKind.ID:
        return None
    from claimlens.expectations.matching import mismatch
    from claimlens.expectations.presented import Presented

    presented = Presented.of(context.profile, context.claims)
    if presented is None:
        return None
    sent_to = context.sent_to if context.surroundings.will_be_sent else None
    found = mismatch(presented, context.near, sent_to=sent_to)
    return found if found is not None and found.aspect in aspects else None


def _finding(rule: Rule[TokenContext], context: TokenContext, found: Mismatch, message: str, claim: str) -> Finding:
    related = [
        Related(f"{stated.label} is {quoted(stated.value)}", stated.span, found.path_of(stated))
        for stated in found.stated[:3]
    ]
    return rule.finding(
        message,
        context.claim_span(claim),
        cause=found.cause,
        related=tuple(related),
        fixes=tuple(_mends(found, context)),
    )


def _mends(found: Mismatch, context: TokenContext) -> Iterator[Fix]:
    from claimlens.rules.mends import mends

    return mends(found, context.claims)


def _place(found: Mismatch) -> str:
    path = found.path_of(found.stated[0]) if found.stated else found.expectation.path
    return f"{found.expectation.label} in {quoted(unquote(path or '').rpartition('/')[2])}"


RULES = (config_audience_mismatch, config_issuer_mismatch, config_client_not_allowed, config_missing_permission)
