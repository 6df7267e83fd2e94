"""What a diagnosis says: ranked causes with evidence and fix, and the ordered walk that led to them."""

from __future__ import annotations

import enum
import functools
import tomllib
from collections.abc import Mapping
from importlib import resources

import attrs


class Confidence(enum.StrEnum):
    """How sure a cause is. ``CERTAIN`` needs its evidence in the input; nothing is inferred into it."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def rank(self) -> int:
        """0 for certain, 1 for likely, 2 for possible."""
        return list(Confidence).index(self)


class StepVerdict(enum.StrEnum):
    """How a step of the walk came out."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


@attrs.frozen
class Evidence:
    """A place in the input that shows something. ``line`` is 1-based; ``text`` is one line, tokens masked."""

    path: str
    line: int
    text: str


@attrs.frozen
class Cause:
    """One reason for the rejection.

    Attributes:
        code: a public cause code.
        confidence: how sure it is.
        summary: what is wrong, with the user's own values.
        fix: what to change where, with the user's own values.
        evidence: the places that show it.
    """

    code: str
    confidence: Confidence
    summary: str
    fix: str
    evidence: tuple[Evidence, ...] = ()


@attrs.frozen
class Step:
    """One step of the walk: who answered, token, issuer, audience, signature, authorization, time, on-behalf-of."""

    step: str
    verdict: StepVerdict
    summary: str
    evidence: tuple[Evidence, ...] = ()


@attrs.frozen
class Diagnosis:
    """The answer: the walk, and the causes with the most likely first."""

    steps: tuple[Step, ...]
    causes: tuple[Cause, ...]

    @property
    def held(self) -> tuple[Cause, ...]:
        """The causes to look into: those that are certain or likely, or all where none is."""
        return tuple(cause for cause in self.causes if cause.confidence is not Confidence.POSSIBLE) or self.causes

    @property
    def remote(self) -> tuple[Cause, ...]:
        """The causes that are merely possible beside likelier ones."""
        return tuple(cause for cause in self.causes if cause not in self.held)

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        if not self.causes:
            return "Nothing here explains a rejection."
        first = self.causes[0]
        word = {Confidence.CERTAIN: "", Confidence.LIKELY: "Most likely: ", Confidence.POSSIBLE: "Possibly: "}
        return word[first.confidence] + first.summary


@attrs.frozen
class CauseDescription:
    """What is known about a cause code in general (``causes.toml``)."""

    code: str
    title: str
    meaning: str
    fix: str
    source: str


@functools.cache
def cause_descriptions() -> Mapping[str, CauseDescription]:
    """Return every public cause code with its description, in the order of the file."""
    text = (resources.files("claimlens.diagnosis") / "causes.toml").read_text(encoding="utf-8")
    return {code: CauseDescription(code=code, **entry) for code, entry in tomllib.loads(text).items()}
