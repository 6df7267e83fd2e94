"""The tokens of the C# in policy expressions, for those who look inside: members of ``context``, colours, strings."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator

import attrs

from claimlens.apim.model import Expression
from claimlens.apim.values import Value
from claimlens.text.spans import Span

_STRING = r'"(?:[^"\\\r\n]|\\.)*+"'
_VERBATIM = r'@"(?:[^"]|"")*+"'
_CHARACTER = r"'(?:\\[^\r\n][^'\r\n]{0,9}|[^'\\\r\n])'"
_COMMENT = r"//[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+\*/"

_STRING_PART = re.compile(r'(?:[^"\\{}\r\n]|\\.|\{\{|\}\}|\}(?!\}))*+(?P<stop>"|\{)?')
_VERBATIM_PART = re.compile(r'(?:[^"{}]|""|\{\{|\}\}|\}(?!\}))*+(?P<stop>"|\{)?')


class CodeKind(enum.StrEnum):
    """What a token of C# is."""

    KEYWORD = "keyword"
    IDENTIFIER = "identifier"
    NUMBER = "number"
    STRING = "string"
    CHARACTER = "character"
    COMMENT = "comment"
    PUNCTUATION = "punctuation"
    NAMED_VALUE = "named value"


@attrs.frozen
class CodeToken:
    """A token of C#: its kind, its text, and its place ``[start, end)`` in the code."""

    kind: CodeKind
    text: str = attrs.field(repr=False)
    start: int
    end: int


_KEYWORDS = (
    "abstract as base bool break byte case catch char checked class const continue decimal default delegate do "
    "double dynamic else enum event explicit extern false finally fixed float for foreach goto if implicit in int "
    "interface internal is lock long namespace new null object operator out override params private protected "
    "public readonly ref return sbyte sealed short sizeof stackalloc static string struct switch this throw true "
    "try typeof uint ulong unchecked unsafe ushort using var virtual void volatile when while "
)
KEYWORDS = frozenset(_KEYWORDS.split())
"""The keywords of C# 7, and ``var``, ``dynamic`` and ``when``, which act as keywords where policies use them."""

_TOKEN = re.compile(
    rf"(?P<string>{_STRING}|{_VERBATIM})|(?P<character>{_CHARACTER})|(?P<comment>{_COMMENT})"
    r"|(?P<named_value>\{\{[A-Za-z0-9\-._]+\}\})"
    r"|(?P<identifier>@?[^\W\d]\w*)|(?P<number>0[xX][0-9A-Fa-f_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)"
    r'|(?P<text>\$@?"|@\$")|(?P<damaged>@?"[^\r\n]*|/\*[\s\S]*)'
    r"|(?P<punctuation>=>|\?\?|\?\.|\?\[|&&|\|\||[=!<>]=|\+\+|--|[+\-*/%&|^]=|[^\s\w])"
)


def tokenize(code: str) -> tuple[CodeToken, ...]:
    """Cut code (what stands between the brackets of an expression) into tokens, blanks left out.

    An interpolated string comes in pieces: each literal part is a ``STRING`` with the braces around it, and what stands
    in a hole is cut like other code. Damaged code is cut too: an unclosed string reaches to the end of its line.
    """
    return tuple(_tokens(code))


@attrs.frozen
class PlacedToken:
    """A token of an expression, and where it stands in the document."""

    kind: CodeKind
    text: str = attrs.field(repr=False)
    span: Span


def tokens_of(expression: Expression) -> tuple[PlacedToken, ...]:
    """Return the tokens of an expression's code; references are read where it is written with them."""
    code = Value(expression.code, expression.code_span.start, () if expression.escaped else (expression,))
    return tuple(
        PlacedToken(token.kind, token.text, code.place(token.start, token.end)) for token in tokenize(code.text)
    )


def _tokens(code: str) -> Iterator[CodeToken]:
    position, holes, depth = 0, list[tuple[str, int]](), 0
    while found := _TOKEN.search(code, position):
        kind, start, position = found.lastgroup, found.start(), found.end()
        assert kind is not None, "every alternative is named"
        if kind == "punctuation" and found.group() in "{}":
            if found.group() == "}" and holes and holes[-1][1] == depth:
                position, opened = _string_part(code, holes.pop()[0], position)
                yield CodeToken(CodeKind.STRING, code[start:position], start, position)
                if opened:
                    holes.append((opened, depth))
                continue
            depth += 1 if found.group() == "{" else -1
        elif kind == "text":
            position, opened = _string_part(code, "@" if "@" in found.group() else "$", position)
            yield CodeToken(CodeKind.STRING, code[start:position], start, position)
            if opened:
                holes.append((opened, depth))
            continue
        yield CodeToken(_kind(kind, found.group()), code[start:position], start, position)


def _string_part(code: str, kind: str, position: int) -> tuple[int, str]:
    """Return where a literal part of an interpolated string ends, and its kind if a hole follows."""
    part = (_VERBATIM_PART if kind == "@" else _STRING_PART).match(code, position)
    assert part is not None, "the pattern matches the empty string"
    return part.end(), kind if part["stop"] == "{" else ""


def _kind(group: str, text: str) -> CodeKind:
    if group == "identifier":
        return CodeKind.KEYWORD if text in KEYWORDS else CodeKind.IDENTIFIER
    if group == "damaged":
        return CodeKind.COMMENT if text.startswith("/*") else CodeKind.STRING
    return CodeKind(group.replace("_", " "))
