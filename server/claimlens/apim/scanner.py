"""Reading one piece of markup at a time: opening tags with their attributes, and runs of text.

The scanner knows nothing of nesting (`claimlens.apim.parser` does). It is fast where a tag is plain (one match of one
pattern), and careful where a value holds an expression or is damaged. Work is linear in the text: a failed attempt
may look ahead, but only a bounded number of attempts may fail (`Scanner.exhausted`).
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

import attrs

from claimlens.apim.expression_end import ExpressionEnd, expression_end
from claimlens.apim.model import Attribute, Expression, ExpressionKind, RelatedPlace, SyntaxProblem, Text
from claimlens.text.lines import LineIndex
from claimlens.text.spans import Span

MAX_PROBLEMS: Final = 200
"""A document with more problems than this is no policy; what follows the last one is not read."""
MAX_WASTE: Final = 1_000_000
"""Characters that may be read in vain, looking for the end of expressions that have none."""

NAME: Final = r"[^\W\d][\w:.\-]*+"
_TEMPLATE: Final = r"\{\{[^{}<]*+\}\}|[$%]\{[^{}\r\n<]*+\}|\#\{[^{}\r\n<]*+\}\#"
"""Named values, Terraform templates, Azure DevOps tokens: opaque wherever they stand, quotes in them included."""


def _plain_value(quote: str) -> str:
    """Return the pattern of a value, up to its quote, an expression or a ``<``."""
    return rf"(?:[^{quote}<@{{$%\#]++|@(?![({{])|{_TEMPLATE}|[{{$%\#])*+"


_PLAIN_VALUE: Final = {quote: re.compile(_plain_value(quote)) for quote in "\"'"}
_QUOTED: Final = rf"""(?:"{_plain_value('"')}"|'{_plain_value("'")}')"""
_PLAIN_TAG: Final = re.compile(rf"<({NAME})((?:\s++{NAME}\s*+=\s*+{_QUOTED})*+)\s*+(/?)>")
_PLAIN_ATTRIBUTE: Final = re.compile(
    rf"""({NAME})\s*+=\s*+(?:"({_plain_value('"')})"|'({_plain_value("'")})')(?=[\s/>?])"""
)
_TAG_START: Final = re.compile(f"<({NAME})")
_NAME: Final = re.compile(NAME)
_BLANK: Final = re.compile(r"\s*+")
_EQUALS: Final = re.compile(r"\s*+=\s*+")
_OPAQUE_IN_TAG: Final = re.compile(rf"(?:{_TEMPLATE}|\{{%[^%<>]*+%\}}|\{{[^{{}}<>\"']*+\}})")
_UNQUOTED: Final = re.compile(r"(?:\{\{[^{}<>]*+\}\}|[^\s\"'<>=/]|/(?!>))*+")
_GARBAGE: Final = re.compile(r"(?:[^\s<>/]|/(?!>))++")

_ENTITY: Final = re.compile(r"&(?:quot|apos|lt|gt|amp|#\d+|#[xX][0-9a-fA-F]+);")
_RAW: Final = re.compile(r'["<]|&&')
_TAG_ON_NEW_LINE: Final = re.compile(r"[\r\n][ \t]*+<[/A-Za-z!]")
_END_OF_DAMAGED_VALUE: Final = {
    quote: re.compile(rf"{quote}(?=\s*+/?>\s*?(?:[\r\n<]|\Z)|\s++{NAME}\s*+=\s*+[\"'{{])") for quote in "\"'"
}
_END_OF_UNQUOTED_VALUE: Final = re.compile(rf"(?<!\s)\s++{NAME}\s*+=\s*+[\"']|(?<!\s)\s*+/?>|[\r\n]")
_SWALLOWED_NAME: Final = re.compile(rf"\s{NAME}\s*+=\s*+\Z")

_UNCLOSED_IN_EXPRESSION: Final = {
    "string": "This string is not closed: expected its closing quote before the end of the line.",
    "comment": "This comment is not closed: expected `*/` before the end of the expression.",
}

_TEXT: Final = re.compile(r"[^<@]*+")
_LIQUID_TEXT: Final = re.compile(r"(?:[^<@{]++|\{\{[^{}]*+\}\}|\{%(?:[^%{]++|%(?!\}))*+%\}|\{)*+")
_MARKUP: Final = re.compile(r"<(?:[^\W\d]|[/!?])")
_DIRECTIVE_OPENERS: Final = ("{{", "{%", "%{", "${", "#{")


@attrs.frozen
class OpenTag:
    """An opening tag as read. ``damaged``: a problem was reported in it."""

    name: str
    start: int
    end: int
    attributes: tuple[Attribute, ...]
    self_closing: bool
    damaged: bool = False


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

    # -- tags ---------------------------------------------------------------------------------------------------

    def open_tag(self, start: int) -> OpenTag:
        """Read the opening tag whose ``<`` and name stand at ``start``."""
        plain = _PLAIN_TAG.match(self.text, start)
        if plain is None:
            return _CarefulTag(self, start).read()
        attributes: tuple[Attribute, ...] = ()
        if plain[2]:
            # The pattern looks at the character behind an attribute, hence the one more.
            region = self.text, plain.start(2), plain.end(2) + 1
            attributes = tuple(map(_plain_attribute, _PLAIN_ATTRIBUTE.finditer(*region)))
        tag = OpenTag(plain[1], start, plain.end(), attributes, bool(plain[3]))
        self.check_duplicates(tag.name, attributes)
        return tag

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
            cursor = pattern.match(text, cursor).end()  # type: ignore[union-attr]
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
        return Text(start, cursor, text[start:cursor], tuple(expressions)) if cursor > start else None

    def _expression_in_text(self, start: int, cursor: int, parent: str | None, found: list[Expression]) -> int:
        """Read what looks like an expression in a text that began at ``start``; return where to go on."""
        text = self.text
        leading = not found and _BLANK.match(text, start).end() == cursor  # type: ignore[union-attr]
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


def _plain_attribute(match: re.Match[str]) -> Attribute:
    group = 2 if match[2] is not None else 3
    value_start, value_end = match.span(group)
    return Attribute(match[1], match.start(), match.end(), value_start, value_end, "\"'"[group - 2], match[group])


class _CarefulTag:
    """Reads one opening tag attribute by attribute. Of what is wrong with it, the first thing is reported."""

    def __init__(self, scanner: Scanner, start: int) -> None:
        self.scanner = scanner
        self.text = scanner.text
        self.start = start
        name = _TAG_START.match(self.text, start)
        assert name is not None
        self.name = name[1]
        self.cursor = name.end()
        self.attributes: list[Attribute] = []
        self.damaged = False

    def read(self) -> OpenTag:
        """Read up to ``>``, or to where the tag must have ended."""
        text = self.text
        while True:
            last = self.cursor
            self.cursor = _BLANK.match(text, last).end()  # type: ignore[union-attr]
            if text.startswith(">", self.cursor):
                return self._tag(self.cursor + 1)
            if text.startswith("/>", self.cursor):
                return self._tag(self.cursor + 2, self_closing=True)
            if self.cursor >= len(text) or text[self.cursor] == "<":
                self.report(
                    "syntax-unterminated-tag",
                    f"The tag `<{self.name}` is not closed: expected `>` or `/>`.",
                    Span(self.start, self.start + 1 + len(self.name)),
                )
                return self._tag(last)
            self._attribute()

    def _tag(self, end: int, *, self_closing: bool = False) -> OpenTag:
        attributes = tuple(self.attributes)
        self.scanner.check_duplicates(self.name, attributes)
        return OpenTag(self.name, self.start, end, attributes, self_closing, self.damaged)

    def report(self, code: str, message: str, span: Span) -> None:
        """Add a problem, if it is the first of this tag."""
        if not self.damaged:
            self.scanner.report(code, message, span)
        self.damaged = True

    def _attribute(self) -> None:
        """Read one attribute, template or piece of garbage at the cursor, which moves on."""
        text, start = self.text, self.cursor
        plain = _PLAIN_ATTRIBUTE.match(text, start)
        if plain is not None:
            self.attributes.append(_plain_attribute(plain))
            self.cursor = plain.end()
            return
        opaque = _OPAQUE_IN_TAG.match(text, start)
        if opaque is not None:
            self.cursor = opaque.end()
            return
        name = _NAME.match(text, start)
        if name is None:
            garbage = _GARBAGE.match(text, start)
            self.cursor = garbage.end() if garbage else start + 1
            self.report(
                "syntax-unexpected-text",
                f"Expected an attribute, `>` or `/>` in `<{self.name}>` here.",
                Span(start, self.cursor),
            )
            return
        equals = _EQUALS.match(text, name.end())
        if equals is None:
            self.cursor = name.end()
            self.report(
                "syntax-attribute-without-value",
                f'`{name[0]}` has no value: expected `{name[0]}="…"`.',
                Span(start, self.cursor),
            )
            return
        quote = text[equals.end() : equals.end() + 1]
        if quote in ('"', "'"):
            self._quoted(name[0], start, equals.end() + 1, quote)
        else:
            self._unquoted(name[0], start, equals.end())

    def _add(self, name: str, start: int, value: Span, quote: str, end: int, *expressions: Expression) -> None:
        raw = value.slice(self.text)
        self.attributes.append(Attribute(name, start, end, value.start, value.end, quote, raw, expressions))
        self.cursor = end

    def _unquoted(self, name: str, start: int, value_start: int) -> None:
        text = self.text
        value_end = _UNQUOTED.match(text, value_start).end()  # type: ignore[union-attr]
        value = Span(value_start, value_end)
        opaque = _OPAQUE_IN_TAG.fullmatch(text, value_start, value_end)
        end = value_end + 1 if text[value_end : value_end + 1] in ('"', "'") else value_end
        if opaque is None:
            self.report(
                "syntax-unquoted-value",
                f'The value of `{name}` has no opening quote: expected `{name}="…"`.',
                Span(start, value_end),
            )
        self._add(name, start, value, "", end)

    def _quoted(self, name: str, start: int, value_start: int, quote: str) -> None:
        """Read a value that holds an expression or is damaged."""
        text = self.text
        expressions: list[Expression] = []
        cursor = value_start
        while True:
            cursor = _PLAIN_VALUE[quote].match(text, cursor).end()  # type: ignore[union-attr]
            character = text[cursor : cursor + 1]
            if character == quote:
                self._closed(name, start, Span(value_start, cursor), quote, expressions)
                return
            if character == "@":
                after = self._expression_in_value(name, value_start, cursor, quote, expressions)
                if after is None:
                    end = expressions[-1].end
                    closed = text.startswith(quote, end)
                    self._add(name, start, Span(value_start, end), quote, end + closed, *expressions)
                    return
                cursor = after
            elif not self._less_than_in_value(cursor, quote):
                self._unterminated(name, start, Span(value_start, cursor), quote)
                return
            else:
                cursor += 1

    def _expression_in_value(
        self, name: str, value_start: int, cursor: int, quote: str, found: list[Expression]
    ) -> int | None:
        """Read what looks like an expression; return where to go on, None where the value is broken and ends."""
        text = self.text
        leading = not found and _BLANK.match(text, value_start).end() == cursor  # type: ignore[union-attr]
        if not leading and (text[cursor - 1].isalnum() or text[cursor - 1] == "@"):
            return cursor + 2
        if self.scanner.exhausted:
            return cursor + 2
        expression = self.scanner.expression(cursor)
        if isinstance(expression, Expression):
            found.append(expression)
            return expression.end
        if not leading:
            return cursor + 2
        limit_match = _TAG_ON_NEW_LINE.search(text, cursor)
        limit = limit_match.start() if limit_match else len(text)
        closing = _END_OF_DAMAGED_VALUE[quote].search(text, cursor, limit)
        if closing is not None:
            end = closing.start()
        else:
            tag_end = _END_OF_UNQUOTED_VALUE.search(text, cursor, limit)
            end = max(cursor + 2, tag_end.start() if tag_end else limit)
        if self.damaged:
            found.append(
                Expression(ExpressionKind(text[cursor : cursor + 2]), cursor, end, text[cursor:end], terminated=False)
            )
        else:
            found.append(self.scanner.damaged_expression(cursor, end, expression, f"the end of `{name}`"))
            self.damaged = True
        return None

    def _closed(self, name: str, start: int, value: Span, quote: str, expressions: list[Expression]) -> None:
        """Add an attribute whose closing quote was found, and see whether it is the right one."""
        text, end = self.text, value.end + 1
        following = text[end : end + 1]
        if expressions and expressions[0].start == _BLANK.match(text, value.start).end():  # type: ignore[union-attr]
            self._check_surplus(expressions[-1], value)
        if following and following not in " \t\r\n/>?" and not _OPAQUE_IN_TAG.match(text, end):
            tail = max(value.start, value.end - 200)
            swallowed = _SWALLOWED_NAME.search(text, tail, value.end)
            if swallowed is not None and not expressions:
                self._unterminated(name, start, Span(value.start, value.end), quote)
                return
            self.report("syntax-missing-space", "Expected white space before the next attribute.", Span(end, end + 1))
        self._add(name, start, value, quote, end, *expressions)

    def _check_surplus(self, expression: Expression, value: Span) -> None:
        """Report closing characters behind an expression that has ended before them."""
        rest = self.text[expression.end : value.end].strip()
        if rest and len(rest) < 100 and not rest.strip(")}; "):
            opener = "(" if expression.kind is ExpressionKind.SINGLE else "{"
            self.report(
                "syntax-unbalanced-expression",
                f"The expression ends before this `{rest[0]}`, which has no opening `{opener}`.",
                Span(expression.end, value.end),
            )

    def _less_than_in_value(self, offset: int, quote: str) -> bool:
        """Tell whether a ``<`` stands inside a value that is closed on its line; report it then."""
        line_rest = self.text[offset : offset + 2000].splitlines()[0] if offset < len(self.text) else ""
        closing = line_rest.find(quote)
        following = line_rest[closing + 1 : closing + 2]
        if closing < 0 or (following and following not in " \t/>"):
            return False
        if "=" in line_rest[:closing] and line_rest[1:2].isalpha():
            return False
        self.report("syntax-less-than", "`<` cannot stand in a value; write `&lt;`.", Span(offset, offset + 1))
        return True

    def _unterminated(self, name: str, start: int, value: Span, quote: str) -> None:
        """Report a value without closing quote and end it where it must have been meant to end."""
        end_match = _END_OF_UNQUOTED_VALUE.search(self.text, value.start, min(len(self.text), value.end + 1))
        end = end_match.start() if end_match else value.end
        self.report(
            "syntax-unterminated-value",
            f"The value of `{name}` is not closed: expected `{quote}`.",
            Span(start, end),
        )
        self._add(name, start, Span(value.start, max(value.start, end)), quote, end)
