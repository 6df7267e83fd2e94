"""JSON as a tree in which every text knows its place; what is not there is an empty value."""

from __future__ import annotations

from typing import Any

import attrs

from claimlens.expectations.formats.json_values import read_json
from claimlens.expectations.formats.model import Entry


@attrs.frozen
class Placed:
    """A text, and the offset in the file of what tells it.

    Attributes:
        before: characters of the text that stand before what is at the offset: a method, the name of a header.
    """

    text: str = attrs.field(default="", repr=False)
    offset: int = 0
    before: int = 0


@attrs.frozen
class Stored:
    """A value of a document. Numbers and booleans are texts as they stand there; whatever is asked for is there."""

    _node: Entry | dict[str, Any] = attrs.field(factory=dict, repr=False)

    def __getitem__(self, name: str) -> Stored:
        """Return a member of an object."""
        return Stored(self._node.get(name, {})) if isinstance(self._node, dict) else Stored()

    @property
    def text(self) -> str:
        """The text; empty for what has members."""
        return self._node.value if isinstance(self._node, Entry) else ""

    @property
    def placed(self) -> Placed:
        """The text with its place."""
        return Placed(self._node.value, self._node.span.start) if isinstance(self._node, Entry) else Placed()

    @property
    def members(self) -> dict[str, Stored]:
        """The members of an object, or of a list by their positions."""
        return {name: Stored(node) for name, node in self._node.items()} if isinstance(self._node, dict) else {}

    @property
    def items(self) -> tuple[Stored, ...]:
        """The members without their names."""
        return tuple(self.members.values())


def stored(text: str) -> Stored:
    """Return the document; of a damaged one what can be read. Never fails."""
    root: dict[str, Any] = {}
    for entry in read_json(text):
        node = root
        for name in entry.path[:-1]:
            inner = node.setdefault(name, {})
            if not isinstance(inner, dict):  # JSON in a string, whose values are yielded behind it
                break
            node = inner
        else:
            if entry.path:
                node.setdefault(entry.path[-1], entry)
    return Stored(root)
