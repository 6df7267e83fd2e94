"""A claim that somebody misses: why tokens lack it, and what adds it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from claimlens.diagnosis.case import Case, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, shown
from claimlens.diagnosis.missing_claims import missing_claim
from claimlens.diagnosis.model import Confidence, Evidence

_OPTIONAL = frozenset((
    "acct", "auth_time", "ctry", "email", "family_name", "fwd", "given_name", "groups", "idtyp", "in_corp", "ipaddr",
    "login_hint", "onprem_sid", "platf", "pwd_exp", "pwd_url", "sid", "tenant_ctry", "tenant_region_scope", "upn",
    "verified_primary_email", "verified_secondary_email", "vnet", "xms_cc", "xms_edov", "xms_pdl", "xms_pl", "xms_tpl",
    "unique_name", "preferred_username", "name", "emails", "extension_attribute", "phone_number", "jobtitle",
    "department", "email_verified",
))  # fmt: skip


@attrs.frozen
class _Missed:
    """A claim that somebody misses: where that is told, and how sure it is that its absence is the trouble."""

    name: str
    evidence: Evidence
    confidence: Confidence


def detect_missing_claim(case: Case) -> Iterator[Candidate]:
    """A claim that the user or the code misses and the token does not have."""
    missed: dict[str, _Missed] = {}
    for one in _missed(case):
        missed.setdefault(one.name, one)
    for name, one in missed.items():
        if any(name in sighting.claims for sighting in case.sightings):
            continue
        if name == "groups" and any(sighting.profile.note("groups-overage") for sighting in case.sightings):
            continue
        yield _absent(one, case.token, asked=name == case.missing_claim)


def _missed(case: Case) -> Iterator[_Missed]:
    token = case.token
    if case.missing_claim and token is not None:
        yield _Missed(case.missing_claim, token.evidence, Confidence.LIKELY)
    for found in case.clues("claim-missing"):
        if found.value.lower() in _OPTIONAL or found.value.startswith(("extn", "extension_", "xms_")):
            yield _Missed(found.value, found.evidence, Confidence.CERTAIN if token is not None else Confidence.LIKELY)
    failed = any(status >= 400 for status in case.statuses) or any(True for _ in case.mentions)
    if token is None or not failed:
        return
    for found in case.clues("claim-read"):
        if found.value.lower() in _OPTIONAL and not found.artefact.is_spoken:
            spoken_of = _is_spoken_of(case, found.value)
            yield _Missed(found.value, found.evidence, Confidence.LIKELY if spoken_of else Confidence.POSSIBLE)


def _is_spoken_of(case: Case, claim: str) -> bool:
    """Tell whether a log or an answer holds the first word of a claim's name: an error speaks of it."""
    word = re.compile(rf"(?<![a-z]){re.escape(claim.split('_')[0])}", re.IGNORECASE)
    return any(one.is_spoken and not one.tokens and word.search(one.text) for one in case.artefacts)


def _absent(missed: _Missed, token: Sighting | None, *, asked: bool) -> Candidate:
    name = missed.name
    known = missing_claim(name, token.profile if token is not None else None)
    who = "The token does not have the claim" if asked else "The code needs the claim"
    return Candidate(
        _CAUSES.get(name, "optional-claim-missing"),
        missed.confidence,
        f"{who} {shown(name)}. {known.why}",
        known.advice,
        tuple(dict.fromkeys((missed.evidence, *((token.evidence,) if token else ())))),
        1 if missed.confidence is Confidence.POSSIBLE else 3,
    )


_CAUSES = {"roles": "missing-role", "scp": "missing-scope"}
"""Claims whose absence has a cause of its own."""
