"""A genuine token that is not allowed: scopes, roles, groups, claims."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from claimlens.diagnosis.case import Artefact, Case, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.detectors.times import moment_of
from claimlens.diagnosis.microsoft_services import service_at, service_for
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.diagnosis.targets import targets
from claimlens.entra import Flow, TokenKind, application
from claimlens.expectations import Expectation, SourceKind, Stated

_WRONG_CLAIM = re.compile(r"[\"'](scps|scopes|permissions|scope|role|groups_?ids?|authorities)[\"']")


@attrs.frozen
class _Required:
    """A permission that something in the input requires, and where it says so."""

    value: str
    kind: str  # "scope", "role" or "either"
    evidence: Evidence


def detect_permissions(case: Case) -> Iterator[Candidate]:
    """Compare the scopes and roles that are required with the token's."""
    token = case.token
    if token is None or token.profile.kind is TokenKind.ID:
        yield from _without_token(case)
        if token is not None:
            yield from _roles_at_sign_in(case, token)
        return
    roles = token.texts("roles")
    for required in _required(case):
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
    yield from _claim_not_found(case, token)
    yield from _role_not_found(case, token)
    yield from _wrong_claim_name(case, token)
    if case.clue("group-refused") is None and not any(required.kind == "role" for required in _required(case)):
        yield from _nothing_granted(case, token)
    yield from _microsoft_service(case, token)


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


def _required(case: Case) -> Iterator[_Required]:
    for name, kind in (
        ("required-role", "role"), ("required-scope", "scope"), ("code-role", "role"), ("code-scope", "scope"),
    ):  # fmt: skip
        for found in case.clues(name):
            said = found.artefact.text[found.span.start : found.value_start].lower()
            value = _one_of(found.value, case.token).rstrip(".,;:")
            yield _Required(value, "either" if "permission" in said else kind, found.evidence)
    for artefact, expectation in case.expectations:
        if expectation.kind in _JUDGED_ELSEWHERE or not _validates(expectation):
            continue
        for role in ("scope", "role"):
            for stated in expectation.of(role):
                for word in stated.value.split():
                    yield _Required(word, role, artefact.evidence(stated.span))


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
    case: Case, token: Sighting, required: _Required, has_role: bool, evidence: tuple[Evidence, ...]
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


