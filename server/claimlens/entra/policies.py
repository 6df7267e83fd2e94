"""The policy (user flow or custom policy) of Azure AD B2C that issued a token."""

from __future__ import annotations

from claimlens.entra.claims import text
from claimlens.entra.model import Claims, IssuerMatch


def policy_of(claims: Claims, issuer: IssuerMatch | None) -> tuple[str | None, tuple[str, ...]]:
    """Return the B2C policy that issued the token (``tfp``, or ``acr`` in old policies) and where it is said."""
    if text(claims, "tfp"):
        return text(claims, "tfp"), ("tfp",)
    if issuer is None or issuer.family != "b2c":
        return None, ()
    if "policy" in issuer.parts:
        return issuer.parts["policy"], ("iss",)
    legacy = text(claims, "acr")
    return (legacy, ("acr",)) if legacy and legacy not in ("0", "1") else (None, ())
