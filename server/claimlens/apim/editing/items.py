"""What completion offers, and what it has to know besides the document."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

import attrs

from claimlens.apim.editing.snippets import Snippet
from claimlens.apim.facts import Gateway
from claimlens.text.spans import Span


class Sort(enum.StrEnum):
    """What an item is; editors show a picture for each."""

    POLICY = "policy"
    ELEMENT = "element"
    SECTION = "section"
    ATTRIBUTE = "attribute"
    VALUE = "value"
    CLOSING_TAG = "closing tag"
    KEYWORD = "keyword"
    PROPERTY = "property"
    METHOD = "method"
    TYPE = "type"
    VARIABLE = "variable"
    NAMED_VALUE = "named value"
    FRAGMENT = "fragment"


@attrs.frozen
class Item:
    """Something that may be written.

    Attributes:
        label: what is shown.
        sort: what it is.
        snippet: what is written.
        span: what it is written in place of.
        rank: items are shown by rank, then by label.
        detail: a few words beside the label.
        page: names its documentation for `claimlens.apim.editing.pages.page_of`; None where there is none.
    """

    label: str
    sort: Sort
    snippet: Snippet
    span: Span
    rank: int = 0
    detail: str = ""
    page: str | None = None


@attrs.frozen
class Known:
    """What is known besides the document.

    Attributes:
        gateway: that policies are written for, or None for any.
        named_values: those that are declared, by name; the values may be shown.
        fragments: ids of the fragments that are there.
    """

    gateway: Gateway | None = None
    named_values: Mapping[str, str] = attrs.field(factory=dict)
    fragments: Sequence[str] = ()
