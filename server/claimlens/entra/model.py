"""What Azure means by a token: immutable values that `claimlens.entra` hands to rules, hovers and the command line.

Values that come from a token are kept as they are: whoever shows one escapes it for the target
(`claimlens.text.escape`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import attrs

PermissionType = Literal["delegated", "application"]
ClaimPlace = Literal["header", "payload"]
Confidence = Literal["high", "medium", "low"]


class TokenKind(enum.StrEnum):
    """What a token is for. The value is stable and public; `label` is for people."""

    ACCESS = "access"
    ID = "id"
    REFRESH = "refresh"
    LOGOUT = "logout"
    CLIENT_ASSERTION = "client-assertion"
    MANAGED_IDENTITY = "managed-identity"
    """An access token that the managed identity of an Azure resource obtained."""
    FEDERATED = "federated"
    """A token of a workload outside Azure (a pipeline, a Kubernetes pod) to be exchanged for an Entra token."""
    SERVICE_ACCOUNT = "service-account"
    """A Kubernetes service-account token that is not meant for Azure."""
    SESSION = "session"
    """The session of App Service authentication (``X-ZUMO-AUTH``)."""
    EXCHANGE_IDENTITY = "exchange-identity"
    SIGNED_HTTP_REQUEST = "signed-http-request"
    """Microsoft's proof of possession: an access token wrapped in a signature over the request."""
    DPOP_PROOF = "dpop-proof"
    SD_JWT_VC = "sd-jwt-vc"
    SD_JWT = "sd-jwt"
    SECURITY_EVENT = "security-event"
    """A security event token, RFC 8417."""
    ENCRYPTED = "encrypted"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The kind as a noun, such as ``access token``."""
        return _LABELS[self]


_LABELS = {
    TokenKind.ACCESS: "access token",
    TokenKind.ID: "ID token",
    TokenKind.REFRESH: "refresh token",
    TokenKind.LOGOUT: "logout token",
    TokenKind.CLIENT_ASSERTION: "client assertion",
    TokenKind.MANAGED_IDENTITY: "managed identity access token",
    TokenKind.FEDERATED: "workload identity token",
    TokenKind.SERVICE_ACCOUNT: "Kubernetes service account token",
    TokenKind.SESSION: "App Service session token",
    TokenKind.EXCHANGE_IDENTITY: "Exchange identity token",
    TokenKind.SIGNED_HTTP_REQUEST: "signed HTTP request",
    TokenKind.DPOP_PROOF: "DPoP proof",
    TokenKind.SD_JWT_VC: "SD-JWT verifiable credential",
    TokenKind.SD_JWT: "SD-JWT",
    TokenKind.SECURITY_EVENT: "security event token",
    TokenKind.ENCRYPTED: "encrypted token",
    TokenKind.UNKNOWN: "token",
}


class Flow(enum.StrEnum):
    """On whose behalf a token speaks."""

    DELEGATED = "delegated"
    APP_ONLY = "app-only"
    UNKNOWN = "unknown"


class ValidityState(enum.StrEnum):
    """Where ``now`` stands between ``nbf`` and ``exp``."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    NO_EXPIRY = "no expiry"
    UNREADABLE = "unreadable"
    """``exp`` or ``nbf`` is there but is not a NumericDate (RFC 7519 section 2)."""


@attrs.frozen
class Validity:
    """A token's times against a clock.

    Attributes:
        state: the judgement.
        issued: ``iat``, or None where it is absent or unreadable; so for ``starts`` (``nbf``) and ``expires``
            (``exp``).
        lifetime: ``exp`` less ``iat`` (or ``nbf``), or None; negative where they are in the wrong order.
        remaining: ``exp`` less now, negative once expired; None without ``exp``.
        next_change: the next moment at which ``state`` changes by itself, or None.
        summary: the state in words, such as ``expired 3 h ago``.
        unreadable: names of the time claims that are there but could not be read.
    """

    state: ValidityState
    issued: datetime | None = None
    starts: datetime | None = None
    expires: datetime | None = None
    lifetime: timedelta | None = None
    remaining: timedelta | None = None
    next_change: datetime | None = None
    summary: str = ""
    unreadable: tuple[str, ...] = ()


