"""What a known message says by itself, where nothing in the input says it better."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib import resources

from claimlens.diagnosis.case import Case, Sighted, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, shown
from claimlens.diagnosis.model import Confidence, Evidence, cause_descriptions
from claimlens.entra.errors import ErrorEntry
from claimlens.jose import TokenForm


def detect_messages(case: Case) -> Iterator[Candidate]:
    """Yield the causes that the knowledge base names for each message, the usual one first."""
    for artefact, mention in case.mentions:
        if mention.entry.severity == "note":
            continue
        yield from _meanings(case, mention.entry, (artefact.evidence(mention.span),))


def _meanings(case: Case, entry: ErrorEntry, evidence: tuple[Evidence, ...]) -> Iterator[Candidate]:
    """Yield what a message means: what circumstances speak for, else the usual, then the rest."""
    causes = tuple(code for code in entry.causes if not _is_excluded(case, code, entry)) or entry.causes
    circumstances = {code: found for code in causes if (found := _circumstance(case, code)) is not None}
    if causes and causes[0] in circumstances:
        circumstances = {}
    for code, found in circumstances.items():
        yield _corroborated(code, entry, found, evidence)
    for index, code in enumerate(causes):
        if code not in circumstances:
            yield _usual(code, entry, evidence) if index == 0 else _other(code, entry, evidence)


def _is_excluded(case: Case, code: str, entry: ErrorEntry) -> bool:
    """Tell whether every token of the input, read in full, rules a meaning out."""
    whole = [
        one for one in case.sightings if not one.artefact.lists_claims and one.token.form is not TokenForm.TRUNCATED
    ]
    excludes = _EXCLUDED_BY.get(code)
    if excludes is None or (code == "optional-claim-missing" and "groups-overage" not in entry.causes):
        return False
    return bool(whole) and all(map(excludes, whole))


def _lists_its_groups(token: Sighting) -> bool:
    return not {"hasgroups", "_claim_names"} & token.claims.keys()


_EXCLUDED_BY: Mapping[str, Callable[[Sighting], bool]] = {
    "groups-overage": _lists_its_groups,
    "optional-claim-missing": lambda token: bool(token.texts("groups")),
    "signature-graph-nonce": lambda token: bool(token.header) and "nonce" not in token.header,
    "token-opaque": lambda token: True,
}
"""What a token shows that has nothing to do with a meaning; the claim is the groups where overage is another one."""


def _usual(code: str, entry: ErrorEntry, evidence: tuple[Evidence, ...]) -> Candidate:
    # A code that has one cause says it; a sentence of a library may be quoted anywhere.
    only = len(entry.causes) == 1
    confidence = Confidence.CERTAIN if only and entry.pattern is None else Confidence.LIKELY
    if entry.confidence == "low":
        confidence = Confidence.POSSIBLE
    return Candidate(code, confidence, _said(entry), entry.fix, evidence, 2 if only else 1)


def _other(code: str, entry: ErrorEntry, evidence: tuple[Evidence, ...]) -> Candidate:
    """A further cause of the same message is told in its own words, or all of them would read alike."""
    known = cause_descriptions()[code]
    summary = f"{_named(entry)} may also mean: {known.meaning}"
    return Candidate(code, Confidence.POSSIBLE, summary, known.fix, evidence, 0)


def _corroborated(code: str, entry: ErrorEntry, circumstance: Sighted, evidence: tuple[Evidence, ...]) -> Candidate:
    """One meaning of several that the rest of the input speaks for."""
    known = cause_descriptions()[code]
    summary = f"{_named(entry)} together with {shown(circumstance.value)}: {known.meaning}"
    return Candidate(code, Confidence.LIKELY, summary, known.fix, (*evidence, circumstance.evidence))


def _said(entry: ErrorEntry) -> str:
    return f"{entry.id}: {entry.meaning}" if entry.pattern is None else entry.meaning


def _named(entry: ErrorEntry) -> str:
    """Return what people know a message by: its code, or the line that is shown as evidence."""
    return entry.id if entry.pattern is None else "The message"


def _circumstance(case: Case, code: str) -> Sighted | None:
    return next((found for clue in _corroboration().get(code, ()) if (found := case.clue(clue)) is not None), None)


@functools.cache
def _corroboration() -> Mapping[str, tuple[str, ...]]:
    text = (resources.files("claimlens.diagnosis") / "corroboration.toml").read_text(encoding="utf-8")
    return {code: tuple(names) for code, names in tomllib.loads(text)["causes"].items()}
