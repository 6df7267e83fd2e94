"""The signature of a token, checked with every key that a policy names and that is at hand."""

from __future__ import annotations

from claimlens.apim.model import Element
from claimlens.apim.simulator.check import Check
from claimlens.apim.simulator.keys import policy_keys, verify
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.messages import MESSAGES
from claimlens.entra import has_proprietary_signature, match_issuer
from claimlens.jose.model import Token
from claimlens.jose.verify import SignatureResult, Verdict


def check_signature(check: Check, token: Token) -> None:
    """Check the signature, or that there need not be one."""
    policy = check.policy
    place = policy.child("issuer-signing-keys") or policy.child("openid-config") or policy
    if (token.algorithm or "").lower() == "none":
        _unsigned(check, place)
        return
    wanted_before = dict(check.run.unfetched)
    keys, missing, named = policy_keys(check.run, policy, is_entra=check.is_entra)
    result = verify(token, keys) if keys else None
    if result is not None and result.verdict is Verdict.VALID:
        check.passed(place, "signature", result.detail)
    elif missing and has_proprietary_signature(token.header or {}, match_issuer((token.payload or {}).get("iss"))):
        check.run.unfetched = wanted_before  # no published key would change this
        detail = "The header carries a nonce: only the service that the token is for can verify its signature."
        check.refuse(place, "signature", detail, "TokenSignatureInvalid", MESSAGES["signature"])
    elif missing:
        check.unknown(place, "signature", f"Not checked: {'; '.join(dict.fromkeys(missing))}.")
    elif not named:
        check.refuse(place, "signature", "The policy names no key.", "TokenSignatureKeyNotFound", MESSAGES["no keys"])
    else:
        _refuse(check, place, result)


def _refuse(check: Check, place: Element, result: SignatureResult | None) -> None:
    if result is None or result.reason == "key-not-found":
        detail = result.detail if result is not None else "No key of the policy can be used."
        check.refuse(place, "signature", detail, "TokenSignatureKeyNotFound", MESSAGES["key"])
    if result.verdict is Verdict.UNDETERMINED:
        check.unknown(place, "signature", result.detail)
        return
    message = MESSAGES["unsigned" if result.reason == "signature-missing" else "signature"]
    check.refuse(place, "signature", result.detail, "TokenSignatureInvalid", message)


def _unsigned(check: Check, place: Element) -> None:
    try:
        required = check.run.truth(check.policy.attribute("require-signed-tokens"), True)
    except UndecidedError as error:
        check.unknown(place, "require-signed-tokens", f"Only known in the service: {error}.")
        return
    if required:
        detail = "The token is unsigned and the policy requires a signature."
        check.refuse(place, "require-signed-tokens", detail, "TokenSignatureInvalid", MESSAGES["unsigned"])
    check.passed(place, "require-signed-tokens", "The token is unsigned, which the policy allows.")
