"""What reading a text has in common everywhere: the problems found so far, expressions, and runs of text.

Opening tags are read in `claimlens.apim.tags`, nesting in `claimlens.apim.parser`. Work is linear in the text: a failed
attempt may look ahead, but only a bounded number of attempts may fail (`Scanner.exhausted`).
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from claimlens.apim.expression_end import ExpressionEnd, after, expression_end
from claimlens.apim.model import Attribute, Expression, RelatedPlace, SyntaxProblem, Text
from claimlens.text.lines import LineIndex
from claimlens.text.spans import Span

MAX_PROBLEMS: Final = 200
"""A document with more problems than this is no policy; what follows the last one is not read."""
MAX_SURPLUS: Final = 2_000
"""How far behind an expression its end is looked for, should a closing bracket be one too many."""
MAX_WASTE: Final = 1_000_000
"""Characters that may be read in vain, looking for the end of what has none."""

_BLANK: Final = re.compile(r"\s*+")
_TEXT: Final = re.compile(r"[^<@]*+")
_LIQUID_TEXT: Final = re.compile(r"(?:[^<@{]++|\{\{[^{}]*+\}\}|\{%(?:[^%{]++|%(?!\}))*+%\}|\{)*+")
_CONFLICT: Final = re.compile(r"<{7}(?: [^\r\n]*+)?(?=[\r\n])")
_END_OF_TEXT: Final = re.compile(r"\s*+(?:<|\Z)")
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

    def waste(self, characters: int) -> None:
        """Count characters that were read in vain, and will be read again."""
        self._wasted += characters

    # -- expressions --------------------------------------------------------------------------------------------

    def expression(self, start: int, *, value_end: re.Pattern[str] | None = None) -> Expression | ExpressionEnd:
        """Read the expression at ``start``; how it failed where it has no end.

        ``value_end`` is what has to follow one that is the whole of its value: where something else does, and would not
        if one closing bracket were overlooked, that one is too many.
        """
        end = expression_end(self.text, start)
        if end.fault is not None:
            self.waste(end.end - start)
            return end
        if value_end is not None and not value_end.match(self.text, end.end):
            longer = expression_end(self.text, start, limit=min(len(self.text), end.end + MAX_SURPLUS), surplus=1)
            if longer.fault is None and value_end.match(self.text, longer.end):
                self._report_surplus(start, end.end - 1, longer.end)
                return Expression.of(self.text, start, longer.end)
        if end.unbalanced is not None:
            self._report_unbalanced(start, end.unbalanced)
        return Expression.of(self.text, start, end.end)

    def _report_surplus(self, start: int, first_end: int, end: int) -> None:
        """Report a closing bracket too many: the last, unless code stands between it and where the expression ends."""
        text = self.text
        only_closers = not text[first_end + 1 : end].strip(")}; \t\r\n")
        place = end - 1 if only_closers else first_end
        self.report(
            "syntax-unbalanced-expression",
            f"The expression ends before its value does: "
            f"this `{text[place]}` is one too many, or a `{text[start + 1]}` is missing.",
            Span(place, place + 1),
            RelatedPlace("The expression begins here", Span(start, start + 2)),
        )

    def _report_unbalanced(self, start: int, place: int) -> None:
        """Report a bracket inside an expression that has no partner."""
        bracket = self.text[place]
        partner = {"(": ")", "[": "]", "{": "}", ")": "(", "]": "[", "}": "{"}[bracket]
        self.report(
            "syntax-unbalanced-expression",
            f"This `{bracket}` has no partner: expected `{partner}`.",
            Span(place, place + 1),
            RelatedPlace("The expression begins here", Span(start, start + 2)),
        )

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
        return Expression.of(text, start, end, terminated=False)

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
                cursor = self._stray_less_than(cursor)
            elif text[cursor + 1 : cursor + 2] in ("(", "{"):
                cursor = self._expression_in_text(start, cursor, parent, expressions)
            else:
                cursor += 1
            if self.exhausted:
                break
        return Text(start, cursor, text[start:cursor], tuple(expressions)) if cursor > start else None

    def _expression_in_text(self, start: int, cursor: int, parent: str | None, found: list[Expression]) -> int:
        """Read what looks like an expression in a text that began at ``start``; return where to go on."""
        text = self.text
        leading = not found and after(_BLANK, text, start) == cursor
        if not leading and (text[cursor - 1].isalnum() or text[cursor - 1] == "@"):
            return cursor + 2
        expression = self.expression(cursor, value_end=_END_OF_TEXT if leading else None)
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

    def _stray_less_than(self, offset: int) -> int:
        """Report a ``<`` that begins no markup, unless a template directive explains it; return where to go on."""
        before = self.text[max(0, offset - 200) : offset]
        conflict = _CONFLICT.match(self.text, offset) if before[-1:] in ("", "\n", "\r") else None
        if conflict is not None:
            message = "A conflict of two versions is not resolved: keep one of them, and remove its marks."
            self.report("syntax-unexpected-text", message, Span(*conflict.span()))
            return conflict.end()
        if max(map(before.rfind, _DIRECTIVE_OPENERS)) <= before.rfind("}"):
            self.report("syntax-less-than", "`<` begins no tag here; write `&lt;`.", Span(offset, offset + 1))
        return offset + 1
