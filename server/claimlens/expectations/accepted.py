"""From what a section states to what it accepts: audiences and issuers, as the framework behind it reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import attrs

from claimlens.expectations.model import Expectation, SourceKind, Stated

TENANT = "{tenantid}"
"""Stands in an accepted issuer for a tenant that the settings do not fix, or name by a domain."""

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_MULTI_TENANT = frozenset(("common", "organizations", "consumers"))

_PORTAL_ISSUER = re.compile(r"(https://sts\.windows\.net/[\w.-]+)/v2\.0/?", re.IGNORECASE)
"""What the Azure portal enters as issuer of App Service authentication; the platform accepts both versions with it."""

_CLOUDS = {
    **dict.fromkeys(
        ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
        ("https://login.microsoftonline.com", "https://sts.windows.net"),
    ),
    **dict.fromkeys(
        ("login.microsoftonline.us", "login-us.microsoftonline.com"),
        ("https://login.microsoftonline.us", "https://sts.windows.net"),
    ),
    **dict.fromkeys(
        ("login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "sts.chinacloudapi.cn"),
        ("https://login.partner.microsoftonline.cn", "https://sts.chinacloudapi.cn"),
    ),
}
"""By sign-in host, where v2.0 and v1.0 issuers of that cloud live."""


@attrs.frozen
class Accepted:
    """A value that a section accepts, with the statement it follows from.

    Attributes:
        value: the value of ``aud`` or ``iss``; an issuer may hold `TENANT`.
        stated: the statement.
        how: ``stated`` literally, or ``derived`` from an authority, a tenant or a client id.
    """

    value: str
    stated: Stated
    how: str = "stated"

    def admits(self, value: str) -> bool:
        """Tell whether ``value`` is accepted, exactly but for the place of the tenant."""
        if TENANT not in self.value:
            return value == self.value
        pattern = re.escape(self.value).replace(re.escape(TENANT), _GUID.pattern)
        return re.fullmatch(pattern, value, re.IGNORECASE) is not None


def accepted_audiences(expectation: Expectation) -> tuple[Accepted, ...]:
    """Return the audiences that a section accepts; empty where it states none."""
    return tuple(_audiences(expectation))


def accepted_issuers(expectation: Expectation) -> tuple[Accepted, ...]:
    """Return the issuers that a section accepts; empty where it states none."""
    return tuple(_issuers(expectation))


def _audiences(expectation: Expectation) -> Iterator[Accepted]:
    stated = expectation.of("audience")
    for audience in stated:
        yield Accepted(audience.value, audience)
        # Microsoft.Identity.Web: EnsureValidAudiencesContainsApiGuidIfGuidProvided
        if expectation.kind is SourceKind.IDENTITY_WEB and _GUID.fullmatch(audience.value):
            yield Accepted(f"api://{audience.value}", audience, "derived")
    if expectation.kind is SourceKind.MANIFEST:
        yield from (Accepted(uri.value, uri) for uri in expectation.of("application_uri"))
        yield from (Accepted(client.value, client) for client in expectation.of("client"))
        return
    if not stated:
        yield from (Accepted(uri.value, uri, "derived") for uri in expectation.of("application_uri"))
    # App Service always accepts its own client id; other frameworks fall back to it when no audience is set.
    if stated and expectation.kind is not SourceKind.APP_SERVICE:
        return
    for client in expectation.of("client"):
        yield Accepted(client.value, client, "derived")
        if expectation.kind is SourceKind.IDENTITY_WEB and not expectation.of("policy"):
            yield Accepted(f"api://{client.value}", client, "derived")


def _issuers(expectation: Expectation) -> Iterator[Accepted]:
    for issuer in expectation.of("issuer"):
        yield Accepted(issuer.value, issuer)
        if expectation.kind is SourceKind.APP_SERVICE and (default := _PORTAL_ISSUER.fullmatch(issuer.value)):
            yield from (Accepted(value, issuer, "derived") for value in issuers_of(default[1], both_versions=True))
    both = expectation.kind is SourceKind.IDENTITY_WEB
    for named in expectation.of("metadata", "authority"):
        yield from (Accepted(value, named, "derived") for value in issuers_of(named.value, both_versions=both))
    if expectation.of("issuer", "metadata", "authority"):
        return
    if expectation.kind is SourceKind.VALIDATE_AZURE_AD_TOKEN and (tenant := expectation.first("tenant")) is not None:
        authority = tenant.value if "://" in tenant.value else f"https://login.microsoftonline.com/{tenant.value}"
        yield from (Accepted(value, tenant, "derived") for value in issuers_of(authority, both_versions=True))
        return
    instance, tenant = expectation.first("instance"), expectation.first("tenant", "domain")
    if instance is not None and tenant is not None:
        policy = expectation.first("policy")
        address = "/".join(
            part.strip("/") for part in (instance.value, tenant.value, policy.value if policy else "", "v2.0") if part
        )
        for value in issuers_of(address, both_versions=both and policy is None):
            yield Accepted(value, instance if TENANT in value else tenant, "derived")


def issuers_of(address: str, *, both_versions: bool = False) -> tuple[str, ...]:
    """Return the issuers of the tokens that an authority or metadata URL stands for.

    >>> issuers_of("https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration")
    ('https://login.microsoftonline.com/{tenantid}/v2.0',)
    """
    try:
        parts = urlsplit(address.partition("/.well-known/")[0])
    except ValueError:
        return ()
    host = (parts.hostname or "").lower()
    path = [segment for segment in parts.path.split("/") if segment]
    if host.endswith(".b2clogin.com"):
        return tuple(_b2c(parts.scheme, host, path))
    if host in _CLOUDS and path:
        if any(segment.lower() == "tfp" or segment.upper().startswith("B2C_1") for segment in path):
            return tuple(_b2c(parts.scheme, host, path))
        return tuple(_entra(host, path, both_versions))
    if host.endswith(".ciamlogin.com"):
        tenant = next((segment for segment in path if _GUID.fullmatch(segment)), TENANT)
        return (f"https://{tenant}.ciamlogin.com/{tenant}/v2.0",)
    if parts.scheme in ("http", "https") and host:
        bare = address.partition("/.well-known/")[0]
        return (bare, bare.removesuffix("/") if bare.endswith("/") else bare + "/")
    return ()


def _entra(host: str, path: list[str], both_versions: bool) -> Iterator[str]:
    v2_base, v1_base = _CLOUDS[host]
    tenant = path[0] if _GUID.fullmatch(path[0]) else TENANT
    if both_versions or "v2.0" in path:
        yield f"{v2_base}/{tenant}/v2.0"
    if both_versions or "v2.0" not in path:
        yield f"{v1_base}/{tenant}/"


def _b2c(scheme: str, host: str, path: list[str]) -> Iterator[str]:
    tenant = next((segment for segment in path if _GUID.fullmatch(segment)), TENANT)
    policy = next((segment for segment in path if segment.upper().startswith("B2C_1")), None)
    yield f"{scheme}://{host}/{tenant}/v2.0/"
    if policy is not None:
        yield f"{scheme}://{host}/tfp/{tenant}/{policy.lower()}/v2.0/"


def is_multi_tenant(address: str) -> bool:
    """Tell whether an authority is ``common``, ``organizations`` or ``consumers``."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return False
    return any(segment.lower() in _MULTI_TENANT for segment in path.split("/"))
