"""What the rules hold against the policies of the case: the same judgement that an editor shows while one writes."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate
from claimlens.diagnosis.model import Confidence, cause_descriptions
from claimlens.expectations.policies import looks_like_policy
from claimlens.rules.engine import check
from claimlens.rules.model import Finding, Severity
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot

_GRAVE = (Severity.ERROR, Severity.WARNING)
_ACCEPT_TOO_MUCH = frozenset(
    ("apim-no-audience", "apim-aad-tenant-wide", "apim-common-endpoint", "apim-unsigned-tokens")
)
"""Rules about policies that let in whom they should not: nobody is rejected for that."""


def detect_policy_rules(case: Case) -> Iterator[Candidate]:
    """Yield the errors and warnings of policies that are evidence of a cause, where something went wrong."""
    if not (case.is_refused or 500 in case.statuses or any(True for _ in case.mentions)):
        return
    for artefact in case.artefacts:
        if not looks_like_policy(artefact.text):
            continue
        snapshot = Snapshot.of(artefact.text, uri=artefact.name)
        for finding in check(snapshot, Settings(), case.now, tokens=artefact.tokens).findings:
            if _explains_rejection(finding):
                evidence = (artefact.evidence(finding.span),)
                yield Candidate(finding.cause or "", Confidence.LIKELY, finding.message, _fix(finding), evidence, 2)


def _explains_rejection(finding: Finding) -> bool:
    about_policy = finding.code.startswith("apim-") and finding.code not in _ACCEPT_TOO_MUCH
    return about_policy and finding.cause is not None and finding.severity in _GRAVE


def _fix(finding: Finding) -> str:
    general = cause_descriptions()[finding.cause or ""].fix
    return f"{finding.fixes[0].title}. {general}" if finding.fixes else general
