"""What a known message says by itself, where nothing in the input says it better."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate
from claimlens.diagnosis.model import Confidence


def detect_messages(case: Case) -> Iterator[Candidate]:
    """Yield the causes that the knowledge base names for each message."""
    for artefact, mention in case.mentions:
        evidence = (artefact.evidence(mention.span),)
        for index, code in enumerate(mention.entry.causes):
            only = len(mention.entry.causes) == 1
            # A code that has one cause says it; a sentence of a library may be quoted anywhere.
            told = only and mention.entry.pattern is None
            confidence = Confidence.CERTAIN if told else Confidence.LIKELY if index == 0 else Confidence.POSSIBLE
            weight = 2 if only else 1 if index == 0 else 0
            yield Candidate(
                code, confidence, f"{mention.entry.id}: {mention.entry.meaning}", mention.entry.fix, evidence, weight
            )
