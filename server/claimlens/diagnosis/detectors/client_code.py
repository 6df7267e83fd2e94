"""Code of a client: what it names is what it asks for, and nothing that it accepts."""

from __future__ import annotations

from claimlens.diagnosis.case import Artefact
from claimlens.diagnosis.clues import clues
from claimlens.expectations import Expectation, SourceKind


def only_obtains_tokens(artefact: Artefact, expectation: Expectation) -> bool:
    """Tell whether a section stands in code that obtains tokens and validates none."""
    if expectation.kind is not SourceKind.SOURCE_CODE:
        return False
    return _says("obtains-tokens", artefact) and not _says("validates-tokens", artefact)


def _says(clue: str, artefact: Artefact) -> bool:
    return any(True for pattern in clues()[clue].patterns for _ in pattern.finditer(artefact.text, artefact.lowered))
