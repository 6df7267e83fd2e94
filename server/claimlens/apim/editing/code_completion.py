"""What may be written in the code of an expression: members, variables, types, and strings that mean something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from claimlens.apim import expression_facts
from claimlens.apim.csharp import CodeKind, PlacedToken, tokens_of
from claimlens.apim.document import PolicyDocument
from claimlens.apim.editing.code_types import local_names, member_at, members_of, type_before
from claimlens.apim.editing.items import Item, Sort
from claimlens.apim.editing.names import names_a_variable, variables
from claimlens.apim.editing.place import Place
from claimlens.apim.editing.snippets import Snippet
from claimlens.apim.knowledge import policies
from claimlens.apim.model import Expression, ExpressionKind
from claimlens.text.spans import Span

_DOTS: Final = (".", "?.")
_WORDS: Final = ("as", "bool", "false", "int", "is", "new", "null", "string", "true")
_STATEMENTS: Final = ("catch", "else", "for", "foreach", "if", "try", "var", "while")


def code_items(document: PolicyDocument, place: Place) -> Iterator[Item]:
    """Yield what may be written at a place in code."""
    expression = place.expression
    assert expression is not None
    tokens = tokens_of(expression)
    index = max((at for at, token in enumerate(tokens) if token.span.start < place.offset), default=-1)
    token = tokens[index] if index >= 0 else None
    word = Span(place.offset, place.offset)
    if token is not None and token.span.end >= place.offset:
        if token.kind is CodeKind.STRING:
            inside = _inside_quotes(document.text, token, place.offset)
            if inside.contains(place.offset):
                yield from _strings(document, tokens, index, inside)
            return
        if token.kind in (CodeKind.COMMENT, CodeKind.NUMBER, CodeKind.CHARACTER):
            return
        if token.kind in (CodeKind.IDENTIFIER, CodeKind.KEYWORD):
            word, index = token.span, index - 1
    if index >= 0 and tokens[index].text in _DOTS:
        yield from _members(type_before(tokens, index - 1), word)
    else:
        yield from _first_words(expression, tokens[: index + 1], word)


def _inside_quotes(text: str, token: PlacedToken, offset: int) -> Span:
    """Return the span of what stands in the quotes of a string; one that is not closed ends at ``offset``."""
    raw = token.span.slice(text)
    quote = "&quot;" if "&quot;" in raw else '"'
    start = token.span.start + raw.find(quote) + len(quote)
    end = text.find(quote, start, token.span.end)
    return Span(min(start, offset), offset if end < 0 else end)


def _strings(document: PolicyDocument, tokens: Sequence[PlacedToken], index: int, span: Span) -> Iterator[Item]:
    """Yield what the string at ``index`` may say: the name of a variable or a header, a value of a known member."""
    if names_a_variable(tokens, index):
        for name, mention in variables(document).items():
            later = mention.span.start > span.start
            yield Item(name, Sort.VARIABLE, Snippet.of(name), span, 5 if later else 0, mention.type or "")
        return
    for text in _values_of(_member_for(tokens, index)):
        yield Item(text, Sort.VALUE, Snippet.of(text), span)


def _member_for(tokens: Sequence[PlacedToken], index: int) -> tuple[str, str] | None:
    """Return the type and name of the member that the string at ``index`` is compared with, or looked up in."""
    before = [token.text for token in tokens[max(0, index - 3) : index]]
    called = before[-1:] == ["("] and before[:1] in (["."], ["?."])
    if before[-1:] and before[-1] in ("==", "!=", "[", "?["):
        at = index - 2
    elif called and before[1] in ("Equals", "GetValueOrDefault", "ContainsKey"):
        at = index - 4
    else:
        return None
    found = member_at(tokens, at)
    return (found[0], found[1].name) if found else None


def _values_of(member: tuple[str, str] | None) -> tuple[str, ...]:
    """Return the strings that a member of the service's own may have or take."""
    if member == ("ILastError", "Reason"):
        return tuple(dict.fromkeys(each.reason for each in expression_facts.error_reasons() if not each.outdated))
    if member == ("ILastError", "Source"):
        return tuple(policies())
    if member in (("IRequest", "Method"), ("IOperation", "Method")):
        return policies()["set-method"].suggestions
    if member in (("IRequest", "Headers"), ("IResponse", "Headers")):
        return policies()["set-header"].attributes["name"].suggestions
    return ()


def _members(owner: str | None, word: Span) -> Iterator[Item]:
    for member in members_of(owner):
        sort = Sort.METHOD if member.signature else Sort.PROPERTY
        made = Snippet.of(member.name)
        if member.signature:
            made = Snippet((f"{member.name}(", ")"), ("",))
            if "<T>" in member.signature:
                made = Snippet((f"{member.name}<", ">(", ")"), ("string", ""))
        yield Item(member.name, sort, made, word, 0 if member.documented else 5, member.type, f"{owner}.{member.name}")


def _first_words(expression: Expression, before: Sequence[PlacedToken], word: Span) -> Iterator[Item]:
    """Yield what an operand or a statement may begin with."""
    statements = expression.kind is ExpressionKind.MULTI
    yield Item("context", Sort.VARIABLE, Snippet.of("context"), word, 0, "Context")
    for name in local_names(before):
        yield Item(name, Sort.VARIABLE, Snippet.of(name), word, 1)
    if statements:
        yield Item("return", Sort.KEYWORD, Snippet(("return ", ";"), ("",)), word, 2)
    for text in (*_WORDS, *(_STATEMENTS if statements else ())):
        yield Item(text, Sort.KEYWORD, Snippet.of(text), word, 3)
    for name in sorted({fact.short_name for fact in expression_facts.allowed_types().values()}):
        yield Item(name, Sort.TYPE, Snippet.of(name), word, 10)
