"""The cause that each scenario confirms comes first; what is missing lowers confidence; healthy sets have no cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimlens.diagnosis.diagnose import diagnose
from claimlens.diagnosis.model import Confidence, cause_descriptions
from claimlens.diagnosis.report import markdown
from tests.support.scenarios import Scenario, artefacts, load

SCENARIOS = load(Path(__file__).parent / "scenarios")
SICK = [scenario for scenario in SCENARIOS if scenario.causes]
HEALTHY = [scenario for scenario in SCENARIOS if not scenario.causes]


@pytest.mark.parametrize("scenario", SICK, ids=lambda scenario: scenario.name)
def test_the_cause_comes_first(scenario: Scenario) -> None:
    diagnosis = diagnose(scenario.case())

    named = [(cause.code, str(cause.confidence), cause.summary) for cause in diagnosis.causes]
    assert named, "no cause was named"
    assert named[0][0] in scenario.causes, named
    if scenario.confidence is not None:
        assert str(diagnosis.causes[0].confidence) == scenario.confidence
    assert diagnosis.causes[0].fix


@pytest.mark.parametrize("scenario", HEALTHY, ids=lambda scenario: scenario.name)
def test_a_healthy_set_has_no_cause(scenario: Scenario) -> None:
    diagnosis = diagnose(scenario.case())

    assert [(cause.code, cause.summary) for cause in diagnosis.causes] == []


@pytest.mark.parametrize("scenario", SICK, ids=lambda scenario: scenario.name)
def test_a_certain_cause_has_its_evidence_in_what_is_left(scenario: Scenario) -> None:
    """With one artefact taken away nothing wrong becomes certain."""
    for missing in artefacts(scenario):
        diagnosis = diagnose(scenario.case(without=missing))

        for cause in diagnosis.causes:
            if cause.confidence is Confidence.CERTAIN:
                assert cause.evidence
                assert all(evidence.path != missing for evidence in cause.evidence)
        certain = {cause.code for cause in diagnosis.causes if cause.confidence is Confidence.CERTAIN}
        full = {cause.code for cause in diagnose(scenario.case()).causes}
        assert certain <= full | set(scenario.causes), missing


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_token_text_leaves_a_diagnosis(scenario: Scenario) -> None:
    diagnosis = diagnose(scenario.case())
    told = repr(diagnosis) + markdown(diagnosis)

    for name, text in scenario.files:
        if name.endswith(".jwt"):
            assert text.split(".")[1] not in told
            assert text.strip().split(".")[2][:40] not in told


def test_every_cause_has_a_title_a_meaning_a_fix_and_a_source() -> None:
    for code, cause in cause_descriptions().items():
        assert all((cause.title, cause.meaning.endswith("."), cause.fix.endswith("."), cause.source)), code


def test_an_empty_case_says_so() -> None:
    from claimlens.diagnosis.case import Case
    from tests.support.scenarios import NOW

    assert diagnose(Case.of([], NOW)).verdict == "Nothing here explains a rejection."
