"""Check a token's signature: valid, invalid, or undetermined with what is missing.

PyJWT and cryptography do the cryptography. Ours is the policy around it (RFC 8725): which algorithm, which key, which
encoding. Nothing inside the token chooses what is trusted: ``jku``, ``x5u``, ``jwk`` and ``x5c`` are never used,
``kid`` only picks among keys that the caller trusts already, and ``alg`` must be one the picked key can check.
"""

from __future__ import annotations

import binascii
import enum
import functools
from collections.abc import Iterable
from typing import Any

import attrs

from claimlens.jose.model import Defect, SegmentRole, Token, TokenForm
from claimlens.jose.verification_keys import FAMILIES, KeyRing, KeySource, VerificationKey
from claimlens.text.escape import visible

MAXIMUM_TOKEN_LENGTH = 256_000
"""Longest token that is verified, in characters (the limit of Microsoft.IdentityModel)."""


class Verdict(enum.StrEnum):
    """The three answers; there is no fourth."""

    VALID = "valid"
    INVALID = "invalid"
    UNDETERMINED = "undetermined"


@attrs.frozen
class SignatureResult:
    """What can be said about a signature.

    Attributes:
        verdict: valid only where cryptography has verified it with a trusted key.
        detail: one sentence that says why.
        key: the key that verified it, or that was meant to.
        reason: a stable word for callers to branch on: ``signature``, ``algorithm``, ``key-not-found`` ….
    """

    verdict: Verdict
    detail: str
    reason: str
    key: VerificationKey | None = None


def verify_signature(token: Token, ring: KeyRing, *, algorithms: Iterable[str] | None = None) -> SignatureResult:
    """Check the signature of ``token`` with the keys of ``ring``.

    Args:
        token: any token; whatever is not a JWS gives an answer too.
        ring: the trusted keys.
        algorithms: the only algorithms allowed, or None for all that fit the key.
    """
    return _unverifiable(token) or verify_readable(token, ring, algorithms=algorithms)


def verify_readable(token: Token, ring: KeyRing, *, algorithms: Iterable[str] | None = None) -> SignatureResult:
    """Check the signature of a token that `refusal` has let through; see `verify_signature`."""
    refused = _algorithm_refusal(token, ring, algorithms)
    if refused is not None:
        return refused
    algorithm = token.algorithm or ""
    if ring.problem is not None:
        return SignatureResult(Verdict.UNDETERMINED, f"No key can be used: {ring.problem}.", "key-set")
    kid = (token.header or {}).get("kid")
    if kid is None:
        return _try_all(token, algorithm, ring)
    return _with_kid(token, algorithm, ring, str(kid))


def refusal(token: Token, ring: KeyRing, *, algorithms: Iterable[str] | None = None) -> SignatureResult | None:
    """Return the answer for a token that is settled before any key is looked for, or None; see `verify_signature`."""
    return _unverifiable(token) or _algorithm_refusal(token, ring, algorithms)


def _unverifiable(token: Token) -> SignatureResult | None:
    """Return the answer for what no key could verify, or None for a well-formed JWS."""
    if token.form is TokenForm.JWE:
        return SignatureResult(
            Verdict.UNDETERMINED,
            "The token is encrypted (JWE): only the recipient's private key opens it, and a signature would be inside.",
            "encrypted",
        )
    if token.form is TokenForm.OVERSIZED or len(token.text) > MAXIMUM_TOKEN_LENGTH:
        return SignatureResult(
            Verdict.UNDETERMINED, f"Tokens over {MAXIMUM_TOKEN_LENGTH:,} characters are not verified.", "too-large"
        )
    if token.form is not TokenForm.JWS:
        return SignatureResult(
            Verdict.UNDETERMINED, "The text holds no complete token, so there is no signature to check.", "incomplete"
        )
    if not token.text.isascii() or token.text.count(".") != 2:
        return _invalid("The text is not three base64url parts.", "malformed")
    for defect in token.defects:
        if _is_damage(defect):
            return _invalid(f"The token is malformed: {defect.message}", "malformed")
    header = token.header
    if header is None:
        return _invalid("The header is not a JSON object.", "malformed")
    if not isinstance(header.get("kid", ""), str):
        return _invalid("The header's kid is not a string.", "malformed")
    if "crit" in header or "b64" in header:
        return _critical(header)
    return None


_AMBIGUOUS = frozenset(("json-duplicate-member", "json-nan", "json-too-deep"))
"""What lets two readers of one payload see different claims."""


def _is_damage(defect: Defect) -> bool:
    """Tell whether a defect forbids a verdict on the signature.

    A payload need not be JSON (RFC 7515), and an oddly written number in it does not change what was signed; rules
    report those. Of a header, everything must be right.
    """
    if defect.code.startswith(("base64url-", "segment-")) or defect.role is SegmentRole.HEADER:
        return True
    return defect.code in _AMBIGUOUS


def _critical(header: Any) -> SignatureResult:
    """``crit`` lists extensions a verifier must understand (RFC 7515 section 4.1.11); we implement none."""
    named = header.get("crit")
    if isinstance(named, list) and named and all(isinstance(name, str) for name in named):
        listed = visible(", ".join(named)[:80])
        return _invalid(f"The header calls extensions critical that are not supported here: {listed}.", "critical")
    if "crit" in header:
        return _invalid("The header's crit is not a list of names.", "critical")
    return _invalid("The header has b64 (RFC 7797) without calling it critical.", "critical")


