"""``claimlens snippet``."""

from __future__ import annotations

import pytest

from tests.support.command import run
from tests.support.snippets import API, CLAIMS
from tests.support.tokens import compact

TOKEN = compact(CLAIMS["entra-v2"])
MORNING = ("--now", "2026-03-02T10:00:00Z")


def test_the_text_is_printed() -> None:
    ended = run("snippet", TOKEN, "--target", "apim-validate-jwt", *MORNING)

    assert (ended.status, ended.errors) == (0, "")
    assert f"<audience>{API}</audience>" in ended.output


def test_json_has_target_and_text() -> None:
    answer = run("snippet", "-", "--target", "az", "--format", "json", *MORNING, stdin=TOKEN).json

    assert answer["target"] == "az"
    assert "\naz login --tenant " in answer["text"]


def test_a_snippet_that_cannot_be_written_is_work_not_done() -> None:
    ended = run("snippet", compact(CLAIMS["b2c"]), "--target", "az", *MORNING)

    assert (ended.status, ended.output) == (2, "")
    assert "curl" in ended.errors


def test_an_unknown_target_is_bad_usage() -> None:
    assert run("snippet", TOKEN, "--target", "perl").status == 2


@pytest.mark.parametrize("target", ["node-jose", "curl", "kql"])
def test_a_token_inside_a_claim_is_masked(target: str) -> None:
    hostile = compact({**CLAIMS["entra-v2"], "aud": TOKEN, "oid": TOKEN, "uti": TOKEN})

    assert TOKEN not in run("snippet", hostile, "--target", target, *MORNING).output
