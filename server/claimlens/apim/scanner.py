"""What reading a text has in common everywhere: the problems found so far, expressions, and runs of text.

Opening tags are read in `claimlens.apim.tags`, nesting in `claimlens.apim.parser`. Work is linear in the text: a failed
attempt may look ahead, but only a bounded number of attempts may fail (`Scanner.exhausted`).
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from claimlens.apim.expression_end import ExpressionEnd, after, expression_end
from claimlens.apim.model import Attribute, Expression, ExpressionKind, RelatedPlace, SyntaxProblem, Text
from claimlens.text.lines import LineIndex
from claimlens.text.spans import Span

MAX_PROBLEMS: Final = 200
"""A document with more problems than this is no policy; what follows the last one is not read."""
MAX_WASTE: Final = 1_000_000
"""Characters that may be read in vain, looking for the end of expressions that have none."""

_BLANK: Final = re.compile(r"\s*+")
_ENTITY: Final = re.compile(r"&(?:quot|apos|lt|gt|amp|#\d+|#[xX][0-9a-fA-F]+);")
_RAW: Final = re.compile(r'["<]|&&')
_TEXT: Final = re.compile(r"[^<@]*+")
_LIQUID_TEXT: Final = re.compile(r"(?:[^<@{]++|\{\{[^{}]*+\}\}|\{%(?:[^%{]++|%(?!\}))*+%\}|\{)*+")
_MARKUP: Final = re.compile(r"<(?:[^\W\d]|[/!?])")
_DIRECTIVE_OPENERS: Final = ("{{", "{%", "%{", "${", "#{")
_UNCLOSED_IN_EXPRESSION: Final = {
    "string": "This string is not closed: expected its closing quote before the end of the line.",
    "comment": "This comment is not closed: expected `*/` before the end of the expression.",
}


class Scanner:
    """Reads pieces of one text and collects what is wrong with them in `problems`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[SyntaxProblem] = []
        self._wasted = 0

    @property
    def exhausted(self) -> bool:
        """Whether so much was wrong that reading on makes no sense."""
        return len(self.problems) >= MAX_PROBLEMS or self._wasted > MAX_WASTE

    @cached_property
    def _lines(self) -> LineIndex:
        return LineIndex(self.text)

    def line(self, offset: int) -> int:
        """Return the line of ``offset`` as people count, from 1."""
        return self._lines.position(offset).line + 1

    def report(self, code: str, message: str, span: Span, *related: RelatedPlace) -> None:
        """Add a problem."""
        self.problems.append(SyntaxProblem(code, message, span, related))

    def check_duplicates(self, element: str, attributes: tuple[Attribute, ...]) -> None:
        """Report each attribute whose name the element has already."""
        if len(attributes) < 2 or len({attribute.name for attribute in attributes}) == len(attributes):
            return
        first: dict[str, Attribute] = {}
        for attribute in attributes:
            earlier = first.setdefault(attribute.name, attribute)
            if self.exhausted:
                return
            if earlier is not attribute:
                self.report(
                    "syntax-duplicate-attribute",
                    f"`{attribute.name}` stands twice on `<{element}>`, first on line {self.line(earlier.start)}.",
                    attribute.name_span,
                    RelatedPlace(f"The first `{attribute.name}`", earlier.name_span),
                )

    # -- expressions --------------------------------------------------------------------------------------------

    def expression(self, start: int) -> Expression | ExpressionEnd:
        """Read the expression at ``start``; how it failed where it has no end."""
        end = expression_end(self.text, start)
        if end.fault is not None:
            self._wasted += end.end - start
            return end
        return self._expression(start, end.end)

    def damaged_expression(self, start: int, end: int, fault: ExpressionEnd, closer: str) -> Expression:
        """Report the expression at ``start`` as broken, and return it as ending at ``end``, before ``closer``."""
        text = self.text
        closing = ")" if text[start + 1] == "(" else "}"
        first_line = min(end, self._lines.line_span(self._lines.position(start).line).end)
        if fault.fault in _UNCLOSED_IN_EXPRESSION and start < fault.fault_start < end:
            line_end = self._lines.line_span(self._lines.position(fault.fault_start).line).end
            self.report(
                f"syntax-unterminated-{fault.fault}-in-expression",
                _UNCLOSED_IN_EXPRESSION[fault.fault],
                Span(fault.fault_start, max(fault.fault_start, min(end, line_end))),
                RelatedPlace("The expression begins here", Span(start, start + 2)),
            )
        else:
            self.report(
                "syntax-unterminated-expression",
                f"`{text[start : start + 2]}` is not closed: "
                f"expected `{closing}` before {closer} on line {self.line(end)}.",
                Span(start, max(first_line, start)),
            )
        return self._expression(start, end, terminated=False)

    def check_surplus(self, expression: Expression, end: int) -> None:
        """Report closing characters that are all that stands between an expression and the end of its value."""
        rest = self.text[expression.end : min(end, expression.end + 100)].strip()
        if expression.terminated and rest and not rest.strip(")}; "):
            opener = "(" if expression.kind is ExpressionKind.SINGLE else "{"
            place = self.text.index(rest[0], expression.end)
            self.report(
                "syntax-unbalanced-expression",
                f"The expression ends before this `{rest[0]}`, which has no opening `{opener}`.",
                Span(place, place + len(rest)),
            )

    def _expression(self, start: int, end: int, *, terminated: bool = True) -> Expression:
        raw = self.text[start:end]
        escaped = "&" in raw and _ENTITY.search(raw) is not None and _RAW.search(raw) is None
        return Expression(ExpressionKind(raw[:2]), start, end, raw, escaped, terminated)

    # -- text ---------------------------------------------------------------------------------------------------

    def text_run(self, start: int, parent: str | None, *, liquid: bool = False) -> Text | None:
        """Read text from ``start`` to the next markup, in the element called ``parent``; None where there is none."""
        text, pattern = self.text, _LIQUID_TEXT if liquid else _TEXT
        expressions: list[Expression] = []
        cursor = start
        while True:
            cursor = after(pattern, text, cursor)
            if cursor >= len(text):
                break
            if text[cursor] == "<":
                if _MARKUP.match(text, cursor):
                    break
                self._stray_less_than(cursor)
                cursor += 1
            elif text[cursor + 1 : cursor + 2] in ("(", "{"):
                cursor = self._expression_in_text(start, cursor, parent, expressions)
            else:
                cursor += 1
            if self.exhausted:
                break
        if expressions and expressions[0].start == after(_BLANK, text, start):
            self.check_surplus(expressions[-1], cursor)
        return Text(start, cursor, text[start:cursor], tuple(expressions)) if cursor > start else None

    def _expression_in_text(self, start: int, cursor: int, parent: str | None, found: list[Expression]) -> int:
        """Read what looks like an expression in a text that began at ``start``; return where to go on."""
        text = self.text
        leading = not found and after(_BLANK, text, start) == cursor
        if not leading and (text[cursor - 1].isalnum() or text[cursor - 1] == "@"):
            return cursor + 2
        expression = self.expression(cursor)
        if isinstance(expression, ExpressionEnd):
            if not leading:
                return cursor + 2
            end = text.find(f"</{parent}", cursor) if parent else -1
            if end < 0:
                markup = _MARKUP.search(text, cursor)
                end = markup.start() if markup else len(text)
            end = cursor + len(text[cursor:end].rstrip())
            expression = self.damaged_expression(cursor, end, expression, f"`</{parent}>`" if parent else "the end")
        found.append(expression)
        return expression.end

    def _stray_less_than(self, offset: int) -> None:
        """Report a ``<`` that begins no markup, unless a template directive explains it."""
        before = self.text[max(0, offset - 200) : offset]
        if max(map(before.rfind, _DIRECTIVE_OPENERS)) <= before.rfind("}"):
            self.report("syntax-less-than", "`<` begins no tag here; write `&lt;`.", Span(offset, offset + 1))
