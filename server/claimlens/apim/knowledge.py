"""What is known of policies: where each may stand, what it holds, what each part of it means.

The data is ``data/policies.json``; the shape of the answers is `claimlens.apim.facts`. Ask by the name of a policy
(`policy`), by a path below it (`element`), or by the names of the elements around a place (`resolve`):

>>> element("validate-jwt/openid-config").attributes["url"].required
True
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from claimlens.apim.data import load
from claimlens.apim.document import SECTIONS
from claimlens.apim.facts import (
    AttributeFact,
    ChildFact,
    Condition,
    ElementFact,
    Gateway,
    Group,
    GroupKind,
    Holds,
    Need,
    Once,
    Pair,
    PolicyFact,
    Reference,
    ValueType,
)

ROOTS = ("policies", "fragment")
"""The roots of documents that hold policies; a GraphQL resolver is its own root (`PolicyFact.resolver`)."""


@functools.cache
def reference() -> Reference:
    """Return which edition of the reference the data follows."""
    return Reference(**load("policies")["reference"])


@functools.cache
def policies() -> Mapping[str, PolicyFact]:
    """Return all policies by name, in the order of the reference."""
    data = load("policies")
    common = {name: _attribute(name, entry) for name, entry in data["common_attributes"].items()}
    return {name: _policy(name, entry, common) for name, entry in data["policies"].items()}


def policy(name: str) -> PolicyFact | None:
    """Return what is known of a policy, or None."""
    return policies().get(name)


def policies_in(section: str, *, gateway: Gateway | None = None, scope: str | None = None) -> tuple[PolicyFact, ...]:
    """Return the policies to write in ``section``: those in use, on this gateway and at this scope where given."""
    return tuple(
        fact
        for fact in policies().values()
        if fact.is_offered
        and section in fact.sections
        and (gateway is None or gateway in fact.gateways)
        and (scope is None or scope in fact.scopes)
    )


def child(parent: ElementFact, name: str) -> ElementFact | None:
    """Return what is known of an element as a child of ``parent``, or None where it may not stand there."""
    found = parent.children.get(name)
    if found is not None:
        return found.element or policy(name)
    return policy(name) if parent.holds is Holds.POLICIES else None


def element(path: str) -> ElementFact | None:
    """Return what is known of the element at ``path``, such as ``validate-jwt/required-claims/claim``, or None."""
    return resolve(path.split("/"))


def resolve(names: Sequence[str]) -> ElementFact | None:
    """Return what is known of an element by the names around it, outermost first and its own last, or None.

    A root and a section at the beginning are passed over: ``("policies", "inbound", "choose", "when")``.
    """
    rest = list(names)
    if rest and rest[0] in ROOTS:
        del rest[0]
    if rest and rest[0] in SECTIONS:
        del rest[0]
    found: ElementFact | None = policy(rest[0]) if rest else None
    for name in rest[1:]:
        if found is None:
            return None
        found = child(found, name)
    return found


@functools.cache
def parents() -> Mapping[str, tuple[str, ...]]:
    """Return below which elements a name may stand as a named child: paths of the parents, by name."""
    found: dict[str, list[str]] = {}
    pending: list[tuple[str, ElementFact]] = list(policies().items())
    pending.reverse()
    while pending:
        path, fact = pending.pop()
        for name, entry in fact.children.items():
            found.setdefault(name, []).append(path)
            if entry.element is not None:
                pending.append((f"{path}/{name}", entry.element))
    return {name: tuple(paths) for name, paths in found.items()}


def _attribute(name: str, entry: Mapping[str, Any]) -> AttributeFact:
    return AttributeFact(
        name=name,
        type=ValueType(entry["type"]),
        documentation=entry["documentation"],
        required=entry.get("required", False),
        default=entry.get("default"),
        values=tuple(entry.get("values", ())),
        suggestions=tuple(entry.get("suggestions", ())),
        expressions=entry.get("expressions"),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        also=tuple(entry.get("also", ())),
        documented=entry.get("documented", True),
    )


def _condition(entry: Mapping[str, Any]) -> Condition:
    return Condition(entry["attribute"], tuple(entry["is"]))


def _group(entry: Mapping[str, Any]) -> Group:
    unless = _condition(entry["unless"]) if "unless" in entry else None
    return Group(GroupKind(entry["kind"]), tuple(map(tuple, entry["of"])), unless)


def _child(name: str, entry: Mapping[str, Any]) -> ChildFact:
    least, most = entry["occurs"]
    own = None if entry.get("policy") else ElementFact(documentation=entry["documentation"], **_parts(name, entry))
    return ChildFact(name, least, most, own, entry.get("documented", True))


def _parts(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what policies and the elements in them have in common."""
    return {
        "name": name,
        "attributes": {key: _attribute(key, value) for key, value in entry.get("attributes", {}).items()},
        "children": {key: _child(key, value) for key, value in entry.get("children", {}).items()},
        "text": entry.get("text", False),
        "suggestions": tuple(entry.get("suggestions", ())),
        "expressions": entry.get("expressions"),
        "holds": Holds(entry.get("holds", "nothing")),
        "groups": tuple(_group(group) for group in entry.get("groups", ())),
        "needs": tuple(Need(need["needs"], _condition(need)) for need in entry.get("needs", ())),
        "order": tuple(entry.get("order", ())),
        "order_enforced": entry.get("order_enforced", False),
    }


def _policy(name: str, entry: Mapping[str, Any], common: Mapping[str, AttributeFact]) -> PolicyFact:
    parts = _parts(name, entry)
    parts["attributes"] = {**parts["attributes"], **common}
    return PolicyFact(
        **parts,
        documentation=entry["summary"],
        category=entry["category"],
        sections=tuple(entry["sections"]),
        tolerated_sections=tuple(entry.get("tolerated_sections", ())),
        scopes=tuple(entry["scopes"]),
        gateways=frozenset(map(Gateway, entry["gateways"])),
        gateways_note=entry.get("gateways_note"),
        once=Once(entry["once"]) if "once" in entry else None,
        paired_with=Pair(**entry["paired_with"]) if "paired_with" in entry else None,
        resolver=entry.get("resolver", False),
        preview=entry.get("preview", False),
        retired=entry.get("retired", False),
        documented=entry.get("documented", True),
        notes=tuple(entry.get("notes", ())),
        link=entry.get("link"),
        source=entry["source"],
        date=entry.get("date"),
        confidence=entry["confidence"],
    )
