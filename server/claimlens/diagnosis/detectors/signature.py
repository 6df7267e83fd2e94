"""Which key signed the token, and which keys the validator has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens import entra
from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.jose.verify import Verdict

SIGNATURE_CAUSES = (
    "signature-key-not-found", "signature-invalid", "signature-stale-keys", "signature-graph-nonce",
    "signature-app-specific-keys",
)  # fmt: skip


def detect_signature(case: Case) -> Iterator[Candidate]:
    """Say why a signature that is refused cannot be verified."""
    places = tuple(_refusals(case))
    if not places:
        return
    yield from _nonce(case, places)
    yield from _own_keys(case, places)
    yield from _other_policy(case, places)
    changed = case.clue("keys-changed")
    if changed is not None:
        summary = "The issuer's keys changed and the validator still uses the ones it read before."
        yield Candidate("signature-stale-keys", Confidence.LIKELY, summary, "", (changed.evidence, *places[:1]), 3)
    pinned = case.clue("pinned-key")
    if pinned is not None:
        summary = "A key is pasted into the code or the settings; issuers change their keys, and this one stays."
        fix = "Read the keys from the issuer's jwks_uri (with a cache that is renewed when a kid is unknown)."
        yield Candidate("signature-stale-keys", Confidence.LIKELY, summary, fix, (pinned.evidence, *places[:1]), 3)
    yield from _other_tenant_keys(case, places)


_VERIFIED_CAUSES = {
    "signature": "signature-invalid",
    "signature-missing": "signature-invalid",
    "unsigned": "signature-invalid",
    "key-mismatch": "signature-invalid",
    "critical": "token-malformed",
    "malformed": "token-malformed",
    "algorithm": "alg-not-allowed",
    "algorithm-confusion": "alg-not-allowed",
    "key-not-found": "signature-key-not-found",
    "keys-unavailable": "metadata-unreachable",
    "issuer": "metadata-wrong-endpoint",
}
"""By what a check of the signature with the issuer's own keys came to."""


def detect_verified_signature(case: Case) -> Iterator[Candidate]:
    """Say what the check with the issuer's keys has shown, where one was made."""
    token, result = case.token, case.signature
    if token is None or result is None or result.verdict is Verdict.VALID:
        return
    code = _VERIFIED_CAUSES.get(result.reason)
    if code is None:
        return
    # The issuer's keys are the measure: what they refuse, every validator refuses. What could not be fetched here may
    # be in reach for the API.
    sure = result.verdict is Verdict.INVALID
    confidence = Confidence.CERTAIN if sure else Confidence.LIKELY if code == "signature-key-not-found" else None
    summary = f"Checked with the issuer's keys: {result.detail}"
    yield Candidate(code, confidence or Confidence.POSSIBLE, summary, "", (token.evidence,), 3 if sure else 1)


def _refusals(case: Case) -> Iterator[Evidence]:
    for artefact, mention in case.mentions_of(*SIGNATURE_CAUSES):
        yield artefact.evidence(mention.span)
    yield from (found.evidence for found in case.clues("signature-refused"))


def _nonce(case: Case, places: tuple[Evidence, ...]) -> Iterator[Candidate]:
    token = case.token
    if token is not None and "nonce" in token.header and token.profile.verifiable is False:
        summary = (
            "The token's header carries a nonce: it is for a Microsoft service, and nobody else can verify its "
            "signature."
        )
        yield Candidate("signature-graph-nonce", Confidence.CERTAIN, summary, "", (token.evidence, *places[:1]), 4)


def _own_keys(case: Case, places: tuple[Evidence, ...]) -> Iterator[Candidate]:
    found = case.clue("own-signing-key")
    if found is None:
        return
    token = case.token
    application = token.profile.client.value if token and token.profile.client else None
    if token is not None and application is None:
        application = next(iter(token.texts("aud")), None)
    fix = f"Add ?appid={application or '<application-id>'} to the metadata URL."
    summary = "The application uses claims mapping, so it has signing keys of its own that the tenant's key set lacks."
    evidence = (found.evidence, *places[:1])
    yield Candidate("signature-app-specific-keys", Confidence.LIKELY, summary, fix, evidence, 3)


def _other_policy(case: Case, places: tuple[Evidence, ...]) -> Iterator[Candidate]:
    """B2C policies of different kinds have different keys."""
    token = case.token
    policy = token.profile.policy if token is not None else None
    if token is None or not policy:
        return
    for artefact, expectation in case.expectations:
        configured = expectation.of("policy")
        if configured and policy.lower() not in {stated.value.lower() for stated in configured}:
            names = tuple(stated.value for stated in configured)
            summary = (
                f"The token was issued by the policy {shown(policy)}, the keys in use are those of {listed(names)}."
            )
            fix = f"Validate these tokens with the metadata of {shown(policy)}."
            evidence = (token.evidence, artefact.evidence(configured[0].span), *places[:1])
            yield Candidate("signature-key-not-found", Confidence.CERTAIN, summary, fix, evidence, 3)
            yield Candidate("metadata-wrong-endpoint", Confidence.LIKELY, summary, fix, evidence, 2)
            return


def _other_tenant_keys(case: Case, places: tuple[Evidence, ...]) -> Iterator[Candidate]:
    """Keys that are read from another tenant's, version's or cloud's address than the token's issuer."""
    token = case.token
    if token is None:
        return
    location = entra.metadata_location(token.text("iss"), token.claims, token.header)
    match = entra.match_issuer(token.text("iss"))
    for artefact, expectation in case.expectations:
        for stated in expectation.of("keys", "metadata", "authority"):
            tenant = re.search(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", stated.value, re.IGNORECASE)
            if match is None or match.tenant_id is None or tenant is None or tenant[0].lower() == match.tenant_id:
                continue
            summary = (
                f"The keys are read from {shown(stated.value)}, but the token's tenant is {shown(match.tenant_id)}."
            )
            fix = f"Read the keys from {location.urls[0]}." if location.urls else ""
            evidence = (artefact.evidence(stated.span), token.evidence, *places[:1])
            yield Candidate("signature-key-not-found", Confidence.LIKELY, summary, fix, evidence, 2)
            return


def detect_algorithm(case: Case) -> Iterator[Candidate]:
    """The token's algorithm against the ones that settings and messages accept."""
    token = case.token
    found = token.token.algorithm if token is not None else None
    for artefact, mention in case.mentions:
        expected = mention.first("expected_algorithm")
        actual = mention.first("found_algorithm")
        if expected is not None and actual is not None and expected.text != actual.text:
            yield _algorithm(actual.text, (expected.text,), (artefact.evidence(mention.span),), Confidence.CERTAIN)
    if token is None or found is None:
        return
    for artefact, expectation in case.expectations:
        accepted = tuple(stated.value for stated in expectation.of("algorithm"))
        known = tuple(
            name for name in accepted if re.fullmatch(r"(?:[HRPE]S|ES)\d{3}K?|EdDSA|none", name, re.IGNORECASE)
        )
        if known and found not in known:
            evidence = (token.evidence, artefact.evidence(expectation.of("algorithm")[0].span))
            yield _algorithm(found, known, evidence, Confidence.CERTAIN)


def _algorithm(
    found: str, accepted: tuple[str, ...], evidence: tuple[Evidence, ...], confidence: Confidence
) -> Candidate:
    summary = f"The token is signed with {shown(found)}, accepted is {listed(accepted)}."
    return Candidate(
        "alg-not-allowed", confidence, summary, f"Accept {shown(found)}, the algorithm of this issuer.", evidence, 3
    )
