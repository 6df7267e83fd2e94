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


def _of_local(tokens: Sequence[PlacedToken], index: int, budget: int) -> str | None:
    """Return the type of a local variable, from where it is declared: ``Jwt jwt = …;`` or ``var jwt = …;``."""
    for place in range(1, index - 1):
        if tokens[place].text != tokens[index].text or tokens[place + 1].text != "=":
            continue
        declared = tokens[place - 1]
        if declared.text == "var":
            ends = (at for at in range(place + 2, len(tokens)) if tokens[at].text == ";")
            return type_before(tokens, next(ends, 0) - 1, budget - 1)
        if declared.kind is CodeKind.IDENTIFIER or declared.text == "string":
            return declared.text
    return None


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
