"""Rules about the audiences and clients that token checks accept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import MANY_TENANTS, TokenCheck, token_checks
from claimlens.rules.apim.context import PolicyContext, literal
from claimlens.rules.model import Edit, Finding, Fix, Related, Severity, rule
from claimlens.rules.tokens.wording import listed
from claimlens.text.spans import Span

_GRAPH = frozenset(
    {
        "https://graph.microsoft.com",
        "https://graph.microsoft.com/",
        "00000003-0000-0000-c000-000000000000",
        "https://graph.windows.net",
        "https://graph.windows.net/",
    }
)
_API_GUID = re.compile(r"api://([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})/?")
_BEFORE_AUDIENCES = (
    "openid-config",
    "issuer-signing-tokens",
    "issuer-signing-keys",
    "decryption-keys",
    "backend-application-ids",
    "client-application-ids",
)


@rule("apim-no-audience", Severity.WARNING, "Tokens for any audience are accepted", cause="audience-mismatch")
def apim_no_audience(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` expects no audience.

    Any token of the issuer passes, also one that was made for another API.

    ## How to fix it

    Add `audiences` with what tokens for this API have in `aud`.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization">
      <openid-config url="https://login.example.com/.well-known/openid-configuration" />
    </validate-jwt>
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization">
      <openid-config url="https://login.example.com/.well-known/openid-configuration" />
      <audiences><audience>api://orders</audience></audiences>
    </validate-jwt>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    - [RFC 8725 section 3.9](https://www.rfc-editor.org/rfc/rfc8725#section-3.9)
    """
    for check in token_checks(context, "validate-jwt"):
        claims = {claim.name for claim in check.claims}
        required = check.element.child("required-claims")
        opaque = required is not None and context.is_filled_in(required)
        if check.element.child("audiences") is None and check.is_whole and not opaque and not claims & {"aud", None}:
            yield apim_no_audience.finding(
                "No audience is expected: tokens for any other API of the issuer pass.",
                check.element.name_span,
                fixes=(_adding_audiences(context, check),),
            )


def _adding_audiences(context: PolicyContext, check: TokenCheck) -> Fix:
    last = [child for child in check.element.elements if child.name in _BEFORE_AUDIENCES]
    lines = ["<audiences>", f"{edits.step(context.document)}<audience>{{{{api-audience}}}}</audience>", "</audiences>"]
    return Fix("Add audiences", (edits.add_behind(context.document, check.element, last[-1] if last else None, lines),))


@rule("apim-aud-in-required-claims", Severity.HINT, "The audience is checked as a claim")
def apim_aud_in_required_claims(context: PolicyContext) -> Iterator[Finding]:
    """The audience is expected by a required claim `aud`, not by `audiences`.

    It works, but a failure gives the reason `TokenClaimValueNotAllowed` in place of `TokenAudienceNotAllowed`.

    ## How to fix it

    Move the values to `audiences`.

    ## Example

    Bad:

    ```xml
    <required-claims><claim name="aud"><value>api://orders</value></claim></required-claims>
    ```

    Good:

    ```xml
    <audiences><audience>api://orders</audience></audiences>
    ```

    ## Sources

    - [Error handling](https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies)
    """
    for check in token_checks(context, "validate-jwt"):
        claim = check.claim("aud")
        if claim is not None and check.element.child("audiences") is None:
            yield apim_aud_in_required_claims.finding(
                "The element audiences is made for this.", claim.element.open_tag_span
            )


