"""The shape of what is known of policies: values that `claimlens.apim.knowledge` reads from the data."""

from __future__ import annotations

import enum
from collections.abc import Mapping

import attrs


class ValueType(enum.StrEnum):
    """What the value of an attribute is, where it is no expression."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ENUMERATION = "enumeration"
    URL = "url"
    GUID = "guid"
    IP_ADDRESS = "ip-address"
    DATE_TIME = "date-time"
    BASE64URL = "base64url"
    HEXADECIMAL = "hexadecimal"
    DISTINGUISHED_NAME = "distinguished-name"
    BYTES = "bytes"


class Gateway(enum.StrEnum):
    """The gateways of API Management, which support different policies."""

    CLASSIC = "classic"
    V2 = "v2"
    CONSUMPTION = "consumption"
    SELF_HOSTED = "self-hosted"
    WORKSPACE = "workspace"


class Holds(enum.StrEnum):
    """What an element holds beside the children that it names."""

    NOTHING = "nothing"
    POLICIES = "policies"
    """Any policy that its own section allows."""
    MARKUP = "markup"
    """Any markup, which is not policy language."""


@attrs.frozen
class AttributeFact:
    """What is known of an attribute.

    Attributes:
        name: as it is written.
        type: of a literal value.
        documentation: one or two sentences of Markdown.
        required: whether it must always be there; `ElementFact.groups` and `ElementFact.needs` say what else must.
        default: its value where it is not given; None where there is none or it is not known.
        values: all values of an enumeration.
        suggestions: values that are mostly written, where others may be too.
        expressions: whether policy expressions are allowed; None where no source says.
        minimum, maximum: of a number.
        also: numbers outside these that are allowed.
        documented: False for what only the service's schema or a tool knows.
    """

    name: str
    type: ValueType
    documentation: str
    required: bool = False
    default: str | None = None
    values: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    expressions: bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    also: tuple[float, ...] = ()
    documented: bool = True


class GroupKind(enum.StrEnum):
    """How many alternatives of a `Group` may be chosen."""

    EXACTLY_ONE = "exactly-one"
    AT_MOST_ONE = "at-most-one"
    AT_LEAST_ONE = "at-least-one"


@attrs.frozen
class Condition:
    """An attribute has one of these values, or has none of its own and one of them is its default."""

    attribute: str
    values: tuple[str, ...]


@attrs.frozen
class Group:
    """Alternatives of which so many must be chosen.

    Attributes:
        kind: how many.
        alternatives: each a set of names: an attribute, ``<name>`` for a child element, ``#text`` for text. One is
            chosen as soon as one of its names is there, and complete when all are.
        unless: where this holds, nothing need be chosen.
    """

    kind: GroupKind
    alternatives: tuple[tuple[str, ...], ...]
    unless: Condition | None = None


@attrs.frozen
class Need:
    """Something that must be there where a condition holds; named as in `Group`."""

    name: str
    condition: Condition


@attrs.frozen
class ElementFact:
    """What is known of an element.

    Attributes:
        name: as it is written.
        documentation: one or two sentences of Markdown.
        attributes: by name, in the order in which to offer them.
        children: by name, in the order of the reference.
        text: whether text may stand in it.
        suggestions: texts that mostly stand in it, where others may too.
        expressions: whether that text may be a policy expression; None where no source says.
        holds: what else may stand in it.
        groups, needs: which attributes and children go together.
        order: the names of children in the order they should have; empty where any will do.
        order_enforced: whether the service insists on that order.
    """

    name: str
    documentation: str
    attributes: Mapping[str, AttributeFact] = attrs.field(factory=dict, repr=False)
    children: Mapping[str, ChildFact] = attrs.field(factory=dict, repr=False)
    text: bool = False
    suggestions: tuple[str, ...] = ()
    expressions: bool | None = None
    holds: Holds = Holds.NOTHING
    groups: tuple[Group, ...] = ()
    needs: tuple[Need, ...] = ()
    order: tuple[str, ...] = ()
    order_enforced: bool = False

    @property
    def required_attributes(self) -> tuple[AttributeFact, ...]:
        """The attributes that must always be there."""
        return tuple(attribute for attribute in self.attributes.values() if attribute.required)


@attrs.frozen
class ChildFact:
    """That an element may stand in another.

    Attributes:
        name: as it is written.
        least, most: how many times; None for any number.
        element: what is known of it; None where it is a policy of its own (`claimlens.apim.knowledge.child` finds it).
        documented: False for what only the service's schema or a tool knows.
    """

    name: str
    least: int
    most: int | None
    element: ElementFact | None = None
    documented: bool = True

    @property
    def is_policy(self) -> bool:
        """Whether it is a policy that also stands elsewhere."""
        return self.element is None


class Once(enum.StrEnum):
    """Within what a policy may stand only once."""

    SECTION = "section"
    DEFINITION = "definition"


@attrs.frozen
class Pair:
    """A policy that belongs to another one in another section."""

    policy: str
    section: str


@attrs.frozen
class PolicyFact(ElementFact):
    """What is known of a policy.

    Attributes:
        category: of the reference.
        sections: those in which the reference puts it; empty for a resolver.
        tolerated_sections: further ones in which the service accepts it.
        scopes: ``global``, ``workspace``, ``product``, ``api``, ``operation``.
        gateways: those that support it.
        gateways_note: where sources disagree about that.
        once: within what it may stand only once.
        paired_with: the policy without which it makes no sense.
        resolver: whether it is the root of a GraphQL resolver.
        preview: whether it may still change.
        retired: whether the service knows it, but nobody should write it any more.
        documented: False where only the service's schema or a tool knows it.
        notes: what people trip over, one sentence each, in Markdown.
        link: its page, or None.
        source: where this was read.
        date: of that page (ISO 8601), or None.
        confidence: ``high``, ``medium`` or ``low``.
    """

    category: str = ""
    sections: tuple[str, ...] = ()
    tolerated_sections: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    gateways: frozenset[Gateway] = frozenset()
    gateways_note: str | None = None
    once: Once | None = None
    paired_with: Pair | None = None
    resolver: bool = False
    preview: bool = False
    retired: bool = False
    documented: bool = True
    notes: tuple[str, ...] = ()
    link: str | None = None
    source: str = ""
    date: str | None = None
    confidence: str = "low"

    @property
    def is_offered(self) -> bool:
        """Whether somebody who writes a policy may want it."""
        return self.documented and not self.retired

    def allowed_in(self, section: str) -> bool:
        """Tell whether the service accepts it in this section."""
        return section in self.sections or section in self.tolerated_sections


@attrs.frozen
class Reference:
    """The edition of the policy reference that the data follows."""

    name: str
    version: str
    url: str
