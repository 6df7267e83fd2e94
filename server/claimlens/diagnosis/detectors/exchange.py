"""How the token was asked for: token requests, on-behalf-of, consent, clouds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs

from claimlens import entra
from claimlens.diagnosis.case import Artefact, Case
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.detectors.client_code import only_obtains_tokens
from claimlens.diagnosis.detectors.signature import SIGNATURE_CAUSES
from claimlens.diagnosis.http_messages import HttpRequest
from claimlens.diagnosis.model import Confidence
from claimlens.entra import Flow, TokenKind
from claimlens.expectations import is_multi_tenant
from claimlens.expectations.relations import AudienceRelation, relate_audiences

OPENID_SCOPES = frozenset(("openid", "profile", "email", "offline_access"))
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TOKEN_ENDPOINT = re.compile(r"/oauth2/(?:v2\.0/)?(?:token|authorize)\b|/oauth2/v2\.0/devicecode|/connect/token")
_CLOUD_OF = {
    "usgov": re.compile(
        r"login\.microsoftonline\.us|graph\.microsoft\.us|usgovcloudapi\.net|\.azurewebsites\.us|onmicrosoft\.us|\.azure\.us|AzureUSGovernment",
        re.IGNORECASE,
    ),
    "china": re.compile(
        r"login\.(?:partner\.microsoftonline|chinacloudapi)\.cn|chinacloudapi\.cn|microsoftgraph\.chinacloudapi|partner\.onmschina\.cn|\.azure\.cn|AzureChina",
        re.IGNORECASE,
    ),
    "global": re.compile(
        r"login\.microsoftonline\.com|login\.windows\.net|management\.azure\.com|management\.core\.windows\.net|graph\.microsoft\.com|vault\.azure\.net",
        re.IGNORECASE,
    ),
}


@attrs.frozen
class TokenRequest:
    """A request to a token or authorization endpoint."""

    artefact: Artefact
    request: HttpRequest
    parameters: Mapping[str, str]

    @property
    def grant(self) -> str:
        """The grant type, or empty."""
        return self.parameters.get("grant_type", "")

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes asked for."""
        return tuple(self.parameters.get("scope", "").split())

    @property
    def is_v2(self) -> bool:
        """Whether the v2.0 endpoint is asked."""
        return "/v2.0/" in self.request.url


def token_requests(case: Case) -> Iterator[TokenRequest]:
    """Yield the token and authorization requests of the case."""
    for artefact, request in case.requests:
        parameters = request.parameters
        if _TOKEN_ENDPOINT.search(request.url) or "grant_type" in parameters:
            yield TokenRequest(artefact, request, parameters)


def detect_on_behalf_of(case: Case) -> Iterator[Candidate]:
    """The assertion of an on-behalf-of request must be a user's access token for the very application."""
    token = case.token
    for asked in token_requests(case):
        if asked.grant != _JWT_BEARER or token is None:
            continue
        client = asked.parameters.get("client_id", "")
        evidence = (asked.artefact.evidence(asked.request.span), token.evidence)
        if token.profile.kind is TokenKind.ID:
            summary = "The assertion is an ID token; on-behalf-of takes an access token."
            yield Candidate("obo-id-token", Confidence.CERTAIN, summary, "", evidence, 4)
        elif token.profile.flow is Flow.APP_ONLY:
            summary = "The assertion is an app-only token: there is no user to act on behalf of."
            fix = "Use the client credentials grant for calls without a user."
            yield Candidate("obo-id-token", Confidence.CERTAIN, summary, fix, evidence, 4)
        elif client and all(relate_audiences(one, client) is AudienceRelation.DIFFERENT for one in token.texts("aud")):
            named = any("api://" in one and "-" not in one for one in token.texts("aud"))
            summary = f"The assertion's aud is {listed(token.texts('aud'))}, but {shown(client)} presents it."
            fix = f"Let the client request a scope of {shown(client)} and send that token."
            confidence = Confidence.POSSIBLE if named else Confidence.CERTAIN
            yield Candidate("obo-wrong-audience", confidence, summary, fix, evidence, 4)
    yield from _refused_assertion(case)


def _refused_assertion(case: Case) -> Iterator[Candidate]:
    """Entra refuses an assertion, and the input holds what was probably presented."""
    token = case.token
    refusal = next(case.mentions_of("obo-wrong-audience", "obo-id-token"), None)
    if token is None or refusal is None:
        return
    artefact, mention = refusal
    evidence = (artefact.evidence(mention.span), token.evidence)
    if token.profile.kind is TokenKind.ID:
        summary = "Entra refuses the assertion, and the token here is an ID token; on-behalf-of takes an access token."
        yield Candidate("obo-id-token", Confidence.LIKELY, summary, "", evidence, 4)
    elif any(entra.application(audience) for audience in token.texts("aud")):
        summary = (
            f"Entra refuses the assertion, and the token here is for {listed(token.texts('aud'))}, not for the "
            "application that presents it."
        )
        fix = "Let the client request a scope of the API that does the exchange, and send that token."
        yield Candidate("obo-wrong-audience", Confidence.LIKELY, summary, fix, evidence, 4)


def _only_openid_in_code(case: Case) -> Iterator[Candidate]:
    """Code asks for no scope of an API, and another file tells that there is no access token."""
    code = case.clue("only-openid-scopes")
    if code is None:
        return
    absent = next((one for one in case.clues("no-access-token") if one.artefact is not code.artefact), None)
    if absent is not None:
        summary = "The code asks for OpenID Connect scopes alone, so no access token for an API is issued."
        fix = "Request a scope of the API besides openid and profile."
        places = (code.evidence, absent.evidence)
        yield Candidate("no-access-token-issued", Confidence.LIKELY, summary, fix, places, 4)


