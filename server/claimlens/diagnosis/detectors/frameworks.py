"""Frameworks that know the tokens of one version of Entra ID only."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate, shown
from claimlens.diagnosis.model import Confidence

_ONLY = {"1.0": "reads-v1-only", "2.0": "reads-v2-only"}
"""The clue that tells of such a framework, by the version that it reads."""


def detect_one_version(case: Case) -> Iterator[Candidate]:
    """A framework for tokens of one version has been sent one of the other."""
    token = case.token
    if token is None or not (case.is_refused or any(True for _ in case.mentions)):
        return
    for version, clue in _ONLY.items():
        code = case.clue(clue)
        if code is None or token.profile.version in (None, version) or case.clue("issuer-set-by-code") is not None:
            continue
        summary = (
            f"The framework ({shown(code.value)}) accepts tokens of v{version} only; the token is of "
            f"v{token.profile.version}."
        )
        number = "2" if version == "2.0" else "1 (or null)"
        fix = (
            f"Set api.requestedAccessTokenVersion to {number} in the API's manifest, or validate with a framework that "
            f"knows v{token.profile.version}."
        )
        evidence = (code.evidence, token.evidence)
        yield Candidate("issuer-v1-vs-v2", Confidence.LIKELY, summary, fix, evidence, 3)
        yield Candidate("token-version-config", Confidence.POSSIBLE, summary, fix, evidence, 1)
