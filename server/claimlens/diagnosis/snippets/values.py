"""Reads from a token what the templates are filled with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from claimlens.diagnosis.snippets.literals import Url, form
from claimlens.entra import IssuerMatch, Profile, application, metadata_location, profile
from claimlens.entra.guids import as_guid
from claimlens.jose.model import Token

_MOST_PERMISSIONS = 20
_METADATA = "/.well-known/openid-configuration"
_SIGN_IN_MARGIN = timedelta(hours=1)
_REDIRECT = "http://localhost:8080"
_CLOUDS = {"usgov": "AzureUSGovernment", "china": "AzureChinaCloud"}
"""The name of a sovereign cloud in Azure CLI and Azure PowerShell."""
_CLOUD_HOSTS = {"login.microsoftonline.us": "usgov", "login.partner.microsoftonline.cn": "china"}
_ASYMMETRIC = frozenset(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"))


@attrs.frozen
class Values:
    """What a template may name. Every text is as it stands in the token, to be made a literal.

    Attributes:
        family: of the issuer, as in `entra.IssuerMatch`, or ``unknown``.
        issuer: ``iss``, or empty.
        metadata_url: where the issuer's metadata is, or empty.
        base: what the endpoints of Entra ID, B2C and External ID begin with, or empty.
        instance: scheme and host of Entra ID with a slash at the end, or empty.
        tenant: the tenant's id, or empty.
        cloud: the sovereign cloud as Azure CLI names it, or empty.
        audiences: ``aud``, and the other form of an application id (``api://…`` or the GUID).
        resource: what a token is asked for, the App ID URI or the application id.
        client: the application that the token was issued to, or empty.
        own_client: the same, empty where it is an application of Microsoft, which nobody else can act as.
        application: the API's application id, or empty.
        scope_claim: the claim that holds the scopes, ``scp`` or ``scope``.
        scopes_are_listed: whether that claim is a list; Entra ID writes words with blanks between them.
        scopes: delegated permissions; a token without them is judged by its ``roles``.
        roles: application permissions and app roles.
        algorithm: of the signature, or ``RS256`` where that is none a public key verifies.
        is_access_token_type: whether the header's ``typ`` is ``at+jwt`` (RFC 9068), which some refuse.
        policy: the B2C user flow or custom policy, or empty.
        unique_token_identifier: ``uti``, or empty.
        request_id: the sign-in's id that ``uti`` stands for, or empty.
        user: the object id of the user or service principal, or empty.
        since: the beginning of the time to look for the sign-in, ISO 8601 in UTC.
        until: its end.
    """

    family: str
    issuer: str
    metadata_url: Url
    base: Url
    instance: Url
    tenant: str
    cloud: str
    audiences: tuple[str, ...]
    resource: str
    client: str
    own_client: str
    application: str
    scope_claim: str
    scopes_are_listed: bool
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    algorithm: str
    is_access_token_type: bool
    policy: str
    unique_token_identifier: str
    request_id: str
    user: str
    since: str
    until: str

    @property
    def all_permissions(self) -> str:
        """The scope that asks for everything that has been consented to."""
        return f"{self.resource}/.default"

    @property
    def delegated_scope(self) -> str:
        """The scopes to ask for on behalf of a user."""
        return " ".join(f"{self.resource}/{scope}" for scope in self.scopes) or self.all_permissions

    @property
    def sign_in_query(self) -> Url:
        """The query of the authorization request, but for ``client_id`` and ``code_challenge`` (RFC 7636)."""
        asked = {
            "response_type": "code",
            "redirect_uri": _REDIRECT,
            "scope": f"openid offline_access {self.delegated_scope}",
            "code_challenge_method": "S256",
        }
        return Url("&".join(f"{name}={form(value)}" for name, value in asked.items()))

    def endpoint(self, name: str) -> Url:
        """Return the OAuth endpoint ``name`` (``token``, ``authorize``, ``devicecode``) of Entra ID, B2C or CIAM."""
        return Url(f"{self.base}/oauth2/v2.0/{name}")


def values_of(token: Token, now: datetime) -> Values:
    """Return what ``token`` fills templates with. Takes any token."""
    claims = token.payload or {}
    told = profile(token, now)
    location = metadata_location(claims.get("iss"), claims, token.header)
    metadata_url = Url.of(location.urls[0]) if location.urls else Url("")
    host = metadata_url.split("/")[2] if metadata_url else ""
    issuer = told.issuer
    family = issuer.family if issuer else "unknown"
    microsoft = family in ("entra", "b2c", "ciam")
    scope_claim = "scp" if claims.get("scp") or not claims.get("scope") else "scope"
    audiences = tuple(audience.value for audience in told.audiences)
    cloud = _CLOUD_HOSTS.get(host) or (issuer.cloud if issuer else None) or ""
    return Values(
        family=family,
        issuer=_text(claims, "iss"),
        metadata_url=metadata_url,
        base=Url(metadata_url.removesuffix(_METADATA).removesuffix("/v2.0")) if microsoft else Url(""),
        instance=Url(f"https://{host}/") if family in ("entra", "ciam") else Url(""),
        tenant=told.tenant.value if told.tenant else (issuer.tenant_id if issuer else None) or "",
        cloud=_CLOUDS.get(cloud, ""),
        audiences=_audience_forms(audiences),
        resource=_resource(audiences[0] if audiences else "", issuer),
        client=told.client.value if told.client else "",
        own_client=told.client.value if told.client and not application(told.client.value) else "",
        application=next((form for form in _audience_forms(audiences) if _is_guid(form)), ""),
        scope_claim=scope_claim,
        scopes_are_listed=isinstance(claims.get(scope_claim), list),
        scopes=_permissions(told, "delegated"),
        roles=_permissions(told, "application"),
        algorithm=token.algorithm if token.algorithm in _ASYMMETRIC and token.algorithm else "RS256",
        is_access_token_type=_is_access_token_type(token),
        policy=told.policy or "",
        unique_token_identifier=_text(claims, "uti"),
        request_id=told.request_id or "",
        user=_text(claims, "oid"),
        **_window(told, now),
    )


def _is_access_token_type(token: Token) -> bool:
    return _text(token.header or {}, "typ").lower().removeprefix("application/") == "at+jwt"


def _audience_forms(audiences: tuple[str, ...]) -> tuple[str, ...]:
    """Return the audiences, each with its other form: v1.0 tokens name the App ID URI, v2.0 tokens the GUID."""
    forms: dict[str, None] = {}
    for audience in audiences[:_MOST_PERMISSIONS]:
        forms[audience] = None
        bare = audience.removeprefix("api://")
        if _is_guid(bare):
            forms[bare] = forms[f"api://{bare}"] = None
    return tuple(forms)


def _resource(audience: str, issuer: IssuerMatch | None) -> str:
    """Return what to ask a token for. B2C wants the App ID URI, which begins with the tenant's own domain."""
    tenant = issuer.parts.get("tenant") if issuer and issuer.family == "b2c" else None
    return f"https://{tenant}.onmicrosoft.com/{audience}" if tenant and _is_guid(audience) else audience


def _permissions(told: Profile, wanted: str) -> tuple[str, ...]:
    found = (granted.value for granted in told.permissions if granted.type == wanted)
    return tuple(dict.fromkeys(found))[:_MOST_PERMISSIONS]


def _window(told: Profile, now: datetime) -> dict[str, str]:
    issued = told.validity.issued or told.validity.starts or told.validity.expires or now
    end = max(told.validity.expires or issued, issued)
    limits = {"since": issued.timestamp() - _SIGN_IN_MARGIN.total_seconds(), "until": end.timestamp()}
    limits["until"] += _SIGN_IN_MARGIN.total_seconds()
    return {name: f"{_moment(seconds):%Y-%m-%dT%H:%M:%SZ}" for name, seconds in limits.items()}


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0.0), 253_402_300_799.0), UTC)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _is_guid(text: str) -> bool:
    return as_guid(text) is not None
