"""What a policy of API Management does to the request, and how it checks tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from claimlens.apim.document import PolicyDocument
from claimlens.apim.model import Element, Expression
from claimlens.apim.parser import parse
from claimlens.apim.sources import PolicySource, find_policies
from claimlens.apim.values import text_of
from claimlens.diagnosis.case import Artefact, Case
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.http_messages import Header, HttpRequest
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.expectations.relations import AudienceRelation, relate_audiences
from claimlens.text.spans import Span

_CHECKS = ("validate-jwt", "validate-azure-ad-token")
_ROOT = re.compile(r"<(?:policies|fragment|inbound|validate-jwt|validate-azure-ad-token)\b")
_WHOLE_HEADER = re.compile(
    r'@\(\s*(?:\(string\)\s*)?context\.Request\.Headers(?:\.GetValueOrDefault\(\s*"(?P<name>[\w-]+)"\s*(?:,[^()]*)?\))\s*\)'
)
_CUT = re.compile(r"\bHeaders\.GetValueOrDefault\([^()]*\)\s*\.Substring\([^()]*(?:\([^()]*\)[^()]*)?\)")
"""What fails for a header that is shorter than what is cut off, as one that is missing is."""
_UNSAFE = re.compile(r"\bcontext\.User\.(?!Id\s*==)\w+|\bcontext\.(?:Product|Subscription)\.\w+|AsJwt\(\)\.\w+")
_TRACED = re.compile(
    r'Expression (?:value is invalid|evaluation failed)[^\n]{0,200}?"expression"\s*:\s*"(?P<code>(?:[^"\\\n]|\\.)+)"'
)
"""How a trace tells which expression failed."""
_GUARDED = re.compile(r"\?\.|!= ?null|== ?null|\?\?")
_MEASURED = re.compile(r"\.StartsWith\(|\.Length\s*[<>=]|\.Contains\(")
_ASYMMETRIC = re.compile(r"^(?:RS|PS|ES)\d{3}|^EdDSA")


@attrs.frozen
class _Policy:
    """A policy of the case: a file, or a string in Bicep, an ARM template or Terraform."""

    artefact: Artefact
    document: PolicyDocument
    source: PolicySource | None = None

    def evidence(self, span: Span) -> Evidence:
        """Return the line of the file on which a span of the policy begins."""
        return self.artefact.evidence(self.source.host_span(span) if self.source is not None else span)


def detect_policies(case: Case) -> Iterator[Candidate]:
    """Look at every policy among the files."""
    for policy in _policies(case):
        for detect in (
            _order,
            _identity_instead,
            _identity_for_user,
            _preflight,
            _keys,
            _required_claims,
            _client_applications,
            _header,
            _forwarded,
            _null,
            _traced,
            _base,
        ):
            yield from detect(case, policy)


def _policies(case: Case) -> Iterator[_Policy]:
    for artefact in case.artefacts:
        found = find_policies(artefact.text, artefact.name)
        yield from (_Policy(artefact, source.document, source) for source in found)
        if not found and _ROOT.search(artefact.text):
            yield _Policy(artefact, parse(artefact.text))


def _order(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """A check that stands behind what replaces the header, or where it does not run."""
    replaced: Element | None = None
    for element in policy.document.elements:
        section = policy.document.section_of(element)
        if (
            element.name == "authentication-managed-identity"
            and element.attribute("output-token-variable-name") is None
        ) or (element.name == "set-header" and _sets_authorization(element)):
            replaced = replaced or element
        if element.name not in _CHECKS:
            continue
        if section in ("outbound", "on-error", "backend"):
            summary = f"{element.name} stands in {section}, where it does not protect the call."
            fix = f"Move {element.name} to inbound."
            place = (policy.evidence(element.open_tag_span),)
            yield Candidate("policy-section-or-order", Confidence.CERTAIN, summary, fix, place, 5)
        elif replaced is not None and section in ("inbound", None):
            summary = f"{replaced.name} replaces the Authorization header before {element.name} looks at it."
            fix = f"Put {element.name} above {replaced.name}."
            evidence = (policy.evidence(replaced.open_tag_span), policy.evidence(element.open_tag_span))
            refused = bool({401, 403} & case.statuses) or any(True for _ in case.mentions)
            confidence = Confidence.CERTAIN if refused else Confidence.LIKELY
            yield Candidate("policy-section-or-order", confidence, summary, fix, evidence, 6)
            yield Candidate("authorization-header-replaced", Confidence.POSSIBLE, summary, fix, evidence, 1)


def _identity_instead(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """The audience that the back end refuses is the resource of the gateway's identity, not the caller's."""
    for element in policy.document.elements:
        resource = element.attribute("resource")
        if element.name != "authentication-managed-identity" or resource is None or case.token is None:
            continue
        for artefact, mention in case.mentions:
            refused = mention.first("found_audience")
            if refused is None or refused.text.rstrip("/") != resource.raw.rstrip("/"):
                continue
            if refused.text not in case.token.texts("aud"):
                summary = (
                    f"The back end sees a token for {shown(refused.text)}: authentication-managed-identity has put the "
                    "gateway's own token in the place of the caller's."
                )
                fix = "Use output-token-variable-name, and leave the Authorization header to the caller's token."
                evidence = (policy.evidence(element.open_tag_span), artefact.evidence(mention.span))
                yield Candidate("authorization-header-replaced", Confidence.CERTAIN, summary, fix, evidence, 5)
                return


def _identity_for_user(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """The gateway's own token, for the same API, reaches a back end that looks for the caller."""
    token = case.token
    if token is None or not token.scopes or not case.is_refused:
        return
    audiences = [stated.value for one in policy.artefact.expectations for stated in one.of("audience")]
    for element in policy.document.elements:
        resource = element.attribute("resource")
        if element.name != "authentication-managed-identity" or resource is None:
            continue
        kept = element.attribute("output-token-variable-name") is not None
        same = AudienceRelation.DIFFERENT not in {relate_audiences(resource.raw, one) for one in audiences}
        if not kept and audiences and same and policy.document.section_of(element) in ("inbound", None):
            summary = (
                "authentication-managed-identity puts the gateway's own token, which has no user, in the place of the "
                "caller's."
            )
            fix = "Use output-token-variable-name, and leave the Authorization header to the caller's token."
            evidence = (policy.evidence(element.open_tag_span), token.evidence)
            yield Candidate("authorization-header-replaced", Confidence.LIKELY, summary, fix, evidence, 3)
            return


