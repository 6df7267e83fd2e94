"""What type a piece of an expression has, as far as the tokens in front of a dot tell.

No parser of C#: it follows members, calls, indexes, casts and local variables backwards from a place. Where it does
not know, it says so; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from claimlens.apim import expression_facts
from claimlens.apim.csharp import CodeKind, PlacedToken
from claimlens.apim.expression_facts import CONTEXT, MemberFact

_MOST_STEPS: Final = 40
_DICTIONARY: Final = re.compile(r"I?(?:ReadOnly)?Dictionary<string, ?(.+)>\Z")
_OPENING: Final = {")": "(", "]": "[", ">": "<"}
_DOTS: Final = (".", "?.")
_OUT: Final = re.compile(r"\bout (\w+)")
_TYPE_WORDS: Final = frozenset(
    {"bool", "byte", "char", "decimal", "double", "dynamic", "float", "int", "long", "object", "sbyte", "short"}
    | {"string", "uint", "ulong", "ushort", "var"}
)


def type_before(tokens: Sequence[PlacedToken], index: int, budget: int = _MOST_STEPS) -> str | None:
    """Return the type of what ends with ``tokens[index]``, as C# writes it, or None where it is not known."""
    if not 0 <= index < len(tokens) or budget == 0:
        return None
    token = tokens[index]
    if token.kind is CodeKind.STRING:
        return "string"
    if token.kind is CodeKind.IDENTIFIER:
        return _of_name(tokens, index, budget)
    if token.text == "]":
        return _indexed(type_before(tokens, _partner(tokens, index) - 1, budget - 1))
    if token.text == ")":
        return _of_brackets(tokens, _partner(tokens, index), index, budget)
    return None


def member_at(tokens: Sequence[PlacedToken], index: int) -> tuple[str, MemberFact] | None:
    """Return the member that ``tokens[index]`` names, and the type it belongs to; None where it is not known."""
    if index < 2 or tokens[index].kind is not CodeKind.IDENTIFIER or tokens[index - 1].text not in _DOTS:
        return None
    owner = type_before(tokens, index - 2)
    found = next((member for member in members_of(owner) if member.name == tokens[index].text), None)
    return (owner, found) if owner is not None and found is not None else None


def members_of(name: str | None) -> tuple[MemberFact, ...]:
    """Return what is known of the members of a type: those of the service, and the methods that it adds."""
    if name is None:
        return ()
    fact = expression_facts.types().get(name)
    own = tuple(fact.members.values()) if fact else ()
    added = {
        method.name: MemberFact(method.name, method.returns, method.documentation, method.signature)
        for method in expression_facts.extension_methods()
        if method.on.replace(" ", "") == name.replace(" ", "")
    }
    values = tuple(MemberFact(value, name, f"A value of `{name}`.") for value in fact.values) if fact else ()
    return (*own, *values, *added.values())


def _of_name(tokens: Sequence[PlacedToken], index: int, budget: int) -> str | None:
    name = tokens[index].text
    if index and tokens[index - 1].text in _DOTS:
        owner = type_before(tokens, index - 2, budget - 1)
        return next((member.type for member in members_of(owner) if member.name == name), None)
    if name == "context":
        return CONTEXT
    return _of_local(tokens, index, budget)


def local_names(tokens: Sequence[PlacedToken]) -> tuple[str, ...]:
    """Return the names that code declares: local variables, those of loops, parameters of lambdas."""
    found: dict[str, None] = {}
    for index, token in enumerate(tokens):
        if token.kind is CodeKind.IDENTIFIER and (_is_declared(tokens, index) or _next(tokens, index) == "=>"):
            found[token.text] = None
    return tuple(found)


def _is_declared(tokens: Sequence[PlacedToken], index: int) -> bool:
    """Tell whether the name at ``index`` stands behind a type, as ``Jwt jwt = …``, ``out Jwt jwt`` or ``var x in``."""
    before = tokens[index - 1] if index else None
    if before is None or before.kind not in (CodeKind.IDENTIFIER, CodeKind.KEYWORD, CodeKind.PUNCTUATION):
        return False
    following = _next(tokens, index)
    if before.kind is CodeKind.PUNCTUATION:  # the end of a generic type or of an array
        return before.text in (">", "]") and following in ("=", "in")
    is_type = before.kind is CodeKind.IDENTIFIER or before.text in _TYPE_WORDS
    return is_type and following in ("=", "in", ";", ",", ")")


def _next(tokens: Sequence[PlacedToken], index: int) -> str:
    return tokens[index + 1].text if index + 1 < len(tokens) else ""


def _of_local(tokens: Sequence[PlacedToken], index: int, budget: int) -> str | None:
    """Return the type of a local variable, from where it is declared: ``Jwt jwt``, ``var jwt = …``, ``out var jwt``."""
    for place in range(1, index - 1):
        if tokens[place].text != tokens[index].text or not _is_declared(tokens, place):
            continue
        declared = tokens[place - 1]
        if declared.text != "var":
            return declared.text if declared.kind is not CodeKind.PUNCTUATION else None
        if place > 4 and tokens[place - 2].text == "out":
            return _given_out(tokens, place - 4)
        if tokens[place + 1].text == "=":
            ends = (at for at in range(place + 2, len(tokens)) if tokens[at].text == ";")
            return type_before(tokens, next(ends, 0) - 1, budget - 1)
        return None
    return None


def _given_out(tokens: Sequence[PlacedToken], index: int) -> str | None:
    """Return the type of the ``out`` parameter of the method of the service's own that ``tokens[index]`` names."""
    signatures = (each.signature for each in expression_facts.extension_methods() if each.name == tokens[index].text)
    found = (_OUT.search(signature) for signature in signatures)
    return next((match[1] for match in found if match), None)


def _of_brackets(tokens: Sequence[PlacedToken], start: int, end: int, budget: int) -> str | None:
    """Return the type of a call, of a cast in brackets, or of what stands in brackets."""
    if start < 0:
        return None
    if start and tokens[start - 1].kind is CodeKind.IDENTIFIER:
        return _of_name(tokens, start - 1, budget - 1)
    if start and tokens[start - 1].text == ">":
        generic = _partner(tokens, start - 1)
        declared = _of_name(tokens, generic - 1, budget - 1) if generic > 0 else None
        given = "".join(token.text for token in tokens[generic + 1 : start - 1])
        return given if declared == "T" else declared
    if tokens[start + 1].text == "(":
        closing = next((at for at in range(start + 2, end) if tokens[at].text == ")"), end)
        if closing < end - 1:
            return "".join(token.text for token in tokens[start + 2 : closing])
    return type_before(tokens, end - 1, budget - 1)


def _indexed(name: str | None) -> str | None:
    """Return the type of an element of ``name``."""
    if name is None:
        return None
    dictionary = _DICTIONARY.match(name)
    if dictionary:
        return dictionary[1]
    return name[:-2] if name.endswith("[]") else None


def _partner(tokens: Sequence[PlacedToken], index: int) -> int:
    """Return the index of the opening bracket for the closing one at ``index``, or -1."""
    closing, opening = tokens[index].text, _OPENING[tokens[index].text]
    depth = 0
    for place in range(index, -1, -1):
        if tokens[place].text == closing:
            depth += 1
        elif tokens[place].text == opening:
            depth -= 1
            if not depth:
                return place
    return -1
