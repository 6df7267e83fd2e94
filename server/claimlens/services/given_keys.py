"""Keys that a user gives for one check: the text of a file, whatever form it has, or a secret that was typed."""

from __future__ import annotations

from claimlens.jose.verification_keys import KeyRing, KeySource, RefusedKey, VerificationKey, read_key_set
from claimlens.jose.verification_keys import read_pem as _read_pem
from claimlens.jose.verification_keys import read_secret as _read_secret

LARGEST_KEY_FILE = 512 * 1024
"""Characters of a key file."""


def ring_of_text(text: str) -> KeyRing:
    """Return the keys of a PEM file, a JWK or a JWK Set; where there is none the ring's ``problem`` says why."""
    if len(text) > LARGEST_KEY_FILE:
        return KeyRing(problem=f"the file is longer than {LARGEST_KEY_FILE:,} characters")
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _ring_of_json(text)
    return _ring(_read_pem(text.encode()))


def ring_of_secret(secret: str) -> KeyRing:
    """Return the key of a shared secret, taken as it was typed."""
    return _ring(_read_secret(secret.encode()))


def _ring_of_json(text: str) -> KeyRing:
    from claimlens.oidc.strict_json import NotStrictJsonError, parse

    try:
        document = parse(text.lstrip("\ufeff").encode())
    except NotStrictJsonError as error:
        return KeyRing(problem=f"the file is not valid JSON: {error}")
    keys = document.get("keys") if isinstance(document, dict) else None
    if isinstance(keys, list):
        return read_key_set([key for key in keys if isinstance(key, dict)])
    if isinstance(document, dict) and "kty" in document:
        return read_key_set([document], source=KeySource.LOCAL)
    return KeyRing(problem="the file holds neither a JWK nor a JWK Set")


def _ring(key: VerificationKey | RefusedKey) -> KeyRing:
    return KeyRing(problem=key.reason) if isinstance(key, RefusedKey) else KeyRing(keys=(key,))
