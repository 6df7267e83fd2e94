"""Read what Azure says of a caller outside of tokens: App Service's principal header and the Activity Log.

``X-MS-CLIENT-PRINCIPAL`` is base64 of a JSON object and no token
(https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities). The ``claims`` of an Activity
Log entry have long URIs for names (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema).
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Mapping
from importlib import resources
from typing import Any

import attrs

from claimlens.entra.errors.challenges import decode_claims_challenge


@attrs.frozen
class ClientPrincipal:
    """The caller as App Service authentication hands it to the application.

    Attributes:
        authentication_type: such as ``aad``.
        name_type: the claim type that the user's name is taken from.
        role_type: the claim type that roles are taken from; ``IsInRole`` looks nowhere else.
        claims: the claims' values by their short names (``oid``, ``roles``).
        types: the claims' types as they are written.
    """

    authentication_type: str
    name_type: str
    role_type: str
    claims: Mapping[str, tuple[str, ...]] = attrs.field(repr=False)
    types: tuple[str, ...]

    @property
    def roles_are_found(self) -> bool:
        """Whether role checks can succeed: claims of the role type are there, or there are no roles at all."""
        return self.role_type in self.types or "roles" not in self.claims


def decode_client_principal(text: str) -> ClientPrincipal | None:
    """Return the principal in the value of ``X-MS-CLIENT-PRINCIPAL``, base64 or decoded; None where it is none."""
    document = decode_claims_challenge(text)
    if document is None or not isinstance(document.get("claims"), list):
        return None
    pairs = [
        (str(claim["typ"]), str(claim.get("val", "")))
        for claim in document["claims"]
        if isinstance(claim, dict) and "typ" in claim
    ]
    claims: dict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        claims[short_claim_name(name)].append(value)
    return ClientPrincipal(
        authentication_type=str(document.get("auth_typ", "")),
        name_type=str(document.get("name_typ", "")),
        role_type=str(document.get("role_typ", "")),
        claims={name: tuple(values) for name, values in claims.items()},
        types=tuple(dict.fromkeys(name for name, _ in pairs)),
    )


def activity_log_claims(entry: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return the claims of an Activity Log entry by short names, or None where it has none.

    ``claims`` is an object in the portal and the REST API (``Claims`` in an export), and JSON in a string in a Log
    Analytics table.
    """
    found = next((entry[name] for name in ("claims", "Claims", "Claims_d", "claims_d") if name in entry), None)
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
    if not isinstance(found, dict):
        return None
    return {short_claim_name(name): value for name, value in found.items() if isinstance(value, str)}


def short_claim_name(name: str) -> str:
    """Return the name that a claim has in tokens: ``oid`` for ``http://schemas…/objectidentifier``; else ``name``."""
    return _short_names().get(name.lower(), name)


@functools.cache
def _short_names() -> Mapping[str, str]:
    import tomllib  # read once, and only where a long name is met

    file = resources.files("claimlens.entra.errors") / "data" / "claim_names.toml"
    return dict(tomllib.loads(file.read_text(encoding="utf-8"))["names"])
