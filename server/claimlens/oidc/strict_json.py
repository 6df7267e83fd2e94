"""JSON from a stranger: strict (RFC 8259), in UTF-8, or refused with a reason that quotes nothing of it."""

from __future__ import annotations

from typing import Any

from claimlens.jose import strict_json
from claimlens.text.lines import LineIndex


class NotStrictJsonError(ValueError):
    """Says in a few words, without quoting the document, why it is refused."""


def parse(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; raise `NotStrictJsonError` for anything RFC 8259 leaves to chance."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotStrictJsonError("it is not UTF-8") from None
    document = strict_json.parse(text)
    if document.faults:
        fault = document.faults[0]
        place = LineIndex(text).position(fault.span.start)
        reason = fault.message.removeprefix("Not JSON: ").rstrip(".")
        raise NotStrictJsonError(f"{reason} (line {place.line + 1}, column {place.column + 1})")
    return document.value
