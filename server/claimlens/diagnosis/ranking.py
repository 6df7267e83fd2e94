"""From candidates to ranked causes: merge what is one cause, put what explains before what is explained."""

from __future__ import annotations

import functools
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources

from claimlens.diagnosis.detectors import Candidate
from claimlens.diagnosis.model import Cause, Confidence, Evidence, cause_descriptions

MAXIMUM_CAUSES = 8
MAXIMUM_WITH_POSSIBLE = 5
"""Behind this many causes nothing that is merely possible is told."""
MAXIMUM_EVIDENCE = 6
COMPARED = 2
"""From this weight on a cause rests on what the input holds, not on a message of several meanings."""


def rank(candidates: Iterable[Candidate]) -> tuple[Cause, ...]:
    """Return the causes, the most likely first."""
    by_code: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.code in cause_descriptions():
            by_code[candidate.code].append(candidate)
    merged = [_merge(found) for found in by_code.values()]
    explained = _explained(merged)
    merged.sort(key=lambda one: (_is_mere_thought(one), one.code in explained, one.confidence.rank, -one.weight))
    told = [
        one
        for place, one in enumerate(merged)
        if place < MAXIMUM_WITH_POSSIBLE or one.confidence is not Confidence.POSSIBLE
    ]
    return tuple(_cause(one) for one in told[:MAXIMUM_CAUSES])


def _is_mere_thought(one: Candidate) -> bool:
    """Tell whether only a message that may mean several things speaks for a cause; what is seen comes before it."""
    return one.confidence is Confidence.POSSIBLE and one.weight == 0


def _merge(found: list[Candidate]) -> Candidate:
    """Return the strongest candidate with the evidence of all, its own first."""
    best = min(found, key=lambda one: (one.confidence.rank, -one.weight))
    evidence: dict[Evidence, None] = dict.fromkeys(best.evidence)
    for other in found:
        evidence.update(dict.fromkeys(other.evidence))
    return Candidate(
        best.code, best.confidence, best.summary, best.fix, tuple(evidence)[:MAXIMUM_EVIDENCE], best.weight
    )


def _explained(candidates: list[Candidate]) -> frozenset[str]:
    """Return the codes that another cause, held at least as likely, explains."""
    present = {one.code: one for one in candidates}
    explains = _precedence()
    explained: set[str] = set()
    for code, cause in present.items():
        for symptom in explains.get(code, ()):
            seen = present.get(symptom)
            if seen is None or code in explains.get(symptom, ()):
                continue
            # What a message usually means does not explain away what the values themselves show.
            only_usual = cause.weight < COMPARED <= seen.weight
            if not only_usual and cause.confidence.rank <= min(seen.confidence.rank + 1, Confidence.LIKELY.rank):
                explained.add(symptom)
    return frozenset(explained)


def _cause(candidate: Candidate) -> Cause:
    fix = candidate.fix or cause_descriptions()[candidate.code].fix
    confidence = candidate.confidence
    if confidence is Confidence.CERTAIN and not candidate.evidence:
        confidence = Confidence.LIKELY
    return Cause(candidate.code, confidence, candidate.summary, fix, candidate.evidence)


@functools.cache
def _precedence() -> Mapping[str, tuple[str, ...]]:
    text = (resources.files("claimlens.diagnosis") / "precedence.toml").read_text(encoding="utf-8")
    return {code: tuple(symptoms) for code, symptoms in tomllib.loads(text)["explains"].items()}
