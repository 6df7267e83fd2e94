"""Reading an opening tag with its attributes.

Fast where the tag is plain: one match of one pattern. Careful where a value holds an expression or is damaged: then it
is read attribute by attribute.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from claimlens.apim.expression_end import MAX_EXPRESSION_LENGTH, after
from claimlens.apim.model import Attribute, Expression
from claimlens.apim.scanner import Scanner
from claimlens.text.spans import Span

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

_TAG_ON_NEW_LINE: Final = re.compile(r"[\r\n][ \t]*+<[/A-Za-z!]")
_END_OF_VALUE: Final = {quote: re.compile(rf"\s*+{quote}[\s/>?]") for quote in "\"'"}
_END_OF_DAMAGED_VALUE: Final = {
    # The tag ends here, or another attribute follows. (One with an empty value is what a formatter makes of code.)
    quote: re.compile(rf"{quote}(?=\s*+/?>\s*?(?:[\r\n<]|\Z)|\s++{NAME}\s*+=\s*+(?!\"\")[\"'{{])")
    for quote in "\"'"
}
_END_OF_UNQUOTED_VALUE: Final = re.compile(rf"(?<!\s)\s++{NAME}\s*+=\s*+[\"']|(?<!\s)\s*+/?>|[\r\n]")
_LESS_THAN_IN_VALUE: Final = {
    # The value ends on this line, and what begins with ``<`` is no tag with attributes.
    quote: re.compile(rf"<(?![A-Za-z][^{quote}\r\n]{{0,500}}=)[^{quote}\r\n]*+(?={quote}(?:[\s/>]|\Z))")
    for quote in "\"'"
}
_SWALLOWED_TAG_END: Final = re.compile(r">[ \t]*+[\r\n]")
_SWALLOWED_NAME: Final = re.compile(rf"\s{NAME}\s*+=\s*+\Z")


@attrs.frozen
class OpenTag:
    """An opening tag as read. ``damaged``: a problem was reported in it."""

    name: str
    start: int
    end: int
    attributes: tuple[Attribute, ...]
    self_closing: bool
    damaged: bool = False


def read_open_tag(scanner: Scanner, start: int) -> OpenTag:
    """Read the opening tag whose ``<`` and name stand at ``start``."""
    text = scanner.text
    plain = _PLAIN_TAG.match(text, start)
    if plain is None:
        return _CarefulTag(scanner, start).read()
    attributes: tuple[Attribute, ...] = ()
    if plain[2]:
        # The pattern looks at the character behind an attribute, hence the one more.
        region = text, plain.start(2), plain.end(2) + 1
        attributes = tuple(map(_plain_attribute, _PLAIN_ATTRIBUTE.finditer(*region)))
        scanner.check_duplicates(plain[1], attributes)
    return OpenTag(plain[1], start, plain.end(), attributes, bool(plain[3]))


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
            self.cursor = after(_BLANK, text, last)
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
        value_end = after(_UNQUOTED, text, value_start)
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
            cursor = after(_PLAIN_VALUE[quote], text, cursor)
            character = text[cursor : cursor + 1]
            if character == quote:
                self._closed(name, start, Span(value_start, cursor), quote, expressions)
                return
            if character == "@":
                following = self._expression_in_value(name, value_start, cursor, quote, expressions)
                if following is None:
                    end = expressions[-1].end
                    closed = text.startswith(quote, end)
                    self._add(name, start, Span(value_start, end), quote, end + closed, *expressions)
                    return
                cursor = following
            else:
                stray = _LESS_THAN_IN_VALUE[quote].match(text, cursor)
                if stray is None:
                    self._unterminated(name, start, Span(value_start, cursor), quote, expressions)
                    return
                self.report("syntax-less-than", "`<` cannot stand in a value; write `&lt;`.", Span(cursor, cursor + 1))
                cursor = stray.end()

    def _expression_in_value(
        self, name: str, value_start: int, cursor: int, quote: str, found: list[Expression]
    ) -> int | None:
        """Read what looks like an expression; return where to go on, None where the value is broken and ends."""
        text = self.text
        leading = not found and after(_BLANK, text, value_start) == cursor
        if not leading and (text[cursor - 1].isalnum() or text[cursor - 1] == "@"):
            return cursor + 2
        if self.scanner.exhausted:
            return cursor + 2
        expression = self.scanner.expression(cursor, value_end=_END_OF_VALUE[quote] if leading else None)
        if isinstance(expression, Expression):
            found.append(expression)
            return expression.end
        if not leading:
            return cursor + 2
        horizon = min(len(text), cursor + MAX_EXPRESSION_LENGTH)
        next_tag = _TAG_ON_NEW_LINE.search(text, cursor, horizon)
        limit = next_tag.start() if next_tag else horizon
        self.scanner.waste(limit - cursor)
        closing = _END_OF_DAMAGED_VALUE[quote].search(text, cursor, limit)
        if closing is not None:
            end = closing.start()
        else:
            tag_end = _END_OF_UNQUOTED_VALUE.search(text, cursor, limit)
            end = max(cursor + 2, tag_end.start() if tag_end else limit)
        if self.damaged:
            found.append(Expression.of(text, cursor, end, terminated=False))
        else:
            found.append(self.scanner.damaged_expression(cursor, end, expression, f"the end of `{name}`"))
            self.damaged = True
        return None

    def _closed(self, name: str, start: int, value: Span, quote: str, expressions: list[Expression]) -> None:
        """Add an attribute whose closing quote was found, and see whether it is the right one."""
        text, end = self.text, value.end + 1
        following = text[end : end + 1]
        if following and following not in " \t\r\n/>?":
            known = expressions[-1].end if expressions else value.start
            if _SWALLOWED_NAME.search(text, max(known, value.end - 200), value.end) or _SWALLOWED_TAG_END.search(
                text, known, value.end
            ):
                self._unterminated(name, start, value, quote, expressions)
                return
            if not _OPAQUE_IN_TAG.match(text, end):
                message = "Expected white space before the next attribute."
                self.report("syntax-missing-space", message, Span(end, end + 1))
        self._add(name, start, value, quote, end, *expressions)

    def _unterminated(self, name: str, start: int, value: Span, quote: str, expressions: list[Expression]) -> None:
        """Report a value without closing quote and end it where it must have been meant to end."""
        known = expressions[-1].end if expressions else value.start
        end_match = _END_OF_UNQUOTED_VALUE.search(self.text, known, min(len(self.text), value.end + 1))
        end = end_match.start() if end_match else value.end
        self.report(
            "syntax-unterminated-value",
            f"The value of `{name}` is not closed: expected `{quote}`.",
            Span(start, end),
        )
        self._add(name, start, Span(value.start, end), quote, end, *expressions)
