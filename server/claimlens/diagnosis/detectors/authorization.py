"""A genuine token that is not allowed: scopes, roles, groups, claims."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from claimlens.diagnosis.case import Case, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.detectors.times import moment_of
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.entra import Flow, TokenKind
from claimlens.expectations import Expectation, SourceKind


@attrs.frozen
class Required:
    """A permission that something in the input requires, and where it says so."""

    value: str
    kind: str  # "scope", "role" or "either"
    evidence: Evidence


def detect_permissions(case: Case) -> Iterator[Candidate]:
    """Compare the scopes and roles that are required with the token's."""
    token = case.token
    if token is None:
        return
    if token.profile.kind is TokenKind.ID:
        yield from _roles_at_sign_in(case, token)
        return
    roles = token.texts("roles")
    for required in required_permissions(case):
        if _is_resource_scope(required.value, token):
            continue
        has_scope, has_role = required.value in token.scopes, required.value in roles
        bare = required.value.rstrip("/").rpartition("/")[2]
        evidence = (required.evidence, token.evidence)
        if has_scope or has_role:
            yield from _present(case, token, required, has_role, evidence)
        elif "://" in required.value and bare in token.scopes:
            summary = (
                f"The API requires the scope {shown(required.value)}; the token's scp holds it without its "
                f"prefix, as {shown(bare)}."
            )
            fix = f"Compare scp with {shown(bare)}; the prefix belongs into requests only."
            yield Candidate("scope-prefix-mismatch", Confidence.CERTAIN, summary, fix, evidence, 4)
            yield Candidate("required-claim-mismatch", Confidence.LIKELY, summary, fix, evidence, 2)
        else:
            yield _absent(case, token, required, evidence)
    yield from _authorities(case, token)


def _roles_at_sign_in(case: Case, token: Sighting) -> Iterator[Candidate]:
    """A web application reads roles from the ID token; one that is there and not found has another type there."""
    refused = case.is_refused or case.clue("refused-in-words") is not None
    for found in case.clues("code-role"):
        role = _one_of(found.value, token)
        if refused and role in token.texts("roles"):
            summary = f"The ID token holds the role {shown(role)}, but the framework looks under another claim type."
            fix = "Set RoleClaimType to 'roles' in TokenValidationParameters (or MapInboundClaims to false)."
            evidence = (found.evidence, token.evidence)
            yield Candidate("claim-mapping", Confidence.LIKELY, summary, fix, evidence, 3)
            return


_JUDGED_ELSEWHERE = (SourceKind.MANIFEST, SourceKind.VALIDATE_JWT, SourceKind.VALIDATE_AZURE_AD_TOKEN)
"""A manifest requires nothing; how a policy compares (any, all, separator) the detector of policies knows."""


def required_permissions(case: Case) -> Iterator[Required]:
    """Yield what code, settings and messages of the case require."""
    for name, kind in (
        ("required-role", "role"), ("required-scope", "scope"), ("code-role", "role"), ("code-scope", "scope"),
    ):  # fmt: skip
        for found in case.clues(name):
            said = found.artefact.text[found.span.start : found.value_start].lower()
            value = _one_of(found.value, case.token).rstrip(".,;:")
            yield Required(value, "either" if "permission" in said else kind, found.evidence)
    for artefact, expectation in case.expectations:
        if expectation.kind in _JUDGED_ELSEWHERE or not _validates(expectation):
            continue
        for role in ("scope", "role"):
            for stated in expectation.of(role):
                for word in stated.value.split():
                    yield Required(word, role, artefact.evidence(stated.span))


def _one_of(listed_roles: str, token: Sighting | None) -> str:
    """Return the role of a list (``Roles = "Admin, Reader"``) that the token has, or the first: one suffices."""
    names = [name.strip() for name in listed_roles.split(",")]
    held = token.texts("roles") if token is not None else ()
    return next((name for name in names if name in held), names[0])


def _validates(expectation: Expectation) -> bool:
    """Tell whether a section checks tokens rather than requests them; a scope alone does not tell."""
    labels = " ".join(stated.label.lower() for stated in expectation.of("scope", "role"))
    return "required" in labels or "accepted" in labels or expectation.kind is SourceKind.IDENTITY_WEB


def _is_resource_scope(value: str, token: Sighting) -> bool:
    return value.endswith("/.default") or value in ("openid", "profile", "offline_access", "email")


def _present(
    case: Case, token: Sighting, required: Required, has_role: bool, evidence: tuple[Evidence, ...]
) -> Iterator[Candidate]:
    """The permission is in the token, yet it is refused: it is looked for in another place."""
    mapped = case.clue("claims-mapped")
    told = next(case.mentions_of("missing-scope", "missing-role"), None)
    if 403 not in case.statuses and mapped is None and told is None:
        return
    if mapped is None and required.kind == ("scope" if has_role else "role"):
        held, wanted = ("an app role", "a delegated scope") if has_role else ("a delegated scope", "an app role")
        summary = f"{shown(required.value)} is {held} in this token, but the API looks for {wanted}."
        fix = "Accept the one that such tokens hold (scp for users, roles for applications), or get the other kind."
        yield Candidate("scope-vs-role-confusion", Confidence.CERTAIN, summary, fix, evidence, 4)
    elif mapped is not None or has_role:
        claim = "roles" if has_role else "scp"
        where = (mapped.evidence,) if mapped else ()
        summary = (
            f"{shown(required.value)} is in the token's {claim}, but the framework looks under another claim type."
        )
        fix = (
            f"Set RoleClaimType to '{claim}' (or MapInboundClaims to false), or look for claims of the type '{claim}'."
        )
        told_so = told is not None or case.is_only_forbidden
        confidence = Confidence.CERTAIN if mapped else Confidence.LIKELY if told_so else Confidence.POSSIBLE
        weight = 1 if confidence is Confidence.POSSIBLE else 4
        yield Candidate("claim-mapping", confidence, summary, fix, (*where, *evidence), weight)


