"""What was granted to a caller: nothing at all, too little for a service of Microsoft, or of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Artefact, Case, Sighting
from claimlens.diagnosis.detectors.authorization import required_permissions
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.microsoft_services import service_at, service_for
from claimlens.diagnosis.model import Confidence
from claimlens.diagnosis.targets import targets
from claimlens.entra import Flow, TokenKind, application
from claimlens.expectations import SourceKind, Stated


def detect_grants(case: Case) -> Iterator[Candidate]:
    """Look at what the token grants, whatever the API wants."""
    token = case.token
    if token is None or token.profile.kind is TokenKind.ID:
        yield from _without_token(case)
        return
    if case.clue("group-refused") is None and not any(one.kind == "role" for one in required_permissions(case)):
        yield from _nothing_granted(case, token)
    yield from _microsoft_service(case, token)


def _without_token(case: Case) -> Iterator[Candidate]:
    told = case.clue("nothing-granted")
    if told is not None:
        summary = "The API found neither scp nor roles in the token."
        evidence = (told.evidence,)
        yield Candidate("scope-vs-role-confusion", Confidence.LIKELY, summary, "", evidence, 1)
        yield Candidate("missing-scope", Confidence.POSSIBLE, summary, "", evidence, 0)


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
        seen = told is not None and not token.artefact.lists_claims
        confidence = Confidence.CERTAIN if seen else Confidence.LIKELY
        yield Candidate("scope-vs-role-confusion", confidence, summary, fix, evidence, 4)
        yield Candidate("missing-role", Confidence.LIKELY, summary, fix, evidence, 2)
    else:
        summary = "The token holds neither scp nor roles, so it grants nothing."
        yield Candidate("missing-scope", Confidence.LIKELY, summary, "", evidence, 2)


def _at_its_service(case: Case, token: Sighting) -> bool:
    """Tell whether the service that the token is for is called; some answer 401 to a token without permissions."""
    services = ((service_at(target.host), target.host) for target in targets(case))
    return any(service and service.accepts(one, host) for service, host in services for one in token.texts("aud"))


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


def detect_delegated_only(case: Case) -> Iterator[Candidate]:
    """An application without a user is denied, and its registration asks for delegated permissions alone."""
    denied, delegated = case.clue("service-denied"), case.clue("only-delegated")
    if denied is None or delegated is None or case.clue("asks-for-roles") or not case.clue("app-only"):
        return
    summary = "The application signs in without a user, and its registration asks for delegated permissions alone."
    fix = "Add the application permissions (type Role) that the operation needs, and grant admin consent."
    evidence = (delegated.evidence, denied.evidence)
    yield Candidate("scope-vs-role-confusion", Confidence.LIKELY, summary, fix, evidence, 4)