def detect_token_request(case: Case) -> Iterator[Candidate]:
    """What was asked for decides what the token can be."""
    yield from _only_openid_in_code(case)
    for asked in token_requests(case):
        evidence = (asked.artefact.evidence(asked.request.span),)
        if asked.grant == "client_credentials" and is_multi_tenant(asked.request.url):
            address = asked.request.url.partition("?")[0]
            summary = f"Client credentials are sent to {shown(address)}, which stands for no tenant."
            fix = "Ask the tenant itself: https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token."
            yield Candidate("issuer-wrong-tenant", Confidence.LIKELY, summary, fix, evidence, 5)
        resource = asked.parameters.get("resource")
        if asked.is_v2 and resource:
            summary = f"The v2.0 endpoint knows no resource parameter ({shown(resource)})."
            fix = f"Ask for the scope {resource.rstrip('/')}/.default instead."
            yield Candidate("resource-scope-mismatch", Confidence.LIKELY, summary, fix, evidence, 3)
        resources = {scope.rpartition("/")[0] for scope in asked.scopes if "://" in scope}
        if len(resources) > 1:
            summary = f"One request names scopes of several resources: {listed(tuple(sorted(resources)))}."
            yield Candidate(
                "resource-scope-mismatch", Confidence.LIKELY, summary, "Ask for one resource at a time.", evidence, 3
            )
        only_openid = bool(asked.scopes) and set(asked.scopes) <= OPENID_SCOPES
        told = case.clue("no-access-token")
        if only_openid and told is not None:
            summary = (
                f"Only OpenID Connect scopes were requested ({' '.join(asked.scopes)}), so no access token for an "
                "API was issued."
            )
            fix = "Request a scope of the API besides openid and offline_access."
            places = (*evidence, told.evidence)
            yield Candidate("no-access-token-issued", Confidence.CERTAIN, summary, fix, places, 4)
            yield Candidate("missing-scope", Confidence.LIKELY, summary, fix, places, 2)


def detect_identity_resource(case: Case) -> Iterator[Candidate]:
    """A managed identity asks for a resource that nobody has registered in the tenant."""
    identity = case.clue("managed-identity")
    for artefact, mention in case.mentions_of("resource-scope-mismatch"):
        if identity is None:
            return
        resource = mention.first("resource")
        named = shown(resource.text) if resource is not None else "that it asks for"
        summary = f"The managed identity asks for a token for the resource {named}, which does not exist in its tenant."
        fix = "Ask for an Application ID URI (identifierUris) that the API's registration has, or for its client id."
        evidence = (artefact.evidence(mention.span), identity.evidence)
        yield Candidate("managed-identity-audience", Confidence.LIKELY, summary, fix, evidence, 3)


def detect_requested_for_graph(case: Case) -> Iterator[Candidate]:
    """Where no token is at hand, what was asked for tells whom the refused token is for."""
    refused = next(case.mentions_of(*_REFUSALS_OF_GRAPH_TOKENS), None)
    if case.token is not None or refused is None or any(_is_graph(request.host) for _, request in case.requests):
        return
    asked = [(one.artefact.evidence(one.request.span), one.scopes) for one in token_requests(case) if one.scopes]
    for artefact, expectation in case.expectations:
        scopes = expectation.of("scope") if only_obtains_tokens(artefact, expectation) else ()
        asked.extend((artefact.evidence(scope.span), tuple(scope.value.split())) for scope in scopes)
    if asked and all(_for_graph(scope) for _, scopes in asked for scope in scopes):
        artefact, mention = refused
        names = " ".join(dict.fromkeys(scope for _, scopes in asked for scope in scopes))
        summary = f"The scopes asked for ({names}) give a token for Microsoft Graph, which no other API can verify."
        fix = "Request a scope of your own API (api://<application-id>/<scope>), and no scope of Graph with it."
        evidence = (asked[0][0], artefact.evidence(mention.span))
        yield Candidate("graph-token-for-own-api", Confidence.LIKELY, summary, fix, evidence, 4)


_REFUSALS_OF_GRAPH_TOKENS = (*SIGNATURE_CAUSES, "audience-mismatch")


def _is_graph(host: str) -> bool:
    return host.startswith(("graph.", "dod-graph.", "microsoftgraph."))


def _for_graph(scope: str) -> bool:
    known = entra.permission(scope, "delegated") is not None
    return known or scope in OPENID_SCOPES or scope.startswith("https://graph.microsoft.com/")


def detect_clouds(case: Case) -> Iterator[Candidate]:
    """Endpoints of different national clouds in one configuration."""
    seen = {}
    for cloud, pattern in _CLOUD_OF.items():
        place = next(case.search(pattern), None)
        if place is not None:
            seen[cloud] = place
    if len(seen) < 2:
        return
    told = any(True for _ in case.mentions_of("tenant-cross-cloud"))
    names = {"usgov": "Azure Government", "china": "Azure China", "global": "the public cloud"}
    summary = f"The settings mix endpoints of {' and '.join(names[cloud] for cloud in seen)}."
    evidence = tuple(artefact.evidence_at(found.start()) for artefact, found in seen.values())
    yield Candidate(
        "tenant-cross-cloud", Confidence.CERTAIN if told else Confidence.LIKELY, summary, "", evidence, 3 if told else 2
    )
