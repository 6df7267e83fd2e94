"""Rules about the issuers that `validate-jwt` trusts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import MANY_TENANTS, TokenCheck, entra_url, token_checks, url_of
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted

_TEMPLATE = re.compile(r"(?i)\{(?:tenantid|tenant|tid)\}|<tenant[^>]*>|YOUR[_-]?TENANT|\[tenant[^\]]*\]")
_TENANT = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_V1_ISSUER = re.compile(rf"https://sts\.(?:windows\.net|chinacloudapi\.cn)/({_TENANT})(/?)")
_V2_ISSUER = re.compile(
    rf"https://login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)/({_TENANT})/v2\.0(/?)"
)


@rule("apim-common-endpoint", Severity.WARNING, "Tokens of any tenant are accepted", cause="issuer-templated-common")
def apim_common_endpoint(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` uses metadata of `common`, `organizations` or `consumers`, and restricts nothing.

    The issuer in that metadata is a template: tokens of every tenant fit.

    ## How to fix it

    Use the metadata of your tenant, list the `issuers`, or require the claim `tid`.

    ## Example

    Bad:

    ```xml
    <openid-config url="https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration" />
    ```

    Good:

    ```xml
    <openid-config url="https://login.microsoftonline.com/{{tenant}}/v2.0/.well-known/openid-configuration" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    - [Multitenant applications](https://learn.microsoft.com/entra/identity-platform/howto-convert-app-to-be-multi-tenant)
    """
    for check in token_checks(context, "validate-jwt"):
        if _pins_issuer(check) or not check.is_whole:
            continue
        for config in check.configs:
            value = url_of(config)
            match = entra_url(value.text.strip()) if value is not None and value.is_literal else None
            if value is not None and match is not None and match["tenant"].lower() in MANY_TENANTS:
                yield apim_common_endpoint.finding(
                    f"With the metadata of '{match['tenant'].lower()}' tokens of any tenant pass.", value.span
                )


def _pins_issuer(check: TokenCheck) -> bool:
    claims = {claim.name for claim in check.claims}
    return check.element.child("issuers") is not None or not claims.isdisjoint({"tid", "iss", None})


