"""What the answer to a refused call says: the token that it asks for, or a sign-in page in place of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens import entra
from claimlens.diagnosis.case import Case, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.microsoft_services import service_at
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.diagnosis.targets import targets
from claimlens.entra import TokenKind
from claimlens.entra.errors import parse_challenges
from claimlens.expectations.relations import AudienceRelation, relate_audiences

_TENANT = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SIGN_IN = re.compile(r"/authorize\b|/login\b|/signin\b|/\.auth/|ReturnUrl=", re.IGNORECASE)
_RESOURCE_PARAMETERS = ("resource_id", "resource", "client_id")
_TENANT_PARAMETERS = ("authorization_uri", "authorization", "realm")


def detect_asked_by_answer(case: Case) -> Iterator[Candidate]:
    """Compare the token with the resource and the tenant that ``WWW-Authenticate`` names (RFC 9110 section 11.6.1)."""
    token = case.token
    if token is None:
        return
    for artefact, response in case.responses:
        for header in response.all("www-authenticate"):
            evidence = (artefact.evidence(header.span), token.evidence)
            for challenge in parse_challenges(header.value):
                yield from _other_resource(case, token, dict(challenge.parameters), evidence)
                yield from _other_tenant(token, dict(challenge.parameters), evidence)


def _other_resource(
    case: Case, token: Sighting, parameters: dict[str, str], evidence: tuple[Evidence, ...]
) -> Iterator[Candidate]:
    wanted = next((parameters[name] for name in _RESOURCE_PARAMETERS if parameters.get(name)), "")
    audiences = token.texts("aud")
    if not wanted or not audiences or any(_same_resource(audience, wanted) for audience in audiences):
        return
    sides = f"the token's aud is {listed(audiences)}, the answer asks for a token for {shown(wanted)}"
    fix = f"Request a scope of {shown(wanted)} and send that access token."
    if token.profile.kind is TokenKind.ID:
        summary = f"An ID token was sent instead of an access token: {sides}."
        yield Candidate("id-token-as-access-token", Confidence.LIKELY, summary, fix, evidence, 3)
    elif case.clue("app-service") is not None:
        fix += f" Or add {shown(audiences[0])} to the allowed token audiences of the site."
        yield Candidate(
            "easyauth-audience", Confidence.LIKELY, f"App Service refuses the audience: {sides}.", fix, evidence, 2
        )
    else:
        yield Candidate(
            "audience-mismatch", Confidence.LIKELY, f"The token is for another API: {sides}.", fix, evidence, 3
        )


def _same_resource(audience: str, wanted: str) -> bool:
    one, other = entra.application(audience), entra.application(wanted)
    same = one is not None and other is not None and one.id == other.id
    return same or relate_audiences(audience, wanted) is not AudienceRelation.DIFFERENT


def _other_tenant(token: Sighting, parameters: dict[str, str], evidence: tuple[Evidence, ...]) -> Iterator[Candidate]:
    tenant = token.text("tid").lower()
    for name in _TENANT_PARAMETERS:
        wanted = _TENANT.search(parameters.get(name, ""))
        if wanted is None or not tenant:
            continue
        if wanted[0].lower() != tenant:
            summary = (
                f"The token is of the tenant {shown(tenant)}; the answer asks for one of the tenant {shown(wanted[0])}."
            )
            fix = f"Acquire the token with the authority https://login.microsoftonline.com/{wanted[0]}."
            yield Candidate("issuer-wrong-tenant", Confidence.LIKELY, summary, fix, evidence, 3)
        return


def detect_sign_in_page(case: Case) -> Iterator[Candidate]:
    """A call that ends at a sign-in page: the scheme in charge is one for people in browsers, not for tokens."""
    told = case.clue("sign-in-page")
    page = told.evidence if told is not None else _redirected(case)
    if page is None or any(service_at(target.host) for target in targets(case)):
        return
    code = case.clue("browser-schemes")
    if code is not None and case.clue("token-schemes") is not None:
        code = None
    evidence = (page, *((code.evidence,) if code else ()))
    summary = "The call was answered with a sign-in page or a redirect to one: no scheme reads the bearer token."
    fix = (
        "Register a scheme for bearer tokens (AddMicrosoftIdentityWebApi, AddJwtBearer, or the like) and name it for "
        "these routes; in App Service let unauthenticated requests be answered with 401."
    )
    confidence = Confidence.LIKELY if code is not None or _sends_token(case) else Confidence.POSSIBLE
    yield Candidate("auth-scheme-not-registered", confidence, summary, fix, evidence, 3)


def _redirected(case: Case) -> Evidence | None:
    """Return the redirect to a sign-in page with which a call with a bearer token was answered."""
    token = case.token
    if not _sends_token(case) and (token is None or token.profile.kind is TokenKind.ID):
        return None
    for artefact, response in case.responses:
        location = response.header("location")
        if response.status in (302, 303, 307) and location is not None and _SIGN_IN.search(location.value):
            return artefact.evidence(location.span)
    return None


def _sends_token(case: Case) -> bool:
    return any(header.value.lower().startswith("bearer ") for _, request in case.requests for header in request.headers)
