"""What each piece of code in a policy is, for colouring."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from claimlens.apim.csharp import CodeKind, PlacedToken, tokens_of
from claimlens.apim.document import PolicyDocument
from claimlens.apim.expression_facts import allowed_type, types
from claimlens.text.spans import Span


class Colour(enum.StrEnum):
    """What a piece of code is; the values are the names of LSP's semantic token types."""

    KEYWORD = "keyword"
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"
    TYPE = "type"
    METHOD = "method"
    PROPERTY = "property"
    VARIABLE = "variable"
    MACRO = "macro"
    """A named value, which is put in before the code is read."""


_PLAIN = {
    CodeKind.KEYWORD: Colour.KEYWORD,
    CodeKind.STRING: Colour.STRING,
    CodeKind.CHARACTER: Colour.STRING,
    CodeKind.NUMBER: Colour.NUMBER,
    CodeKind.COMMENT: Colour.COMMENT,
    CodeKind.NAMED_VALUE: Colour.MACRO,
}


def coloured(document: PolicyDocument, within: Span | None = None) -> Iterator[tuple[Span, Colour]]:
    """Yield each piece of code in the order of the text; with ``within``, only of expressions that touch it."""
    for expression in document.expressions:
        if within is not None and not (expression.start <= within.end and within.start <= expression.end):
            continue
        tokens = tokens_of(expression)
        for index, token in enumerate(tokens):
            colour = _PLAIN.get(token.kind)
            if token.kind is CodeKind.IDENTIFIER:
                colour = _of_name(tokens, index)
            if colour is not None:
                yield token.span, colour


def _of_name(tokens: tuple[PlacedToken, ...], index: int) -> Colour:
    called = index + 1 < len(tokens) and tokens[index + 1].text in ("(", "<")
    if index and tokens[index - 1].text in (".", "?."):
        return Colour.METHOD if called else Colour.PROPERTY
    name = tokens[index].text
    if name in types() or allowed_type(name) is not None:
        return Colour.TYPE
    return Colour.METHOD if called else Colour.VARIABLE
