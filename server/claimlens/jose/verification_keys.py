"""Keys for checking signatures, and which of them may be used.

A key is made from a JWK (RFC 7517), a PEM file or a shared secret. What is wrong with a key is a `RefusedKey`, so that
a verdict can say why the key that a token names was not used. PyJWT and cryptography are imported where they are used.
"""

from __future__ import annotations

import enum
import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from claimlens.text.escape import visible

MINIMUM_RSA_BITS = 2048
MAXIMUM_RSA_BITS = 8192
MAXIMUM_KEYS = 100


class KeySource(enum.StrEnum):
    """Where a key comes from; it decides which algorithms make sense."""

    PUBLISHED = "published"
    """A JWK Set that an issuer publishes, fetched or from a file: asymmetric keys only."""
    LOCAL = "local"
    """A JWK, PEM file or secret that the user gave for this check."""


FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512", "ES256K"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519", "Ed448"), "OKP"),
    **dict.fromkeys(("HS256", "HS384", "HS512"), "oct"),
}
"""Key type (``kty``) by signature algorithm: RFC 7518 section 3.1, RFC 8037, RFC 8812, RFC 9864."""

CURVES: Mapping[str, tuple[str, ...]] = {
    "ES256": ("P-256",),
    "ES384": ("P-384",),
    "ES512": ("P-521",),
    "ES256K": ("secp256k1",),
    "EdDSA": ("Ed25519", "Ed448"),
    "Ed25519": ("Ed25519",),
    "Ed448": ("Ed448",),
}
"""Curves (``crv``) by algorithm."""


@attrs.frozen
class VerificationKey:
    """A key that may check signatures.

    Attributes:
        kid: its identifier, or None.
        kty: ``RSA``, ``EC``, ``OKP`` or ``oct``.
        curve: ``crv`` for EC and OKP.
        algorithm: the only algorithm it is for, where the key says so.
        issuer: the issuer it is published for (Entra's extension ``issuer``), or None.
        material: what cryptography calls the key, or the bytes of a secret.
        source: where it comes from.
    """

    kid: str | None
    kty: str
    curve: str | None
    algorithm: str | None
    issuer: str | None
    material: Any = attrs.field(repr=False, eq=False)
    source: KeySource = KeySource.PUBLISHED

    def fits(self, algorithm: str) -> bool:
        """Tell whether the key can check this algorithm's signatures and is not bound to another one."""
        if FAMILIES.get(algorithm) != self.kty or self.algorithm not in (None, algorithm, _ALIASES.get(algorithm)):
            return False
        return algorithm not in CURVES or self.curve in CURVES[algorithm]


_ALIASES = {"Ed25519": "EdDSA", "Ed448": "EdDSA", "EdDSA": "Ed25519"}


@attrs.frozen
class RefusedKey:
    """A key that may not be used, and why. ``kid`` is None where it has none."""

    kid: str | None
    reason: str


@attrs.frozen
class KeyRing:
    """The keys of one set.

    Attributes:
        keys: those that may be used.
        refused: the others.
        problem: why no key of the set may be used at all, or None.
    """

    keys: tuple[VerificationKey, ...] = ()
    refused: tuple[RefusedKey, ...] = ()
    problem: str | None = None


def read_key_set(keys: Iterable[Mapping[str, Any]], *, source: KeySource = KeySource.PUBLISHED) -> KeyRing:
    """Return the usable keys of a JWK Set, with a reason for each of the others."""
    jwks = tuple(keys)
    if len(jwks) > MAXIMUM_KEYS:
        return KeyRing(problem=f"the set holds {len(jwks)} keys, more than {MAXIMUM_KEYS}")
    types = {jwk.get("kty") for jwk in jwks}
    if "oct" in types and len(types) > 1:
        return KeyRing(problem="the set mixes symmetric and asymmetric keys, which invites algorithm confusion")
    counted = Counter(jwk["kid"] for jwk in jwks if isinstance(jwk.get("kid"), str))
    usable: list[VerificationKey] = []
    refused: list[RefusedKey] = []
    for jwk in jwks:
        kid = jwk.get("kid") if isinstance(jwk.get("kid"), str) else None
        if kid is not None and counted[kid] > 1:
            key: VerificationKey | RefusedKey = RefusedKey(kid, "more than one key of the set has this kid")
        elif source is KeySource.PUBLISHED and (jwk.get("kty") == "oct" or "k" in jwk):
            key = RefusedKey(kid, "a symmetric key cannot be published: whoever reads it could sign")
        elif source is KeySource.PUBLISHED and "d" in jwk:
            key = RefusedKey(kid, "the set publishes the private key, so anybody could have signed")
        else:
            key = read_jwk(jwk, source=source)
        if isinstance(key, RefusedKey):
            refused.append(key)
        else:
            usable.append(key)
    return KeyRing(keys=tuple(usable), refused=tuple(refused))


def read_jwk(jwk: Mapping[str, Any], *, source: KeySource = KeySource.LOCAL) -> VerificationKey | RefusedKey:
    """Return the key of one JWK, or why it cannot check signatures."""
    kid = jwk.get("kid") if isinstance(jwk.get("kid"), str) else None
    reason = _unfit(jwk)
    if reason is None:
        material = _material(jwk)
        reason = "its parameters do not make a key" if material is None else _weakness(material)
    if reason is not None:
        return RefusedKey(kid, reason)
    return VerificationKey(
        kid=kid,
        kty=jwk["kty"],
        curve=jwk.get("crv"),
        algorithm=jwk.get("alg"),
        issuer=jwk.get("issuer") if isinstance(jwk.get("issuer"), str) else None,
        material=material,
        source=source,
    )


