"""Pieces of tokens and headers that a log or a source file shows, where the token itself is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens import entra
from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate
from claimlens.diagnosis.model import Confidence

_BEFORE_TOKEN = re.compile(r"(?:access_?token|bearer|authorization)[\"']?[\s:=]{1,5}[\"']?$", re.IGNORECASE)


def detect_fragments(case: Case) -> Iterator[Candidate]:
    """Say what a piece gives away, where something is refused."""
    if case.clue("group-refused") is None and not case.is_in_trouble:
        return
    yield from _told(case)
    yield from _opaque(case)


_PIECES = {
    "header-without-scheme": (
        "scheme-missing-or-duplicated", "The Authorization header holds the token alone, without the scheme Bearer.",
    ),
    "nothing-sent": ("token-malformed", "The text of a missing value was sent in place of a token."),
    "encrypted-header": (
        "token-encrypted", "The token's header names a content encryption: only the holder of the key can read it.",
    ),
    "nonce-in-header": (
        "signature-graph-nonce",
        "The token's header carries a nonce: only the Microsoft service that it is for can verify it.",
    ),
    "groups-pointer": (
        "groups-overage",
        "The token points to the groups (hasgroups or _claim_names) instead of listing them: the user is in too many.",
    ),
    "personal-tenant": (
        "guest-or-consumer-account", "The token is of a personal Microsoft account, whose tenant is 9188040d-….",
    ),
}  # fmt: skip
"""By the clue that shows it: the cause, and what it says."""


def _told(case: Case) -> Iterator[Candidate]:
    whole = {id(sighting.artefact) for sighting in case.sightings}
    for clue, (code, summary) in _PIECES.items():
        found = next(
            (one for one in case.clues(clue) if one.artefact.lists_claims or id(one.artefact) not in whole), None
        )
        if found is not None:
            yield Candidate(code, Confidence.LIKELY, summary, "", (found.evidence,), 2)


def _opaque(case: Case) -> Iterator[Candidate]:
    """An access token in a text that begins like a known kind which is no JWT."""
    for artefact in case.artefacts:
        for found in entra.opaque_tokens().finditer(artefact.text):
            known = entra.opaque_token(found[0])
            if known is not None and _BEFORE_TOKEN.search(artefact.text, max(0, found.start() - 40), found.start()):
                summary = f"What is used as an access token is opaque: {known.name}."
                evidence = (artefact.evidence_at(found.start()),)
                yield Candidate("token-opaque", Confidence.LIKELY, summary, "", evidence, 3)
                return
