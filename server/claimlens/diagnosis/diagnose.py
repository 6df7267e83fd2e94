"""The diagnosis of a case: run every detector, rank what they see (guess where they see nothing), walk the steps."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors import DETECTORS, Candidate
from claimlens.diagnosis.detectors.guesses import guess
from claimlens.diagnosis.model import Diagnosis
from claimlens.diagnosis.ranking import rank
from claimlens.diagnosis.steps import walk


def diagnose(case: Case) -> Diagnosis:
    """Name the causes for which the token of ``case`` is rejected. Pure; never fails on any input."""
    case = case.with_settings()
    causes = rank(_candidates(case)) or rank(guess(case))
    return Diagnosis(steps=tuple(walk(case, causes)), causes=causes)


def _candidates(case: Case) -> Iterator[Candidate]:
    for detector in DETECTORS:
        yield from detector(case)
