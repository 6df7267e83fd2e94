"""What rules about policies are given: one policy document, and for each element what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs

from claimlens.apim.declarations import NOTHING_DECLARED, Declared
from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.facts import ElementFact, Holds, PolicyFact
from claimlens.apim.knowledge import child, parents, policy
from claimlens.apim.model import Attribute, Element, Text
from claimlens.apim.sources import PolicySource, meant_root
from claimlens.apim.values import placeholders, value_of
from claimlens.rules.apim.code import Code
from claimlens.settings import Settings
from claimlens.text.spans import Span

_PARTNERLESS = frozenset({"syntax-unclosed-tag", "syntax-mismatched-tag", "syntax-stray-close-tag"})


@attrs.frozen(eq=False)
class Placed:
    """An element that stands where it is known what may stand there.

    Attributes:
        element: the element.
        fact: what is known of it there; None where it may not stand there, or is unknown.
        parent: what is known of the element around it; None for a section, the root of a fragment, or a snippet.
        section: the section it stands in, or None where there is none.
        direct: whether it stands where policies do, so that its own sections decide whether it may.
    """

    element: Element
    fact: ElementFact | None
    parent: ElementFact | None
    section: str | None
    direct: bool


@attrs.frozen(eq=False)
class PolicyContext:
    """One policy document and what a rule may know about it.

    Attributes:
        document: the document as read, with its places in the text.
        settings: of the text's folder.
        uri: of the file.
        source: how the document stands in its file; None where it is the file.
        declared: which named values and fragments the files around it declare.
    """

    document: PolicyDocument = attrs.field(repr=False)
    settings: Settings
    uri: str = ""
    source: PolicySource | None = attrs.field(default=None, repr=False)
    declared: Declared = attrs.field(default=NOTHING_DECLARED, repr=False)

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Element, ...]]:
        """The elements by name, in the order of the text; those in the bodies of messages are left out."""
        found: dict[str, list[Element]] = {}
        for element in self.language:
            found.setdefault(element.name, []).append(element)
        return {name: tuple(elements) for name, elements in found.items()}

    def named(self, *names: str) -> Iterator[Element]:
        """Yield the elements with one of these names."""
        for name in names:
            yield from self.by_name.get(name, ())

    @cached_property
    def root_name(self) -> str:
        """``policies``, ``fragment``, or the name of the policy that a snippet begins with; empty without any."""
        return self.document.root.name if self.document.root is not None else ""

    @property
    def language(self) -> Iterator[Element]:
        """The elements of the policy language, without the markup of message bodies."""
        pending = list(reversed(self.document.roots))
        while pending:
            element = pending.pop()
            yield element
            if element.name not in ("set-body", "return-value"):
                pending.extend(reversed(element.elements))

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Every element with what is known of it, as far down as something is known; sections and roots left out."""
        return tuple(self._placed())

    def _placed(self) -> Iterator[Placed]:
        pending: list[tuple[Element, ElementFact | None, str | None]] = []
        for root in reversed(self.document.roots):
            if root.name == "policies":
                pending += [(section, None, section.name) for section in reversed(root.elements) if is_section(section)]
            elif root.name == "fragment":
                pending.append((root, None, None))
            elif is_section(root):
                pending.append((root, None, root.name))
            elif (known := policy(root.name)) is not None:
                yield Placed(root, known, None, None, True)
                pending.append((root, known, None))
            elif self._is_misspelt(root):
                yield Placed(root, None, None, None, True)
        while pending:
            element, fact, section = pending.pop()
            if fact is not None and fact.holds is Holds.MARKUP:
                continue
            below: list[tuple[Element, ElementFact | None, str | None]] = []
            for inner in element.elements:
                if ":" in inner.name:
                    continue  # of another vocabulary, such as XSLT
                inside = policy(inner.name) if fact is None else child(fact, inner.name)
                direct = fact is None or (fact.holds is Holds.POLICIES and inner.name not in fact.children)
                yield Placed(inner, inside, fact, section, direct)
                if inside is not None:
                    below.append((inner, inside, section))
            pending.extend(reversed(below))

    def _is_misspelt(self, root: Element) -> bool:
        """Tell whether an unknown root is meant to be known: the first by what it holds, others of a snippet all."""
        if root is self.document.root:
            return meant_root(root) is not None
        return policy(self.root_name) is not None and root.name not in parents() and ":" not in root.name

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """The C# of every expression that was read to its end."""
        return tuple(Code(expression) for expression in self.document.expressions if expression.terminated)

    def is_whole(self, element: Element) -> bool:
        """Tell whether the tag of ``element`` was read without problems and holds no template for attributes."""
        if not all(attribute.quote for attribute in element.attributes):
            return False
        start, end = element.start, element.open_end
        return not self.document.problems or not any(
            problem.span.start <= end and start <= problem.span.end for problem in self.document.problems
        )

    def is_behind_damage(self, element: Element) -> bool:
        """Tell whether a tag without partner stands before ``element``, so that nobody knows what it stands in."""
        return any(
            problem.span.start < element.start and problem.code in _PARTNERLESS for problem in self.document.problems
        )

    def is_filled_in(self, element: Element) -> bool:
        """Tell whether a template or a named value stands in the text between the children of ``element``."""
        return any(
            isinstance(node, Text) and "{" in node.raw and placeholders(node.raw, Span(0, len(node.raw)))
            for node in element.children
        )


def is_section(element: Element) -> bool:
    """Tell whether an element has the name of a section."""
    return element.name in SECTIONS


def literal(element: Element, name: str) -> str | None:
    """Return what the attribute ``name`` says, or None where it is missing or not known before the policy runs."""
    attribute = element.attribute(name)
    return literal_of(attribute) if attribute is not None else None


def literal_of(attribute: Attribute) -> str | None:
    """Return what an attribute says, or None where that is not known before the policy runs."""
    if not attribute.expressions and "{" not in attribute.raw and "&" not in attribute.raw:
        return attribute.raw  # as nearly all are
    value = value_of(attribute)
    return value.text if value.is_literal else None


def as_policy(fact: ElementFact | None) -> PolicyFact | None:
    """Return ``fact`` where it is one of a policy."""
    return fact if isinstance(fact, PolicyFact) else None