def _absent(case: Case, token: Sighting, required: _Required, evidence: tuple[Evidence, ...]) -> Candidate:
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
    return Candidate(
        code,
        Confidence.CERTAIN,
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
            yield _absent(case, token, _Required(name, "scope" if claim == "scp" else "role", found.evidence), evidence)
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


def _claim_not_found(case: Case, token: Sighting) -> Iterator[Candidate]:
    """A message that misses a claim which the token has: the framework looks for it under another type."""
    for artefact, mention in case.mentions:
        name, wanted = mention.first("claim"), mention.first("required_value")
        if name is None or name.text not in ("scp", "roles", "tid", "oid", "groups", "sub", "aud"):
            continue
        held = token.scopes if name.text == "scp" else token.texts(name.text)
        if wanted is not None and wanted.text in held:
            summary = (
                f"The token's {name.text} holds {shown(wanted.text)}, and yet it is not found: the framework has given "
                "the claim another type."
            )
            fix = (
                f"Set MapInboundClaims to false, or look for the mapped type of {name.text} as well "
                "(http://schemas.microsoft.com/identity/claims/scope for scp)."
            )
            evidence = (artefact.evidence(mention.span), token.evidence)
            yield Candidate("claim-mapping", Confidence.LIKELY, summary, fix, evidence, 4)
            return


def _role_not_found(case: Case, token: Sighting) -> Iterator[Candidate]:
    """A role of the token that another file names, and a framework that looks for roles under another claim type."""
    mapped = case.clue("claims-mapped")
    if mapped is None or not (case.is_refused or mapped.value.startswith("IsInRole")):
        return
    for role in token.texts("roles"):
        named = re.compile(rf"(?<![\w.]){re.escape(role)}(?![\w.])")
        place = next(((one, found) for one, found in case.search(named) if one is not token.artefact), None)
        if place is not None:
            summary = f"The token's roles hold {shown(role)}, and yet the framework does not find it there."
            fix = "Let the framework take 'roles' for the role claim (RoleClaimType), or keep the claims' own names."
            evidence = (mapped.evidence, place[0].evidence_at(place[1].start()), token.evidence)
            yield Candidate("claim-mapping", Confidence.LIKELY, summary, fix, evidence, 3)
            return


def _wrong_claim_name(case: Case, token: Sighting) -> Iterator[Candidate]:
    """Code that reads ``scps`` or splits nothing, while the token has ``scp`` as one string."""
    scp = token.claims.get("scp")
    for artefact, found in case.search(_WRONG_CLAIM):
        name = found[1]
        if name in token.claims or artefact.name.lower().endswith((".json", ".txt", ".log", ".xml", ".http")):
            continue
        right = "roles" if name in ("role", "authorities") else "scp" if scp is not None else None
        if right is None or right not in token.claims:
            continue
        summary = f"The code reads the claim '{name}'; the token has '{right}'"
        summary += ", one string with blanks between the scopes." if right == "scp" else "."
        fix = f"Read {right} and split it at blanks." if right == "scp" else f"Read {right}."
        evidence = (artefact.evidence_at(found.start()), token.evidence)
        yield Candidate("required-claim-separator", Confidence.LIKELY, summary, fix, evidence, 3)
        yield Candidate("required-claim-mismatch", Confidence.POSSIBLE, summary, fix, evidence, 1)
        return


def _nothing_granted(case: Case, token: Sighting) -> Iterator[Candidate]:
    """An access token without scp and roles, where the API wants one of them."""
    if token.scopes or token.texts("roles"):
        return
    told = case.clue("nothing-granted")
    app_only = token.profile.flow is Flow.APP_ONLY or any(
        request.parameters.get("grant_type") == "client_credentials" for _, request in case.requests
    )
    if told is None and not (
        app_only and (403 in case.statuses or (401 in case.statuses and _at_its_service(case, token)))
    ):
        return
    evidence = (token.evidence, *((told.evidence,) if told else ()))
    services = [service_for(audience) for audience in token.texts("aud")]
    if told is None and any(service is not None and service.is_governed_by_azure_roles for service in services):
        return  # Azure roles stand in no token
    if app_only and any(application(audience) for audience in token.texts("aud")):
        summary = "The application got a token for a Microsoft service that holds no application permission at all."
        fix = "Add the application permissions that the operation's page lists, grant admin consent, fetch a new token."
        yield Candidate("missing-role", Confidence.LIKELY, summary, fix, evidence, 4)
    elif app_only and (offered := _application_role(case)) is not None:
        artefact, role = offered
        summary = f"The API has the app role {shown(role.value)}, and the calling application was not assigned it."
        fix = f"Assign {shown(role.value)} to the calling application, grant admin consent, fetch a new token."
        places = (artefact.evidence(role.span), *evidence)
        yield Candidate("missing-role", Confidence.LIKELY, summary, fix, places, 5)
    elif app_only:
        summary = (
            "The application got a token without a user, and no app role is assigned to it: neither scp nor "
            "roles is there."
        )
        fix = (
            "Define an app role for applications on the API, assign it to the calling application, and grant "
            "admin consent."
        )
        yield Candidate(
            "scope-vs-role-confusion", Confidence.CERTAIN if told else Confidence.LIKELY, summary, fix, evidence, 4
        )
        yield Candidate("missing-role", Confidence.LIKELY, summary, fix, evidence, 2)
    else:
        summary = "The token holds neither scp nor roles, so it grants nothing."
        yield Candidate("missing-scope", Confidence.LIKELY, summary, "", evidence, 2)


def _at_its_service(case: Case, token: Sighting) -> bool:
    """Tell whether the service that the token is for is called; some answer 401 to a token without permissions."""
    services = ((service_at(target.host), target.host) for target in targets(case))
    return any(service and service.accepts(one, host) for service, host in services for one in token.texts("aud"))


def detect_delegated_only(case: Case) -> Iterator[Candidate]:
    """An application without a user is denied, and its registration asks for delegated permissions alone."""
    denied, delegated = case.clue("service-denied"), case.clue("only-delegated")
    if denied is None or delegated is None or case.clue("asks-for-roles") or not case.clue("app-only"):
        return
    summary = "The application signs in without a user, and its registration asks for delegated permissions alone."
    fix = "Add the application permissions (type Role) that the operation needs, and grant admin consent."
    evidence = (delegated.evidence, denied.evidence)
    yield Candidate("scope-vs-role-confusion", Confidence.LIKELY, summary, fix, evidence, 4)


def _application_role(case: Case) -> tuple[Artefact, Stated] | None:
    """Return an app role that a manifest of the case defines."""
    for artefact, expectation in case.expectations:
        role = expectation.first("role") if expectation.kind is SourceKind.MANIFEST else None
        if role is not None:
            return artefact, role
    return None


def _microsoft_service(case: Case, token: Sighting) -> Iterator[Candidate]:
    """Microsoft's own services refuse a token for them that lacks a permission."""
    denied = case.clue("service-denied")
    if denied is None or not any(application(audience) for audience in token.texts("aud")):
        return
    evidence = (denied.evidence, token.evidence)
    roles = token.texts("roles")
    if token.profile.flow is Flow.APP_ONLY or (roles and not token.scopes):
        summary = f"The service wants an application permission that the token lacks; its roles are {listed(roles)}."
        fix = (
            "Grant the further application permission that the operation's page lists, with admin consent, and "
            "fetch a new token."
        )
        yield Candidate("missing-role", Confidence.LIKELY, summary, fix, evidence, 3)
    else:
        summary = f"The service wants a permission that the token lacks; its scp is {listed(token.scopes)}."
        yield Candidate("missing-scope", Confidence.LIKELY, summary, "", evidence, 3)


def _without_token(case: Case) -> Iterator[Candidate]:
    told = case.clue("nothing-granted")
    if told is not None:
        summary = "The API found neither scp nor roles in the token."
        evidence = (told.evidence,)
        yield Candidate("scope-vs-role-confusion", Confidence.LIKELY, summary, "", evidence, 1)
        yield Candidate("missing-scope", Confidence.POSSIBLE, summary, "", evidence, 0)


def _groups_not_asked_for(case: Case) -> Iterator[Candidate]:
    """The manifest asks for no groups, and something refuses the user for want of one."""
    refused, manifest, token = case.clue("group-refused"), case.clue("no-groups-asked"), case.token
    if refused is None or manifest is None or token is None or any("groups" in one.claims for one in case.sightings):
        return
    summary = "The token holds no groups, because the manifest asks for none (groupMembershipClaims)."
    fix = (
        "Set groupMembershipClaims to SecurityGroup or ApplicationGroup in the manifest (token configuration, groups)."
    )
    evidence = (refused.evidence, manifest.evidence, token.evidence)
    yield Candidate("optional-claim-missing", Confidence.CERTAIN, summary, fix, evidence, 4)


def detect_groups(case: Case) -> Iterator[Candidate]:
    """A user in more groups than fit gets a pointer instead of the claim."""
    token = next((one for one in case.sightings if one.profile.note("groups-overage")), None)
    wanted = case.clue("groups-wanted")
    if token is None:
        yield from _groups_not_asked_for(case)
        return
    evidence = (token.evidence, *((wanted.evidence,) if wanted else ()))
    summary = (
        "The user is in too many groups: the token points to them (hasgroups or _claim_names) instead of listing them."
    )
    fix = (
        "Ask Microsoft Graph for the memberships when the pointer is there, assign groups to the application, or "
        "use app roles."
    )
    yield Candidate("groups-overage", Confidence.CERTAIN if wanted else Confidence.LIKELY, summary, fix, evidence, 4)
