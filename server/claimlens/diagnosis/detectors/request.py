"""How the token travels: scheme, header, form."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from claimlens import entra
from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate, shown
from claimlens.diagnosis.http_messages import Header, HttpRequest
from claimlens.diagnosis.model import Confidence

_PLACEHOLDER = re.compile(r"<[^<>]*>|\{\{[^{}]*\}\}|\$\{?\w+\}?|\bREDACTED\b|\.\.\.|…|\*{3,}", re.IGNORECASE)


def detect_scheme(case: Case) -> Iterator[Candidate]:
    """The header must read Bearer, a blank, the token."""
    for artefact, request in case.requests:
        header = request.header("authorization")
        if header is None:
            continue
        problem = _scheme_problem(header.value)
        if problem is not None:
            evidence = (artefact.evidence(header.span),)
            summary = f"The Authorization header {problem}."
            yield Candidate("scheme-missing-or-duplicated", Confidence.CERTAIN, summary, "", evidence, 4)
    for found in case.clues("mangled-bearer"):
        summary = "The scheme Bearer is doubled or glued to something else."
        yield Candidate("scheme-missing-or-duplicated", Confidence.CERTAIN, summary, "", (found.evidence,), 4)


_WHOLE_HEADER = (
    r"(?:headers?\[\s*(?:[\"']authorization[\"']|HeaderNames\.Authorization)\s*\]|headers\.authorization\b"
    r"|(?:get|header|getHeader|get_header|GetValueOrDefault)\(\s*[\"']authorization[\"'][^)\n]*\))"
)
"""How code reads the Authorization header of a request, scheme and all."""
_KEPT = re.compile(rf"\b(?P<name>\w+)\s*:?=(?!=)[^;=\n]*?{_WHOLE_HEADER}(?P<rest>[^;\n]*)", re.IGNORECASE)
_GIVEN_WITH_SCHEME = re.compile(r"""\breturn\s+\(?[frFR$]?["'`]Bearer\s""")
_ADDED = re.compile(r"""\bAuthorization\b["']?\]?\s*[:=,]\s*[frFR$]?["'`]Bearer\s(?:\$?\{|["'`]\s*\+)""")
_MAXIMUM_KEPT = 20
"""Variables that are followed in one file."""
_SCHEME_AGAIN = r"""(?:["'`]Bearer\s?["'`]\s*[,+]\s*|["'`]Bearer\s(?:\$?\{\s*|%s["']\s*[,%]\s*))"""
_AT_ONCE = re.compile(rf"{_SCHEME_AGAIN}[^;\n]{{0,60}}?{_WHOLE_HEADER}(?P<rest>[^;\n]*)", re.IGNORECASE)
_TAKEN_OFF = re.compile(
    r"split|replace|sub|slice|trim|remove|strip|parse|partition|match|parameter|\[7|range", re.IGNORECASE
)


def detect_scheme_in_code(case: Case) -> Iterator[Candidate]:
    """Code that puts Bearer in front of what has it already: of a whole header, or of what another place returns."""
    if 401 not in case.statuses and not any(True for _ in case.mentions):
        return
    for artefact in case.artefacts:
        given, added = _GIVEN_WITH_SCHEME.search(artefact.text), _ADDED.search(artefact.text)
        if given is not None and added is not None:
            summary = "One place returns Bearer and the token, another puts Bearer in front of that: it is sent twice."
            fix = "Let one of the two places write the scheme, and the other the token alone."
            places = (artefact.evidence_at(given.start()), artefact.evidence_at(added.start()))
            yield Candidate("scheme-missing-or-duplicated", Confidence.LIKELY, summary, fix, places, 4)
        place = next(_scheme_put_twice(artefact.text), None)
        if place is not None:
            summary = "The code takes the whole Authorization header for a token, and sends Bearer Bearer <token>."
            fix = "Take the scheme off (the first seven characters) before the value is used as a token."
            evidence = tuple(artefact.evidence_at(offset) for offset in place)
            yield Candidate("scheme-missing-or-duplicated", Confidence.LIKELY, summary, fix, evidence, 4)


def _scheme_put_twice(text: str) -> Iterator[tuple[int, ...]]:
    for found in _AT_ONCE.finditer(text):
        if not _TAKEN_OFF.search(found["rest"]):
            yield (found.start(),)
    for kept in itertools.islice(_KEPT.finditer(text), _MAXIMUM_KEPT):
        name = re.escape(kept["name"])
        if _TAKEN_OFF.search(kept["rest"]) or re.search(rf"\b{name}\s*=(?!=)[^;\n]*\b{name}\b", text[kept.end() :]):
            continue
        used = re.search(rf"{_SCHEME_AGAIN}{name}\b(?P<rest>[^;\n]*)", text, re.IGNORECASE)
        if used is not None and not _TAKEN_OFF.search(used["rest"]):
            yield (kept.start(), used.start())


_NO_VALUE = re.compile(r"bearer\s+[\"']?(undefined|null|none|nil|nan|false|\[object \w+\])[\"']?", re.IGNORECASE)


def detect_no_value(case: Case) -> Iterator[Candidate]:
    """The text of a missing value was sent in place of a token."""
    for artefact, request in case.requests:
        for header in request.headers:
            found = _NO_VALUE.fullmatch(header.value.strip())
            if found is not None:
                summary = f"The header {header.name} holds {shown(found[1])} in place of a token."
                fix = "Wait for the token before the call is made, and send the string accessToken of the answer."
                evidence = (artefact.evidence(header.span),)
                yield Candidate("token-malformed", Confidence.CERTAIN, summary, fix, evidence, 4)


_PLATFORM_ISSUER = re.compile(r"https://[\w.-]+\.(?:scm\.azurewebsites\.net|azurestaticapps\.net)\b")


def detect_replaced_header(case: Case) -> Iterator[Candidate]:
    """The token that arrives was made by the platform in front of the function, not by the sign-in service."""
    token = case.token
    if token is not None and _PLATFORM_ISSUER.match(token.text("iss")):
        issuer, evidence = token.text("iss"), token.evidence
    elif (printed := case.clue("issued-by-platform")) is not None:
        issuer, evidence = printed.value, printed.evidence
    else:
        return
    summary = (
        f"The token was issued by {shown(issuer)}: Static Web Apps puts a token of its own into the "
        "Authorization header of calls to its functions."
    )
    fix = "Send the caller's token in a header of another name (X-Authorization), and validate that one."
    yield Candidate("authorization-header-replaced", Confidence.LIKELY, summary, fix, (evidence,), 4)


def _scheme_problem(value: str) -> str | None:
    text = value.strip()
    scheme, blank, rest = text.partition(" ")
    if not text:
        return "is empty"
    if scheme.lower() == "bearer":
        rest = rest.strip()
        if rest.lower().startswith("bearer"):
            return "says Bearer twice"
        if not rest:
            return "holds no token behind Bearer"
        if rest[0] in "\"'“”" or rest[-1] in "\"'“”,;":
            return "has quotes or punctuation around the token"
        return None
    if text.startswith(("eyJ", "ew0K")) or re.fullmatch(
        r"<[^<>]*token[^<>]*>|\{\{[^{}]*token[^{}]*\}\}", text, re.IGNORECASE
    ):
        return "holds the token alone, without the scheme Bearer"
    if not blank and text.lower().startswith("bearer"):
        return "has no blank behind Bearer"
    if scheme.lower() in ("token", "jwt", "access_token", "oauth") and rest:
        return f"uses the scheme {shown(scheme)} instead of Bearer"
    return None


def detect_opaque(case: Case) -> Iterator[Candidate]:
    """A credential that is no JWT where a JWT is needed."""
    for artefact, request in case.requests:
        for header in request.headers:
            value = _credential(header)
            if value is None:
                continue
            known = entra.opaque_token(value)
            if known is None and (value.count(".") >= 2 or len(value) < 20):
                continue
            name = known.name if known else "a value that is no JWT"
            summary = f"The header {header.name} holds an opaque token: {name}."
            confidence = Confidence.CERTAIN if known else Confidence.LIKELY
            yield Candidate(
                "token-opaque", confidence, summary, _opaque_fix(case), (artefact.evidence(header.span),), 3
            )


def _credential(header: Header) -> str | None:
    value = header.value.strip()
    if header.name == "authorization" and value.lower().startswith("bearer "):
        value = value[7:].strip()
    elif header.name not in ("x-ms-token-aad-access-token", "x-forwarded-access-token", "x-auth-request-access-token"):
        return None
    return None if not value or _PLACEHOLDER.search(value) or value.startswith("eyJ") else value


def _opaque_fix(case: Case) -> str:
    for _, expectation in case.expectations:
        parameters = expectation.all_of("login_parameter")
        if parameters:
            return (
                "Name your API in login.loginParameters: scope=openid offline_access "
                "api://<application-id>/<scope>. Without a resource the access token is opaque."
            )
    return ""


def detect_function_key(case: Case) -> Iterator[Candidate]:
    """The Functions host wants a key before the function sees any token."""
    level = case.clue("function-level")
    if level is None or 401 not in case.statuses:
        return
    calls = [(artefact, request) for artefact, request in case.requests if "/api/" in request.url]
    without = [(artefact, request) for artefact, request in calls if not _carries_key(request)]
    if calls and not without:
        return
    summary = f"The function's level is {level.value.lower()}, so the host wants a function key; the request has none."
    place = tuple(artefact.evidence(request.span) for artefact, request in without[:1])
    confidence = Confidence.LIKELY if place else Confidence.POSSIBLE
    yield Candidate("function-key-required", confidence, summary, "", (level.evidence, *place), 2)


def _carries_key(request: HttpRequest) -> bool:
    return "code=" in request.url or request.header("x-functions-key") is not None


def detect_no_header(case: Case) -> Iterator[Candidate]:
    """A request that was refused and carries nothing at all."""
    if 401 not in case.statuses or any(True for _ in case.mentions):
        return
    for artefact, request in case.requests:
        if request.header("authorization") is None and not _carries_elsewhere(request) and _says_bearer(case):
            summary = "The request carries no Authorization header, and the answer asks for Bearer."
            evidence = (artefact.evidence(request.span),)
            yield Candidate("scheme-missing-or-duplicated", Confidence.POSSIBLE, summary, "", evidence, 0)


def _carries_elsewhere(request: HttpRequest) -> bool:
    return "token" in request.url.lower() or any(
        "token" in header.name or header.name == "cookie" for header in request.headers
    )


def _says_bearer(case: Case) -> bool:
    return any(
        header.value.strip().lower() == "bearer"
        for _, response in case.responses
        for header in response.all("www-authenticate")
    )