def read_pem(pem: bytes) -> VerificationKey | RefusedKey:
    """Return the key of a PEM file: a public key, a certificate, or the public half of a private key."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        if b"BEGIN CERTIFICATE" in pem:
            key: Any = x509.load_pem_x509_certificate(pem).public_key()
        elif b"PRIVATE KEY" in pem:
            key = serialization.load_pem_private_key(pem, password=None).public_key()
        else:
            key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return RefusedKey(None, "the file holds no public key or certificate in PEM form")
    kty, curve = _type_of(key)
    reason = _weakness(key) if kty else "keys of this type do not sign tokens"
    if reason is not None or kty is None:
        return RefusedKey(None, reason or "keys of this type do not sign tokens")
    return VerificationKey(None, kty, curve, None, None, key, KeySource.LOCAL)


def read_secret(secret: bytes) -> VerificationKey | RefusedKey:
    """Return the key of a shared secret for HS256, HS384 or HS512."""
    if not secret:
        return RefusedKey(None, "the secret is empty")
    if secret.lstrip().startswith((b"-----BEGIN", b"ssh-")):
        return RefusedKey(None, "a public key is not a secret: taken as one, anybody could sign")
    return VerificationKey(None, "oct", None, None, None, secret, KeySource.LOCAL)


def _unfit(jwk: Mapping[str, Any]) -> str | None:
    """Return why a JWK is not meant for checking signatures (RFC 7517 sections 4.2 to 4.4)."""
    kty, use, operations, algorithm = (jwk.get(name) for name in ("kty", "use", "key_ops", "alg"))
    if kty not in ("RSA", "EC", "OKP", "oct"):
        return f"its type {visible(str(kty)[:40])} is not one that signs tokens"
    if use not in (None, "sig"):
        return f"it is published for another use ({visible(str(use)[:40])})"
    if operations is not None and (
        not isinstance(operations, list) or not {"verify", "sign"} & {str(operation) for operation in operations}
    ):
        return "its key_ops do not allow checking signatures"
    if algorithm is not None and FAMILIES.get(str(algorithm)) != kty:
        return f"its alg {visible(str(algorithm)[:40])} does not go with its type {kty}"
    if "oth" in jwk:
        return "RSA keys of more than two primes are not supported"
    if kty in ("EC", "OKP") and isinstance(algorithm, str) and jwk.get("crv") not in CURVES[algorithm]:
        return f"its curve does not go with {algorithm}"
    return None


def _material(jwk: Mapping[str, Any]) -> Any | None:
    """Return the key object, public half only, or None; what PyJWT says of it may hold the key, so is dropped."""
    from jwt import algorithms as pyjwt
    from jwt.exceptions import PyJWTError

    public = (
        {name: value for name, value in jwk.items() if name not in _PRIVATE_MEMBERS} if jwk["kty"] != "oct" else jwk
    )
    try:
        match jwk["kty"]:
            case "RSA":
                if not _short(public.get("n"), MAXIMUM_RSA_BITS) or not _short(public.get("e"), 40):
                    return None
                return pyjwt.RSAAlgorithm.from_jwk(dict(public))
            case "EC":
                return pyjwt.ECAlgorithm.from_jwk(dict(public))
            case "OKP":
                return pyjwt.OKPAlgorithm.from_jwk(dict(public))
            case _:
                return pyjwt.HMACAlgorithm.from_jwk(dict(public))
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError, OverflowError, ArithmeticError):
        return None


_PRIVATE_MEMBERS = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth"))


def _short(value: Any, bits: int) -> bool:
    """Tell whether a base64url number is no longer than ``bits``, before anything computes with it."""
    return isinstance(value, str) and len(value) * 6 <= bits + 24


def _type_of(key: Any) -> tuple[str | None, str | None]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", None
    if isinstance(key, ec.EllipticCurvePublicKey):
        names = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp256k1": "secp256k1"}
        return "EC", names.get(key.curve.name)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "OKP", "Ed25519"
    if isinstance(key, ed448.Ed448PublicKey):
        return "OKP", "Ed448"
    return None, None


def _weakness(material: Any) -> str | None:
    """Return why a key of the right form is too weak, or too large to compute with."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    if not isinstance(material, rsa.RSAPublicKey):
        return None
    if not MINIMUM_RSA_BITS <= material.key_size <= MAXIMUM_RSA_BITS:
        return f"its {material.key_size} bits are outside {MINIMUM_RSA_BITS} to {MAXIMUM_RSA_BITS}"
    numbers = material.public_numbers()
    if numbers.e < 3 or numbers.e % 2 == 0 or numbers.e >= 2**32:
        return "its exponent is not a sensible one"
    if has_roca_fingerprint(numbers.n):
        return "its modulus has the fingerprint of the ROCA weakness (CVE-2017-15361): the private key can be computed"
    return None


@functools.cache
def _roca_residues() -> tuple[tuple[int, frozenset[int]], ...]:
    primes = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
    return tuple((prime, frozenset(pow(65537, power, prime) for power in range(prime))) for prime in primes)


def has_roca_fingerprint(modulus: int) -> bool:
    """Tell whether a modulus is one that Infineon's faulty key generator makes.

    Such moduli are powers of 65537 modulo every small prime (Nemec et al., "The Return of Coppersmith's Attack", 2017);
    a modulus from elsewhere passes all seventeen by chance about once in 2**27.
    """
    return all(modulus % prime in residues for prime, residues in _roca_residues())
