"""Kind, version and flow of a token, each with the claims that say so."""

from __future__ import annotations

from collections.abc import Iterable

from claimlens.entra.catalogue import TOKEN_EXCHANGE, application
from claimlens.entra.claims import mapping, text, texts, words
from claimlens.entra.guids import as_guid
from claimlens.entra.model import Claims, Flow, IssuerMatch, TokenKind
from claimlens.jose.model import SegmentRole, Token, TokenForm

Evidence = tuple[str, ...]

MICROSOFT_FAMILIES = frozenset({"entra", "b2c", "ciam", "adfs"})

_BY_MEDIA_TYPE = {
    "at+jwt": TokenKind.ACCESS,  # RFC 9068
    "dpop+jwt": TokenKind.DPOP_PROOF,  # RFC 9449
    "pop": TokenKind.SIGNED_HTTP_REQUEST,
    "logout+jwt": TokenKind.LOGOUT,
    "secevent+jwt": TokenKind.SECURITY_EVENT,  # RFC 8417
    "dc+sd-jwt": TokenKind.SD_JWT_VC,
    "vc+sd-jwt": TokenKind.SD_JWT_VC,
    "client-authentication+jwt": TokenKind.CLIENT_ASSERTION,
}
_BY_KEYCLOAK_TYPE = {
    "Bearer": TokenKind.ACCESS,
    "ID": TokenKind.ID,
    "Refresh": TokenKind.REFRESH,
    "Offline": TokenKind.REFRESH,
    "Logout": TokenKind.LOGOUT,
}
_BY_TOKEN_USE = {"id": TokenKind.ID, "access": TokenKind.ACCESS}
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_OF_MICROSOFT_ACCESS_TOKENS = ("scp", "appid", "appidacr", "azp", "azpacr", "idtyp")
_OF_ACCESS_TOKENS = ("scope", "scp", "client_id", "cid", "gty", "permissions")
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash", "auth_time")
_OF_PROFILES = (
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
    "email",
    "email_verified",
    "preferred_username",
)
_OF_USERS = ("upn", "unique_name", "preferred_username", "puid", "email", "onprem_sid", "given_name", "family_name")


def kind_of(token: Token, claims: Claims, header: Claims, issuer: IssuerMatch | None) -> tuple[TokenKind, Evidence]:
    """Return what the token is for and the claims that say so; the strongest sign is asked first."""
    return (
        _by_header(token, header)
        or _by_proof_or_disclosure(token, claims)
        or _by_declaration(claims)
        or _by_issuer(claims, issuer)
        or _by_habit(claims, issuer)
        or (TokenKind.UNKNOWN, ())
    )


def version_of(claims: Claims, issuer: IssuerMatch | None) -> tuple[str | None, Evidence]:
    """Return the version of an Entra token: ``ver`` where it is there, else what its issuer implies."""
    if issuer is None or issuer.family not in MICROSOFT_FAMILIES:
        return None, ()
    stated = text(claims, "ver")
    if stated in ("1.0", "2.0"):
        return stated, ("ver",)
    implied = version_of_issuer(issuer)
    return implied, ("iss",) if implied else ()


def version_of_issuer(issuer: IssuerMatch) -> str | None:
    """Return the token version that the form of an Entra issuer goes with, or None where it tells nothing."""
    if issuer.family != "entra":
        return None
    if issuer.issuer.rstrip("/").endswith("/v2.0"):
        return "2.0"
    return "1.0" if "://sts." in issuer.issuer else None


def flow_of(claims: Claims, kind: TokenKind, issuer: IssuerMatch | None) -> tuple[Flow, Evidence]:
    """Return on whose behalf the token speaks.

    ``idtyp`` settles it where it is present; its absence proves nothing, as it is an optional claim. In Entra's
    app-only tokens ``sub`` is the ``oid`` of the service principal, while a user's ``sub`` differs for each
    application; in Azure AD B2C the two are equal for users.
    """
    stated = text(claims, "idtyp")
    if stated is not None:
        return {"app": Flow.APP_ONLY, "user": Flow.DELEGATED}.get(stated.lower(), Flow.UNKNOWN), ("idtyp",)
    if kind is TokenKind.ID:
        return Flow.DELEGATED, ()
    if kind not in (TokenKind.ACCESS, TokenKind.MANAGED_IDENTITY):
        return Flow.UNKNOWN, ()
    scopes = words(claims, "scp")
    if scopes and scopes != ("/",):
        return Flow.DELEGATED, ("scp",)
    if text(claims, "gty") == "client-credentials":
        return Flow.APP_ONLY, ("gty",)
    oid = text(claims, "oid")
    if issuer and issuer.family == "entra" and oid is not None and oid == text(claims, "sub"):
        return Flow.APP_ONLY, ("oid", "sub")
    user_claims = present(claims, _OF_USERS)
    if user_claims:
        return Flow.DELEGATED, user_claims
    if kind is TokenKind.MANAGED_IDENTITY:
        return Flow.APP_ONLY, present(claims, ("xms_mirid", "xms_az_rid"))
    if texts(claims, "roles") and issuer and issuer.family in MICROSOFT_FAMILIES:
        return Flow.APP_ONLY, ("roles",)
    return Flow.UNKNOWN, ()


