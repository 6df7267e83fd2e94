"""What a known message says by itself, where nothing in the input says it better."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate
from claimlens.diagnosis.model import Confidence, Evidence, cause_descriptions
from claimlens.entra.errors import ErrorEntry


def detect_messages(case: Case) -> Iterator[Candidate]:
    """Yield the causes that the knowledge base names for each message, the usual one first."""
    for artefact, mention in case.mentions:
        if mention.entry.severity == "note":
            continue
        evidence = (artefact.evidence(mention.span),)
        for index, code in enumerate(mention.entry.causes):
            yield _usual(code, mention.entry, evidence) if index == 0 else _other(code, mention.entry, evidence)


def _usual(code: str, entry: ErrorEntry, evidence: tuple[Evidence, ...]) -> Candidate:
    # A code that has one cause says it; a sentence of a library may be quoted anywhere.
    only = len(entry.causes) == 1
    confidence = Confidence.CERTAIN if only and entry.pattern is None else Confidence.LIKELY
    if entry.confidence == "low":
        confidence = Confidence.POSSIBLE
    return Candidate(code, confidence, f"{entry.id}: {entry.meaning}", entry.fix, evidence, 2 if only else 1)


def _other(code: str, entry: ErrorEntry, evidence: tuple[Evidence, ...]) -> Candidate:
    """A further cause of the same message is told in its own words, or all of them would read alike."""
    known = cause_descriptions()[code]
    return Candidate(code, Confidence.POSSIBLE, f"{entry.id} may also mean: {known.meaning}", known.fix, evidence, 0)
