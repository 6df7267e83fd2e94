"""The form of the token itself: encrypted, unsigned, cut off, damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.diagnosis.case import Artefact, Case
from claimlens.diagnosis.detectors.candidate import Candidate
from claimlens.diagnosis.model import Confidence
from claimlens.jose import SegmentRole, Token, TokenForm, decode

_ONE_TOKEN = re.compile(r"\s*(?:Bearer\s+)?(eyJ\S+)\s*", re.IGNORECASE)
"""A text that is meant to be a token and nothing else."""


def detect_damage(case: Case) -> Iterator[Candidate]:
    """Look at how the tokens are made, before what they say."""
    for artefact in case.artefacts:
        for token in artefact.tokens:
            if token.form is TokenForm.JWE:
                summary = "The token is encrypted: a validator for signed tokens cannot read it."
                yield Candidate("token-encrypted", Confidence.LIKELY, summary, "", (artefact.evidence(token.span),), 2)
            elif case.token is not None and token is case.token.token:
                yield from _unsigned(artefact, token)
        if case.token is None:
            yield from _unreadable(artefact)


def _unreadable(artefact: Artefact) -> Iterator[Candidate]:
    meant = _ONE_TOKEN.fullmatch(artefact.text)
    defects = decode(meant[1]).defects if meant is not None else ()
    cut_off = [
        token
        for token in artefact.tokens
        if token.form is TokenForm.TRUNCATED and token.segment(SegmentRole.PAYLOAD) is not None
    ]
    if cut_off:
        summary = "The token is cut off: it ends before its last part does."
        evidence = (artefact.evidence(cut_off[0].span),)
        yield Candidate("token-malformed", Confidence.POSSIBLE, summary, "", evidence, 0)
    elif defects:
        summary = f"The token cannot be read. {defects[0].message}"
        evidence = (artefact.evidence_at(artefact.text.find("eyJ")),)
        yield Candidate("token-malformed", Confidence.LIKELY, summary, "", evidence, 2)


def _unsigned(artefact: Artefact, token: Token) -> Iterator[Candidate]:
    """A token that says itself that it has no signature. One that was taken out says nothing: so tokens are shown."""
    evidence = (artefact.evidence(token.span),)
    if (token.algorithm or "").lower() == "none":
        summary = "The token has no signature: its alg is 'none', which no validator of an API accepts."
        yield Candidate("alg-not-allowed", Confidence.LIKELY, summary, "", evidence, 3)