def present(claims: Claims, names: Iterable[str]) -> Evidence:
    """Return those of ``names`` that the claims have."""
    return tuple(name for name in names if name in claims)


def _by_header(token: Token, header: Claims) -> tuple[TokenKind, Evidence] | None:
    kid = text(header, "kid") or ""
    if kid.startswith("cpimcore_"):  # Azure AD B2C encrypts its refresh tokens and codes to itself with this key
        return TokenKind.REFRESH, ("header.kid",)
    if token.form is TokenForm.JWE or (token.payload is None and "enc" in header):
        return TokenKind.ENCRYPTED, ("header.enc",)
    media_type = (text(header, "typ") or "").lower().removeprefix("application/")
    kind = _BY_MEDIA_TYPE.get(media_type)
    return (kind, ("header.typ",)) if kind else None


def _by_proof_or_disclosure(token: Token, claims: Claims) -> tuple[TokenKind, Evidence] | None:
    if text(claims, "htm") and text(claims, "htu"):
        return TokenKind.DPOP_PROOF, ("htm", "htu")
    inner = text(claims, "at")
    if inner and inner.count(".") >= 2 and ("cnf" in claims or "ts" in claims):
        return TokenKind.SIGNED_HTTP_REQUEST, ("at", *present(claims, ("cnf", "ts")))
    if "_sd" in claims or "_sd_alg" in claims or token.segment(SegmentRole.DISCLOSURE):
        kind = TokenKind.SD_JWT_VC if text(claims, "vct") else TokenKind.SD_JWT
        return kind, present(claims, ("vct", "_sd", "_sd_alg"))
    if "events" in claims:
        kind = TokenKind.LOGOUT if _LOGOUT_EVENT in mapping(claims["events"]) else TokenKind.SECURITY_EVENT
        return kind, ("events",)
    return None


def _by_declaration(claims: Claims) -> tuple[TokenKind, Evidence] | None:
    for claim, kinds in (("typ", _BY_KEYCLOAK_TYPE), ("token_use", _BY_TOKEN_USE)):
        kind = kinds.get(text(claims, claim) or "")
        if kind:
            return kind, (claim,)
    managed = present(claims, ("xms_mirid", "xms_az_rid"))
    return (TokenKind.MANAGED_IDENTITY, managed) if managed else None


def _by_issuer(claims: Claims, issuer: IssuerMatch | None) -> tuple[TokenKind, Evidence] | None:
    subject, audiences = text(claims, "sub"), texts(claims, "aud")
    issuer_text = text(claims, "iss")
    if issuer_text and issuer_text == subject and (as_guid(subject) or _names_token_endpoint(audiences)):
        return TokenKind.CLIENT_ASSERTION, ("iss", "sub")
    if any(known and known.id == TOKEN_EXCHANGE for known in map(application, audiences)):
        return TokenKind.FEDERATED, ("aud",)
    if issuer is None:
        return None
    if issuer.family == "easyauth":
        return TokenKind.SESSION, ("iss",)
    if issuer.id == "exchange-add-in":
        return TokenKind.EXCHANGE_IDENTITY, ("iss",)
    if issuer.id == "azure-devops-job":
        return TokenKind.ACCESS, ("iss",)
    if "kubernetes.io" in claims or issuer.family == "kubernetes":
        return TokenKind.SERVICE_ACCOUNT, ("iss",)
    return (TokenKind.FEDERATED, ("iss",)) if issuer.family == "federation" else None


def _names_token_endpoint(audiences: Iterable[str]) -> bool:
    return any("/oauth2/" in audience or audience.rstrip("/").endswith("/token") for audience in audiences)


def _by_habit(claims: Claims, issuer: IssuerMatch | None) -> tuple[TokenKind, Evidence] | None:
    """Judge by which claims each kind habitually carries; Microsoft's access tokens may repeat the ``nonce``."""
    id_signs = present(claims, _OF_ID_TOKENS)
    if issuer and issuer.family in MICROSOFT_FAMILIES:
        signs = present(claims, _OF_MICROSOFT_ACCESS_TOKENS)
        if signs:
            return TokenKind.ACCESS, signs
        id_signs = id_signs or present(claims, (*_OF_USERS, "name"))
        return (TokenKind.ID, id_signs) if id_signs else None
    signs = present(claims, _OF_ACCESS_TOKENS)
    if signs:
        return TokenKind.ACCESS, signs
    described = present(claims, _OF_PROFILES)
    if issuer and "aud" in claims and len(described) > 1:
        id_signs = id_signs or described
    if id_signs or (issuer and issuer.family in ("google", "social") and "email" in claims):
        return TokenKind.ID, id_signs or ("iss", "email")
    return None
