"""Times in claims: NumericDate, seconds since 1970 in UTC (RFC 7519 section 2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from claimlens.jose.strict_json import Document, Fault

NUMERIC_DATES = ("exp", "nbf", "iat")
"""The registered claims of that type, RFC 7519 section 4.1."""

MILLISECONDS = 100_000_000_000
"""From here on a number is taken for milliseconds: as seconds it lies beyond the year 5138."""


def numeric_date_faults(document: Document) -> Iterator[Fault]:
    """Yield what is wrong with the times in a claims set, placed in its JSON text."""
    claims = document.value
    if not isinstance(claims, dict):
        return
    for name in NUMERIC_DATES:
        if name in claims and (said := _fault(name, claims[name])):
            code, message = said
            yield Fault(f"numericdate-{code}", message, document.places[(name,)].value)


def _fault(name: str, value: Any) -> tuple[str, str] | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return "type", f"'{name}' must be a number of seconds (RFC 7519 section 2)."
    if isinstance(value, str):
        return "text", f"'{name}' stands in quotes; it must be a JSON number of seconds (RFC 7519 section 2)."
    if abs(value) >= MILLISECONDS:
        return "milliseconds", f"'{name}' looks like milliseconds; it must be in seconds (RFC 7519 section 2)."
    if isinstance(value, float):
        return "float", f"'{name}' has a fraction or an exponent; many readers take whole seconds only."
    return None
