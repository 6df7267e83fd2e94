"""Words that a pattern requires: none is named that a match can do without."""

from __future__ import annotations

import pytest

from claimlens.text.prefilter import required_word, required_words


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        (r"the audience {q}{u}{q} is (?:in)?valid", "the audience "),
        (r"(?:expected|wanted) \w+", ""),
        (r"colours? are|tones", ""),
        (r"assertions? [a-z]{4} here", "assertion"),
        (r"(?:an )?issuer(?: here)?", "issuer"),
        (r"Bad[ _]Scope", "scope"),
    ],
)
def test_the_word_is_outside_of_everything_optional(pattern: str, word: str) -> None:
    assert required_word(pattern) == word


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\bone thing\b|\bOther\w+", ("one thing", "other")),
        (r"(?:no|an) audience|(?:x|y)", ()),
        (r"[|]first|\|second|(?:a|b)third", ("first", "second", "third")),
        (r"[]|]first|second", ("first", "second")),
    ],
)
def test_one_of_the_words_is_in_each_alternative(pattern: str, words: tuple[str, ...]) -> None:
    assert required_words(pattern) == words