@attrs.frozen
class IssuerMatch:
    """The rule of the issuer catalogue that an ``iss`` fits.

    Attributes:
        issuer: the ``iss`` as it stands in the token.
        id: the rule's name, such as ``entra-v2``.
        name: for people, such as ``Microsoft Entra ID v2.0``.
        family: ``entra``, ``b2c``, ``ciam``, ``adfs``, ``easyauth``, ``federation``, ``kubernetes``, ``google``,
            ``okta``, ``auth0``, ``aws``, ``keycloak``, ``microsoft``, ``microsoft-legacy``, ``social`` or ``generic``.
        cloud: ``global``, ``usgov``, ``china``, ``germany``, or None where the issuer does not tell.
        tenant_id: the tenant GUID in the issuer, lower case, or None.
        parts: what the issuer's named parts hold (``tid``, ``host``, ``policy``, ``realm`` …).
        quirks: what surprises people about this issuer, a sentence each.
        confidence: how well the rule is supported by sources.
    """

    issuer: str = attrs.field(repr=False)
    id: str
    name: str
    family: str
    cloud: str | None = None
    tenant_id: str | None = attrs.field(default=None, repr=False)
    parts: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    quirks: tuple[str, ...] = ()
    confidence: Confidence = "high"


@attrs.frozen
class Application:
    """An application that Microsoft publishes, as a resource (API) or as a client.

    Attributes:
        id: application id, a GUID in lower case.
        name: such as ``Microsoft Graph``.
        role: ``resource`` or ``client``; some are both and are then listed as resource.
        audiences: ``aud`` values of its tokens in all clouds, besides the id.
        note: one sentence worth knowing, or empty.
        cloud: the cloud of the audience that was looked up, or None.
        confidence: how well the entry is supported by sources.
    """

    id: str
    name: str
    role: Literal["resource", "client"]
    audiences: tuple[str, ...] = ()
    note: str = ""
    cloud: str | None = None
    confidence: Confidence = "high"


@attrs.frozen
class DirectoryRole:
    """A role template of Microsoft Entra ID, as ``wids`` names them. A ``marker`` is no role one can assign."""

    id: str
    name: str
    privileged: bool = False
    marker: bool = False
    note: str = ""


@attrs.frozen
class Permission:
    """A permission of Microsoft Graph, as ``scp`` (delegated) and ``roles`` (application) name them."""

    value: str
    type: PermissionType
    id: str
    title: str
    admin_consent: bool = True


@attrs.frozen
class Tenant:
    """A tenant that is known by its id."""

    id: str
    name: str
    note: str = ""


@attrs.frozen
class Named:
    """A value from a token with what it is called, where that is known.

    Attributes:
        value: as it stands in the token.
        name: what it is called, or None.
        note: one sentence worth knowing, or empty.
    """

    value: str = attrs.field(repr=False)
    name: str | None = attrs.field(default=None, repr=False)
    note: str = ""

    @property
    def text(self) -> str:
        """``name (value)``, or the value alone."""
        return f"{self.name} ({self.value})" if self.name else self.value


@attrs.frozen
class GrantedPermission:
    """One scope or role of a token.

    Attributes:
        value: as in ``scp`` or ``roles``.
        type: delegated for scopes, application for roles.
        title: Microsoft Graph's title for it, or None.
    """

    value: str = attrs.field(repr=False)
    type: PermissionType
    title: str | None = None


@attrs.frozen
class Note:
    """Something worth saying about a token.

    Attributes:
        code: a stable word, such as ``groups-overage``.
        text: one or two sentences; holds no claim value.
        claims: the claims it is read from.
    """

    code: str
    text: str
    claims: tuple[str, ...] = ()


