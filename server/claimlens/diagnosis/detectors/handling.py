"""What code and proxies do with the token on its way: send another one, take it away, look elsewhere for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from claimlens.diagnosis.case import Artefact, Case
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.http_messages import Header
from claimlens.diagnosis.model import Confidence

_SCOPE = "http://schemas.microsoft.com/identity/claims/scope"
"""What the framework calls scp, unless it is told to leave names alone."""
_REQUIRED = re.compile(
    r"""["'](scp|http://schemas\.microsoft\.com/identity/claims/scope|roles)["']\s*,\s*(?:new\s*\[\]\s*\{\s*)?["']([^"']+)["']"""
)
_USES = re.compile(r"^[ \t]*+(?!//)[^\n]{0,300}?\.Use(Authentication|Authorization)\s*\(", re.MULTILINE)


def detect_id_token_sent(case: Case) -> Iterator[Candidate]:
    """Code that puts the ID token behind Bearer."""
    sent = case.clue("id-token-sent")
    if sent is None or not case.is_in_trouble:
        return
    summary = "The code sends the ID token as a bearer token; an API takes access tokens."
    fix = "Send the access token of the same answer (accessToken, access_token), requested with a scope of the API."
    yield Candidate("id-token-as-access-token", Confidence.LIKELY, summary, fix, (sent.evidence,), 3)


def detect_removed_header(case: Case) -> Iterator[Candidate]:
    """A proxy that takes the Authorization header away, or puts another one in its place."""
    removed = case.clue("header-removed")
    if removed is None or not case.is_in_trouble:
        return
    summary = "A proxy takes the Authorization header away, or sets another one, before the API sees it."
    fix = (
        "Let the proxy pass the header on as it came (proxy_set_header Authorization $http_authorization, or the like)."
    )
    yield Candidate("authorization-header-replaced", Confidence.LIKELY, summary, fix, (removed.evidence,), 3)


def detect_changed_header(case: Case) -> Iterator[Candidate]:
    """One request, seen in front of a proxy and behind it, with two different Authorization headers."""
    if not case.is_refused:
        return
    seen: dict[tuple[str, str], tuple[Artefact, Header]] = {}
    for artefact, request in case.requests:
        header = request.header("authorization")
        key = (request.method, _path(request.url))
        if header is None or key[1] in ("", "/"):
            continue
        other, first = seen.setdefault(key, (artefact, header))
        schemes = {one.value.partition(" ")[0].lower() for one in (first, header)}
        if other is not artefact and len(schemes) > 1:
            summary = f"One request is shown twice, with {listed(tuple(sorted(schemes)))} in its Authorization header."
            fix = "Let what stands between the two places pass the header on, and put its own into another one."
            evidence = (other.evidence(first.span), artefact.evidence(header.span))
            yield Candidate("authorization-header-replaced", Confidence.LIKELY, summary, fix, evidence, 4)
            return


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def detect_key_header(case: Case) -> Iterator[Candidate]:
    """A token in a header for keys: whoever checks tokens looks into Authorization."""
    found = case.clue("token-in-key-header")
    if found is not None and case.is_in_trouble:
        summary = f"The token stands in {found.value}, a header for keys; tokens are looked for in Authorization."
        fix = "Send Authorization: Bearer <token> (azure_ad_token or a token provider in the clients of OpenAI)."
        yield Candidate("scheme-missing-or-duplicated", Confidence.LIKELY, summary, fix, (found.evidence,), 4)


def detect_forwarded_header(case: Case) -> Iterator[Candidate]:
    """Storage refuses the caller's Authorization header beside a shared access signature."""
    signature = case.clue("shared-access-signature")
    refusal = next((one for one in case.mentions if one[1].entry.id == "storage-invalid-info"), None)
    if signature is None or refusal is None:
        return
    summary = "Storage gets two authorizations: a shared access signature, and the caller's Authorization header."
    fix = "Remove the Authorization header before the call to storage: one kind of authorization a request."
    evidence = (refusal[0].evidence(refusal[1].span), signature.evidence)
    yield Candidate("authorization-header-forwarded", Confidence.LIKELY, summary, fix, evidence, 4)


def detect_quoted_token(case: Case) -> Iterator[Candidate]:
    """A script takes a token out of JSON with its quotes."""
    found = case.clue("quoted-by-command")
    if found is not None and case.is_in_trouble:
        summary = "The command prints the token as JSON, in quotes, and the quotes become part of the token."
        fix = "Print it bare: az account get-access-token --query accessToken -o tsv, or jq -r .access_token."
        yield Candidate("token-malformed", Confidence.LIKELY, summary, fix, (found.evidence,), 4)


def detect_appended_header(case: Case) -> Iterator[Candidate]:
    """Code that appends the header: a second call through the same headers sends it twice."""
    appended = case.clue("header-appended")
    if appended is not None and 401 in case.statuses:
        summary = "The code appends Authorization to headers that may hold one already, so it is sent twice."
        fix = "Set the header instead of appending it."
        yield Candidate("scheme-missing-or-duplicated", Confidence.LIKELY, summary, fix, (appended.evidence,), 1)


def detect_token_in_query(case: Case) -> Iterator[Candidate]:
    """A token in the query, as SignalR and EventSource send it, and no code that takes it from there."""
    sent = case.clue("token-in-query")
    if sent is None or 401 not in case.statuses or case.clue("query-token-read") is not None:
        return
    summary = (
        "The token travels in the query (access_token), where a handler for bearer tokens does not look by itself."
    )
    fix = "Take it from the query for this path (OnMessageReceived with JwtBearer), or send it in the header."
    yield Candidate("scheme-missing-or-duplicated", Confidence.LIKELY, summary, fix, (sent.evidence,), 2)


def detect_middleware(case: Case) -> Iterator[Candidate]:
    """ASP.NET Core authorizes before, or without, reading the token."""
    if 401 not in case.statuses and not any(True for _ in case.mentions_of("scheme-missing-or-duplicated")):
        return
    for artefact in case.artefacts:
        uses = {found[1]: found.start(1) for found in reversed(tuple(_USES.finditer(artefact.text)))}
        authorizes, reads = uses.get("Authorization"), uses.get("Authentication")
        if authorizes is None or (reads is not None and reads < authorizes):
            continue
        # WebApplication of .NET 7 and later adds the missing one by itself.
        sure = reads is not None or "WebApplication" not in artefact.text
        how = "stands behind UseAuthorization" if reads is not None else "is not called"
        summary = f"UseAuthentication {how}, so nobody is authenticated when access is decided."
        fix = "Call UseAuthentication before UseAuthorization, both behind UseRouting."
        confidence = Confidence.LIKELY if sure else Confidence.POSSIBLE
        evidence = (artefact.evidence_at(authorizes),)
        yield Candidate("auth-scheme-not-registered", confidence, summary, fix, evidence, 3 if sure else 1)
        return


def detect_backend_credentials(case: Case) -> Iterator[Candidate]:
    """A back end of API Management with credentials of its own, which take the place of the caller's header."""
    if not case.is_refused:
        return
    for artefact in case.artefacts:
        for entry in artefact.entries:
            path = tuple(part.lower() for part in entry.path if not part.isdigit())
            if path[-3:] == ("credentials", "authorization", "scheme") and entry.value.lower() != "bearer":
                summary = f"The back end has credentials of its own, which replace the caller's token: {entry.value}."
                fix = "Remove credentials.authorization from the back end if it is to see the caller's token."
                evidence = (artefact.evidence(entry.span),)
                yield Candidate("authorization-header-replaced", Confidence.LIKELY, summary, fix, evidence, 3)
                return


def detect_competing_schemes(case: Case) -> Iterator[Candidate]:
    """Code that makes one scheme the default, and then another one: pages or the API get the wrong one."""
    if not case.is_refused or case.clue("scheme-named") is not None:
        return
    for pages in case.clues("default-scheme-for-pages"):
        tokens = next((one for one in case.clues("default-scheme-for-tokens") if one.artefact is pages.artefact), None)
        if tokens is None:
            continue
        last = max(pages, tokens, key=lambda one: one.value_start)
        summary = f"{last.value} makes its scheme the default once more, for what the other one should handle too."
        fix = "Call AddAuthentication once with the default scheme, and name the other one in [Authorize]."
        evidence = (pages.evidence, tokens.evidence)
        yield Candidate("auth-scheme-not-registered", Confidence.LIKELY, summary, fix, evidence, 3)
        return


def detect_renamed_claim(case: Case) -> Iterator[Candidate]:
    """``RequireClaim("scp", …)`` compares the whole claim, and ASP.NET Core gives scp and roles longer names."""
    token = case.token
    if token is None or 403 not in case.statuses:
        return
    for found in case.clues("claim-required-by-name"):
        required = _REQUIRED.search(found.value)
        if required is None:
            continue
        name, value = required[1], required[2]
        evidence = (found.evidence, token.evidence)
        if name in ("scp", _SCOPE) and value in token.scopes and len(token.scopes) > 1:
            summary = f"The code compares scp as a whole with {shown(value)}; the token's scp holds several scopes."
            fix = "Split scp at blanks (RequireScope of Microsoft.Identity.Web, or RequireAssertion)."
            yield Candidate("required-claim-separator", Confidence.LIKELY, summary, fix, evidence, 4)
        elif name != _SCOPE and value in (token.scopes if name == "scp" else token.texts("roles")):
            summary = f"The token's {name} is {shown(value)}, as required, but the framework has renamed the claim."
            fix = f"Set MapInboundClaims to false, or require the claim by its long name as well as by '{name}'."
            yield Candidate("claim-mapping", Confidence.LIKELY, summary, fix, evidence, 4)
