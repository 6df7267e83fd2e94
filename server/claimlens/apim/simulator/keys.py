"""The keys that a JWT policy checks signatures with: those written in it and those of its issuers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence

import attrs

from claimlens.apim.model import Element
from claimlens.apim.simulator.comparisons import tenant_of
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.model import IssuerDocuments
from claimlens.apim.simulator.run import Run
from claimlens.apim.values import value_of
from claimlens.entra import issuer_at
from claimlens.jose.model import Token
from claimlens.jose.verification_keys import KeyRing, KeySource, RefusedKey, VerificationKey, read_jwk, read_secret
from claimlens.jose.verify import SignatureResult, Verdict, verify_signature
from claimlens.text.escape import visible

_ENTRA = "https://login.microsoftonline.com"


def policy_keys(run: Run, policy: Element, *, is_entra: bool) -> tuple[list[VerificationKey], list[str], bool]:
    """Return the keys at hand, what is missing, and whether the policy names any."""
    keys: list[VerificationKey] = []
    missing: list[str] = []
    named = is_entra
    for holder in (policy.child("issuer-signing-keys"), policy.child("issuer-signing-tokens")):
        for element in holder.elements if holder is not None else ():
            named = True
            key = _inline_key(run, element)
            if isinstance(key, VerificationKey):
                keys.append(key)
            else:
                missing.append(key)
    for documents in issuer_documents(run, policy, is_entra=is_entra):
        named = True
        if documents.keys is None:
            missing.append(documents.problem or "the issuer's keys are not at hand")
        else:
            keys.extend(documents.keys.keys)
    return keys, missing, named


def _inline_key(run: Run, element: Element) -> VerificationKey | str:
    """Return the key of one ``key`` element, or why it is not at hand."""
    if element.attribute("certificate-id") is not None:
        return "the certificate is in the service"
    identifier = element.attribute("id")
    try:
        modulus, exponent = run.text(element, "n"), run.text(element, "e")
        text = run.content(element)
    except UndecidedError as error:
        return str(error)
    if modulus is not None and exponent is not None:
        jwk = {"kty": "RSA", "n": modulus.strip(), "e": exponent.strip()}
        made = read_jwk({**jwk, **({"kid": identifier.raw} if identifier is not None else {})})
    else:
        try:
            made = read_secret(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
        except (binascii.Error, ValueError):
            return "a key's text is not base64"
    if isinstance(made, RefusedKey):
        return f"a key cannot be used: {made.reason}"
    return attrs.evolve(made, kid=identifier.raw if identifier is not None else made.kid)


def issuer_documents(run: Run, policy: Element, *, is_entra: bool) -> Iterator[IssuerDocuments]:
    """Return what is known of each issuer that the policy names, in the order of the policy."""
    for address in _entra_address(run, policy) if is_entra else _addresses(run, policy):
        found = run.surroundings.issuers.get(address, IssuerDocuments())
        if found.keys is None and found.issuer is None:
            # What could not be fetched leaves room for what was given for every address.
            found = run.surroundings.issuers.get("", found)
        if found.keys is None and address:
            run.unfetched.setdefault(address)
        yield found if found.issuer is not None else attrs.evolve(found, issuer=issuer_at(address))


def _addresses(run: Run, policy: Element) -> Iterator[str]:
    for element in policy.elements:
        if element.name == "openid-config":
            yield _literal(run, element, "url").strip()


def _entra_address(run: Run, policy: Element) -> Iterator[str]:
    endpoint = _literal(run, policy, "authentication-endpoint") or _ENTRA
    tenant = tenant_of(_literal(run, policy, "tenant-id").strip())
    yield f"{endpoint.strip().rstrip('/')}/{tenant}/v2.0/.well-known/openid-configuration" if tenant else ""


def _literal(run: Run, element: Element, name: str) -> str:
    """Return an attribute, or nothing where an expression makes it: no address may follow from a token or request."""
    attribute = element.attribute(name)
    try:
        return run.filled(value_of(attribute)) if attribute is not None else ""
    except UndecidedError:
        return ""


def verify(token: Token, keys: Sequence[VerificationKey]) -> SignatureResult:
    """Check a signature as the service does: with the key of the token's ``kid``, else with each of them.

    That each is tried is documented for ``issuer-signing-keys``; for keys of metadata it is the default of
    Microsoft.IdentityModel (``TryAllIssuerSigningKeys``).
    """
    kid = (token.header or {}).get("kid")
    if not isinstance(kid, str) or any(key.kid == kid for key in keys):
        return verify_signature(token, KeyRing(tuple(keys)))
    for key in keys:
        alone = KeyRing((attrs.evolve(key, kid=None, source=KeySource.LOCAL),))
        result = verify_signature(token, alone)
        if result.verdict is Verdict.VALID:
            name = f"the key {visible(key.kid[:80])}" if key.kid else "a key without an id"
            detail = f"Verified with {name} ({token.algorithm}); none has the token's kid, so each is tried."
            return attrs.evolve(result, detail=detail)
    detail = f"None of the {len(keys)} keys has the token's kid {visible(kid[:80])}, and none made its signature."
    return SignatureResult(Verdict.INVALID, detail, "key-not-found")