@rule("apim-entra-v1-v2-issuer", Severity.WARNING, "Metadata and issuer are of two versions", cause="issuer-v1-vs-v2")
def apim_entra_v1_v2_issuer(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` has Entra metadata of one version, and issuers of the other version only.

    Version 1.0 tokens come from `https://sts.windows.net/<tenant>/`, those of version 2.0 from
    `https://login.microsoftonline.com/<tenant>/v2.0`.
    A token of the version that the issuers expect still passes, as both versions share their keys, but so does one of
    the other version, because the issuer of the metadata is accepted too.

    ## How to fix it

    Use the metadata of the version that the API gets: `requestedAccessTokenVersion` in its manifest decides.

    ## Example

    Bad:

    ```xml
    <openid-config url="https://login.microsoftonline.com/contoso.com/.well-known/openid-configuration" />
    <issuers><issuer>https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0</issuer></issuers>
    ```

    Good:

    ```xml
    <openid-config url="https://login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration" />
    <issuers><issuer>https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0</issuer></issuers>
    ```

    ## Sources

    - [Access tokens](https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats)
    """
    for check in token_checks(context, "validate-jwt"):
        texts = [item.text for item in check.items("issuers")]
        versions = {_issuer_version(text) if text is not None else None for text in texts}
        if len(versions) != 1 or None in versions or len(check.entra_versions) != 1 or versions == check.entra_versions:
            continue
        metadata, issuer = next(iter(check.entra_versions)), next(iter(versions))
        yield apim_entra_v1_v2_issuer.finding(
            f"The issuers are those of {issuer} tokens, the metadata is that of {metadata}.",
            check.items("issuers")[0].value.span,
            fixes=_other_version(check),
        )


def _issuer_version(text: str) -> str | None:
    if _V1_ISSUER.fullmatch(text):
        return "v1"
    return "v2" if _V2_ISSUER.fullmatch(text) else None


def _other_version(check: TokenCheck) -> tuple[Fix, ...]:
    changes = []
    for config in check.configs:
        value = url_of(config)
        match = entra_url(value.text) if value is not None else None
        if value is None or match is None:
            return ()
        place = value.place(match.end(), match.end())
        changes.append(Edit(value.place(*match.span("version")), "") if match["version"] else Edit(place, "/v2.0"))
    title = "Use the metadata of version 1.0" if "v2" in check.entra_versions else "Use the metadata of version 2.0"
    return (Fix(title, tuple(changes)),)


@rule(
    "apim-entra-issuer-slash",
    Severity.WARNING,
    "The issuer has a slash too many or too few",
    cause="issuer-trailing-slash-or-case",
)
def apim_entra_issuer_slash(context: PolicyContext) -> Iterator[Finding]:
    """An issuer of Entra ID is written with another end than tokens have.

    Issuers are compared character by character.
    Those of version 1.0 tokens end with a slash, those of version 2.0 with `/v2.0` and no slash.

    ## How to fix it

    Write the issuer as tokens have it in `iss`.

    ## Example

    Bad:

    ```xml
    <issuer>https://sts.windows.net/11111111-2222-3333-4444-555555555555</issuer>
    ```

    Good:

    ```xml
    <issuer>https://sts.windows.net/11111111-2222-3333-4444-555555555555/</issuer>
    ```

    ## Sources

    - [Access token claims](https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference)
    """
    for check in token_checks(context, "validate-jwt"):
        for item in check.items("issuers"):
            text = item.text or ""
            first, second = _V1_ISSUER.fullmatch(text), _V2_ISSUER.fullmatch(text)
            if first and not first[2]:
                fixed, said = f"{text}/", "Issuers of version 1.0 tokens end with a slash."
            elif second and second[2]:
                fixed, said = text[:-1], "Issuers of version 2.0 tokens do not end with a slash."
            else:
                continue
            yield apim_entra_issuer_slash.finding(
                said, item.value.span, fixes=(Fix(f"Change to {fixed}", (Edit(item.value.span, fixed),)),)
            )


@rule(
    "apim-issuer-placeholder", Severity.WARNING, "The issuer still holds a placeholder", cause="issuer-templated-common"
)
def apim_issuer_placeholder(context: PolicyContext) -> Iterator[Finding]:
    """An issuer is written with a placeholder such as `<tenant>` or `YOUR_TENANT`.

    Issuers are compared character by character, so that no token fits.

    ## How to fix it

    Write the id of the tenant, or a named value: `{{tenant-id}}`.

    ## Example

    Bad:

    ```xml
    <issuer>https://login.microsoftonline.com/YOUR_TENANT/v2.0</issuer>
    ```

    Good:

    ```xml
    <issuer>https://login.microsoftonline.com/{{tenant-id}}/v2.0</issuer>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        for item in check.items("issuers"):
            match = _TEMPLATE.search(item.text or "")
            if match:
                yield apim_issuer_placeholder.finding(
                    f"{quoted(match[0])} is compared as it stands: no token has such an issuer.",
                    item.value.span,
                    fixes=(
                        Fix(
                            "Use the named value {{tenant-id}}",
                            (Edit(item.value.place(*match.span()), "{{tenant-id}}"),),
                        ),
                    ),
                )


@rule("apim-no-issuer", Severity.WARNING, "Tokens of any issuer are accepted")
def apim_no_issuer(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` has keys of its own and neither `issuers` nor `openid-config`.

    Whatever these keys have signed passes, whoever the token says it is from.

    ## How to fix it

    Add `issuers`, or require the claim `iss`.

    ## Example

    Bad:

    ```xml
    <issuer-signing-keys><key>{{signing-key}}</key></issuer-signing-keys>
    ```

    Good:

    ```xml
    <issuer-signing-keys><key>{{signing-key}}</key></issuer-signing-keys>
    <issuers><issuer>https://login.example.com</issuer></issuers>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for check in token_checks(context, "validate-jwt"):
        keys = check.element.child("issuer-signing-keys")
        if keys is None or check.configs or _pins_issuer(check) or not check.is_whole:
            continue
        yield apim_no_issuer.finding(
            "No issuer is expected: whatever these keys have signed passes.",
            check.element.name_span,
            fixes=(_adding_issuers(context, check),),
        )


def _adding_issuers(context: PolicyContext, check: TokenCheck) -> Fix:
    before = ("openid-config", "issuer-signing-tokens", "issuer-signing-keys", "decryption-keys", "audiences")
    last = [child for child in check.element.elements if child.name in before]
    lines = ["<issuers>", f"{edits.step(context.document)}<issuer>{{{{token-issuer}}}}</issuer>", "</issuers>"]
    return Fix("Add issuers", (edits.add_behind(context.document, check.element, last[-1] if last else None, lines),))


RULES = (
    apim_common_endpoint,
    apim_entra_v1_v2_issuer,
    apim_entra_issuer_slash,
    apim_issuer_placeholder,
    apim_no_issuer,
)