@attrs.frozen
class Profile:
    """What a token is, in Azure's words.

    Attributes:
        kind: what the token is for.
        version: ``1.0`` or ``2.0`` for tokens of Entra ID, else None.
        flow: on whose behalf it speaks.
        issuer: the known issuer its ``iss`` fits, or None where there is no ``iss``.
        validity: its times against the clock.
        audiences: each ``aud``, named where known.
        client: the application it was issued to (``azp``, ``appid`` …), or None.
        tenant: the tenant it belongs to, or None.
        subject: who it speaks for, in the most readable form that the claims offer, or None.
        permissions: its scopes, then its roles.
        directory_roles: its ``wids``.
        request_id: the request id in Entra's sign-in log (from ``uti``), or None.
        continuous_access: whether client and lifetime show continuous access evaluation (CAE).
        policy: the B2C user flow or custom policy, or None.
        managed_identity: the Azure resource id of the managed identity, or None.
        verifiable: whether anybody besides the resource itself can check the signature; None where that is not known.
        notes: what else is worth saying.
        evidence: for an attribute of this class, the claims it was read from (``header.typ`` for header parameters).
    """

    kind: TokenKind
    flow: Flow
    validity: Validity
    version: str | None = None
    issuer: IssuerMatch | None = None
    audiences: tuple[Named, ...] = ()
    client: Named | None = None
    tenant: Named | None = None
    subject: str | None = attrs.field(default=None, repr=False)
    permissions: tuple[GrantedPermission, ...] = ()
    directory_roles: tuple[Named, ...] = ()
    request_id: str | None = attrs.field(default=None, repr=False)
    continuous_access: bool = False
    policy: str | None = attrs.field(default=None, repr=False)
    managed_identity: str | None = attrs.field(default=None, repr=False)
    verifiable: bool | None = None
    notes: tuple[Note, ...] = ()
    evidence: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)

    @property
    def title(self) -> str:
        """Kind and version, such as ``access token v2.0``."""
        return f"{self.kind.label} v{self.version}" if self.version else self.kind.label

    def note(self, code: str) -> Note | None:
        """Return the note with this code, or None."""
        return next((note for note in self.notes if note.code == code), None)


@attrs.frozen
class Explanation:
    """A claim or header parameter, explained.

    Attributes:
        name: the claim's name.
        place: where it stands.
        known: whether the catalogue has it.
        meaning: one sentence; empty where it is not known.
        gotcha: what trips people up, or empty.
        value: the value in words: dates in UTC, known ids by name. Not escaped.
        link: where it is documented, or empty.
        confidence: how well the meaning is supported by sources.
    """

    name: str
    place: ClaimPlace
    known: bool
    meaning: str
    gotcha: str
    value: str = attrs.field(repr=False)
    link: str = ""
    confidence: Confidence = "high"


@attrs.frozen
class MetadataLocation:
    """Where the keys of an issuer are found (OpenID Connect Discovery 1.0 section 4).

    Attributes:
        urls: metadata URLs to try, in order; empty where there is none to fetch.
        keys: one sentence on where the keys are, such as ``jwks_uri of the metadata``.
        key_urls: JWK Set URLs for an issuer without metadata, in order.
        expected_issuers: what ``issuer`` in the metadata may be; ``{tenantid}`` stands for the token's ``tid``.
        key_issuer_rule: whether a key that has an ``issuer`` member may only verify tokens of that issuer (Entra ID).
        application_urls: metadata URLs with ``?appid=`` to try when the ``kid`` is not found: applications with their
            own signing keys.
        quirks: what surprises people about this issuer, a sentence each.
        verifiable_by_third_parties: whether anybody but issuer and resource can verify such a token.
        reason: why not, or on what condition; empty where there is nothing to say.
    """

    urls: tuple[str, ...] = attrs.field(default=(), repr=False)
    keys: str = ""
    key_urls: tuple[str, ...] = attrs.field(default=(), repr=False)
    expected_issuers: tuple[str, ...] = attrs.field(default=(), repr=False)
    key_issuer_rule: bool = False
    application_urls: tuple[str, ...] = attrs.field(default=(), repr=False)
    quirks: tuple[str, ...] = ()
    verifiable_by_third_parties: bool = True
    reason: str = ""


@attrs.frozen
class IssuerComparison:
    """Whether the metadata's ``issuer`` is the token's, with the reason in a sentence that holds no token text."""

    matches: bool
    reason: str


Claims = Mapping[str, Any]
