"""What every reader of a settings format yields: the values of a file, each with its key path and its place."""

from __future__ import annotations

import enum

import attrs

from claimlens.text.spans import Span


class ValueKind(enum.StrEnum):
    """What a value is in its file."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    NAME = "name"
    """A name or call in source code whose value only a run would show."""
    EMPTY_LIST = "empty list"
    EMPTY_OBJECT = "empty object"


@attrs.frozen
class Entry:
    """One value of a settings file.

    Attributes:
        path: the keys that lead to it, outermost first; list items count from ``"0"``. Separators inside a key
            (``AzureAd:TenantId``, ``AzureAd__TenantId``, ``spring.cloud.azure``) are taken apart.
        value: the value as text, unescaped.
        span: where the value stands, without its quotes.
        kind: what it is.
        key_span: where its key stands, or None for list items.
    """

    path: tuple[str, ...]
    value: str = attrs.field(repr=False)
    span: Span
    kind: ValueKind = ValueKind.TEXT
    key_span: Span | None = None

    @property
    def key(self) -> str:
        """The innermost key that is a name, not a list position."""
        return next((part for part in reversed(self.path) if not part.isdigit()), "")

    @property
    def label(self) -> str:
        """The path as people write it: ``AzureAd:TenantId``."""
        return ":".join(self.path)
