"""The token's issuer against what accepts it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from claimlens import entra
from claimlens.diagnosis.case import Case, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.detectors.client_code import only_obtains_tokens
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.expectations import Expectation, SourceKind, accepted_issuers, is_multi_tenant
from claimlens.expectations.relations import IssuerRelation, relate_issuers

_PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
_TEMPLATE = re.compile(r"\{tenant_?id\}", re.IGNORECASE)
_LITERAL_ISSUER = re.compile(r"https://sts\.(?:windows\.net|chinacloudapi\.cn)/?(?=[\"'])")


@attrs.frozen
class _Expected:
    """The issuers that one place accepts."""

    values: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    expectation: Expectation | None
    stated: bool


def detect_issuer(case: Case) -> Iterator[Candidate]:
    """Compare the issuer found with each place that names what it accepts."""
    yield from _provider(case)
    found, found_evidence = _found(case)
    if not found:
        return
    for expected in _of_validators(found, tuple(_expected(case))):
        if expected.expectation is None and any(map(_stands_for_many, expected.values)):
            yield _template_compared(found, expected, (*found_evidence, *expected.evidence))
            continue
        relations = {relate_issuers(found, value) for value in expected.values}
        if IssuerRelation.EQUAL in relations or not relations:
            if expected.expectation is not None:
                yield from _templated(case, found, expected, (*found_evidence, *expected.evidence))
            continue
        # v1.0 issuers are the same in several clouds, so the cloud tells more than the version.
        other_cloud = IssuerRelation.CLOUD in relations and IssuerRelation.VERSION in relations
        relation = IssuerRelation.CLOUD if other_cloud else min(relations, key=lambda kind: kind.value)
        said = expected.expectation is None
        # What follows from an authority is certain to be refused only where a message is about the issuer.
        refused = any(True for _ in case.mentions_of(*_ISSUER_CAUSES)) or (expected.stated and case.is_refused)
        refused = refused and not (expected.expectation is not None and _is_for_many(expected.expectation))
        confidence = Confidence.CERTAIN if said or refused else Confidence.LIKELY
        if case.is_only_forbidden and not said:
            confidence = Confidence.POSSIBLE
        evidence = (*found_evidence, *expected.evidence)
        yield from _candidates(case, found, expected, relation, confidence, evidence)
    yield from _prefix_only(case, found, found_evidence)
    yield from _by_host(case, found, found_evidence)


def _of_validators(found: str, everything: tuple[_Expected, ...]) -> tuple[_Expected, ...]:
    """Leave out the authority that a client signs in with for many tenants, where an API states what it accepts."""
    stated = [one for one in everything if one.expectation is not None and not _is_for_many(one.expectation)]
    refusing = any(IssuerRelation.EQUAL not in {relate_issuers(found, value) for value in one.values} for one in stated)
    if not refusing:
        return everything
    return tuple(one for one in everything if one.expectation is None or one in stated)


def _is_for_many(expectation: Expectation) -> bool:
    address = expectation.first("authority", "metadata")
    return address is not None and is_multi_tenant(address.value) and not expectation.of("issuer", "audience")


def _provider(case: Case) -> Iterator[Candidate]:
    """A client compares the issuer that it is configured with to the one in the metadata it has read from there."""
    for artefact, mention in case.mentions:
        wanted, published = mention.first("expected_issuer"), mention.first("metadata_issuer")
        if wanted is None or published is None:
            continue
        evidence = (artefact.evidence(mention.span),)
        sides = f"configured is {shown(wanted.text)}, the metadata names {shown(published.text)}"
        if _TEMPLATE.search(published.text):
            summary = f"The metadata stands for every tenant and names a template: {sides}."
            yield Candidate("issuer-templated-common", Confidence.CERTAIN, summary, "", evidence, 4)
        elif relate_issuers(published.text, wanted.text) in (IssuerRelation.SLASH, IssuerRelation.CASE):
            fix = f"Configure the issuer as {shown(published.text)}."
            summary = f"The issuers differ in a slash or in case: {sides}."
            yield Candidate("issuer-trailing-slash-or-case", Confidence.CERTAIN, summary, fix, evidence, 4)
        elif relate_issuers(published.text, wanted.text) is IssuerRelation.VERSION:
            fix = f"Configure the issuer as {shown(published.text)}, or the address of the other version."
            summary = f"The metadata is of the other version: {sides}."
            yield Candidate("issuer-v1-vs-v2", Confidence.CERTAIN, summary, fix, evidence, 3)


def _stands_for_many(issuer: str) -> bool:
    """Tell whether an issuer is a template, or holds ``common`` and the like, which no token names."""
    return _TEMPLATE.search(issuer) is not None or is_multi_tenant(issuer)


def _template_compared(found: str, expected: _Expected, evidence: tuple[Evidence, ...]) -> Candidate:
    """A validator that names such an issuer as what it accepts has compared with it literally."""
    match = entra.match_issuer(found)
    tenant = match.tenant_id if match and match.tenant_id else "<tenant>"
    summary = (
        f"The token's iss {shown(found)} was compared literally with {listed(expected.values)}, which stands for many "
        "tenants."
    )
    fix = (
        f"Use the tenant's authority (https://login.microsoftonline.com/{tenant}), or validate the issuer against the "
        "template, as Microsoft.Identity.Web does."
    )
    return Candidate("issuer-templated-common", Confidence.CERTAIN, summary, fix, evidence, 4)


def _by_host(case: Case, found: str, evidence: tuple[Evidence, ...]) -> Iterator[Candidate]:
    """Where a message refuses an issuer and names nothing else, its host tells which kind it is."""
    if not any(mention.first("found_issuer") for _, mention in case.mentions):
        return
    if _PERSONAL in found:
        code, kind = "guest-or-consumer-account", "that of personal Microsoft accounts"
    elif ".ciamlogin.com" in found:
        code, kind = "issuer-ciam", "one of an External ID tenant"
    elif ".b2clogin.com" in found:
        code, kind = "issuer-b2c-vs-entra", "one of a B2C tenant"
    else:
        return
    summary = f"The issuer {shown(found)}, {kind}, is refused."
    yield Candidate(code, Confidence.LIKELY, summary, "", evidence, 2)


_ISSUER_CAUSES = (
    "issuer-v1-vs-v2", "issuer-wrong-tenant", "issuer-b2c-vs-entra", "issuer-trailing-slash-or-case", "issuer-ciam",
    "issuer-templated-common", "easyauth-issuer", "metadata-wrong-endpoint", "tenant-cross-cloud",
)  # fmt: skip


def _candidates(
    case: Case,
    found: str,
    expected: _Expected,
    relation: IssuerRelation,
    confidence: Confidence,
    evidence: tuple[Evidence, ...],
) -> Iterator[Candidate]:
    sides = f"the token's iss is {shown(found)}, accepted is {listed(expected.values)}"
    yield from _templated(case, found, expected, evidence)
    if relation is IssuerRelation.BLANK:
        yield Candidate(
            "config-whitespace", confidence, f"A blank stands in the accepted issuer: {sides}.", "", evidence, 4
        )
    elif relation in (IssuerRelation.SLASH, IssuerRelation.CASE):
        summary = f"The issuers differ in a slash or in case: {sides}."
        yield Candidate(
            "issuer-trailing-slash-or-case", confidence, summary, f"Write the issuer as {shown(found)}.", evidence, 4
        )
    elif relation is IssuerRelation.VERSION:
        yield from _version(case, found, expected, sides, confidence, evidence)
    elif relation is IssuerRelation.TENANT:
        yield _tenant(case, found, expected, sides, confidence, evidence)
    elif relation is IssuerRelation.CLOUD:
        yield Candidate(
            "tenant-cross-cloud", confidence, f"Token and settings are of different clouds: {sides}.", "", evidence, 3
        )
    elif relation is IssuerRelation.B2C_HOST:
        summary = (
            f"Client and API use different hosts of one B2C tenant: {sides}."
            if all(map(_is_of_b2c, (found, *expected.values)))
            else f"One side is a B2C tenant, the other Microsoft Entra ID for organisations: {sides}."
        )
        fix = f"Set the API's authority to the host that issues the tokens: {shown(found)}."
        yield Candidate("issuer-b2c-vs-entra", confidence, summary, fix, evidence, 3)
    elif relation is IssuerRelation.CIAM:
        fix = "Use https://<tenant>.ciamlogin.com/ as authority on both sides."
        yield Candidate(
            "issuer-ciam", confidence, f"The External ID tenant is named by another host: {sides}.", fix, evidence, 3
        )
    else:
        yield from _different(case, found, expected, sides, confidence, evidence)


def _is_of_b2c(issuer: str) -> bool:
    match = entra.match_issuer(issuer)
    return match is not None and match.family == "b2c"


def _version(
    case: Case,
    found: str,
    expected: _Expected,
    sides: str,
    confidence: Confidence,
    evidence: tuple[Evidence, ...],
) -> Iterator[Candidate]:
    version = "v1.0" if "sts." in found else "v2.0"
    other = "v2.0" if version == "v1.0" else "v1.0"
    number = "2" if other == "v2.0" else "1 (or null)"
    fix = (
        f"Accept {shown(found)} (metadata of {version}), or set api.requestedAccessTokenVersion to {number} in the "
        f"API's manifest so that {other} tokens are issued."
    )
    summary = f"A {version} token meets {other} settings of the same tenant: {sides}."
    yield Candidate("issuer-v1-vs-v2", confidence, summary, fix, evidence, 3)


def _tenant(
    case: Case, found: str, expected: _Expected, sides: str, confidence: Confidence, evidence: tuple[Evidence, ...]
) -> Candidate:
    if _PERSONAL in found:
        fix = "Sign in with an account of the organisation, or let the application accept personal accounts on purpose."
        return Candidate(
            "guest-or-consumer-account", confidence, f"A personal account signed in: {sides}.", fix, evidence, 3
        )
    if expected.expectation is not None and expected.expectation.kind is SourceKind.APP_SERVICE:
        fix = (
            "Clear the Issuer URL (openIdIssuer) and check the tenant in the app, or sign in with the tenant it names."
        )
        return Candidate(
            "easyauth-issuer", confidence, f"App Service accepts one tenant only: {sides}.", fix, evidence, 3
        )
    match = entra.match_issuer(expected.values[0])
    tenant = match.tenant_id if match and match.tenant_id else "<tenant>"
    fix = f"Acquire the token with the authority https://login.microsoftonline.com/{tenant}."
    return Candidate("issuer-wrong-tenant", confidence, f"The token is of another tenant: {sides}.", fix, evidence, 3)


def _different(
    case: Case, found: str, expected: _Expected, sides: str, confidence: Confidence, evidence: tuple[Evidence, ...]
) -> Iterator[Candidate]:
    kind = expected.expectation.kind if expected.expectation else None
    if kind is SourceKind.APP_SERVICE:
        yield Candidate("easyauth-issuer", confidence, f"App Service accepts another issuer: {sides}.", "", evidence, 2)
        return
    summary = f"Tokens come from another issuer than the settings name: {sides}."
    fix = f"Use the metadata of {shown(found)}."
    yield Candidate(
        "metadata-wrong-endpoint", min(confidence, Confidence.LIKELY, key=lambda c: -c.rank), summary, fix, evidence, 2
    )


def _templated(case: Case, found: str, expected: _Expected, evidence: tuple[Evidence, ...]) -> Iterator[Candidate]:
    """An authority for many tenants, in a framework that compares literally, refuses every token."""
    expectation = expected.expectation
    if expectation is None or expectation.kind not in (
        SourceKind.SOURCE_CODE,
        SourceKind.JWT_BEARER,
        SourceKind.FILE,
        SourceKind.VALIDATE_JWT,
    ):
        return
    address = expectation.first("authority", "metadata")
    if address is None or not is_multi_tenant(address.value) or expectation.of("issuer"):
        return
    if not any(True for _ in case.mentions_of(*_ISSUER_CAUSES)):
        return
    if any(mention.first("expected_issuer") for _, mention in case.mentions):
        return  # the validator names the issuers it accepts, so it is not the template that it compares with
    summary = (
        f"The authority {shown(address.value)} stands for every tenant and names no issuer; the token's is "
        f"{shown(found)}."
    )
    match = entra.match_issuer(found)
    tenant = match.tenant_id if match and match.tenant_id else "<tenant>"
    fix = (
        f"Use the tenant's authority (https://login.microsoftonline.com/{tenant}), or validate the issuer against "
        "the template."
    )
    yield Candidate("issuer-templated-common", Confidence.CERTAIN, summary, fix, evidence, 4)


def _prefix_only(case: Case, found: str, found_evidence: tuple[Evidence, ...]) -> Iterator[Candidate]:
    """Code that looks for the beginning of v1.0 issuers refuses v2.0 tokens."""
    match = entra.match_issuer(found)
    if match is None or match.id != "entra-v2":
        return
    for artefact, place in case.search(_LITERAL_ISSUER):
        summary = (
            f"The code accepts only issuers that begin with {shown(place[0])} (v1.0); the token's is "
            f"{shown(found)} (v2.0)."
        )
        fix = (
            "Set api.requestedAccessTokenVersion to 1 (or null) in the API's manifest, or use a library that "
            "knows v2.0 issuers."
        )
        evidence = (*found_evidence, artefact.evidence_at(place.start()))
        yield Candidate("issuer-v1-vs-v2", Confidence.CERTAIN, summary, fix, evidence, 3)
        return


def _found(case: Case) -> tuple[str, tuple[Evidence, ...]]:
    for artefact, mention in case.mentions:
        value = mention.first("found_issuer")
        if value is not None:
            return value.text, (artefact.evidence(value.span),)
    token: Sighting | None = case.token
    if token is None or not token.text("iss"):
        return "", ()
    return token.text("iss"), (token.evidence,)


def _expected(case: Case) -> Iterator[_Expected]:
    for artefact, mention in case.mentions:
        values = tuple(value for value in mention.values.get("expected_issuer", ()) if not value.hidden)
        if values:
            evidence = (artefact.evidence(values[0].span),)
            yield _Expected(tuple(value.text for value in values), evidence, None, stated=True)
    for artefact, expectation in case.expectations:
        if expectation.kind is SourceKind.MANIFEST or only_obtains_tokens(artefact, expectation):
            continue
        accepted = tuple(one for one in accepted_issuers(expectation) if not _LITERAL_ISSUER.match(one.value + '"'))
        if accepted:
            yield _Expected(
                tuple(dict.fromkeys(one.value for one in accepted)),
                (artefact.evidence(accepted[0].stated.span),),
                expectation,
                stated=any(one.how == "stated" for one in accepted),
            )
