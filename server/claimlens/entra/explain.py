"""A claim in words."""

from __future__ import annotations

from typing import Any

from claimlens.entra.model import ClaimPlace, Explanation


def explain_claim(name: str, value: Any, where: ClaimPlace = "payload") -> Explanation:
    """Return what the claim or header parameter means and its value in words. Never raises, whatever the value."""
    return Explanation(name, where, known=False, meaning="", gotcha="", value=str(value)[:2000])
