"""Reads a moment that a person has written."""

from __future__ import annotations

from datetime import UTC, datetime

MOMENT = "an ISO 8601 time between 1970 and 9998, such as 2026-03-02T10:00:00Z"
"""What `moment` reads, for messages."""


def moment(text: str) -> datetime | None:
    """Return an ISO 8601 moment in UTC, or None where it is none; one without a zone is UTC."""
    try:
        parsed = datetime.fromisoformat(text)
        parsed = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return parsed.astimezone(UTC) if 1970 <= parsed.year < 9999 else None
    except ValueError:
        return None
