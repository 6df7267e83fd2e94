"""What ``validate-azure-ad-token`` asks of a token besides: the tenant, the calling and the called application.

How the policy compares them is not documented; what is told here is a reading of its attributes.
https://learn.microsoft.com/azure/api-management/validate-azure-ad-token-policy
"""

from __future__ import annotations

from typing import Any

from claimlens.apim.simulator.check import Check
from claimlens.apim.simulator.comparisons import tenant_of
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.messages import MESSAGES
from claimlens.apim.simulator.run import listed, shown
from claimlens.entra import match_issuer
from claimlens.entra.guids import as_guid
from claimlens.jose.claims_checks import strings
from claimlens.jose.model import Token

_ANY_TENANT = ("organizations", "common")


def check_tenant(check: Check, token: Token) -> None:
    """``tenant-id`` is an id, a URL with one, or ``organizations`` or ``common`` for any tenant."""
    try:
        wanted = (check.run.text(check.policy, "tenant-id") or "").strip()
    except UndecidedError as error:
        check.unknown(check.policy, "tenant-id", f"Only known in the service: {error}.")
        return
    claims = token.payload or {}
    found = claims.get("tid")
    bare = tenant_of(wanted)
    if bare not in _ANY_TENANT and as_guid(bare) is None:
        detail = f"{shown(wanted)} is no tenant id; only the service knows which tenant that is."
        check.unknown(check.policy, "tenant-id", detail)
    elif bare not in _ANY_TENANT and (not isinstance(found, str) or found.lower() != bare):
        told = shown(found) if isinstance(found, str) else "missing"
        _refuse(check, f"tid is {told}, accepted is {shown(wanted)}.", claims)
    elif not _issued_in(claims.get("iss"), found):
        _refuse(check, f"iss is {shown(str(claims.get('iss')))}, which is no issuer of the tenant in tid.", claims)
    elif bare in _ANY_TENANT:
        check.passed(check.policy, "tenant-id", f"Any tenant is accepted ({wanted}).")
    else:
        check.passed(check.policy, "tenant-id", f"tid is {shown(str(found))}.")


def _issued_in(issuer: Any, tenant: Any) -> bool:
    found = match_issuer(issuer)
    return found is not None and found.family == "entra" and found.tenant_id == as_guid(tenant)


def _refuse(check: Check, detail: str, claims: Any) -> None:
    text = MESSAGES["tenant"].format(found=claims.get("iss"))
    check.refuse(check.policy, "tenant-id", detail, "TokenIssuerNotAllowed", text, reading=True)


def check_applications(check: Check, token: Token) -> None:
    """The calling application (``azp``, ``appid``) and the application called (``aud``)."""
    claims = token.payload or {}
    callers = strings(claims.get("azp")) + strings(claims.get("appid"))
    _check_ids(check, "client-application-ids", "azp or appid", callers)
    called = check.policy.child("backend-application-ids")
    if called is not None and check.policy.child("audiences") is not None:
        check.skipped(called, called.name, "The audience was checked against audiences.", reading=True)
    else:
        _check_ids(check, "backend-application-ids", "aud", strings(claims.get("aud")))


def _check_ids(check: Check, name: str, claim: str, found: tuple[str, ...]) -> None:
    holder = check.policy.child(name)
    if holder is None:
        return
    wanted, unknown = check.values(holder)
    bare = {each.lower().removeprefix("api://") for each in found}
    sides = f"{claim} is {listed(found)}, accepted is {listed(wanted)}"
    if bare & {each.lower() for each in wanted}:
        check.passed(holder, name, f"{sides}.")
    elif unknown:
        check.unknown(holder, name, f"Not decided: {unknown}; {sides}.")
    else:
        text = MESSAGES["claim value"].format(name=claim, found=", ".join(found))
        check.refuse(holder, name, f"{sides}.", "TokenClaimValueNotAllowed", text, reading=True)
