"""Keys made once per test run, and tokens that they really sign."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@functools.cache
def private_key(kind: str) -> Any:
    """Return the key for an algorithm, or for a kind such as ``RSA-1024`` or a second ``RSA-other``."""
    if kind.startswith(("RS", "PS")):
        bits = {"RSA-1024": 1024}.get(kind, 2048)
        return rsa.generate_private_key(65537, bits)
    curves = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1, "ES256K": ec.SECP256K1}
    if kind in curves:
        return ec.generate_private_key(curves[kind]())
    return ed448.Ed448PrivateKey.generate() if kind == "Ed448" else ed25519.Ed25519PrivateKey.generate()


def jwk(kind: str, kid: str | None = "one", **more: Any) -> dict[str, Any]:
    """Return the public key as a JWK."""
    public = private_key(kind).public_key()
    family = RSAAlgorithm if kind.startswith(("RS", "PS")) else ECAlgorithm if kind.startswith("ES") else OKPAlgorithm
    made = {name: value for name, value in family.to_jwk(public, as_dict=True).items() if name != "key_ops"}
    return {**made, **({"kid": kid} if kid is not None else {}), **more}


def private_jwk(kind: str, kid: str = "one") -> dict[str, Any]:
    """Return the key with its private members."""
    return {**RSAAlgorithm.to_jwk(private_key(kind), as_dict=True), "kid": kid}


def pem(kind: str) -> bytes:
    """Return the public key in PEM form."""
    return (
        private_key(kind)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def signed(
    algorithm: str,
    claims: Mapping[str, Any],
    header: Mapping[str, Any] | None = None,
    *,
    key: Any = None,
    kid: str | None = "one",
) -> str:
    """Return a token with these claims, signed with the key of the algorithm unless another is given."""
    head = {"alg": algorithm, "typ": "JWT", **({"kid": kid} if kid is not None else {}), **(header or {})}
    signing_input = f"{base64url(json.dumps(head).encode())}.{base64url(json.dumps(claims).encode())}"
    name = {"Ed25519": "EdDSA", "Ed448": "EdDSA"}.get(algorithm, algorithm)
    implementation = jwt.get_algorithm_by_name(name)
    signature = implementation.sign(signing_input.encode(), private_key(algorithm) if key is None else key)
    return f"{signing_input}.{base64url(signature)}"


def forged(header: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes = b"x" * 256) -> str:
    """Return a token with any header and any signature."""
    return ".".join(base64url(part) for part in (json.dumps(header).encode(), json.dumps(claims).encode(), signature))
