"""Read OpenID Provider metadata and key sets, and say what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NoReturn

import attrs

from claimlens.jose.verification_keys import KeyRing, read_key_set
from claimlens.oidc.failures import Failure, FailureKind, FetchError

MAXIMUM_KEYS = 100


@attrs.frozen
class ProviderMetadata:
    """The parts of OpenID Provider metadata that verification needs (OpenID Connect Discovery 1.0 section 3).

    Attributes:
        url: where the document was read from.
        issuer: its ``issuer``, exactly as written (Entra's may hold the template ``{tenantid}``).
        jwks_uri: where the keys are.
        document: the whole document.
    """

    url: str
    issuer: str
    jwks_uri: str
    document: Mapping[str, Any] = attrs.field(repr=False)


@attrs.frozen
class KeySet:
    """A JWK Set (RFC 7517 section 5) as it was published."""

    url: str
    keys: tuple[Mapping[str, Any], ...] = attrs.field(repr=False)

    @cached_property
    def ring(self) -> KeyRing:
        """The keys that may be used, as `claimlens.jose` says; made once, since making keys is most of the work."""
        return read_key_set(self.keys)

    def has(self, kid: str) -> bool:
        """Tell whether a key has this ``kid``."""
        return any(key.get("kid") == kid for key in self.keys)


def read_metadata(document: Any, url: str) -> ProviderMetadata:
    """Return the metadata in a parsed document; raise `FetchError` where it is not usable."""
    if not isinstance(document, Mapping):
        _fail(FailureKind.METADATA_INVALID, url, "The metadata is not a JSON object.", "Check the address.")
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or not issuer:
        _fail(
            FailureKind.METADATA_INVALID,
            url,
            "The metadata names no issuer, so it is no OpenID configuration.",
            "Check the address: it usually ends in /.well-known/openid-configuration.",
        )
    jwks_uri = document.get("jwks_uri")
    if not isinstance(jwks_uri, str) or not jwks_uri:
        _fail(
            FailureKind.JWKS_URI_MISSING,
            url,
            "The metadata names no jwks_uri, so nobody can find the issuer's keys.",
            "Give the keys as a file.",
        )
    return ProviderMetadata(url=url, issuer=issuer, jwks_uri=jwks_uri, document=document)


def read_keys(document: Any, url: str) -> KeySet:
    """Return the key set in a parsed document; raise `FetchError` where it is none.

    Doubtful keys (symmetric, private, duplicate ``kid``) are kept: the verifier refuses them with its own message.
    """
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list) or not all(isinstance(key, Mapping) for key in keys):
        _fail(
            FailureKind.KEYS_INVALID,
            url,
            'The answer is not a key set: it has no list "keys" of JSON objects.',
            "Check the jwks_uri.",
        )
    if not keys:
        _fail(FailureKind.KEYS_EMPTY, url, "The key set is empty.", "The issuer publishes no key at this address now.")
    if len(keys) > MAXIMUM_KEYS:
        _fail(
            FailureKind.KEYS_INVALID,
            url,
            f"The key set holds {len(keys)} keys; more than {MAXIMUM_KEYS} are not read.",
            "No known issuer publishes that many.",
        )
    return KeySet(url=url, keys=tuple(keys))


def _fail(kind: FailureKind, url: str, message: str, remedy: str) -> NoReturn:
    raise FetchError(Failure(kind=kind, url=url, message=message, remedy=remedy))
