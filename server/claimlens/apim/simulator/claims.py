"""Whom a token is for, who issued it, and the claims that a policy requires of it."""

from __future__ import annotations

from typing import Any

from claimlens.apim.model import Element
from claimlens.apim.simulator.check import Check
from claimlens.apim.simulator.comparisons import TENANT, ClaimValues, claim_values, same_audience, same_issuer
from claimlens.apim.simulator.keys import issuer_documents
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.messages import MESSAGES
from claimlens.apim.simulator.run import listed, shown
from claimlens.jose.claims_checks import strings
from claimlens.jose.model import Token


def check_audience(check: Check, token: Token) -> None:
    """Any of the listed audiences will do; one slash at the end is forgiven, case is not."""
    holder = check.policy.child("audiences")
    if holder is None:
        check.skipped(check.policy, "audience", "The policy names no audience.", reading=True)
        return
    found = strings((token.payload or {}).get("aud"))
    if not found:
        detail = "The token has no aud."
        check.refuse(holder, "audience", detail, "TokenAudienceNotAllowed", MESSAGES["no audience"], reading=True)
    wanted, unknown = check.values(holder)
    sides = f"aud is {listed(found)}, accepted is {listed(wanted)}"
    if any(same_audience(one, other) for one in found for other in wanted):
        check.passed(holder, "audience", f"{sides}.")
    elif unknown:
        check.unknown(holder, "audience", f"Not decided: {unknown}; {sides}.")
    else:
        text = MESSAGES["audience"].format(found=", ".join(found), accepted=", ".join(wanted))
        check.refuse(holder, "audience", f"{sides}.", "TokenAudienceNotAllowed", text, reading=not wanted)


def check_issuer(check: Check, token: Token) -> None:
    """The listed issuers and those of each metadata document, exactly."""
    holder = check.policy.child("issuers")
    configured = [element for element in check.policy.elements if element.name == "openid-config"]
    if holder is None and not configured:
        check.skipped(check.policy, "issuer", "The policy names neither issuers nor metadata.", reading=True)
        return
    place = holder or configured[0]
    claims = token.payload or {}
    found = claims.get("iss")
    if not isinstance(found, str) or not found.strip():
        check.refuse(place, "issuer", "The token has no iss.", "TokenIssuerNotAllowed", MESSAGES["no issuer"])
    named, unknown = check.values(holder) if holder is not None else ([], "")
    documents = tuple(issuer_documents(check.run, check.policy, is_entra=False))
    accepted = [*named, *(each.issuer for each in documents if each.issuer is not None)]
    sides = f"iss is {shown(found)}, accepted is {listed(accepted)}"
    same = next((each for each in accepted if same_issuer(found, each, claims.get("tid"))), None)
    if same is not None:
        check.passed(place, "issuer", f"{sides}.", reading=TENANT in same)
    elif unknown or any(each.issuer is None for each in documents):
        missing = unknown or "the issuer of the metadata is not at hand"
        check.unknown(place, "issuer", f"Not decided: {missing}; {sides}.")
    else:
        text = MESSAGES["issuer"].format(found=found, accepted=", ".join(accepted))
        check.refuse(place, "issuer", f"{sides}.", "TokenIssuerNotAllowed", text)


def check_required_claims(check: Check, token: Token) -> None:
    """Every ``claim`` must hold; what is missing altogether is told first, all of it in one message."""
    holder = check.policy.child("required-claims")
    named: list[tuple[Element, str]] = []
    for claim in holder.elements if holder is not None else ():
        if claim.name != "claim":
            continue
        try:
            named.append((claim, (check.run.text(claim, "name") or "").strip()))
        except UndecidedError as error:
            check.unknown(claim, "claim", f"Only known in the service: {error}.")
    claims = token.payload or {}
    missing = [(claim, name) for claim, name in named if name not in claims]
    if missing:
        names = [name for _, name in missing]
        text = MESSAGES["no claim"].format(names=", ".join(names))
        check.refuse(missing[0][0], names[0], f"The token has no claim {listed(names)}.", "TokenClaimNotFound", text)
    for claim, name in named:
        _check_claim(check, claim, name, claims[name])


def _check_claim(check: Check, claim: Element, name: str, value: Any) -> None:
    """Of the values of a claim all or any must be there, split at ``separator`` where there is one."""
    try:
        match = (check.run.text(claim, "match") or "all").strip().lower()
        found = claim_values(value, check.run.text(claim, "separator"))
    except UndecidedError as error:
        check.unknown(claim, name, f"Only known in the service: {error}.")
        return
    wanted, unknown = check.values(claim)
    if not wanted and not unknown:
        check.passed(claim, name, f"{name} is there; no value is required.")
    else:
        _compare(check, claim, name, found, wanted, unknown, match)


def _compare(
    check: Check, claim: Element, name: str, found: ClaimValues, wanted: list[str], unknown: str, match: str
) -> None:
    held = [each for each in wanted if each in found.texts]
    any_of = match == "any"
    sides = f"{name} is {listed(found.texts)}, required is {match} of {listed(wanted)}"
    if (any_of and held) or (not any_of and len(held) == len(wanted) and not unknown):
        check.passed(claim, name, f"{sides}.", reading=found.converted)
    elif unknown and (any_of or len(held) == len(wanted)):
        check.unknown(claim, name, f"Not decided: {unknown}; {sides}.")
    else:
        text = MESSAGES["claim value"].format(name=name, found=", ".join(found.texts))
        check.refuse(claim, name, f"{sides}.", "TokenClaimValueNotAllowed", text, reading=found.converted)
