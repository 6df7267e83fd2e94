"""Rules about the metadata that `validate-jwt` reads: the URLs of its `openid-config` elements."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from claimlens.apim.model import Element
from claimlens.apim.values import Value
from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import entra_url, token_checks, url_of
from claimlens.rules.apim.context import PolicyContext, literal
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule

_WELL_KNOWN = "/.well-known/openid-configuration"
_CUT = re.compile(r"(?<!/\.well-known)/openid-configuration/?$|/\.well-known/?$")
"""The end of a URL of which one half was lost."""
_KEY_SET = re.compile(r"(?i)/(?:discovery/(?:v2\.0/)?keys|keys|certs|jwks(?:\.json)?|oauth2/v3/certs)/?$")
_DOCUMENT = re.compile(r"(?i)well-known|config|metadata|discovery|\.json|\?")
_TENANT_NAME = re.compile(r"(?i)tenant|tid\b|directory")
_PRIVATE_SUFFIXES = (".local", ".internal", ".lan", ".corp", ".intranet", ".cluster.local", ".localhost")


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
        if value.has_expression or not _is_known_to_its_end(value) or not _has_host(text):
            continue
        if _KEY_SET.search(text):
            yield apim_openid_url.finding(
                "This is the URL of the keys; the policy wants that of the metadata, which names it.", value.span
            )
        elif (issuer := _issuer_of(text)) is not None:
            yield apim_openid_url.finding(
                f"This is not the URL of the metadata, which stands at …{_WELL_KNOWN}.",
                value.span,
                severity=Severity.ERROR if entra_url(text) else Severity.WARNING,
                fixes=(
                    Fix(f"Add {_WELL_KNOWN}", (Edit(value.span, edits.escaped(issuer + _WELL_KNOWN)),), preferred=True),
                ),
            )


def _issuer_of(url: str) -> str | None:
    """Return the issuer whose metadata ``url`` was to name, where it does not name it; None where it may."""
    cut = _CUT.search(url)
    if cut is not None:
        return url[: cut.start()]
    if ".well-known" in url:
        return None
    is_document = not entra_url(url) and _DOCUMENT.search(url.partition("://")[2].partition("/")[2])
    return None if is_document else url.rstrip("/")


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
        return host.lower().endswith(_PRIVATE_SUFFIXES) or host.replace("-", "").isalnum()


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
    apim_prefer_aad_policy,
)
