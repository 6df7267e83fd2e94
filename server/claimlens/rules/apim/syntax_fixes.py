"""Changes that mend broken syntax, where one thing only can have been meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from claimlens.apim.model import Element, SyntaxProblem, Text
from claimlens.rules.apim import edits
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.apim.wording import tag
from claimlens.rules.model import Edit, Fix
from claimlens.text.spans import Span


def fixes_of(context: PolicyContext, problem: SyntaxProblem) -> tuple[Fix, ...]:
    """Return the changes that mend a problem of syntax; nothing where nobody knows."""
    make = _MAKERS.get(problem.code)
    return tuple(make(context, problem)) if make is not None else ()


def _mismatched(context: PolicyContext, problem: SyntaxProblem) -> Iterator[Fix]:
    if problem.related:
        closing = f"</{problem.related[0].span.slice(context.document.text)}>"
        yield Fix(f"Change to {closing}", (Edit(problem.span, closing),), preferred=True)


def _stray(context: PolicyContext, problem: SyntaxProblem) -> Iterator[Fix]:
    yield Fix("Remove it", (Edit(edits.whole_lines(context.document, problem.span), ""),))


def _unclosed(context: PolicyContext, problem: SyntaxProblem) -> Iterator[Fix]:
    document = context.document
    element = document.element_at(problem.span.start)
    if element is None or element.name_span != problem.span or document.text[element.open_end - 1] != ">":
        return
    end = max(element.open_end, len(document.text[: element.end].rstrip()))
    if _is_empty(element):
        before = Span(len(document.text[: element.open_end - 1].rstrip()), element.open_end)
        yield Fix("End it with />", (Edit(before, " />"),), preferred=element.name == "base")
    has_lines = bool(set("\r\n") & set(document.text[element.open_end : end]))
    line = edits.newline_of(document) + edits.indent_of(document, element.start) if has_lines else ""
    yield Fix(f"Add </{element.name}>", (Edit(Span(end, end), f"{line}</{element.name}>"),))


def _is_empty(element: Element) -> bool:
    return all(isinstance(child, Text) and child.is_blank for child in element.children)


def _less_than(_: PolicyContext, problem: SyntaxProblem) -> Iterator[Fix]:
    yield Fix("Write &lt;", (Edit(problem.span, "&lt;"),), preferred=True)


def _missing_space(_: PolicyContext, problem: SyntaxProblem) -> Iterator[Fix]:
    place = Span(problem.span.start, problem.span.start)
    yield Fix("Put a space between the attributes", (Edit(place, " "),), preferred=True)


def _duplicate(context: PolicyContext, problem: SyntaxProblem) -> Iterator[Fix]:
    element = context.document.element_at(problem.span.start)
    again = next((each for each in element.attributes if each.name_span == problem.span), None) if element else None
    if element is not None and again is not None:
        yield Fix(f"Remove this one from {tag(element.name)}", (edits.remove_attribute(context.document, again),))


def _without_value(_: PolicyContext, problem: SyntaxProblem) -> Iterator[Fix]:
    place = Span(problem.span.end, problem.span.end)
    yield Fix('Add =""', (Edit(place, '=""'),))


_MAKERS: Final[Mapping[str, Callable[[PolicyContext, SyntaxProblem], Iterator[Fix]]]] = {
    "syntax-attribute-without-value": _without_value,
    "syntax-duplicate-attribute": _duplicate,
    "syntax-less-than": _less_than,
    "syntax-mismatched-tag": _mismatched,
    "syntax-missing-space": _missing_space,
    "syntax-stray-close-tag": _stray,
    "syntax-unclosed-tag": _unclosed,
}
