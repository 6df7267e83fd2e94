"""What is worth saying about a token besides what it is: one small function for each thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import attrs

from claimlens.entra.catalogue import MICROSOFT_GRAPH, PERSONAL_ACCOUNTS, SHAREPOINT, TOKEN_EXCHANGE, application
from claimlens.entra.claims import mapping, text, texts, words
from claimlens.entra.guids import as_guid
from claimlens.entra.kinds import version_of_issuer
from claimlens.entra.model import Claims, Flow, IssuerMatch, Note, TokenKind, Validity

_SHORTEST_CONTINUOUS, _LONGEST_CONTINUOUS = timedelta(hours=19, minutes=50), timedelta(hours=28, minutes=20)


@attrs.frozen
class Facts:
    """What the notes are made from."""

    claims: Claims = attrs.field(repr=False)
    header: Claims = attrs.field(repr=False)
    kind: TokenKind
    flow: Flow
    issuer: IssuerMatch | None
    validity: Validity

    @property
    def from_entra(self) -> bool:
        """Whether Microsoft Entra ID issued the token, by its own word."""
        return self.issuer is not None and self.issuer.family == "entra"


def notes_about(facts: Facts) -> Iterator[Note]:
    """Yield the notes, the weightiest first."""
    for write in _WRITERS:
        note = write(facts)
        if note:
            yield note


def has_proprietary_signature(header: Claims, issuer: IssuerMatch | None) -> bool:
    """Tell whether a token bears the ``nonce`` header with which Microsoft's own resources bind theirs.

    The signature is then made over the header with another value in its place, so no ordinary verification succeeds
    (https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens).
    """
    return "nonce" in header and issuer is not None and issuer.family == "entra"


def is_continuous(kind: TokenKind, validity: Validity, issuer: IssuerMatch | None) -> bool:
    """Tell whether the lifetime is the 20 to 28 hours that continuous access evaluation grants.

    Other tokens live a day for other reasons: ID tokens of personal accounts, and those of managed identities.
    """
    lifetime = validity.lifetime
    return (
        kind is TokenKind.ACCESS
        and issuer is not None
        and issuer.family == "entra"
        and lifetime is not None
        and _SHORTEST_CONTINUOUS <= lifetime <= _LONGEST_CONTINUOUS
    )


def handles_challenges(claims: Claims) -> bool:
    """Tell whether the client said that it can answer a claims challenge (``xms_cc`` holds ``cp1``)."""
    return any(word.lower() == "cp1" for word in words(claims, "xms_cc"))


def _header_nonce(facts: Facts) -> Note | None:
    if not has_proprietary_signature(facts.header, facts.issuer):
        return None
    resources = {known.id for known in map(application, texts(facts.claims, "aud")) if known}
    owner = "Microsoft Graph" if MICROSOFT_GRAPH in resources else "SharePoint" if SHAREPOINT in resources else None
    return Note(
        "signature-nonce",
        f"The header carries a nonce: only {owner or 'the Microsoft service it is meant for'} can verify this token. "
        "Your own API must ask for a token of its own instead.",
        ("header.nonce", "aud"),
    )


def _version_mismatch(facts: Facts) -> Note | None:
    implied = version_of_issuer(facts.issuer) if facts.issuer else None
    stated = text(facts.claims, "ver")
    if implied is None or stated not in ("1.0", "2.0") or stated == implied:
        return None
    return Note(
        "version-mismatch",
        f"The token says version {stated}, but its issuer has the form of version {implied}.",
        ("ver", "iss"),
    )


def _tenant_mismatch(facts: Facts) -> Note | None:
    tenant_id = as_guid(facts.claims.get("tid"))
    if not facts.from_entra or facts.issuer is None or tenant_id is None or facts.issuer.tenant_id in (None, tenant_id):
        return None
    return Note(
        "tenant-mismatch", "The tenant in tid is not the one in the issuer: Entra never does that.", ("tid", "iss")
    )


def _groups_overage(facts: Facts) -> Note | None:
    sources = mapping(facts.claims.get("_claim_names"))
    if "groups" in sources:
        claims: tuple[str, ...] = ("_claim_names", "_claim_sources")
    elif _is_true(facts.claims.get("hasgroups")):
        claims = ("hasgroups",)
    else:
        return None
    return Note(
        "groups-overage",
        "The user is in too many groups to list them here: ask Microsoft Graph for them, "
        "or have Entra list only the groups assigned to the application.",
        claims,
    )


def _personal_account(facts: Facts) -> Note | None:
    provider = (text(facts.claims, "idp") or "").lower()
    if as_guid(facts.claims.get("tid")) == PERSONAL_ACCOUNTS:
        claims: tuple[str, ...] = ("tid",)
    elif facts.from_entra and (provider == "live.com" or PERSONAL_ACCOUNTS in provider):
        claims = ("idp",)
    else:
        return None
    return Note("personal-account", "The user signed in with a personal Microsoft account.", claims)


def _guest(facts: Facts) -> Note | None:
    claims = facts.claims
    if not facts.from_entra or facts.issuer is None:
        return None
    provider, home = text(claims, "idp"), facts.issuer.tenant_id
    signs = (
        ("acct", claims.get("acct") in (1, "1") and claims.get("acct") is not True),
        ("xms_idrel", "5" in words(claims, "xms_idrel")),
        ("idp", provider is not None and home is not None and home not in provider.lower()),
        ("upn", "#ext#" in (text(claims, "upn") or text(claims, "unique_name") or "").lower()),
    )
    found = tuple(name for name, seen in signs if seen)
    if not found or facts.flow is Flow.APP_ONLY:
        return None
    return Note("guest", "The user is a guest in this tenant and signed in somewhere else.", found)


def _continuous_access(facts: Facts) -> Note | None:
    capable, long_lived = handles_challenges(facts.claims), is_continuous(facts.kind, facts.validity, facts.issuer)
    if long_lived:
        return Note(
            "continuous-access",
            "Lives 20 to 28 hours because of continuous access evaluation: the resource may refuse it earlier, "
            "with a claims challenge.",
            ("exp", "iat", *(("xms_cc",) if capable else ())),
        )
    return Note("continuous-access", "The client can answer a claims challenge.", ("xms_cc",)) if capable else None


def _managed_identity(facts: Facts) -> Note | None:
    resource = (text(facts.claims, "xms_mirid") or "").lower()
    if not resource:
        return None
    assigned = "user-assigned" if "/userassignedidentities/" in resource else "system-assigned"
    return Note("managed-identity", f"Issued to a {assigned} managed identity: lives about 24 hours.", ("xms_mirid",))


def _confidential_client(facts: Facts) -> Note | None:
    """Say where a user's token came by way of a server: the nearest thing to a sign of the on-behalf-of flow."""
    claim = next((name for name in ("azpacr", "appidacr") if facts.claims.get(name) in ("1", "2")), None)
    if claim is None or facts.flow is not Flow.DELEGATED or facts.kind is not TokenKind.ACCESS:
        return None
    return Note(
        "confidential-client",
        "A client with a credential of its own got it: a web application, or an API that acts on behalf of the user.",
        (claim,),
    )


