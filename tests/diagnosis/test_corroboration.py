"""What the input speaks for comes before what a message usually means; the data names only what exists."""

from __future__ import annotations

import tomllib
from importlib import resources

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.clues import clues
from claimlens.diagnosis.diagnose import diagnose
from claimlens.diagnosis.model import Confidence, cause_descriptions
from tests.support.scenarios import NOW

ISSUER_REFUSED = (
    "IDX10205: Issuer validation failed. Issuer: 'System.String'. Did not match: ValidIssuer: 'System.String'."
)


def first_cause(*texts: str) -> tuple[str, Confidence]:
    cause = diagnose(Case.of([(f"{number}.txt", text) for number, text in enumerate(texts)], NOW)).causes[0]
    return cause.code, cause.confidence


def test_every_cause_and_every_clue_exists() -> None:
    text = (resources.files("claimlens.diagnosis") / "corroboration.toml").read_text(encoding="utf-8")
    for code, names in tomllib.loads(text)["causes"].items():
        assert code in cause_descriptions()
        assert names
        assert set(names) <= set(clues())


def test_a_circumstance_decides_among_the_meanings_of_a_message() -> None:
    assert first_cause(ISSUER_REFUSED) == ("issuer-v1-vs-v2", Confidence.LIKELY)
    for circumstance, code in {
        "authority: https://contoso.ciamlogin.com/": "issuer-ciam",
        "authority: https://login.microsoftonline.com/common/v2.0": "issuer-templated-common",
        "user: ada_example.com#EXT#@contoso.onmicrosoft.com": "guest-or-consumer-account",
    }.items():
        assert first_cause(ISSUER_REFUSED, circumstance) == (code, Confidence.LIKELY)


def test_what_a_message_usually_means_stays_first_where_the_same_circumstance_speaks_for_it() -> None:
    refused = "You do not have permission to view this directory or page."

    assert first_cause(refused, "https://contoso.azurewebsites.net/.auth/me") == (
        "easyauth-audience",
        Confidence.LIKELY,
    )


def test_the_circumstance_is_part_of_the_evidence() -> None:
    files = [("app.log", ISSUER_REFUSED), ("settings.txt", "authority: https://contoso.ciamlogin.com/")]
    cause = diagnose(Case.of(files, NOW)).causes[0]

    assert {evidence.path for evidence in cause.evidence} == {"app.log", "settings.txt"}
