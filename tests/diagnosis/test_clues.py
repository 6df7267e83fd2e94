"""Every clue says what it means, and is looked for in linear time whatever the text."""

from __future__ import annotations

import time

import pytest

from claimlens.diagnosis.claim_listings import listed_claims
from claimlens.diagnosis.clues import clues
from claimlens.diagnosis.statuses import told_statuses

HOSTILE = ("a", " ", "\t", '"', "(", "401 ", "status ", "aud: ", "claims.", "IsInRole(x)", "https://a.b/", "token ")
LENGTH = 30_000
SECONDS = 0.3
"""Of the process. What grows with the square of the length takes minutes."""


def _texts() -> list[str]:
    return [(piece * LENGTH)[:LENGTH] for piece in HOSTILE]


def test_a_clue_says_what_it_means() -> None:
    assert [name for name, clue in clues().items() if not clue.says or not clue.patterns] == []


@pytest.mark.parametrize("text", _texts(), ids=repr(HOSTILE)[1:-1].split(", "))
def test_a_clue_is_looked_for_in_linear_time(text: str) -> None:
    for name, clue in clues().items():
        begin = time.process_time()
        for pattern in clue.patterns:
            for _ in pattern.finditer(text):
                pass

        assert time.process_time() - begin < SECONDS, name


@pytest.mark.parametrize("text", _texts(), ids=repr(HOSTILE)[1:-1].split(", "))
def test_listings_and_statuses_are_read_in_linear_time(text: str) -> None:
    begin = time.process_time()
    listed_claims(text)
    told_statuses(text, spoken=True)

    assert time.process_time() - begin < SECONDS
