"""Which known issuer an ``iss`` belongs to."""

from __future__ import annotations

import functools
import re
from typing import Any

import attrs

from claimlens.entra.data import load
from claimlens.entra.guids import as_guid
from claimlens.entra.model import Confidence, IssuerMatch

LONGEST_ISSUER = 2048


@attrs.frozen
class IssuerRule:
    """One entry of the issuer catalogue, ready to match. See ``data/issuers.json`` for what the members mean."""

    id: str
    name: str
    family: str
    pattern: re.Pattern[str]
    keys: str
    verifiable: bool
    cloud: str | None = None
    metadata: tuple[str, ...] = ()
    expected_issuers: tuple[str, ...] = ()
    key_urls: tuple[str, ...] = ()
    per_key_issuer: bool = False
    application_keys: bool = False
    reason: str = ""
    quirks: tuple[str, ...] = ()
    confidence: Confidence = "high"


def match_issuer(issuer: Any) -> IssuerMatch | None:
    """Return the known issuer that ``issuer`` (an ``iss`` claim) fits, or None. The first rule that fits wins."""
    found = find_rule(issuer)
    if found is None:
        return None
    return as_match(issuer, *found)


def as_match(issuer: str, rule: IssuerRule, parts: dict[str, str]) -> IssuerMatch:
    """Return what `find_rule` found, for those outside."""
    return IssuerMatch(
        issuer=issuer,
        id=rule.id,
        name=rule.name,
        family=rule.family,
        cloud=rule.cloud,
        tenant_id=as_guid(parts.get("tid")),
        parts=parts,
        quirks=rule.quirks,
        confidence=rule.confidence,
    )


def find_rule(issuer: Any) -> tuple[IssuerRule, dict[str, str]] | None:
    """Return the rule that ``issuer`` fits with what its named groups matched, or None."""
    if not isinstance(issuer, str) or not 0 < len(issuer) <= LONGEST_ISSUER:
        return None
    for rule in issuer_rules():
        match = rule.pattern.fullmatch(issuer)
        if match:
            return rule, {name: text for name, text in match.groupdict().items() if text is not None}
    return None


@functools.cache
def issuer_rules() -> tuple[IssuerRule, ...]:
    """Return the issuer catalogue in order of precedence."""
    return tuple(
        IssuerRule(
            id=entry["id"],
            name=entry["name"],
            family=entry["family"],
            pattern=re.compile(entry["pattern"]),
            keys=entry["keys"],
            verifiable=entry["verifiable"],
            cloud=entry.get("cloud"),
            metadata=tuple(entry["metadata"]),
            expected_issuers=tuple(entry.get("expected_issuers", ())),
            key_urls=tuple(entry.get("key_urls", ())),
            per_key_issuer=entry.get("per_key_issuer", False),
            application_keys=entry.get("application_keys", False),
            reason=entry.get("reason", ""),
            quirks=tuple(entry["quirks"]),
            confidence=entry["confidence"],
        )
        for entry in load("issuers")["issuers"]
    )
