"""The token's audience against what accepts it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import attrs

from claimlens import entra
from claimlens.diagnosis.case import Artefact, Case, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.detectors.client_code import only_obtains_tokens
from claimlens.diagnosis.microsoft_services import service_at, service_of
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.diagnosis.targets import targets, told_targets
from claimlens.entra import TokenKind
from claimlens.expectations import Expectation, SourceKind, accepted_audiences
from claimlens.expectations.relations import AudienceRelation, relate_audiences

_AUDIENCE_CAUSES = (
    "audience-mismatch",
    "audience-guid-vs-app-id-uri",
    "easyauth-audience",
    "managed-identity-audience",
)


@attrs.frozen
class _Expected:
    """The audiences that one place accepts."""

    values: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    kind: SourceKind | None
    stated: bool
    """Said by a message or written down, not derived from a client id."""
    of_assertion: bool = False
    """Said of the assertion of an on-behalf-of request."""


def detect_audience(case: Case) -> Iterator[Candidate]:
    """Compare the audience found with each place that names what it accepts."""
    found, found_evidence = _found(case)
    token = case.token
    refused = any(True for _ in case.mentions_of(*_AUDIENCE_CAUSES))
    named = any(mention.first("found_audience") for _, mention in case.mentions)
    accepting = [expected for expected in _expected(case) if found and expected.values]
    misplaced = next((expected for expected in accepting if _names_an_issuer(expected)), None)
    if misplaced is not None:
        yield _issuer_for_audience(found, misplaced, (*misplaced.evidence, *found_evidence))
        return
    for expected in accepting:
        relations = {relate_audiences(one, other) for one in found for other in expected.values}
        if AudienceRelation.EQUAL in relations:
            yield from _refused_all_the_same(found, expected, named, (*found_evidence, *expected.evidence))
            continue
        relation = min(relations, key=lambda kind: kind.value)
        sure = expected.stated and (refused or bool({401, 403} & case.statuses) or expected.kind is None)
        confidence = Confidence.CERTAIN if sure else Confidence.LIKELY
        evidence = (*found_evidence, *expected.evidence)
        yield _candidate(case, token, found, expected, relation, confidence, evidence)
    yield from _by_target(case)


def _candidate(
    case: Case,
    token: Sighting | None,
    found: tuple[str, ...],
    expected: _Expected,
    relation: AudienceRelation,
    confidence: Confidence,
    evidence: tuple[Evidence, ...],
) -> Candidate:
    sides = f"the token's aud is {listed(found)}, accepted is {listed(expected.values)}"
    if expected.of_assertion:
        fix = f"Let the client request a scope of {listed(expected.values)}, and present that token."
        summary = f"The assertion is for another application than the one that presents it: {sides}."
        return Candidate("obo-wrong-audience", confidence, summary, fix, evidence, 4)
    if relation is AudienceRelation.BLANK:
        fix = f"Remove the blank around {listed(expected.values)}."
        return Candidate(
            "config-whitespace", confidence, f"A blank stands in the accepted audience: {sides}.", fix, evidence, 4
        )
    graph = entra.application("00000003-0000-0000-c000-000000000000")
    own_api = not any(entra.application(value) for value in expected.values)
    if own_api and _is_for(found, graph):
        return _graph_token(confidence, sides, expected.values, evidence)
    if token is not None and token.profile.kind is TokenKind.ID and relation is AudienceRelation.DIFFERENT:
        # A file that is named after the ID token shows what the client holds, not what it sent.
        if "id_token" in token.artefact.name.lower() and not token.artefact.requests:
            confidence = Confidence.LIKELY
        fix = f"Acquire an access token for {listed(expected.values)} and send that one."
        summary = f"An ID token was sent instead of an access token: {sides}."
        return Candidate("id-token-as-access-token", confidence, summary, fix, evidence, 3)
    if _managed_identity(case, token) and relation in (AudienceRelation.SLASH, AudienceRelation.DIFFERENT):
        if token is None or not set(found) & set(token.texts("aud")):
            confidence = max(confidence, Confidence.LIKELY, key=lambda one: one.rank)  # whose token it is, nobody shows
        fix = f"Ask the identity endpoint for the resource {shown(expected.values[-1])}, exactly as written."
        summary = f"The managed identity's token was asked for another resource: {sides}."
        return Candidate("managed-identity-audience", confidence, summary, fix, evidence, 3)
    if _app_service(case, expected):
        fix = f"Add {shown(found[0])} to the allowed token audiences of the site's authentication settings."
        return Candidate(
            "easyauth-audience", confidence, f"App Service refuses the audience: {sides}.", fix, evidence, 3
        )
    if relation is AudienceRelation.SAME_APPLICATION and _of_other_cloud(found, expected.values):
        fix = f"Take tenant, sign-in host and resource from one cloud: here {listed(expected.values)}."
        summary = f"Both mean one service, in two clouds: {sides}."
        return Candidate("tenant-cross-cloud", confidence, summary, fix, evidence, 3)
    if relation is AudienceRelation.SAME_APPLICATION:
        fix = (
            f"Accept {listed(found)} as well, or set api.requestedAccessTokenVersion to 2 in the API's manifest "
            "so that aud is the client id."
        )
        summary = f"Both mean one application, written in two ways: {sides}."
        return Candidate("audience-guid-vs-app-id-uri", confidence, summary, fix, evidence, 3)
    fix = f"Request the token for {listed(expected.values)}, or accept {listed(found)} if that is this API."
    return Candidate("audience-mismatch", confidence, f"The token is for another API: {sides}.", fix, evidence, 2)


def _names_an_issuer(expected: _Expected) -> bool:
    """Tell whether settings or code take addresses of issuers for the audience, and nothing else."""
    matches = [entra.match_issuer(value) for value in expected.values]
    known = all(match is not None and match.family in ("entra", "b2c", "ciam") for match in matches)
    return known and expected.stated and expected.kind is not None


def _issuer_for_audience(found: tuple[str, ...], expected: _Expected, evidence: tuple[Evidence, ...]) -> Candidate:
    summary = (
        f"An issuer's address is set as the audience: accepted is {listed(expected.values)}, aud is {listed(found)}."
    )
    fix = f"Set the audience to {listed(found)} if that is this API; the address belongs to the authority."
    return Candidate("audience-mismatch", Confidence.CERTAIN, summary, fix, evidence, 5)


def _of_other_cloud(found: tuple[str, ...], expected: tuple[str, ...]) -> bool:
    """Tell whether a service of Microsoft is named by addresses of different clouds."""
    sides = [
        {known.cloud for value in values if (known := entra.application(value)) is not None and "://" in value}
        for values in (found, expected)
    ]
    return all(sides) and sides[0].isdisjoint(sides[1])


def _refused_all_the_same(
    found: tuple[str, ...], expected: _Expected, named: bool, evidence: tuple[Evidence, ...]
) -> Iterator[Candidate]:
    """A message refuses what follows from a client id: the validator takes the client id alone, as it stands."""
    written = expected.values[0]
    if not named or expected.stated or any(relate_audiences(one, written) in _AS_WRITTEN for one in found):
        return
    summary = f"The client id alone is taken for the audience: aud is {listed(found)}, set is {shown(written)}."
    fix = f"Accept {listed(found)} too, or set api.requestedAccessTokenVersion to 2 so that aud is the client id."
    yield Candidate("audience-guid-vs-app-id-uri", Confidence.LIKELY, summary, fix, evidence, 3)


_AS_WRITTEN = (AudienceRelation.EQUAL, AudienceRelation.BLANK, AudienceRelation.SLASH, AudienceRelation.CASE)


def _graph_token(
    confidence: Confidence, sides: str, wanted: tuple[str, ...], evidence: tuple[Evidence, ...]
) -> Candidate:
    fix = (
        f"Request a scope of your own API ({listed(wanted)}), not of Microsoft Graph, and call Graph on behalf of "
        "the user from there."
    )
    summary = f"A token for Microsoft Graph was sent to another API: {sides}."
    return Candidate("graph-token-for-own-api", confidence, summary, fix, evidence, 4)


def _found(case: Case) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """Return the audience of the refused token: from the message that refuses it, else from the token."""
    for artefact, mention in case.mentions:
        value = mention.first("found_audience")
        if value is not None:
            return (value.text,), (artefact.evidence(value.span),)
    token = case.token
    if token is None:
        return (), ()
    return token.texts("aud"), (token.evidence,)


def _expected(case: Case) -> Iterator[_Expected]:
    for artefact, mention in case.mentions:
        values = tuple(value for value in mention.values.get("expected_audience", ()) if not value.hidden)
        if values:
            yield _Expected(
                tuple(value.text for value in values),
                (artefact.evidence(values[0].span),),
                None,
                stated=True,
                of_assertion=mention.entry.causes[:1] == ("obo-wrong-audience",),
            )
    if _answered_by_microsoft(case):
        return
    for artefact, expectation in case.expectations:
        if expectation.kind is SourceKind.MANIFEST:
            continue
        accepted = accepted_audiences(expectation)
        if not accepted or _asks_for_tokens(artefact, expectation):
            continue
        yield _Expected(
            tuple(dict.fromkeys(one.value for one in accepted)),
            (artefact.evidence(accepted[0].stated.span),),
            expectation.kind,
            stated=any(one.how == "stated" for one in accepted),
        )


def _answered_by_microsoft(case: Case) -> bool:
    """Tell whether a service of Microsoft refuses a token for one; then it is idle what an own API accepts."""
    for_microsoft = case.token is not None and any(entra.application(one) for one in case.token.texts("aud"))
    return for_microsoft and any(service_of(mention.entry.product) is not None for _, mention in case.mentions)


def _asks_for_tokens(artefact: Artefact, expectation: Expectation) -> bool:
    """Tell whether a section belongs to a client: its file names scopes to request, it its own id but no audience."""
    if expectation.of("audience") or expectation.kind in (SourceKind.IDENTITY_WEB, SourceKind.APP_SERVICE):
        return False
    if only_obtains_tokens(artefact, expectation):
        return True
    beside = (one for one in artefact.expectations if one is expectation or one.kind is SourceKind.FILE)
    scopes = " ".join(scope.value for one in beside for scope in one.of("scope"))
    return "://" in scopes or "openid" in scopes.split()


def _by_target(case: Case) -> Iterator[Candidate]:
    """Compare the token with the service of Microsoft that the request goes to, or that answers."""
    token = case.token
    for artefact, request in case.requests:
        service = service_at(request.host)
        if service is None:
            continue
        place = (artefact.evidence(request.span),)
        fix = f"Request the scope {shown(service.scope.replace('{host}', request.host))} and send that access token."
        if token is None:
            if any(mention.entry.causes[:1] == ("audience-mismatch",) for _, mention in case.mentions):
                summary = f"{request.host} refuses the token's audience."
                yield Candidate("audience-mismatch", Confidence.LIKELY, summary, fix, place, 3)
            continue
        audiences = token.texts("aud")
        if not {401, 403} & case.statuses or not audiences:
            continue
        if any(service.accepts(audience, request.host) for audience in audiences):
            continue
        sides = f"the token's aud is {listed(audiences)}, the request goes to {request.host}"
        evidence = (token.evidence, *place)
        if token.profile.kind is TokenKind.ID:
            summary = f"An ID token was sent instead of an access token: {sides}."
            yield Candidate("id-token-as-access-token", Confidence.CERTAIN, summary, fix, evidence, 4)
        else:
            summary = f"The token is for another API: {sides}."
            yield Candidate("audience-mismatch", Confidence.CERTAIN, summary, fix, evidence, 3)
    if token is None:
        return
    yield from _by_answer(case, token)
    if _is_for(token.texts("aud"), entra.application("https://graph.microsoft.com")):
        yield from _graph_token_elsewhere(case, token)


def _by_answer(case: Case, token: Sighting) -> Iterator[Candidate]:
    """A service refuses the token of the input, which is for another of Microsoft's services."""
    audiences = token.texts("aud")
    if any(True for _ in case.requests) or not all(entra.application(audience) for audience in audiences):
        return
    for artefact, mention in case.mentions:
        service = service_of(mention.entry.product)
        refuses = any(code in _AUDIENCE_CAUSES for code in mention.entry.causes)
        if service is None or not refuses or any(service.accepts(audience) for audience in audiences):
            continue
        summary = f"{service.name} refuses a token that is for another service: the token's aud is {listed(audiences)}."
        fix = f"Request the scope {shown(service.scope)}."
        evidence = (artefact.evidence(mention.span), token.evidence)
        yield Candidate("audience-mismatch", Confidence.LIKELY, summary, fix, evidence, 3)
        return


