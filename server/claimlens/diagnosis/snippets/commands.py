"""Cuts a snippet for a shell into commands of one line each.

A terminal runs what ends in a line break. One line without its end waits at the prompt, to be read and to be run by the
user; several lines would run as they arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from claimlens.diagnosis.snippets.write import Snippet

_CONTINUED = {"shell": "\\", "powershell": "`"}
"""What ends a line that goes on, by language; snippets in other languages are not for terminals."""


@attrs.frozen
class Command:
    """Something to write to the prompt of a terminal.

    Attributes:
        title: what it does, by the comment above it; without one the command itself.
        text: one line, without its end.
    """

    title: str
    text: str = attrs.field(repr=False)


def commands(snippet: Snippet) -> tuple[Command, ...]:
    """Return the commands of ``snippet``, one for each paragraph; none where it is not for a terminal."""
    continued = _CONTINUED.get(snippet.target.language)
    if continued is None:
        return ()
    return tuple(made for paragraph in snippet.text.split("\n\n") for made in _command(paragraph, continued))


def _command(paragraph: str, continued: str) -> Iterator[Command]:
    lines = re.sub(re.escape(continued) + r"\n *", "", paragraph).splitlines()
    comments = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    statements = [line for line in lines if line and not line.startswith("#")]
    if statements:
        text = "; ".join(statements)
        yield Command(_first_sentence(" ".join(comments)) or text, text)


def _first_sentence(comment: str) -> str:
    return comment.split(". ")[0].removesuffix(".")
