"""What a token is, told from its header and claims alone.

Nothing here is verified: a forged token tells the same story.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from claimlens.entra.catalogue import MICROSOFT_GRAPH, application, directory_role, permission, tenant
from claimlens.entra.claims import mapping, text, texts, words
from claimlens.entra.guids import as_guid, request_id
from claimlens.entra.issuers import match_issuer
from claimlens.entra.kinds import MICROSOFT_FAMILIES, flow_of, kind_of, present, version_of
from claimlens.entra.metadata import metadata_location
from claimlens.entra.model import (
    Application,
    Claims,
    DirectoryRole,
    Flow,
    GrantedPermission,
    IssuerMatch,
    Named,
    PermissionType,
    Profile,
    Tenant,
    TokenKind,
)
from claimlens.entra.notes import Facts, handles_challenges, is_continuous, notes_about
from claimlens.entra.policies import policy_of
from claimlens.entra.validity import NEVER, validity
from claimlens.jose.model import Token

_CLIENT_CLAIMS = ("azp", "appid", "client_id", "cid")
_USER_CLAIMS = ("preferred_username", "upn", "unique_name", "email", "name", "sub")


def profile(token: Token, now: datetime, skew: timedelta = NEVER) -> Profile:
    """Return what ``token`` is, at ``now`` (aware). Takes any token, however damaged, and never raises."""
    claims, header = mapping(token.payload), mapping(token.header)
    evidence = _direct_evidence(claims)
    issuer = match_issuer(claims.get("iss"))
    kind, evidence["kind"] = kind_of(token, claims, header, issuer)
    version, evidence["version"] = version_of(claims, issuer)
    flow, evidence["flow"] = flow_of(claims, kind, issuer)
    policy, evidence["policy"] = policy_of(claims, issuer)
    client, evidence["client"] = _client(claims, kind)
    subject, evidence["subject"] = _subject(claims, flow)
    times = validity(claims, now, skew)
    return Profile(
        kind=kind,
        flow=flow,
        validity=times,
        version=version,
        issuer=issuer,
        audiences=tuple(_named(value, application(value)) for value in texts(claims, "aud")),
        client=client,
        tenant=_tenant(claims, issuer),
        subject=subject,
        permissions=tuple(_permissions(claims)),
        directory_roles=tuple(_named(value, directory_role(value)) for value in texts(claims, "wids")),
        request_id=request_id(claims.get("uti")),
        continuous_access=handles_challenges(claims) or is_continuous(kind, times, issuer),
        policy=policy,
        managed_identity=text(claims, "xms_mirid"),
        verifiable=_verifiable(claims, header, kind),
        notes=tuple(notes_about(Facts(claims, header, kind, flow, issuer, times))),
        evidence=evidence,
    )


def _direct_evidence(claims: Claims) -> dict[str, tuple[str, ...]]:
    """Return the evidence for what is read straight from one claim or another."""
    return {
        "validity": present(claims, ("iat", "nbf", "exp")),
        "issuer": present(claims, ("iss",)),
        "audiences": present(claims, ("aud",)),
        "tenant": present(claims, ("tid",)) or present(claims, ("iss",)),
        "permissions": present(claims, ("scp", "scope", "roles")),
        "directory_roles": present(claims, ("wids",)),
        "request_id": present(claims, ("uti",)),
        "continuous_access": present(claims, ("xms_cc", "iat", "exp")),
        "managed_identity": present(claims, ("xms_mirid",)),
        "verifiable": present(claims, ("iss",)),
    }


def _named(value: str, known: Application | DirectoryRole | Tenant | None, name: str | None = None) -> Named:
    """Return ``value`` with the catalogue's name for it, or else with ``name``."""
    return Named(value, known.name, known.note) if known else Named(value, name)


def _client(claims: Claims, kind: TokenKind) -> tuple[Named | None, tuple[str, ...]]:
    """Return the client; an ID token and a client assertion name theirs in ``aud`` and ``sub``."""
    candidates = {TokenKind.ID: ("azp", "aud"), TokenKind.CLIENT_ASSERTION: ("sub",)}.get(kind, _CLIENT_CLAIMS)
    for claim in candidates:
        values = texts(claims, claim)
        if len(values) == 1:
            return _named(values[0], application(values[0]), text(claims, "app_displayname")), (claim,)
    return None, ()


def _tenant(claims: Claims, issuer: IssuerMatch | None) -> Named | None:
    stated = as_guid(claims.get("tid"))
    value = stated or (issuer.tenant_id if issuer and issuer.family in MICROSOFT_FAMILIES else None)
    if value is None:
        return None
    return _named(value, tenant(value), text(claims, "tenant_display_name"))


def _subject(claims: Claims, flow: Flow) -> tuple[str | None, tuple[str, ...]]:
    names = ("app_displayname", "sub") if flow is Flow.APP_ONLY else _USER_CLAIMS
    return next(((text(claims, name), (name,)) for name in names if text(claims, name)), (None, ()))


def _permissions(claims: Claims) -> Iterator[GrantedPermission]:
    graph = any(known and known.id == MICROSOFT_GRAPH for known in map(application, texts(claims, "aud")))
    scopes = words(claims, "scp") or words(claims, "scope")
    yield from _granted((scope for scope in scopes if scope != "/"), "delegated", graph)
    yield from _granted(texts(claims, "roles"), "application", graph)


def _granted(values: Iterable[str], permission_type: PermissionType, graph: bool) -> Iterator[GrantedPermission]:
    for value in values:
        known = permission(value, permission_type) if graph else None
        yield GrantedPermission(value, permission_type, known.title if known else None)


def _verifiable(claims: Claims, header: Claims, kind: TokenKind) -> bool | None:
    if kind is TokenKind.ENCRYPTED or "iss" not in claims:
        return None
    return metadata_location(claims["iss"], claims, header).verifiable_by_third_parties
