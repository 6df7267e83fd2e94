"""What the registered algorithms fix about the length of a token's parts (RFC 7518, RFC 8037)."""

from __future__ import annotations

from collections.abc import Mapping

_RSA = frozenset(bits // 8 for bits in (1024, 2048, 3072, 4096, 8192))
"""A signature is as long as the key, RFC 7518 sections 3.3 and 3.5; 2048 bits are the least, older ones exist."""

_SIGNATURE_LENGTHS = {
    "none": frozenset({0}),
    "HS256": frozenset({32}),
    "HS384": frozenset({48}),
    "HS512": frozenset({64}),
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), _RSA),
    "ES256": frozenset({64}),
    "ES256K": frozenset({64}),
    "ES384": frozenset({96}),
    "ES512": frozenset({132}),
    "EdDSA": frozenset({64, 114}),
    "Ed25519": frozenset({64}),
    "Ed448": frozenset({114}),
}

_TAG_LENGTHS = {
    **dict.fromkeys(("A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256"), frozenset({16})),
    "A192CBC-HS384": frozenset({24}),
    "A256CBC-HS512": frozenset({32}),
}
"""RFC 7518 sections 5.2 and 5.3."""


def _characters(lengths: Mapping[str, frozenset[int]]) -> dict[str, frozenset[int]]:
    return {name: frozenset(-(-length * 4 // 3) for length in octets) for name, octets in lengths.items()}


_SIGNATURE_CHARACTERS = _characters(_SIGNATURE_LENGTHS)
_TAG_CHARACTERS = _characters(_TAG_LENGTHS)
_KEY_MANAGEMENT = frozenset(
    {"RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "A128KW", "A192KW", "A256KW", "dir"}
    | {"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW"}
    | {"PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"}
)
"""RFC 7518 section 4.1 and the IANA registry "JSON Web Signature and Encryption Algorithms"."""

_UNKNOWN: frozenset[int] = frozenset()


def signature_lengths(algorithm: str) -> frozenset[int]:
    """Return how many bytes a signature of this ``alg`` may have; empty if that is not known."""
    return _SIGNATURE_LENGTHS.get(algorithm, _UNKNOWN)


def signature_characters(algorithm: str) -> frozenset[int]:
    """Return how many base64url characters a signature of this ``alg`` may have; empty if that is not known."""
    return _SIGNATURE_CHARACTERS.get(algorithm, _UNKNOWN)


def tag_characters(encryption: str) -> frozenset[int]:
    """Return how many base64url characters the tag of this ``enc`` has; empty if that is not known."""
    return _TAG_CHARACTERS.get(encryption, _UNKNOWN)


def is_registered(algorithm: str) -> bool:
    """Tell whether this is an ``alg`` of the IANA registry, for signing or for encrypting keys."""
    return algorithm in _SIGNATURE_LENGTHS or algorithm in _KEY_MANAGEMENT
