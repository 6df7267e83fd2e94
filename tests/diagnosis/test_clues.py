"""The patterns that read logs and source: each says what it finds, and none takes long on what almost matches."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from claimlens.diagnosis.clues import clues
from tests.support.scenarios import load

SCENARIOS = Path(__file__).parent / "scenarios"
_WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.mark.parametrize("name", clues())
def test_a_clue_says_what_it_means_and_has_at_most_one_group_that_matches(name: str) -> None:
    clue = clues()[name]

    assert clue.says
    assert clue.patterns
    assert all(pattern.expression.groups <= 2 for pattern in clue.patterns)


def test_the_words_of_a_clue_are_in_whatever_it_matches() -> None:
    texts = [text for scenario in load(SCENARIOS) for _, text in scenario.files]
    patterns = [pattern for clue in clues().values() for pattern in clue.patterns]

    assert sum(bool(pattern.words) for pattern in patterns) > len(patterns) / 2
    for pattern in patterns:
        for text in texts:
            without_words = [found.span() for found in pattern.expression.finditer(text)]
            assert [found.span() for found in pattern.finditer(text, text.lower())] == without_words


@pytest.mark.parametrize("name", clues())
def test_a_clue_takes_linear_time_on_what_almost_matches(name: str) -> None:
    for pattern in clues()[name].patterns:
        words = _WORD.findall(re.sub(r"\\.", " ", pattern.expression.pattern))[:4]
        for seed in ("a", " ", '"', "a.", "a ", "(", "\n", " \n", *words, *(f"{word} " for word in words)):
            short = elapsed(pattern.expression, seed, 15_000)
            long = elapsed(pattern.expression, seed, 60_000)

            assert long < 0.1 or long < 12 * short, (name, pattern.pattern, seed)


def elapsed(pattern: re.Pattern[str], seed: str, length: int) -> float:
    text = seed * (length // len(seed))
    start = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - start
