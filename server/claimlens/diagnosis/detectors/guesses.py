"""Where a call is refused and nothing says why: what the token, the request and the answer make most probable.

A guess is never more than likely, and is made only where no detector has seen anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens import entra
from claimlens.diagnosis.case import Case, Sighted, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.microsoft_services import MicrosoftService, service_at, service_for
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.diagnosis.targets import targets
from claimlens.entra import Flow, TokenKind
from claimlens.expectations import SourceKind, accepted_audiences, accepted_issuers, is_multi_tenant

_PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


def guess(case: Case) -> Iterator[Candidate]:
    """Yield what is most probable by itself, the best guess first."""
    answers = {response.status for _, response in case.responses}
    said = {status for artefact in case.artefacts if artefact.is_spoken for status in artefact.told_statuses}
    refusals = {401, 403} & (answers | said)
    if (answers and max(answers) < 400) or not (refusals or _said(case)):
        return
    token, forbidden = case.token, refusals == {403}
    if token is None:
        yield from _forbidden_untold(case) if forbidden else _unauthorized_untold(case)
    elif token.profile.kind is TokenKind.ID and forbidden and case.clue("signs-people-in") is not None:
        summary = "The ID token that the program signs people in with holds no roles and no groups that it could map."
        if not (token.texts("roles") or token.texts("groups")):
            yield _guess("missing-role", summary, token.evidence, Confidence.LIKELY)
    elif token.profile.kind is TokenKind.ID:
        summary = "The only token here is an ID token; APIs take access tokens."
        yield _guess("id-token-as-access-token", summary, token.evidence, Confidence.LIKELY)
    elif forbidden:
        yield from _forbidden(case, token)
    else:
        yield from _unauthorized(case, token)


def _guess(code: str, summary: str, evidence: Evidence, confidence: Confidence = Confidence.POSSIBLE) -> Candidate:
    return Candidate(code, confidence, summary, "", (evidence,), 1)


# --- 403: the token is accepted, and not enough ---


def _forbidden(case: Case, token: Sighting) -> Iterator[Candidate]:
    service = _service(token)
    roles, scopes = token.texts("roles"), token.scopes
    app_only = token.profile.flow is Flow.APP_ONLY
    held = f"the token's scp is {listed(scopes)}, its roles are {listed(roles)}"
    if service is not None and service.is_governed_by_azure_roles:
        summary = (
            f"{service.name} knows the caller, who has no Azure role there that allows the call; such roles stand in "
            "no token."
        )
        yield _guess("missing-role", summary, token.evidence, Confidence.LIKELY)
    elif not scopes and not roles:
        code, kind = ("missing-role", "role") if app_only else ("missing-scope", "scope")
        summary = f"The token holds no permission at all, so the API lets it do nothing: no {kind} was granted."
        yield _guess(code, summary, token.evidence, Confidence.LIKELY)
    elif service is not None:
        code = "missing-role" if app_only else "missing-scope"
        summary = f"{service.name} wants a permission that the token lacks: {held}."
        yield _guess(code, summary, token.evidence)
    else:
        yield from _forbidden_by_own_api(case, token, held)


def _forbidden_by_own_api(case: Case, token: Sighting, held: str) -> Iterator[Candidate]:
    if case.clue("app-service") is not None:
        summary = (
            "App Service authentication accepts the token, but its authorization policy may not let the caller in."
        )
        yield _guess("easyauth-authorization-policy", summary, token.evidence)
    if token.texts("roles"):
        summary = f"The API may look for the roles under another claim type, or want another permission: {held}."
        yield _guess("claim-mapping", summary, token.evidence)
    summary = f"The API wants an app role that the token lacks: {held}."
    yield _guess("missing-role", summary, token.evidence)
    if token.profile.flow is not Flow.APP_ONLY:
        yield _guess("missing-scope", f"The API wants a scope that the token lacks: {held}.", token.evidence)


def _forbidden_untold(case: Case) -> Iterator[Candidate]:
    """Without a token: what the code requires, or who answered."""
    role, scope = case.clue("code-role"), case.clue("code-scope")
    if role is not None:
        summary = f"The code requires the role {shown(role.value)}, which the caller's token seems to lack."
        yield _guess("missing-role", summary, role.evidence)
    if scope is not None:
        summary = f"The code requires the scope {shown(scope.value)}, which the caller's token seems to lack."
        yield _guess("missing-scope", summary, scope.evidence)
    platform = case.clue("app-service")
    if platform is not None:
        summary = "App Service authentication knows the caller, and its authorization policy lets it not in."
        yield _guess("easyauth-authorization-policy", summary, platform.evidence)
    elif role is None and scope is None:
        for place in _refusals(case):
            yield _guess("missing-role", "The caller is known and lacks a permission: a role or a scope.", place)


# --- 401: the token is not accepted, or did not arrive ---


def _unauthorized(case: Case, token: Sighting) -> Iterator[Candidate]:
    service = _service(token)
    if "nonce" in token.header:
        summary = "The token's header carries a nonce: only the Microsoft service that it is for can verify it."
        yield _guess("signature-graph-nonce", summary, token.evidence, Confidence.LIKELY)
    elif token.text("tid") == _PERSONAL:
        summary = "A personal Microsoft account signed in; an API for organisations refuses its tokens."
        yield _guess("guest-or-consumer-account", summary, token.evidence)
    elif service is not None:
        yield from _unauthorized_by_service(case, token, service)
    else:
        yield from _unauthorized_by_own_api(case, token)


def _unauthorized_by_service(case: Case, token: Sighting, service: MicrosoftService) -> Iterator[Candidate]:
    called = [target.host for target in targets(case)]
    audiences = listed(token.texts("aud"))
    if not any(service.answers_at(host) for host in called):
        summary = f"The token's aud is {audiences}: it is for {service.name}, and every other API refuses it."
        yield _guess("audience-mismatch", summary, token.evidence)
    elif service.is_governed_by_azure_roles:
        summary = f"The token may be of another tenant than the one that {service.name} trusts: {token.text('tid')}."
        yield _guess("issuer-wrong-tenant", summary, token.evidence)
    else:
        code = "missing-role" if token.profile.flow is Flow.APP_ONLY else "missing-scope"
        held = listed((*token.scopes, *token.texts("roles")))
        summary = f"{service.name} answers 401 as well where a permission is lacking; the token holds {held}."
        yield _guess(code, summary, token.evidence)


def _unauthorized_by_own_api(case: Case, token: Sighting) -> Iterator[Candidate]:
    """Yield what the settings leave open: the issuer, the audience, or whether the token arrives at all."""
    many = next(_authorities_for_many(case), None)
    if many is not None:
        summary = "The authority stands for many tenants, and the token's issuer is that of one: compared, they differ."
        yield _guess("issuer-templated-common", summary, many)
    manifest = next(_manifests_for_v1(case), None) if token.profile.version == "1.0" else None
    if manifest is not None:
        summary = "The manifest asks for v1.0 tokens; most libraries and samples of today are made for v2.0."
        yield _guess("token-version-config", summary, manifest)
    issuer, audience = _issuer(case, token), _audience(case, token)
    # A token of v2.0 passes most validators; what they often miss is that its aud is a GUID.
    first, second = (audience, issuer) if token.profile.version == "2.0" else (issuer, audience)
    yield from (candidate for candidate in (first, second) if candidate is not None)
    if issuer is None and audience is None:
        summary = "The settings accept the token's issuer and audience; maybe it does not arrive as it was issued."
        yield _guess("scheme-missing-or-duplicated", summary, token.evidence)


def _manifests_for_v1(case: Case) -> Iterator[Evidence]:
    for artefact, expectation in case.expectations:
        if expectation.kind is SourceKind.MANIFEST:
            versions = expectation.all_of("token_version")
            yield from (artefact.evidence(one.span) for one in versions if one.value.strip() != "2")


def _authorities_for_many(case: Case) -> Iterator[Evidence]:
    """Yield authorities such as common, unless what reads them (Microsoft.Identity.Web, a service) knows them."""
    if any(found.value.startswith("AddMicrosoftIdentityWeb") for found in case.clues("token-schemes")):
        return
    for artefact, expectation in case.expectations:
        address = expectation.first("authority", "metadata")
        if expectation.kind not in _KNOWING and address is not None and is_multi_tenant(address.value):
            yield artefact.evidence(address.span)


_KNOWING = (SourceKind.APP_SERVICE, SourceKind.VALIDATE_AZURE_AD_TOKEN, SourceKind.MANIFEST)


def _issuer(case: Case, token: Sighting) -> Candidate | None:
    issuer = token.text("iss")
    if any(one.admits(issuer) for _, expectation in case.expectations for one in accepted_issuers(expectation)):
        return None
    match = entra.match_issuer(issuer)
    kind = match.id if match is not None else ""
    if kind.startswith("b2c"):
        summary = f"The token is issued by a B2C policy ({shown(issuer)}); the API may trust Entra ID only."
        return _guess("issuer-b2c-vs-entra", summary, token.evidence)
    if kind.startswith("ciam"):
        summary = f"The token is issued by External ID ({shown(issuer)}); the API may trust another host."
        return _guess("issuer-ciam", summary, token.evidence)
    version = f"v{token.profile.version}" if token.profile.version else "an unknown version"
    summary = f"The token is of {version} ({shown(issuer)}); the API may expect the other version."
    return _guess("issuer-v1-vs-v2", summary, token.evidence)


def _audience(case: Case, token: Sighting) -> Candidate | None:
    audiences = token.texts("aud")
    if any(one.value in audiences for _, expectation in case.expectations for one in accepted_audiences(expectation)):
        return None
    summary = f"The token's aud is {listed(audiences)}; the API may be set to the other form of its name, GUID or URI."
    return _guess("audience-guid-vs-app-id-uri", summary, token.evidence)


def _unauthorized_untold(case: Case) -> Iterator[Candidate]:
    """Without a token: whether anything was sent, and to whom."""
    for artefact, request in case.requests:
        place = artefact.evidence(request.span)
        names = [header.name for header in request.headers]
        elsewhere = next((name for name in names if "token" in name), None)
        scheme = request.header("authorization")
        if scheme is not None and scheme.value.lower().startswith(("basic ", "digest ")):
            summary = f"The request uses the scheme {scheme.value.split()[0]}; an API that takes tokens wants Bearer."
            yield _guess("scheme-missing-or-duplicated", summary, place)
        elif scheme is not None or "cookie" in names:
            continue
        elif elsewhere is not None:
            summary = f"The token is in the header {elsewhere}; most APIs look in Authorization, behind Bearer."
            yield _guess("scheme-missing-or-duplicated", summary, place)
        else:
            if any(target.is_function for target in targets(case)):
                yield _guess("function-key-required", "The request carries neither a token nor a function key.", place)
            yield _guess("scheme-missing-or-duplicated", "The request carries no token.", place)
        return
    platform = case.clue("app-service")
    if platform is not None:
        summary = "App Service authentication refuses the token; mostly its aud is not among the allowed audiences."
        yield _guess("easyauth-audience", summary, platform.evidence)
        return
    called = targets(case)
    function = next((target for target in called if target.is_function), None)
    if function is not None and not any(True for _ in case.mentions):
        summary = f"A function of {function.host} is called without a key, and the host wants one for most levels."
        yield _guess("function-key-required", summary, function.evidence)
    for place in _refusals(case):
        service = next((found for target in called if (found := service_at(target.host)) is not None), None)
        who = service.name if service is not None else "The API"
        yield _guess("audience-mismatch", f"{who} refuses the token; mostly it is for another audience.", place)


def _service(token: Sighting) -> MicrosoftService | None:
    return next((found for audience in token.texts("aud") if (found := service_for(audience)) is not None), None)


def _refusals(case: Case) -> Iterator[Evidence]:
    """Yield the first place that tells of a refusal."""
    for artefact, response in case.responses:
        if response.status in (401, 403):
            yield artefact.evidence(response.span)
            return
    for artefact in case.artefacts:
        status = re.search(r"\b40[13]\b", artefact.text)
        if status is not None and artefact.is_spoken:
            yield artefact.evidence_at(status.start())
            return
    said = _said(case)
    if said is not None:
        yield said.evidence


def _said(case: Case) -> Sighted | None:
    """Return where a log or an answer says in words that somebody is refused."""
    return next((said for said in case.clues("refused-in-words") if said.artefact.is_spoken), None)
