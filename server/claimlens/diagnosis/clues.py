"""Words and phrases that mean something for a diagnosis, by name (``clues.toml``)."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources

import attrs


@attrs.frozen
class Clue:
    """What a set of patterns says when one of them is found."""

    name: str
    says: str
    patterns: tuple[re.Pattern[str], ...] = attrs.field(repr=False)


@functools.cache
def clues() -> Mapping[str, Clue]:
    """Return every clue by its name, in the order of the file."""
    text = (resources.files("claimlens.diagnosis") / "clues.toml").read_text(encoding="utf-8")
    return {
        name: Clue(
            name, entry["says"], tuple(re.compile(each, re.IGNORECASE | re.MULTILINE) for each in entry["patterns"])
        )
        for name, entry in tomllib.loads(text).items()
    }