@rule("apim-aud-twice-conflict", Severity.WARNING, "Two audiences are expected at once", cause="audience-mismatch")
def apim_aud_twice_conflict(context: PolicyContext) -> Iterator[Finding]:
    """The element `audiences` and a required claim `aud` have no value in common.

    Both must hold, so that a token with one audience never passes.

    ## How to fix it

    Keep one of them.

    ## Example

    Bad:

    ```xml
    <audiences><audience>api://orders</audience></audiences>
    <required-claims><claim name="aud"><value>api://stock</value></claim></required-claims>
    ```

    Good:

    ```xml
    <audiences><audience>api://orders</audience></audiences>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context):
        claim, audiences = check.claim("aud"), check.items("audiences")
        if claim is None or not claim.values or not audiences:
            continue
        listed_ones, required = {item.text for item in audiences}, {item.text for item in claim.values}
        if None not in listed_ones | required and listed_ones.isdisjoint(required):
            yield apim_aud_twice_conflict.finding(
                "A token with one audience cannot have both this one and one of audiences.",
                claim.element.open_tag_span,
                related=(Related("Expected here as well", audiences[0].value.span),),
            )


@rule(
    "apim-audience-form",
    Severity.INFORMATION,
    "Tokens have another form of audience",
    cause="audience-guid-vs-app-id-uri",
)
def apim_audience_form(context: PolicyContext) -> Iterator[Finding]:
    """The audience is `api://<application id>` alone, and the metadata is that of version 2.0 tokens.

    Version 2.0 tokens have the application id itself in `aud`, without `api://`.

    ## How to fix it

    List both forms.

    ## Example

    Bad:

    ```xml
    <audience>api://11111111-2222-3333-4444-555555555555</audience>
    ```

    Good:

    ```xml
    <audience>api://11111111-2222-3333-4444-555555555555</audience>
    <audience>11111111-2222-3333-4444-555555555555</audience>
    ```

    ## Sources

    - [Access token claims](https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference)
    """
    for check in token_checks(context, "validate-jwt"):
        items = check.items("audiences")
        texts = {item.text for item in items}
        if check.entra_versions != {"v2"} or None in texts:
            continue
        for item in items:
            match = _API_GUID.fullmatch(item.text or "")
            if match is None or match[1] in texts:
                continue
            place = item.element.end
            indent = edits.indent_of(context.document, item.element.start)
            addition = f"{edits.newline_of(context.document)}{indent}<audience>{match[1]}</audience>"
            both = Edit(Span(place, place), addition)
            yield apim_audience_form.finding(
                "Version 2.0 tokens have the application id alone in aud, without 'api://'.",
                item.value.span,
                fixes=(Fix("List the application id as well", (both,)),),
            )


@rule(
    "apim-graph-audience",
    Severity.WARNING,
    "Tokens for Microsoft Graph cannot be checked",
    cause="graph-token-for-own-api",
)
def apim_graph_audience(context: PolicyContext) -> Iterator[Finding]:
    """The audience is that of Microsoft Graph.

    Only Graph can check the signature of its tokens (IDX10511), so every one is refused.

    ## How to fix it

    Let clients ask for a token for your own API: its scope decides the audience.

    ## Example

    Bad:

    ```xml
    <audience>https://graph.microsoft.com</audience>
    ```

    Good:

    ```xml
    <audience>api://orders</audience>
    ```

    ## Sources

    - [Access tokens](https://learn.microsoft.com/entra/identity-platform/access-tokens)
    """
    for check in token_checks(context):
        for item in check.items("audiences"):
            if (item.text or "").lower() in _GRAPH:
                yield apim_graph_audience.finding(
                    f"{listed([item.text or ''])} is Microsoft Graph, whose tokens nobody else can check.",
                    item.value.span,
                )


@rule("apim-aad-no-client-no-aud", Severity.WARNING, "Neither clients nor audiences are expected")
def apim_aad_no_client_no_aud(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-azure-ad-token` has neither `client-application-ids` nor `audiences`.

    Any token of the tenant passes, also one for another API.

    ## How to fix it

    Add `audiences`, or the client applications that may call.

    ## Example

    Bad:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}" />
    ```

    Good:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}">
      <audiences><audience>api://orders</audience></audiences>
    </validate-azure-ad-token>
    ```

    ## Sources

    - [validate-azure-ad-token](https://learn.microsoft.com/azure/api-management/validate-azure-ad-token-policy)
    """
    for check in token_checks(context, "validate-azure-ad-token"):
        given = (check.element.child(name) for name in ("client-application-ids", "audiences"))
        if not any(given) and check.is_whole and check.claim("aud") is None:
            yield apim_aad_no_client_no_aud.finding(
                "Any token of the tenant passes: add audiences or client-application-ids.",
                check.element.name_span,
                fixes=(_adding_audiences(context, check),),
            )


@rule("apim-aad-tenant-wide", Severity.WARNING, "Tokens of any tenant are accepted", cause="issuer-templated-common")
def apim_aad_tenant_wide(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-azure-ad-token` has `common` or `organizations` for its tenant and names no client applications.

    Tokens of every tenant pass.

    ## How to fix it

    Name the tenant, or the client applications that may call.

    ## Example

    Bad:

    ```xml
    <validate-azure-ad-token tenant-id="common" />
    ```

    Good:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}" />
    ```

    ## Sources

    - [validate-azure-ad-token](https://learn.microsoft.com/azure/api-management/validate-azure-ad-token-policy)
    """
    for check in token_checks(context, "validate-azure-ad-token"):
        tenant, attribute = literal(check.element, "tenant-id"), check.element.attribute("tenant-id")
        restricted = check.element.child("client-application-ids") is not None or check.claim("tid") is not None
        if attribute is not None and (tenant or "").lower() in MANY_TENANTS and not restricted:
            yield apim_aad_tenant_wide.finding(
                f"With the tenant {listed([tenant or ''])} tokens of any tenant pass.", attribute.value_span
            )


RULES = (
    apim_no_audience,
    apim_aud_in_required_claims,
    apim_aud_twice_conflict,
    apim_audience_form,
    apim_graph_audience,
    apim_aad_no_client_no_aud,
    apim_aad_tenant_wide,
)
