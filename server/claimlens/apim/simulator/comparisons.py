"""How a JWT policy compares a token's values with its own."""

from __future__ import annotations

import json
from typing import Any

import attrs

TENANT = "{tenantid}"
"""Stands for the token's tenant in the issuer of metadata for several tenants."""


@attrs.frozen
class ClaimValues:
    """The values of a claim as the policy compares them.

    Attributes:
        texts: the values.
        converted: whether one was no text in the token; how the service writes such is not documented.
    """

    texts: tuple[str, ...]
    converted: bool = False


def claim_values(value: Any, separator: str | None) -> ClaimValues:
    """Return the values of a claim, each split at ``separator`` where there is one."""
    items = value if isinstance(value, list) else [value]
    texts = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items]
    parts = [part for text in texts for part in text.split(separator)] if separator else texts
    return ClaimValues(tuple(parts), any(not isinstance(item, str) for item in items))


def same_audience(found: str, wanted: str) -> bool:
    """Tell whether two audiences are the same to the service: one slash at the end is forgiven, case is not."""
    return found == wanted or found == f"{wanted}/" or wanted == f"{found}/"


def same_issuer(found: str, accepted: str, tenant: Any) -> bool:
    """Tell whether an issuer is the accepted one, where ``{tenantid}`` stands for the token's tenant."""
    if TENANT in accepted and isinstance(tenant, str):
        accepted = accepted.replace(TENANT, tenant)
    return found == accepted


def tenant_of(text: str) -> str:
    """Return what ``tenant-id`` names, in lower case: of a URL, the tenant in it."""
    return text.rstrip("/").removesuffix("/v2.0").rpartition("/")[2].lower()
