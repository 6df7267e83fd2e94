"""What is known about an error message, and where one was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import attrs

from claimlens.text.spans import Span


@attrs.frozen
class ErrorEntry:
    """One known code or message.

    Attributes:
        id: the code (``IDX10214``, ``AADSTS50013``) or a name of ours for a message without one.
        product: who says it.
        anchors: texts in lower case one of which is always in the message; a cheap test before ``pattern``.
        pattern: the message, or None where the code alone tells.
        meaning: one sentence.
        causes: public cause codes, the most usual first.
        fix: what to do.
        source: where it is documented.
        confidence: how well the entry is supported.
        loose: the message consists of words that stand in prose and source as well.
        severity: a ``note`` tells of a success or a detail; a ``warning`` of something that goes on all the same.
    """

    id: str
    product: str
    anchors: tuple[str, ...]
    pattern: re.Pattern[str] | None = attrs.field(repr=False)
    meaning: str
    causes: tuple[str, ...]
    fix: str
    source: str
    example: str = attrs.field(repr=False)
    confidence: Literal["high", "medium", "low"] = "high"
    loose: bool = False
    severity: Literal["error", "warning", "note"] = "error"


@attrs.frozen
class ErrorValue:
    """A value inside a message. Keep it out of logs: it may be an address or a name."""

    text: str = attrs.field(repr=False)
    span: Span

    @property
    def hidden(self) -> bool:
        """Whether the library put a marker in place of the value (``[PII is hidden]``)."""
        return _HIDDEN.search(self.text) is not None


_HIDDEN = re.compile(
    r"PII (?:of type|is hidden)|^System\.(?:String|Text\.|IdentityModel\.)|Security Artifact of type|#ScrubbedArtifact#"
)


@attrs.frozen
class ErrorMention:
    """A known error in a text.

    Attributes:
        entry: what is known about it.
        span: the code or message.
        values: what stands inside, by name: ``found_audience``, ``expected_audience``, ``found_issuer``,
            ``expected_issuer``, ``kid``, ``valid_from``, ``valid_to``, ``current_time``, ``found_algorithm``,
            ``expected_algorithm``, ``application``, ``tenant``, ``scope``, ``role``, ``claim``, ``url`` ….
    """

    entry: ErrorEntry
    span: Span
    values: Mapping[str, tuple[ErrorValue, ...]] = attrs.field(factory=dict)

    def first(self, name: str) -> ErrorValue | None:
        """Return the first value of this name that is not hidden, or None."""
        return next((value for value in self.values.get(name, ()) if not value.hidden), None)
