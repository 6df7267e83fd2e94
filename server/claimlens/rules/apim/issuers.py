"""Rules about the issuers that `validate-jwt` trusts, and where it reads their metadata."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from claimlens.apim.model import Element
from claimlens.apim.values import Value
from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import MANY_TENANTS, TokenCheck, entra_url, token_checks, url_of
from claimlens.rules.apim.context import PolicyContext, literal
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted

_WELL_KNOWN = "/.well-known/openid-configuration"
_KEY_SET = re.compile(r"(?i)/(?:discovery/(?:v2\.0/)?keys|keys|certs|jwks(?:\.json)?|oauth2/v3/certs)/?$")
_DOCUMENT = re.compile(r"(?i)well-known|config|metadata|discovery|\.json|\?")
_TENANT_NAME = re.compile(r"(?i)tenant|tid\b|directory")
_PRIVATE_SUFFIXES = (".local", ".internal", ".lan", ".corp", ".intranet", ".cluster.local", ".localhost")
_TEMPLATE = re.compile(r"(?i)\{(?:tenantid|tenant|tid)\}|<tenant[^>]*>|YOUR[_-]?TENANT|\[tenant[^\]]*\]")
_TENANT = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_V1_ISSUER = re.compile(rf"https://sts\.(?:windows\.net|chinacloudapi\.cn)/({_TENANT})(/?)")
_V2_ISSUER = re.compile(
    rf"https://login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)/({_TENANT})/v2\.0(/?)"
)


@rule("apim-openid-url", Severity.ERROR, "The URL is not that of the metadata", cause="metadata-wrong-endpoint")
def apim_openid_url(context: PolicyContext) -> Iterator[Finding]:
    """The `url` of an `openid-config` points at the issuer or at its keys, not at its metadata.

    The service reads the metadata when the policy is saved, and again every hour; it finds none there.

    ## How to fix it

    Write the URL of the metadata: that of the issuer, with `/.well-known/openid-configuration` behind it.

    ## Example

    Bad:

    ```xml
    <openid-config url="https://login.microsoftonline.com/contoso.com/v2.0" />
    ```

    Good:

    ```xml
    <openid-config url="https://login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    - [OpenID Connect Discovery 1.0](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig)
    """
    for _, value in _configs(context):
        text = value.text.strip()
        if value.has_expression or ".well-known" in text or not _is_known_to_its_end(value):
            continue
        if "://" not in text or not _has_host(text):
            continue
        if _KEY_SET.search(text):
            yield apim_openid_url.finding(
                "This is the URL of the keys; the policy wants that of the metadata, which names it.", value.span
            )
        elif entra_url(text) or (not _DOCUMENT.search(text.partition("://")[2].partition("/")[2])):
            fixed = text.rstrip("/") + _WELL_KNOWN
            yield apim_openid_url.finding(
                f"This is the URL of the issuer; its metadata stands at …{_WELL_KNOWN}.",
                value.span,
                severity=Severity.ERROR if entra_url(text) else Severity.WARNING,
                fixes=(Fix(f"Add {_WELL_KNOWN}", (Edit(value.span, edits.escaped(fixed)),), preferred=True),),
            )


def _configs(context: PolicyContext) -> Iterator[tuple[Element, Value]]:
    for check in token_checks(context, "validate-jwt"):
        for config in check.configs:
            value = url_of(config)
            if value is not None and value.raw.strip():
                yield config, value


def _is_known_to_its_end(value: Value) -> bool:
    """Tell whether a URL ends with something known: a literal, or a placeholder that a tenant is put in for."""
    if not value.placeholders:
        return True
    last = value.placeholders[-1]
    if value.placeholders[0].span.start == value.span.start or len(value.placeholders) > 1:
        return False
    return last.span.end < value.span.end or bool(_TENANT_NAME.search(last.name))


def _has_host(text: str) -> bool:
    """Tell whether ``text`` can be taken apart as a URL at all."""
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:
        return False


@rule("apim-http-issuer", Severity.WARNING, "The metadata is read without encryption")
def apim_http_issuer(context: PolicyContext) -> Iterator[Finding]:
    """The `url` of an `openid-config` begins with `http://`.

    Whoever stands on the way can put keys of his own in, and sign tokens with them.

    ## How to fix it

    Write `https://`.

    ## Example

    Bad:

    ```xml
    <openid-config url="http://login.example.com/.well-known/openid-configuration" />
    ```

    Good:

    ```xml
    <openid-config url="https://login.example.com/.well-known/openid-configuration" />
    ```

    ## Sources

    - [OpenID Connect Discovery 1.0](https://openid.net/specs/openid-connect-discovery-1_0.html#TLSRequirements)
    """
    for _, value in _configs(context):
        if value.text.lower().startswith("http://") and not value.has_expression:
            secure = Edit(value.place(0, 4), "https")
            yield apim_http_issuer.finding(
                "Keys that are read over http can be replaced on the way.",
                value.span,
                fixes=(Fix("Use https", (secure,)),),
            )


@rule("apim-openid-connectivity", Severity.INFORMATION, "The metadata may not be reachable when saving")
def apim_openid_connectivity(context: PolicyContext) -> Iterator[Finding]:
    """The host of an `openid-config` is a private one.

    The service tries to reach the URL when the policy is saved, and refuses the policy where it cannot.

    ## How to fix it

    Add `validate-connectivity="false"`, and make sure that the gateway reaches the host.

    ## Example

    Bad:

    ```xml
    <openid-config url="https://login.corp.local/.well-known/openid-configuration" />
    ```

    Good:

    ```xml
    <openid-config url="https://login.corp.local/.well-known/openid-configuration" validate-connectivity="false" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for config, value in _configs(context):
        if value.is_literal and _is_private(value.text) and config.attribute("validate-connectivity") is None:
            addition = edits.add_attribute(config, "validate-connectivity", "false")
            yield apim_openid_connectivity.finding(
                "Saving the policy tries to reach this private host.",
                value.span,
                fixes=(Fix('Add validate-connectivity="false"', (addition,)),),
            )


def _is_private(url: str) -> bool:
    try:
        host = urlsplit(url.strip()).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.lower().endswith(_PRIVATE_SUFFIXES) or (bool(host) and "." not in host)


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
    lines = ["<issuers>", "    <issuer>{{token-issuer}}</issuer>", "</issuers>"]
    return Fix("Add issuers", (edits.add_behind(context.document, check.element, last[-1] if last else None, lines),))


@rule("apim-prefer-aad-policy", Severity.HINT, "There is a policy made for tokens of Entra ID")
def apim_prefer_aad_policy(context: PolicyContext) -> Iterator[Finding]:
    """A `validate-jwt` checks tokens of one Entra tenant, for which `validate-azure-ad-token` is made.

    That policy needs less writing, knows both versions of tokens, and the documentation recommends it.

    ## How to fix it

    Rewrite the policy: the tenant becomes `tenant-id`, `audiences` stay, the claims `azp` and `appid` become
    `client-application-ids`.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization">
      <openid-config url="https://login.microsoftonline.com/{{tenant}}/v2.0/.well-known/openid-configuration" />
      <audiences><audience>api://orders</audience></audiences>
    </validate-jwt>
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
    for check in token_checks(context, "validate-jwt"):
        keys = check.element.child("issuer-signing-keys")
        if len(check.configs) == 1 and check.entra_versions and keys is None and literal(check.element, "header-name"):
            yield apim_prefer_aad_policy.finding(
                "'<validate-azure-ad-token>' is made for tokens of Entra ID.", check.element.name_span
            )


RULES = (
    apim_openid_url,
    apim_http_issuer,
    apim_openid_connectivity,
    apim_common_endpoint,
    apim_entra_v1_v2_issuer,
    apim_entra_issuer_slash,
    apim_issuer_placeholder,
    apim_no_issuer,
    apim_prefer_aad_policy,
)
