"""What Azure means by a token: kind, issuer, names for ids, claims in words, where the keys are.

Start at `profile` for a whole token, `explain_claim` for one claim, `metadata_location` for the way from an issuer to
its keys. What is known about Azure is data, in `claimlens.entra.data`; nothing here verifies or fetches anything.
"""

from __future__ import annotations

from claimlens.entra.catalogue import application, directory_role, permission, tenant
from claimlens.entra.explain import explain_claim, known_claims
from claimlens.entra.guids import request_id
from claimlens.entra.issuers import match_issuer
from claimlens.entra.metadata import issuer_matches, key_issuer_matches, metadata_location
from claimlens.entra.model import (
    Application,
    DirectoryRole,
    Explanation,
    Flow,
    GrantedPermission,
    IssuerComparison,
    IssuerMatch,
    MetadataLocation,
    Named,
    Note,
    Permission,
    Profile,
    Tenant,
    TokenKind,
    Validity,
    ValidityState,
)
from claimlens.entra.notes import has_proprietary_signature
from claimlens.entra.opaque import OpaqueToken, opaque_token, opaque_tokens
from claimlens.entra.profile import profile
from claimlens.entra.providers import known_provider
from claimlens.entra.published import issuer_at
from claimlens.entra.validity import likely_moment, numeric_date, validity

__all__ = [
    "Application",
    "DirectoryRole",
    "Explanation",
    "Flow",
    "GrantedPermission",
    "IssuerComparison",
    "IssuerMatch",
    "MetadataLocation",
    "Named",
    "Note",
    "OpaqueToken",
    "Permission",
    "Profile",
    "Tenant",
    "TokenKind",
    "Validity",
    "ValidityState",
    "application",
    "directory_role",
    "explain_claim",
    "has_proprietary_signature",
    "issuer_at",
    "issuer_matches",
    "key_issuer_matches",
    "known_claims",
    "known_provider",
    "likely_moment",
    "match_issuer",
    "metadata_location",
    "numeric_date",
    "opaque_token",
    "opaque_tokens",
    "permission",
    "profile",
    "request_id",
    "tenant",
    "validity",
]