def _preflight(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """A browser's preflight request has no token; cors must answer it before a check refuses it."""
    preflight = next(((place, sent) for place, sent in case.requests if sent.method == "OPTIONS"), None)
    if preflight is None or not {401, 403} & case.statuses:
        return
    check: Element | None = None
    for element in policy.document.elements:
        if element.name in _CHECKS:
            check = check or element
        elif element.name == "cors" and check is not None:
            summary = (
                f"{check.name} refuses the browser's preflight request, which has no token, before cors answers it."
            )
            fix = f"Put cors above {check.name} in inbound."
            evidence = (policy.evidence(check.open_tag_span), preflight[0].evidence(preflight[1].span))
            yield Candidate("policy-section-or-order", Confidence.LIKELY, summary, fix, evidence, 6)
            return


def _sets_authorization(element: Element) -> bool:
    name = element.attribute("name")
    action = element.attribute("exists-action")
    if name is None or name.raw.lower() != "authorization" or (action is not None and action.raw in ("delete", "skip")):
        return False
    values = [text_of(value).text for value in element.elements]
    # A header that is put together from itself stays the caller's.
    return not any('Headers.GetValueOrDefault("Authorization"' in value for value in values)


def _keys(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """Text in ``key`` is a symmetric secret; it cannot check what a private key signed."""
    token = case.token
    algorithm = token.token.algorithm if token is not None else None
    told = any("SymmetricSecurityKey" in each.text for each in case.artefacts)
    if not told and not _ASYMMETRIC.match(algorithm or ""):
        return
    for element in policy.document.elements:
        parent = policy.document.parent(element)
        if element.name != "key" or parent is None or parent.name != "issuer-signing-keys":
            continue
        if any(element.attribute(name) is not None for name in ("certificate-id", "n", "e")):
            continue
        if not text_of(element).text.strip():
            continue
        kind = f"signed with {shown(algorithm)}" if algorithm else "signed with a private key"
        summary = f"The token is {kind}, but text in <key> is taken for a symmetric secret."
        evidence = (policy.evidence(element.open_tag_span), *((token.evidence,) if token else ()))
        confidence = Confidence.CERTAIN if told else Confidence.LIKELY
        yield Candidate("policy-key-format", confidence, summary, "", evidence, 6)
        return


def _required_claims(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """Compare required claims with the token's."""
    token = case.token
    if token is None:
        return
    for element in policy.document.elements:
        parent = policy.document.parent(element)
        if element.name != "claim" or parent is None or parent.name != "required-claims":
            continue
        name = element.attribute("name")
        if name is None or name.raw in ("aud", "iss"):
            continue  # the detectors of audience and issuer say more about these
        separator = element.attribute("separator")
        wanted = tuple(text_of(value).text.strip() for value in element.elements if text_of(value).is_literal)
        found = token.texts(name.raw)
        parts = tuple(part for value in found for part in value.split(separator.raw if separator else None)) or found
        compared = parts if separator is not None else found
        match = element.attribute("match")
        lacking = tuple(value for value in wanted if value not in compared)
        evidence = (policy.evidence(element.open_tag_span), token.evidence)
        if not lacking or (match is not None and match.raw == "any" and len(lacking) < len(wanted)):
            continue
        if len(lacking) < len(wanted):
            summary = f"The policy requires all values of {name.raw}; the token lacks {listed(lacking)}."
            fix = f'Set match="any" on the claim {name.raw} if one of the values suffices.'
            yield Candidate("required-claim-mismatch", Confidence.LIKELY, summary, fix, evidence, 4)
            continue
        if separator is None and set(wanted) & set(parts):
            summary = (
                f"The claim {name.raw} is {listed(found)}, one string with blanks; the policy compares it as a "
                f"whole with {listed(wanted)}."
            )
            fix = f'Set separator=" " on the claim {name.raw}.'
            yield Candidate("required-claim-separator", Confidence.CERTAIN, summary, fix, evidence, 5)
        elif not found:
            code = {"scp": "missing-scope", "roles": "missing-role"}.get(name.raw, "required-claim-mismatch")
            if (name.raw == "scp" and token.texts("roles")) or (
                name.raw == "roles" and set(wanted) & set(token.scopes)
            ):
                code = "scope-vs-role-confusion"
            summary = f"The policy requires the claim {name.raw} to be {listed(wanted)}; the token has no {name.raw}."
            yield Candidate(code, Confidence.LIKELY, summary, "", evidence, 4)
        else:
            code = {"scp": "missing-scope", "roles": "missing-role"}.get(name.raw, "required-claim-mismatch")
            summary = f"The policy requires {name.raw} to be {listed(wanted)}; the token has {listed(found)}."
            yield Candidate(code, Confidence.LIKELY, summary, "", evidence, 4)
            yield Candidate("required-claim-mismatch", Confidence.LIKELY, summary, "", evidence, 3)


def _client_applications(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """Compare the client applications that validate-azure-ad-token lets in with the one that got the token."""
    token = case.token
    client = (token.text("azp") or token.text("appid")) if token is not None else ""
    if token is None or not client or token.text("tid") not in policy.document.text:
        return
    for element in policy.document.elements:
        if element.name != "client-application-ids":
            continue
        values = [text_of(each) for each in element.elements]
        accepted = tuple(value.text.strip() for value in values if value.is_literal)
        if not accepted or len(accepted) < len(values) or client in accepted or "{{" in "".join(accepted):
            continue
        summary = (
            f"The policy lets in the client applications {listed(accepted)}; the token was issued to {shown(client)}."
        )
        fix = f"Add {shown(client)} to client-application-ids, or get the token with an application listed there."
        evidence = (policy.evidence(element.open_tag_span), token.evidence)
        yield Candidate("required-claim-mismatch", Confidence.LIKELY, summary, fix, evidence, 3)


def _forwarded(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """A header that is passed on to a back end that uses another scheme."""
    complaint = case.clue("two-schemes") or (case.clue("header-refused") if "sig=" in policy.document.text else None)
    if complaint is None:
        return
    check = next((element for element in policy.document.elements if element.name in _CHECKS), None)
    sent = [place.evidence(header.span) for place, request in case.requests if (header := _authorization(request))]
    place = (policy.evidence(check.open_tag_span),) if check is not None else tuple(sent)
    if _deletes_authorization(policy.document):
        return
    summary = (
        "The caller's Authorization header is passed on to a back end that uses another scheme and refuses two at once."
    )
    evidence = (complaint.evidence, *place)
    yield Candidate("authorization-header-forwarded", Confidence.CERTAIN, summary, "", evidence, 6)


def _deletes_authorization(document: PolicyDocument) -> bool:
    return any(
        element.name == "set-header"
        and (name := element.attribute("name")) is not None
        and name.raw.lower() == "authorization"
        and (action := element.attribute("exists-action")) is not None
        and action.raw == "delete"
        for element in document.elements
    )


def _authorization(request: HttpRequest) -> Header | None:
    return request.header("authorization")


def _header(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """Only in the Authorization header a scheme is taken off; any other header must hold the bare token."""
    for element in policy.document.elements:
        name = _bare_header(element) if element.name in _CHECKS else None
        if name is None:
            continue
        for artefact, request in case.requests:
            header = request.header(name.lower())
            if header is None or not header.value.lower().startswith("bearer "):
                continue
            summary = (
                f"{element.name} reads the token from the header {shown(name)} and takes no scheme off there; the "
                "request puts Bearer in front of the token."
            )
            fix = f'Send the bare token in {name}, or use header-name="Authorization".'
            evidence = (artefact.evidence(header.span), policy.evidence(element.open_tag_span))
            yield Candidate("scheme-missing-or-duplicated", Confidence.CERTAIN, summary, fix, evidence, 5)


def _bare_header(element: Element) -> str | None:
    """Return the name of the header whose whole value a check takes for the token."""
    name, value = element.attribute("header-name"), element.attribute("token-value")
    if name is not None:
        return name.raw if name.raw.lower() != "authorization" else None
    found = _WHOLE_HEADER.fullmatch(value.raw.replace("&quot;", '"').strip()) if value is not None else None
    return found["name"] if found is not None else None


def _null(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """An expression that reads a member of what may be null, where the caller sees status 500."""
    if 500 not in case.statuses and case.clue("expression-failed") is None:
        return
    for expression in policy.document.expressions:
        cut = _CUT.search(expression.code)
        if cut is not None and not _MEASURED.search(expression.code):
            summary = f"The expression cuts {shown(cut[0])}, which fails for callers that send less, or another scheme."
            fix = "Put validate-jwt in front of it, or take Split(' ').Last(), and ?? for when there is no token."
            evidence = (policy.evidence(expression.span),)
            yield Candidate("policy-expression-error", Confidence.LIKELY, summary, fix, evidence, 4)
            return
        found = _UNSAFE.search(expression.code)
        if found is None or _GUARDED.search(expression.code):
            continue
        yield Candidate(
            "policy-expression-error",
            Confidence.LIKELY,
            f"The expression reads {shown(found[0])}, whose parent is null for some callers.",
            f"Guard it against null: {_guarded(expression, found[0])}.",
            (policy.evidence(expression.span),),
            4,
        )
        return


def _traced(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """The expression that a trace names: whatever else the trace quotes, this is what stopped the request."""
    for artefact, failure in case.search(_TRACED):
        code = re.sub(r"\\(.)", r"\1", failure["code"])
        for expression in policy.document.expressions:
            if expression.code.strip() != code.strip():
                continue
            summary = f"API Management could not use the value of the expression {shown(code)}."
            fix = "Make the value fit where it stands (a header takes no line breaks, a status only digits)."
            if "context.LastError" in code:
                fix += " Answer by context.LastError.Reason, and leave the message to the log."
            evidence = (artefact.evidence_at(failure.start()), policy.evidence(expression.span))
            yield Candidate("policy-expression-error", Confidence.CERTAIN, summary, fix, evidence, 5)
            return


def _guarded(expression: Expression, member: str) -> str:
    head, _, tail = member.rpartition(".")
    return f'{head}?.{tail} ?? ""'


def _base(case: Case, policy: _Policy) -> Iterator[Candidate]:
    """Sections without ``base`` leave out the policies of the outer scopes."""
    if not ({401, 403} & case.statuses) or any(element.name in _CHECKS for element in policy.document.elements):
        return
    for name, sections in policy.document.sections().items():
        if name != "inbound" or any(element.name in ("base", "include-fragment") for element in sections[0].elements):
            continue
        summary = "The inbound section has no <base />, so the policies of the outer scopes do not run."
        outer = any(
            _changes_authorization(other.document) for other in _policies(case) if other.artefact is not policy.artefact
        )
        evidence: tuple[Evidence, ...] = (policy.evidence(sections[0].open_tag_span),)
        confidence = Confidence.LIKELY if outer else Confidence.POSSIBLE
        yield Candidate("policy-fragment-or-base-missing", confidence, summary, "", evidence, 3 if outer else 1)


def _changes_authorization(document: PolicyDocument) -> bool:
    """Tell whether a policy gives the request another Authorization header: what its operations rely on."""
    return any(
        element.name == "authentication-managed-identity"
        or (element.name == "set-header" and _sets_authorization(element))
        for element in document.elements
    )
