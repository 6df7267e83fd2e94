"""The service that is called against the service that the token is for."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens import entra
from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.microsoft_services import MicrosoftService, service_at
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.diagnosis.targets import asked, targets
from claimlens.entra import TokenKind

_GRAPH = "00000003-0000-0000-c000-000000000000"


def detect_destination(case: Case) -> Iterator[Candidate]:
    """Compare what the token is for, or was asked for, with the hosts that are called in requests, logs and code."""
    told = case.is_refused or case.clue("sign-in-page") is not None or _is_being_sent(case)
    if not told and not any(True for _ in case.mentions_of("audience-mismatch")):
        return
    token = case.token
    if token is not None:
        place: tuple[Evidence, ...] = (token.evidence,)
        audiences = token.texts("aud")
        sides = f"the token's aud is {listed(audiences)}"
    else:
        wanted = tuple(asked(case))
        audiences, place = tuple(one.resource for one in wanted), tuple(one.evidence for one in wanted[:1])
        sides = f"the token is asked for {listed(audiences)}"
    if not audiences or (token is not None and token.profile.kind is TokenKind.ID):
        return
    called = tuple(targets(case))
    if any(_fits(audience, target.host) for audience in audiences for target in called):
        return
    for target in called:
        service = service_at(target.host)
        evidence = (target.evidence, *place)
        if service is not None:
            yield _other_service(service, target.host, sides, evidence)
            return
        if all(entra.application(audience) for audience in audiences):
            yield _own_api(audiences, target.host, sides, evidence)
            return


def _is_being_sent(case: Case) -> bool:
    """Tell whether the token stands in a request that nobody has answered yet: what it meets can be foreseen."""
    token = case.token
    return (
        token is not None
        and not any(True for _ in case.responses)
        and any(
            header.span.contains(token.token.span.start)
            for request in token.artefact.requests
            for header in request.headers
        )
    )


def _fits(audience: str, host: str) -> bool:
    service = service_at(host)
    return service is not None and service.accepts(audience, host)


def _other_service(service: MicrosoftService, host: str, sides: str, evidence: tuple[Evidence, ...]) -> Candidate:
    scope = service.scope.replace("{host}", host)
    summary = f"The token is for another service: {sides}, and {host} is called."
    fix = f"Request the scope {shown(scope)} and send that access token."
    return Candidate("audience-mismatch", Confidence.LIKELY, summary, fix, evidence, 3)


def _own_api(audiences: tuple[str, ...], host: str, sides: str, evidence: tuple[Evidence, ...]) -> Candidate:
    known = entra.application(audiences[0])
    for_graph = known is not None and known.id == _GRAPH
    code = "graph-token-for-own-api" if for_graph else "audience-mismatch"
    summary = f"A token for a service of Microsoft is sent to another API: {sides}, and {host} is called."
    fix = "Request a scope of the API that is called (api://<application-id>/<scope>), and send that access token."
    return Candidate(code, Confidence.LIKELY, summary, fix, evidence, 3)
