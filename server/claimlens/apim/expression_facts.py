"""What policy expressions may use: ``context`` and its types, methods the service adds, types of .NET it lets through.

The data is ``data/expressions.json``.

>>> [step.type for step in members_along(("Request", "OriginalUrl", "Host"))]
['IRequest', 'IUrl', 'string']
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import attrs

from claimlens.apim.data import load

CONTEXT = "Context"
"""The type of ``context``."""
_OF_EVERY_OBJECT = frozenset({"Equals", "GetHashCode", "GetType", "ToString"})


@attrs.frozen
class MemberFact:
    """A property or method of a type.

    Attributes:
        name: as it is written, without brackets.
        type: what it gives, as C# writes it.
        documentation: one or two sentences of Markdown.
        signature: of a method, such as ``As<T>(bool preserveContent = false)``; None for a property.
        documented: False for what only samples of Microsoft or a tool know.
        outdated: whether only older editions of the reference have it.
    """

    name: str
    type: str
    documentation: str
    signature: str | None = None
    documented: bool = True
    outdated: bool = False


@attrs.frozen
class TypeFact:
    """A type of API Management's own: its members, or the values of an enumeration."""

    name: str
    documentation: str
    members: Mapping[str, MemberFact] = attrs.field(factory=dict, repr=False)
    values: tuple[str, ...] = ()


@attrs.frozen
class ExtensionMethod:
    """A method that the service adds to a type of .NET."""

    on: str
    name: str
    signature: str
    returns: str
    documentation: str


@attrs.frozen
class AllowedType:
    """A type of .NET that expressions may use.

    Attributes:
        name: with its namespace.
        members: those that may be used; None where all may.
        forbidden: those that may not, where all others may.
    """

    name: str
    members: frozenset[str] | None = None
    forbidden: frozenset[str] = frozenset()

    @property
    def short_name(self) -> str:
        """The name without namespace and type parameters, as expressions mostly write it."""
        return self.name.partition("<")[0].rpartition(".")[2]


@attrs.frozen
class ErrorReason:
    """A value of ``context.LastError.Reason``; ``policy`` is empty where several give it."""

    policy: str
    reason: str
    documentation: str
    outdated: bool = False


@functools.cache
def types() -> Mapping[str, TypeFact]:
    """Return the types of API Management's own, by name."""
    return {
        name: TypeFact(
            name,
            entry["documentation"],
            {key: MemberFact(key, **member) for key, member in entry.get("members", {}).items()},
            tuple(entry.get("values", ())),
        )
        for name, entry in load("expressions")["types"].items()
    }


@functools.cache
def extension_methods() -> tuple[ExtensionMethod, ...]:
    """Return the methods that the service adds to types of .NET."""
    return tuple(ExtensionMethod(**entry) for entry in load("expressions")["extension_methods"])


def members_along(names: Sequence[str], start: str = CONTEXT) -> tuple[MemberFact, ...]:
    """Return the members that ``names`` lead to one after the other, as far as they are known.

    ``start`` is the type that the first name belongs to; by default that of ``context``.
    """
    found: list[MemberFact] = []
    for name in names:
        owner = types().get(start)
        member = owner.members.get(name) if owner else None
        if member is None:
            break
        found.append(member)
        start = member.type
    return tuple(found)


def unknown_member(names: Sequence[str], start: str = CONTEXT) -> tuple[int, TypeFact] | None:
    """Return which of ``names`` is no member of the type before it, and that type; None where all may be right.

    Only types of API Management's own are judged: what a string or a list can do is not known here.
    """
    known = members_along(names, start)
    if len(known) == len(names) or names[len(known)] in _OF_EVERY_OBJECT:
        return None
    owner = types().get(known[-1].type if known else start)
    return (len(known), owner) if owner is not None else None


@functools.cache
def allowed_types() -> Mapping[str, AllowedType]:
    """Return the types of .NET that expressions may use, by name with namespace."""
    found: dict[str, AllowedType] = {}
    for name, entry in load("expressions")["allowed_types"].items():
        if entry == "all":
            found[name] = AllowedType(name)
        elif isinstance(entry, dict):
            found[name] = AllowedType(name, None, frozenset(entry["except"]))
        else:
            found[name] = AllowedType(name, frozenset(entry))
    return found


@functools.cache
def _allowed_by_short_name() -> Mapping[str, AllowedType]:
    return {fact.short_name: fact for fact in allowed_types().values()}


def allowed_type(name: str) -> AllowedType | None:
    """Return the type of .NET with this name, with or without its namespace, or None where it may not be used."""
    return allowed_types().get(name) or _allowed_by_short_name().get(name)


def namespaces() -> tuple[str, ...]:
    """Return the namespaces whose types are written without them."""
    return tuple(load("expressions")["implicit_namespaces"])


def body_types() -> tuple[str, ...]:
    """Return the types that ``Body.As<T>()`` can read a body as."""
    return tuple(load("expressions")["body_types"])


def variable_types() -> tuple[str, ...]:
    """Return the types that a variable may have, as C# writes them; each may be nullable."""
    return tuple(load("expressions")["variable_types"])


def variable_from(policy: str, attribute: str) -> str | None:
    """Return the type of the variable that this attribute of a policy names, or None where it is not known."""
    found: str | None = load("expressions")["variables_from_policies"].get(f"{policy}@{attribute}")
    return found


@functools.cache
def error_reasons() -> tuple[ErrorReason, ...]:
    """Return the documented values of ``context.LastError.Reason``; one reason may come from several policies."""
    return tuple(ErrorReason(**entry) for entry in load("expressions")["error_reasons"]["reasons"])