def _actor(facts: Facts) -> Note | None:
    claim = next((name for name in ("act", "actor", "actortoken") if name in facts.claims), None)
    return Note("actor", "Somebody else acts for the subject.", (claim,)) if claim else None


def _agent(facts: Facts) -> Note | None:
    claim = next(
        (name for name in ("xms_act_fct", "xms_sub_fct") if {"11", "13"} & set(words(facts.claims, name))), None
    )
    return Note("agent", "An AI agent's identity takes part (Microsoft Entra Agent ID).", (claim,)) if claim else None


def _no_permissions(facts: Facts) -> Note | None:
    """Say where an API finds nothing to authorize by. Most Azure services go by role assignments, Graph does not."""
    if (
        facts.kind is not TokenKind.ACCESS
        or facts.issuer is None
        or facts.issuer.family not in ("entra", "b2c", "ciam")
    ):
        return None
    resources = {known.id for known in map(application, texts(facts.claims, "aud")) if known}
    if texts(facts.claims, "scp") or texts(facts.claims, "roles") or resources - {MICROSOFT_GRAPH}:
        return None
    return Note(
        "no-permissions",
        "Neither scp nor roles: nothing was granted, so a check of permissions must refuse it.",
        ("scp", "roles"),
    )


def _token_exchange(facts: Facts) -> Note | None:
    if not any(known and known.id == TOKEN_EXCHANGE for known in map(application, texts(facts.claims, "aud"))):
        return None
    return Note("token-exchange", "To be exchanged for an Entra token: no API takes it as it is.", ("aud",))


def _proof_of_possession(facts: Facts) -> Note | None:
    if "cnf" not in facts.claims or facts.kind not in (TokenKind.ACCESS, TokenKind.MANAGED_IDENTITY):
        return None
    return Note("proof-of-possession", "Bound to a key: the sender must also prove that it has the key.", ("cnf",))


def _is_true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")


_WRITERS: tuple[Callable[[Facts], Note | None], ...] = (
    _header_nonce,
    _tenant_mismatch,
    _version_mismatch,
    _no_permissions,
    _groups_overage,
    _personal_account,
    _guest,
    _managed_identity,
    _token_exchange,
    _proof_of_possession,
    _continuous_access,
    _confidential_client,
    _actor,
    _agent,
)