def _algorithm_refusal(token: Token, ring: KeyRing, allowed: Iterable[str] | None) -> SignatureResult | None:
    algorithm = token.algorithm
    if algorithm is None:
        return _invalid("The header names no algorithm.", "algorithm")
    if algorithm.lower() == "none":
        return _invalid('The token is unsigned (alg "none"): anybody could have written it.', "unsigned")
    if algorithm not in FAMILIES:
        shown = visible(algorithm[:40])
        return SignatureResult(Verdict.UNDETERMINED, f"The algorithm {shown} is not supported here.", "algorithm")
    if allowed is not None and algorithm not in set(allowed):
        return _invalid(f"The algorithm {algorithm} is not among those allowed.", "algorithm")
    if token.text.endswith("."):  # three parts, as was checked
        return _invalid(f"The signature is missing though the header announces {algorithm}.", "signature-missing")
    if FAMILIES[algorithm] == "oct" and ring.keys and all(key.source is KeySource.PUBLISHED for key in ring.keys):
        return _invalid(
            f"The token claims {algorithm}, a shared-secret algorithm, but the issuer publishes public keys: "
            "whoever knows a public key could have made it.",
            "algorithm-confusion",
        )
    return None


def _with_kid(token: Token, algorithm: str, ring: KeyRing, kid: str) -> SignatureResult:
    shown = visible(kid[:80])
    key = next((key for key in ring.keys if key.kid == kid), None)
    if key is None:
        refused = next((key for key in ring.refused if key.kid == kid), None)
        if refused is not None:
            return SignatureResult(
                Verdict.UNDETERMINED, f"The key {shown} cannot be used: {refused.reason}.", "key-refused"
            )
        key = next((key for key in ring.keys if key.kid is None and key.source is KeySource.LOCAL), None)
    if key is None:
        return SignatureResult(Verdict.UNDETERMINED, _not_among(ring, shown), "key-not-found")
    if not key.fits(algorithm):
        return _invalid(f"The key {shown} ({_described(key)}) is not for {visible(algorithm)}.", "key-mismatch", key)
    if not _signed(token, algorithm, key):
        return _invalid(f"The signature was not made with the key {shown}, or the token was changed.", "signature", key)
    return SignatureResult(Verdict.VALID, f"Verified with the key {shown} ({algorithm}).", "verified", key)


def _not_among(ring: KeyRing, kid: str) -> str:
    if not ring.keys:
        return f"No key at hand can be used{f': {ring.refused[0].reason}' if ring.refused else ''}."
    if len(ring.keys) == 1:
        return f"The only key at hand does not have the token's kid {kid}."
    return f"None of the {len(ring.keys)} keys has the token's kid {kid}."


def _try_all(token: Token, algorithm: str, ring: KeyRing) -> SignatureResult:
    """Without a ``kid`` every key that can check the algorithm is tried."""
    suitable = tuple(key for key in ring.keys if key.fits(algorithm))
    if not suitable:
        verdict = Verdict.UNDETERMINED
        refused = f"; {ring.refused[0].reason}" if ring.refused else ""
        return SignatureResult(
            verdict, f"The token names no key and none of those at hand is for {algorithm}{refused}.", "key-not-found"
        )
    for key in suitable:
        if _signed(token, algorithm, key):
            which = f"the key {visible(key.kid[:80])}" if key.kid else "the key given"
            detail = f"Verified with {which} ({algorithm}); the token names none, so {len(suitable)} were tried."
            return SignatureResult(Verdict.VALID, detail, "verified", key)
    return _invalid(
        f"The token names no key, and none of the {len(suitable)} suitable ones made its signature.",
        "signature",
        suitable[0] if len(suitable) == 1 else None,
    )


def _signed(token: Token, algorithm: str, key: VerificationKey) -> bool:
    """Ask PyJWT, that is cryptography, whether ``key`` made the signature."""
    signing_input, _, encoded = token.text.rpartition(".")
    signature = strict_base64url(encoded)
    if signature is None:
        return False
    implementation = _implementations()[algorithm]
    if implementation.check_key_length(key.material):
        return False
    try:
        return bool(implementation.verify(signing_input.encode("ascii"), key.material, signature))
    except (ValueError, TypeError):
        return False


@functools.cache
def _implementations() -> dict[str, Any]:
    """PyJWT's algorithms by name, with the fully specified names of RFC 9864 beside ``EdDSA``."""
    from jwt.algorithms import get_default_algorithms

    found = get_default_algorithms()
    found.pop("none", None)
    for name in ("Ed25519", "Ed448"):
        found.setdefault(name, found["EdDSA"])
    return {name: implementation for name, implementation in found.items() if name in FAMILIES}


def strict_base64url(text: str) -> bytes | None:
    """Return the bytes of canonical base64url without padding (RFC 7515 section 2), or None.

    Canonical means that encoding them again gives the same text, so that no two texts stand for one signature.
    """
    try:
        written = text.encode("ascii")
        decoded = binascii.a2b_base64(written.translate(_STANDARD) + b"=" * (-len(written) % 4), strict_mode=True)
    except ValueError:  # binascii.Error and UnicodeEncodeError are such
        return None
    encoded = binascii.b2a_base64(decoded, newline=False).translate(_URL_SAFE)
    return decoded if encoded.rstrip(b"=") == written else None


_STANDARD = bytes.maketrans(b"-_", b"+/")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _described(key: VerificationKey) -> str:
    return " ".join(part for part in (key.kty, key.curve, f"alg {key.algorithm}" if key.algorithm else None) if part)


def _invalid(detail: str, reason: str, key: VerificationKey | None = None) -> SignatureResult:
    return SignatureResult(Verdict.INVALID, detail, reason, key)
