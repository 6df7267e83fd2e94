"""What a detector yields, and how detectors are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.text.escape import visible

MAXIMUM_SHOWN = 160


@attrs.frozen
class Candidate:
    """A cause that a detector holds for the case's.

    Attributes:
        code: a public cause code.
        confidence: how sure.
        summary: what is wrong, with the user's values.
        fix: what to change; empty takes the general fix of the cause.
        evidence: what shows it; a certain cause has some.
        weight: tells apart what is equally sure: 3 for values compared side by side, 2 for a configuration that must
            fail, 1 for a message that names the kind of problem, 0 for a circumstance.
    """

    code: str
    confidence: Confidence
    summary: str
    fix: str = ""
    evidence: tuple[Evidence, ...] = ()
    weight: int = 1


Detector = Callable[[Case], Iterator[Candidate]]


def shown(value: str) -> str:
    """Return a value for a sentence: in quotes, invisible characters visible, cut where it is long."""
    text = visible(value)
    return f"'{text[: MAXIMUM_SHOWN - 1]}…'" if len(text) > MAXIMUM_SHOWN else f"'{text}'"


def listed(values: tuple[str, ...]) -> str:
    """Return several values for a sentence."""
    return " or ".join(shown(value) for value in dict.fromkeys(values)) or "none"