def _absent(case: Case, token: Sighting, required: Required, evidence: tuple[Evidence, ...]) -> Candidate:
    stale = _granted_later(case, token)
    held = listed((*token.scopes, *token.texts("roles")))
    if stale is not None:
        summary = f"{shown(required.value)} was granted after the token was issued; the token still holds {held}."
        fix = (
            "Fetch a new token. Those of managed identities are cached for up to 24 hours and cannot be "
            "refreshed before."
        )
        return Candidate("stale-claims-cached-token", Confidence.CERTAIN, summary, fix, (stale, *evidence), 5)
    app_only = token.profile.flow is Flow.APP_ONLY
    if required.kind == "scope" and app_only:
        summary = (
            f"The API requires the scope {shown(required.value)}, but an application without a user gets roles "
            f"only; the token holds {held}."
        )
        fix = "Define an app role for applications, assign it with admin consent, and accept it besides the scope."
        return Candidate("scope-vs-role-confusion", Confidence.CERTAIN, summary, fix, evidence, 3)
    if required.kind == "role" and required.value in token.scopes:
        summary = f"{shown(required.value)} is a delegated scope in this token, but the API looks for an app role."
        return Candidate("scope-vs-role-confusion", Confidence.CERTAIN, summary, "", evidence, 3)
    what = "role" if required.kind == "role" or app_only else "scope"
    code = f"missing-{what}"
    fix = (
        f"Assign {shown(required.value)} and fetch a new token."
        if what == "role"
        else f"Request {shown(required.value)} and have it consented to."
    )
    # Words alone make nothing certain: a policy that may answer "Forbidden" has refused nobody yet.
    refused = case.is_refused or any(True for _ in case.mentions)
    return Candidate(
        code,
        Confidence.CERTAIN if refused else Confidence.LIKELY,
        f"The token lacks the {what} {shown(required.value)}; it holds {held}.",
        fix,
        evidence,
        3,
    )


def _granted_later(case: Case, token: Sighting) -> Evidence | None:
    """Return the place that dates a grant after the token's iat."""
    issued = token.profile.validity.issued
    for found in case.clues("granted-at"):
        moment = moment_of(found.value)
        if moment is not None and issued is not None and issued < moment <= case.now:
            return found.evidence
    return None


def detect_stale(case: Case) -> Iterator[Candidate]:
    """A permission that was granted after the token was issued, whatever it is called."""
    token = case.token
    if not (case.is_refused or any(True for _ in case.mentions_of("missing-role", "missing-scope"))):
        return
    place = _granted_later(case, token) if token is not None else None
    if token is not None and place is not None:
        summary = "A permission was granted after this token was issued, and the token is still in use."
        yield Candidate("stale-claims-cached-token", Confidence.LIKELY, summary, "", (place, token.evidence), 4)
        return
    cached = case.clue("cached-token") or case.clue("membership-added")
    identity = token.profile.managed_identity if token is not None else case.clue("managed-identity") is not None
    if cached is not None and identity:
        summary = "The managed identity's token comes from a cache (for up to a day) and holds old roles and groups."
        evidence = (cached.evidence, *((token.evidence,) if token is not None else ()))
        yield Candidate("stale-claims-cached-token", Confidence.LIKELY, summary, "", evidence, 3)


_AUTHORITY_PREFIXES = {"SCOPE_": "scp", "ROLE_": "roles", "APPROLE_": "roles"}


def _authorities(case: Case, token: Sighting) -> Iterator[Candidate]:
    """Spring Security puts a prefix before what it reads from claims; code must ask for the name with the prefix."""
    if not {401, 403} & case.statuses:
        return
    for found in case.clues("code-authority"):
        prefix = next((known for known in _AUTHORITY_PREFIXES if found.value.startswith(known)), "")
        name = found.value.removeprefix(prefix)
        evidence = (found.evidence, token.evidence)
        held = "scp" if name in token.scopes else "roles" if name in token.texts("roles") else None
        if held is None:
            claim = _AUTHORITY_PREFIXES.get(prefix, "scp" if token.scopes else "roles")
            yield _absent(case, token, Required(name, "scope" if claim == "scp" else "role", found.evidence), evidence)
        elif held == "scp" and not prefix and "Authority" in found.evidence.text:
            summary = f"The code asks for the authority {shown(name)}; Spring names scopes with a prefix, SCOPE_{name}."
            fix = f"Ask for SCOPE_{name}, or set the prefix of the authorities converter."
            yield Candidate("scope-prefix-mismatch", Confidence.LIKELY, summary, fix, evidence, 4)
        elif held == "roles":
            summary = f"{shown(name)} is in the token's roles, which Spring reads only with a converter for that claim."
            fix = (
                "Set the authorities claim name to roles (JwtGrantedAuthoritiesConverter) with the prefix that is used."
            )
            yield Candidate("claim-mapping", Confidence.LIKELY, summary, fix, evidence, 4)
