"""A policy document as read: its tree, its problems, and the questions everyone asks of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

import attrs

from claimlens.apim.expression_end import expression_end
from claimlens.apim.model import Attribute, Comment, Element, Expression, Node, SyntaxProblem, Text
from claimlens.text.spans import Span

_EXPRESSION_START: Final = re.compile(r"(?<![\w@])@[({]")
SECTIONS: Final = ("inbound", "backend", "outbound", "on-error")


@attrs.frozen(eq=False)
class PolicyDocument:
    """A text with the tree that was read from it.

    Attributes:
        text: what was read.
        nodes: the top level, in order; together they cover ``text``.
        problems: what is wrong with the syntax, in the order of the text.
    """

    text: str = attrs.field(repr=False)
    nodes: tuple[Node, ...] = attrs.field(repr=False)
    problems: tuple[SyntaxProblem, ...] = ()

    @property
    def roots(self) -> tuple[Element, ...]:
        """The elements of the top level: one, except in a snippet."""
        return tuple(node for node in self.nodes if isinstance(node, Element))

    @property
    def root(self) -> Element | None:
        """The first element of the top level, or None."""
        return next((node for node in self.nodes if isinstance(node, Element)), None)

    def walk(self) -> Iterator[Node]:
        """Yield every node in the order of the text, an element before what stands in it."""
        pending: list[Node] = list(reversed(self.nodes))
        while pending:
            node = pending.pop()
            yield node
            if isinstance(node, Element):
                pending.extend(reversed(node.children))

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Every element in the order of the text."""
        return tuple(node for node in self.walk() if isinstance(node, Element))

    @cached_property
    def _parents(self) -> Mapping[Node, Element]:
        return {child: element for element in self.elements for child in element.children}

    def parent(self, node: Node) -> Element | None:
        """Return the element that ``node`` stands in, or None at the top level."""
        return self._parents.get(node)

    def ancestors(self, node: Node) -> Iterator[Element]:
        """Yield the elements around ``node``, innermost first."""
        parent = self._parents.get(node)
        while parent is not None:
            yield parent
            parent = self._parents.get(parent)

    def node_at(self, offset: int) -> Node | None:
        """Return the innermost node at ``offset``; between two nodes the one that begins there."""
        nodes, found = self.nodes, None
        while nodes:
            index = bisect_right(nodes, offset, key=lambda node: node.start) - 1
            if index < 0 or offset > nodes[index].end:
                break
            found = nodes[index]
            if not isinstance(found, Element) or not found.open_end <= offset <= found.content_span.end:
                break
            nodes = found.children
        return found

    def element_at(self, offset: int) -> Element | None:
        """Return the innermost element whose tags or content ``offset`` stands in, or None."""
        node = self.node_at(offset)
        while node is not None and (not isinstance(node, Element) or not node.start < offset < node.end):
            node = self.parent(node)
        return node

    def attribute_at(self, offset: int) -> Attribute | None:
        """Return the attribute at ``offset``, or None."""
        element = self.element_at(offset)
        if element is None:
            return None
        return next((attribute for attribute in element.attributes if attribute.span.contains(offset)), None)

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression in attribute values and text, in the order of the text (those in comments left out)."""
        found: list[Expression] = []
        for node in self.walk():
            if isinstance(node, Element):
                for attribute in node.attributes:
                    found.extend(attribute.expressions)
            elif isinstance(node, Text):
                found.extend(node.expressions)
        return tuple(found)

    @cached_property
    def comment_expressions(self) -> tuple[Expression, ...]:
        """Every expression in a comment, in the order of the text; the service reads and compiles those too.

        One that is not closed within its comment has ``terminated`` unset; behind it, that comment is not searched.
        """
        found: list[Expression] = []
        for node in self.walk():
            if isinstance(node, Comment):
                found.extend(_expressions_in(self.text, node.content_span))
        return tuple(found)

    def expression_at(self, offset: int) -> Expression | None:
        """Return the expression at ``offset``, or None."""
        index = bisect_right(self.expressions, offset, key=lambda expression: expression.start) - 1
        return self.expressions[index] if index >= 0 and offset <= self.expressions[index].end else None

    def sections(self) -> Mapping[str, tuple[Element, ...]]:
        """Return the sections of a ``policies`` document by name; more than one of a name is a fault."""
        found: dict[str, tuple[Element, ...]] = {}
        if self.root is not None and self.root.name == "policies":
            for element in self.root.elements:
                if element.name in SECTIONS:
                    found[element.name] = (*found.get(element.name, ()), element)
        return found

    def section_of(self, node: Node) -> str | None:
        """Return the name of the section that ``node`` stands in (or is), or None."""
        line = [*([node] if isinstance(node, Element) else []), *self.ancestors(node)]
        if len(line) >= 2 and line[-1].name == "policies":
            line.pop()
        return line[-1].name if line and line[-1].name in SECTIONS else None

    def path_of(self, element: Element) -> str:
        """Return where ``element`` stands in its section, as ``context.LastError.Path`` says it: ``choose[1]/when[2]``.

        Elements of the same name are counted from 1 below one parent. The section itself, and ``policies``, have the
        path of their names: ``policies[1]/inbound[1]``.
        """
        line = [element, *self.ancestors(element)]
        section = self.section_of(element)
        above = 2 if line[-1].name == "policies" else 1
        if section is not None and len(line) > above:
            line = line[:-above]
        elif line[-1].name == "fragment" and len(line) > 1:
            line = line[:-1]
        return "/".join(f"{step.name}[{self._number(step)}]" for step in reversed(line))

    def _number(self, element: Element) -> int:
        parent = self.parent(element)
        siblings = parent.elements if parent is not None else self.roots
        return 1 + sum(1 for sibling in siblings if sibling.name == element.name and sibling.start < element.start)


def _expressions_in(text: str, span: Span) -> Iterator[Expression]:
    """Yield the expressions in a part of ``text``, up to the first without an end."""
    cursor = span.start
    while (match := _EXPRESSION_START.search(text, cursor, span.end)) is not None:
        end = expression_end(text, match.start(), limit=span.end)
        yield Expression.of(text, match.start(), end.end, terminated=end.fault is None)
        if end.fault is not None:
            return
        cursor = end.end


def unparse(document: PolicyDocument) -> str:
    """Return the text that the nodes of ``document`` were read from, put together from the nodes.

    It equals ``document.text``: the tree loses nothing. (Node by node: what stands between two attributes of a tag is
    taken from the text, which no node keeps.)
    """
    pieces: list[str] = []
    pending: list[Node | str] = list(reversed(document.nodes))
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, Element):
            pieces.append(_open_tag(document.text, node))
            pending.append(document.text[node.close_start : node.end] if node.close_start >= 0 else "")
            pending.extend(reversed(node.children))
        else:
            pieces.append(node.raw)
    return "".join(pieces)


def _open_tag(text: str, element: Element) -> str:
    """Return an opening tag from its name, its attributes and what stands between them."""
    pieces, cursor = [f"<{element.name}"], element.start + 1 + len(element.name)
    for attribute in element.attributes:
        pieces += (
            text[cursor : attribute.start],
            attribute.name,
            text[attribute.name_span.end : attribute.value_start],
        )
        pieces += (attribute.raw, text[attribute.value_end : attribute.end])
        cursor = attribute.end
    return "".join((*pieces, text[cursor : element.open_end]))
