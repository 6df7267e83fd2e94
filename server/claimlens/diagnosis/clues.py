"""Words and phrases that mean something for a diagnosis, by name (``clues.toml``)."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources

import attrs

from claimlens.text.prefilter import required_words


@attrs.frozen
class CluePattern:
    """A pattern, with words in lower case of which one stands in whatever it matches (none where that is unknown)."""

    expression: re.Pattern[str]
    words: tuple[str, ...]

    @classmethod
    def of(cls, pattern: str) -> CluePattern:
        """Compile a pattern."""
        return cls(re.compile(pattern, re.IGNORECASE | re.MULTILINE), required_words(pattern))

    def finditer(self, text: str, lowered: str) -> Iterator[re.Match[str]]:
        """Yield the places of the pattern in a text, which is given in lower case as well."""
        if self.words and not any(word in lowered for word in self.words):
            return iter(())
        return self.expression.finditer(text)


@attrs.frozen
class Clue:
    """What a set of patterns says when one of them is found."""

    name: str
    says: str
    patterns: tuple[CluePattern, ...] = attrs.field(repr=False)


@functools.cache
def clues() -> Mapping[str, Clue]:
    """Return every clue by its name, in the order of the file."""
    text = (resources.files("claimlens.diagnosis") / "clues.toml").read_text(encoding="utf-8")
    return {
        name: Clue(name, entry["says"], tuple(map(CluePattern.of, entry["patterns"])))
        for name, entry in tomllib.loads(text).items()
    }