def _graph_token_elsewhere(case: Case, token: Sighting) -> Iterator[Candidate]:
    hosts = tuple(target.host for target in told_targets(case))
    elsewhere = tuple(host for host in hosts if not host.startswith("graph.") and not host.startswith("dod-graph."))
    by_graph = any(mention.entry.product == "Microsoft Graph" for _, mention in case.mentions)
    called = elsewhere or tuple(target.host for target in targets(case) if not target.host.startswith("graph."))
    if any(service_at(host) for host in called) or (by_graph and not elsewhere):
        return  # not an API of one's own
    # 403 alone comes from whoever accepts the token, which is Graph.
    own_api = bool(elsewhere) or (not hosts and (401 in case.statuses or any(True for _ in case.mentions)))
    if own_api:
        place = f"sent to {elsewhere[0]}" if elsewhere else "sent to an API that is not Microsoft Graph"
        sides = f"aud is {listed(token.texts('aud'))}, {place}"
        yield _graph_token(Confidence.LIKELY, sides, ("api://<application-id>/<scope>",), (token.evidence,))


def _is_for(audiences: tuple[str, ...], resource: str | entra.Application | None) -> bool:
    """Tell whether one of the audiences means this resource."""
    wanted = entra.application(resource) if isinstance(resource, str) else resource
    for audience in audiences:
        known = entra.application(audience)
        if wanted is not None and known is not None and known.id == wanted.id:
            return True
        if isinstance(resource, str) and relate_audiences(audience, resource) is not AudienceRelation.DIFFERENT:
            return True
    return False


def _managed_identity(case: Case, token: Sighting | None) -> bool:
    if token is not None and (token.profile.managed_identity or token.profile.kind is TokenKind.MANAGED_IDENTITY):
        return True
    return case.clue("managed-identity") is not None


def _app_service(case: Case, expected: _Expected) -> bool:
    if expected.kind is SourceKind.APP_SERVICE or any(True for _ in case.mentions_of("easyauth-audience")):
        return True
    return expected.kind is None and case.clue("app-service") is not None


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, or empty."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
