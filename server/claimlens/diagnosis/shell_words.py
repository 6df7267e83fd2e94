r"""Cut commands into words, as bash, the Windows command line and PowerShell do, with the place of each word.

What a shell would look up (``$(…)``) stays as it is written; variables are filled where the same text sets them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs

from claimlens.text.spans import Span

MAXIMUM_COMMAND = 100_000
"""Characters of one command that are read."""

_FILLER = "\ufdd0"
"""A noncharacter (Unicode 23.7): takes the place of what a shell drops, so that every place stays where it is."""
_CARETS = re.compile(r"\^?\\\^\"|\^\r?\n|\^.")
_BACKTICKS = re.compile(r"`\r?\n|`.|(?<=\S)\"\"(?=\S)")
_PIECE = re.compile(
    r"(?P<joined>\\\r?\n|\ufdd0+)|(?P<blank>[ \t]+)|(?P<end>[\r\n;|)]|&&|&(?=\s))|'(?P<single>[^']{0,50000})'"
    r"|\$'(?P<escaped>(?:\\.|[^'\\]){0,50000})'|\"(?P<double>(?:\\.|[^\"\\]){0,50000})\"|\\(?P<plain>.)"
    r"|(?P<bare>\$\([^()\r\n]{0,2000}\)|[^\s'\"\\;|&)$\ufdd0]+|.)",
    re.DOTALL,
)
_IN_DOUBLE_QUOTES = re.compile(r"\\([\"\\$`]|\r?\n)")
_ANSI = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_ANSI_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(?:env:)?(\w+)|%(\w+)%")
_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:export[ \t]+|set[ \t]+|\$(?:env:)?)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*"
    r"(?:\"(?P<double>[^\"\r\n$`]*)\"|'(?P<single>[^'\r\n]*)'|(?P<bare>[^\s\"'$`(){}@,;]+))[ \t;]*$",
    re.MULTILINE,
)


@attrs.frozen
class Word:
    """A word of a command, without its quotation marks."""

    text: str = attrs.field(repr=False)
    span: Span


def variables(text: str) -> dict[str, str]:
    """Return the values that a script gives to its variables literally; the last one counts."""
    return {
        found["name"]: found["double"] or found["single"] or found["bare"] or "" for found in _ASSIGNMENT.finditer(text)
    }


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with the variables filled that have a value."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2] or found[3], found[0]), text)


def words(text: str, start: int, values: Mapping[str, str]) -> list[Word]:
    """Return the words of the command that begins at ``start``, up to its end. Never fails."""
    command = text[start : start + MAXIMUM_COMMAND]
    first = command.partition("\n")[0].rstrip()
    if first.endswith("^") or '^"' in first:
        command = _CARETS.sub(_without_caret, command)
    elif first.endswith("`"):
        command = _BACKTICKS.sub(_without_backtick, command)
    return [Word(word.text, word.span.shift(start)) for word in _cut(command, values)]


def _cut(command: str, values: Mapping[str, str]) -> Iterator[Word]:
    word: list[str] = []
    begun = reached = 0
    for found in _PIECE.finditer(command):
        if found["blank"] or found["end"]:
            if word:
                yield Word("".join(word), Span(begun, reached))
            word = []
            if found["end"]:
                return
            continue
        if found["joined"]:
            continue
        if not word:
            begun = found.start()
        word.append(_read(found, values).replace(_FILLER, ""))
        reached = found.end()
    if word:
        yield Word("".join(word), Span(begun, reached))


def _read(piece: re.Match[str], values: Mapping[str, str]) -> str:
    """Return what a piece of a word stands for."""
    if piece["single"] is not None:
        return piece["single"]
    if piece["escaped"] is not None:
        return _ANSI.sub(_character, piece["escaped"])
    if piece["double"] is not None:
        return expanded(_IN_DOUBLE_QUOTES.sub(lambda found: found[1].strip("\r\n"), piece["double"]), values)
    return piece["plain"] or expanded(piece["bare"], values)


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else _ANSI_LETTERS.get(escape[3], escape[3])


def _without_caret(found: re.Match[str]) -> str:
    r"""Turn ``\^"`` into a quotation mark inside of others, ``^"`` into one of those, and join lines."""
    if found[0].endswith('\\^"'):
        return f'\\"{_FILLER * (len(found[0]) - 2)}'
    return _FILLER * len(found[0]) if found[0][1] in "\r\n" else f"{found[0][1]}{_FILLER}"


def _without_backtick(found: re.Match[str]) -> str:
    if found[0] == '""':
        return '\\"'
    return _FILLER * len(found[0]) if found[0][1] in "\r\n" else f"\\{found[0][1]}"
