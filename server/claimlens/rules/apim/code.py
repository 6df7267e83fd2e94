"""The C# of policy expressions, made ready for searches: strings and comments blanked out, with the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import attrs

from claimlens.apim.model import Expression, ExpressionKind
from claimlens.apim.values import Value
from claimlens.text.spans import Span

_STRING_OR_COMMENT = re.compile(
    r"""(?:\$@|@\$|@)"(?:[^"]|"")*+"?|\$?"(?:[^"\\\r\n]|\\.)*+"?|'(?:\\[^\r\n][^'\r\n]{0,9}|[^'\\\r\n])'"""
    r"""|//[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?"""
)
_VARIABLE = re.compile(r"context(?<![\w.@]context)\s*+\.\s*+Variables\s*+\[\s*+")
_STRING = re.compile(r'"([^"\\\r\n]*)"')


@attrs.frozen(eq=False)
class Code:
    """The C# of one expression.

    Attributes:
        expression: where it comes from.
    """

    expression: Expression

    @cached_property
    def _value(self) -> Value:
        return Value(self.expression.code, self.expression.code_span.start)

    @cached_property
    def text(self) -> str:
        """The code, decoded where it is written with entities."""
        return self._value.text if self.expression.escaped else self.expression.code

    @cached_property
    def bare(self) -> str:
        """The code with strings and characters as quotation marks, comments as blanks, of the same length."""
        return _STRING_OR_COMMENT.sub(_blanked, self.text)

    @property
    def is_filled_in(self) -> bool:
        """Whether a named value or a template stands for code in it."""
        return "{{" in self.bare or "${" in self.bare or "#{" in self.bare

    @property
    def is_statements(self) -> bool:
        """Whether it is of the form ``@{ … }``."""
        return self.expression.kind is ExpressionKind.MULTI

    def place(self, start: int, end: int) -> Span:
        """Return where a part of the code stands in the document."""
        if self.expression.escaped:
            return self._value.place(start, end)
        return Span(start, end).shift(self.expression.code_span.start)


def variable_reads(code: Code) -> Iterator[re.Match[str]]:
    """Yield each name in ``context.Variables["name"]``, with its place in the code, as group 1."""
    for match in _VARIABLE.finditer(code.bare) if "Variables" in code.bare else ():
        string = _STRING.match(code.text, match.end())
        if string is not None:
            yield string


def _blanked(found: re.Match[str]) -> str:
    return (" " if found[0].startswith("/") else '"') * len(found[0])
