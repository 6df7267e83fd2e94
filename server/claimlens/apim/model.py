"""What a policy document is made of: immutable nodes that know where they stand.

Nodes hold offsets (code points in the document) and hand them out as `Span`; they are compared by identity, as each
stands at a place of its own. The tree is lossless: the nodes of a document, and the parts of each node, cover its text
without gap or overlap (`claimlens.apim.document.unparse`).
"""

from __future__ import annotations

import enum
import re
from typing import Final, TypeAlias

import attrs

from claimlens.text.spans import Span


@attrs.frozen
class RelatedPlace:
    """Another place that a problem speaks of, with a sentence on what stands there."""

    message: str
    span: Span


PROBLEM_CODES: Final = frozenset(
    {
        "syntax-attribute-without-value",
        "syntax-declaration",
        "syntax-duplicate-attribute",
        "syntax-less-than",
        "syntax-mismatched-tag",
        "syntax-missing-space",
        "syntax-stray-close-tag",
        "syntax-too-deep",
        "syntax-too-large",
        "syntax-too-many-problems",
        "syntax-unbalanced-expression",
        "syntax-unclosed-tag",
        "syntax-unexpected-text",
        "syntax-unquoted-value",
        "syntax-unterminated-cdata",
        "syntax-unterminated-comment",
        "syntax-unterminated-comment-in-expression",
        "syntax-unterminated-expression",
        "syntax-unterminated-instruction",
        "syntax-unterminated-string-in-expression",
        "syntax-unterminated-tag",
        "syntax-unterminated-value",
    }
)
"""Every code a `SyntaxProblem` can have."""


@attrs.frozen
class SyntaxProblem:
    """One thing that keeps a document from being read as it stands.

    Attributes:
        code: one of `PROBLEM_CODES`.
        message: what was found, what was expected, and where the partner stands.
        span: the smallest place to mark.
        related: the partner, where there is one.
    """

    code: str
    message: str
    span: Span
    related: tuple[RelatedPlace, ...] = ()


_ENTITY: Final = re.compile(r"&(?:quot|apos|lt|gt|amp|#\d+|#[xX][0-9a-fA-F]+);")
_RAW: Final = re.compile(r'["<]|&&')


class ExpressionKind(enum.StrEnum):
    """The two forms of a policy expression."""

    SINGLE = "@("
    """One expression: ``@(context.Request.Method)``."""
    MULTI = "@{"
    """Statements that return: ``@{ return 1; }``."""


@attrs.frozen(eq=False)
class Expression:
    """A policy expression in an attribute value or in text.

    Attributes:
        kind: single or multi-statement.
        start, end: where it stands, with ``@(`` and ``)``.
        raw: its characters as written.
        escaped: whether its quotes, ``<`` and ``&`` are written as entities (format ``xml``, not ``rawxml``).
        terminated: whether its closing character was found.
    """

    kind: ExpressionKind
    start: int
    end: int
    raw: str = attrs.field(repr=False)
    escaped: bool = False
    terminated: bool = True

    @classmethod
    def of(cls, text: str, start: int, end: int, *, terminated: bool = True) -> Expression:
        """Return the expression that stands at ``[start, end)`` of ``text``."""
        raw = text[start:end]
        escaped = "&" in raw and _ENTITY.search(raw) is not None and _RAW.search(raw) is None
        return cls(ExpressionKind(raw[:2]), start, end, raw, escaped, terminated)

    @property
    def span(self) -> Span:
        """The whole expression."""
        return Span(self.start, self.end)

    @property
    def code_span(self) -> Span:
        """The C# between the outer characters."""
        return Span(self.start + 2, self.end - 1 if self.terminated else self.end)

    @property
    def code(self) -> str:
        """The C# as written (with entities, where ``escaped``)."""
        return self.raw[2:-1] if self.terminated else self.raw[2:]


