"""How a JWT policy compares a token's values with its own."""

from __future__ import annotations

from typing import Any

_TENANT = "{tenantid}"


def claim_values(value: Any, separator: str | None) -> list[str]:
    """Return the values of a claim as the policy compares them."""
    items = value if isinstance(value, list) else [value]
    texts = [item if isinstance(item, str) else _plain(item) for item in items]
    if separator:
        return [part for text in texts for part in text.split(separator)]
    return texts


def _plain(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def same_audience(found: str, wanted: str) -> bool:
    """Tell whether two audiences are the same to the service: one slash at the end is forgiven, case is not."""
    return found == wanted or found == f"{wanted}/" or wanted == f"{found}/"


def same_issuer(found: str, accepted: str, tenant: Any) -> bool:
    """Tell whether an issuer is the accepted one, where ``{tenantid}`` stands for the token's tenant."""
    if _TENANT in accepted and isinstance(tenant, str):
        accepted = accepted.replace(_TENANT, tenant)
    return found == accepted
