"""Evidence shows the place that is meant, and no secret beside it."""

from __future__ import annotations

from claimlens.diagnosis.case import MAXIMUM_EVIDENCE_TEXT, Artefact, read_artefacts
from claimlens.text.spans import Span
from tests.support.snippets import CLAIMS
from tests.support.tokens import compact

ERROR = "IDX10223: Lifetime validation failed."


def evidence(text: str, of: str = ERROR) -> str:
    artefact: Artefact = read_artefacts("app.log", text)[0]
    start = artefact.text.index(of)
    return artefact.evidence(Span(start, start + len(of))).text


def test_of_a_long_line_the_place_is_shown() -> None:
    shown = evidence("a" * 9_000 + " " + ERROR + " " + "b" * 9_000)

    assert ERROR in shown
    assert len(shown) <= MAXIMUM_EVIDENCE_TEXT
    assert (shown[0], shown[-1]) == ("…", "…")


def test_a_line_is_shown_from_its_beginning_where_that_holds_the_place() -> None:
    shown = evidence("fail: " + ERROR + "c" * 9_000)

    assert shown.startswith("fail: " + ERROR)
    assert shown.endswith("…")


def test_colours_are_not_shown() -> None:
    assert evidence(f"\x1b[31mfail\x1b[0m: \x1b[1;33m{ERROR}\x1b[0m") == f"fail: {ERROR}"


def test_a_secret_before_the_part_that_is_shown_stays_masked() -> None:
    secret = "s3cr3t-" * 20
    shown = evidence("a" * 9_000 + f" client_secret={secret} {ERROR}" + "d" * 9_000)

    assert ERROR in shown
    assert "s3cr3t" not in shown


def test_a_secret_that_is_longer_than_what_is_looked_at_stays_masked() -> None:
    shown = evidence('{"access_token":"' + "o" * 9_000 + f'","error":"{ERROR}' + "e" * 9_000)

    assert ERROR in shown
    assert "ooo" not in shown


def test_a_token_far_in_a_line_is_masked() -> None:
    token = compact(CLAIMS["entra-v2"])
    shown = evidence("a " * 5_000 + f'"token": "{token}", "error": "{ERROR}"')

    assert ERROR in shown
    assert token[:20] not in shown