@attrs.frozen(eq=False)
class Attribute:
    """An attribute of an element.

    Attributes:
        name: as written, prefix included.
        start, end: from the first character of the name to the closing quote.
        value_start, value_end: the value, without the quotes.
        quote: ``"``, ``'`` or nothing (a template without quotes; a value that is missing).
        raw: the value as written; `claimlens.apim.values.value_of` decodes it.
        expressions: those in the value.
    """

    name: str
    start: int
    end: int
    value_start: int
    value_end: int
    quote: str
    raw: str = attrs.field(repr=False)
    expressions: tuple[Expression, ...] = ()

    @property
    def span(self) -> Span:
        """Name, equals sign and quoted value."""
        return Span(self.start, self.end)

    @property
    def name_span(self) -> Span:
        """The name."""
        return Span(self.start, self.start + len(self.name))

    @property
    def value_span(self) -> Span:
        """The value, inside the quotes."""
        return Span(self.value_start, self.value_end)


@attrs.frozen(eq=False)
class _Leaf:
    """A node without children."""

    start: int
    end: int
    raw: str = attrs.field(repr=False)

    @property
    def span(self) -> Span:
        """The whole node."""
        return Span(self.start, self.end)


@attrs.frozen(eq=False)
class Text(_Leaf):
    """Character data between tags, expressions included."""

    expressions: tuple[Expression, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether it holds nothing but white space."""
        return not self.raw.strip("\ufeff \t\r\n")


@attrs.frozen(eq=False)
class Comment(_Leaf):
    """``<!-- … -->``. The service reads expressions in comments too; `content_span` is where to look for them."""

    content_end: int = 0

    @property
    def content_span(self) -> Span:
        """What stands between the delimiters."""
        return Span(min(self.start + 4, self.content_end), self.content_end)


@attrs.frozen(eq=False)
class CData(_Leaf):
    """``<![CDATA[ … ]]>``: text in which no character is special."""

    content_end: int = 0

    @property
    def content_span(self) -> Span:
        """What stands between the delimiters."""
        return Span(min(self.start + 9, self.content_end), self.content_end)


@attrs.frozen(eq=False)
class ProcessingInstruction(_Leaf):
    """``<?target … ?>``, the XML declaration included."""


@attrs.frozen(eq=False)
class Skipped(_Leaf):
    """Markup that has no place in the tree: a closing tag without partner, a document type declaration."""


@attrs.frozen(eq=False)
class Element:
    """An element with all that stands in it.

    Attributes:
        name: as written, prefix included.
        start, end: from ``<`` of the opening tag to ``>`` of the closing one (or where it ends for want of one).
        open_end: offset behind the opening tag.
        close_start: offset of the closing tag, or -1 where there is none.
        self_closing: written ``<name/>``.
        attributes: in order, duplicates included.
        children: in order.
    """

    name: str
    start: int
    end: int
    open_end: int
    close_start: int = -1
    self_closing: bool = False
    attributes: tuple[Attribute, ...] = ()
    children: tuple[Node, ...] = attrs.field(default=(), repr=False)

    @property
    def span(self) -> Span:
        """The whole element."""
        return Span(self.start, self.end)

    @property
    def name_span(self) -> Span:
        """The name in the opening tag."""
        return Span(self.start + 1, self.start + 1 + len(self.name))

    @property
    def open_tag_span(self) -> Span:
        """The opening tag, from ``<`` to ``>``."""
        return Span(self.start, self.open_end)

    @property
    def close_tag_span(self) -> Span | None:
        """The closing tag, or None (self-closing, or missing)."""
        return Span(self.close_start, self.end) if self.close_start >= 0 else None

    @property
    def content_span(self) -> Span:
        """What stands between the tags."""
        return Span(self.open_end, self.close_start if self.close_start >= 0 else self.end)

    @property
    def elements(self) -> tuple[Element, ...]:
        """The child elements."""
        return tuple(child for child in self.children if isinstance(child, Element))

    def attribute(self, name: str) -> Attribute | None:
        """Return the first attribute with this name, or None."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    def child(self, name: str) -> Element | None:
        """Return the first child element with this name, or None."""
        return next((element for element in self.elements if element.name == name), None)


Node: TypeAlias = Element | Text | Comment | CData | ProcessingInstruction | Skipped
